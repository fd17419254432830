"""Deeds told by a verb: killed, wounded, kidnapped, died, shot, stabbed to death, blew himself up.

Each rule is asked at the token of its verb, says what it found, and how many tokens it used (0: it
is not for this rule).
"""

from tocsin.pipeline.enrich.casualties import guards
from tocsin.pipeline.enrich.casualties import lexicon as lex
from tocsin.pipeline.enrich.casualties.clause import total
from tocsin.pipeline.enrich.casualties.findings import Findings
from tocsin_schemas.contract import Kind

_SELVES = frozenset(("himself", "herself", "themselves", "itself"))
_FULL_FORMS = frozenset(
    ("killed", "wounded", "injured", "murdered", "kidnapped", "abducted", "slain", "executed", "beheaded", "assassinated",
     "drowned", "massacred", "hurt")
)  # fmt: skip
_SHOOTING_FOR = frozenset((",", "of", "suspected", "after", "before", "for", "and"))
_OUTLAWS = frozenset(
    ("gunmen", "gunman", "militants", "rebels", "kidnappers", "pirates", "bandits", "insurgents", "attackers", "terrorists",
     "extremists", "jihadists", "militiamen", "guerrillas", "taliban", "assailants")
)  # fmt: skip
_CHILDREN = frozenset(("son", "sons", "daughter", "daughters", "child", "children"))
_KIN = _CHILDREN | {
    "husband", "wife", "father", "mother", "brother", "brothers", "sister", "sisters", "parents", "cousins", "relatives"
}  # fmt: skip
_QUOTES = frozenset(('"', "'", "“", "”", "‘", "’", "\ufffd"))


def suffered(f: Findings, at: int) -> int:
    """killed, wounded, kidnapped and their like, active, passive or as adjectives."""
    clause = f.clause
    word, following = clause.low[at], clause.word(at + 1)
    kind = lex.KIND_OF.get(word)
    if kind is None or _is_noun(f, at):
        return 0
    if clause.tokens[at - 1].text in _QUOTES and following in _QUOTES and at:
        return 1
    if clause.words(at - 2, at) == ["out", "of"]:
        return 1
    inside = clause.inside(at)
    if (
        inside is not None
        and word in lex.ADJECTIVES
        and clause.groups[inside].form in ("count", "single", "plural")
    ):
        if not clause.unreal(at):
            f.add(kind, clause.joined(inside, 1), at, at + 1, f"adjective: {word}")
        return 1
    if _no_casualty(f, at, kind) or clause.unreal(at):
        return 1
    if word in lex.BASE_FORMS and word != "hurt":
        _headline(f, at, kind)
        return 1
    earlier = clause.word(at - 2)
    doubled = clause.word(at - 1) == "or" and (
        earlier in lex.WOUNDED or earlier in ("dead", "killed")
    )
    if doubled:
        return 1
    if following in _SELVES and kind == "killed":
        return _suicide(f, at, following)
    mixed = following == "or" and (
        clause.word(at + 2) in lex.WOUNDED or clause.word(at + 2) in lex.KILLED
    )
    _verb(f, at, kind, mixed=mixed)
    return 1


def _headline(f: Findings, at: int, kind: Kind) -> None:
    """As in "Gunmen kill two in cafe": the present tense of headlines, with a number after it."""
    clause = f.clause
    before = clause.word(at - 1)
    if not before.endswith("s") and before not in ("police", "army") and before not in lex.PEOPLE:
        return
    k = clause.object_of(at + 1, 2)
    short = len(clause.low) <= 12 and clause.low[-1] != "."
    forms = ("count", "bare", "single", "plural") if short else ("count", "bare")
    if k is not None and clause.groups[k].form in forms and at <= 8:
        f.at(kind, k, at, at + 1, f"{clause.low[at]} X")


def _verb(f: Findings, at: int, kind: Kind, *, mixed: bool) -> None:
    clause = f.clause
    word, following = clause.low[at], clause.word(at + 1)
    passive = _passive(f, at)
    k: int | None = None
    if not passive and word != "slain":
        start = at + 1
        if following == "and" and clause.word(at + 2) in lex.KIND_OF:
            start = at + 3
        while clause.word(start) in ("dead", "off", "outright", "also", "mostly"):
            start += 1
        k = clause.object_of(start, 3)
        if k is None and (
            clause.words(start, start + 3) == ["all", "of", "them"]
            or clause.words(start, start + 2) == ["them", "all"]
        ):
            k = clause.last_before(at)  # "swept away four skiers, killing all of them"
            if k is not None and clause.groups[k].form == "count":
                f.add(kind, [clause.groups[k]], at, start + 2, f"{word} all of them")
            return
        if k is not None and clause.words(start, start + 1) == ["them"] and word.endswith("ing"):
            if clause.word(clause.groups[k].end) != "all" or k == 0:
                return
            f.at(kind, k - 1, at, at + 3, f"{word} them all")
            return
        if following in ("it", "off") and k is None:
            return
        determined = following in lex.DETERMINERS or following in ("off", "all", "any", "some")
        if k is None and determined and word != "drowned":
            return
    rule = f"{word} X"
    if kind == "wounded" and clause.word(at - 1) in ("fatally", "mortally"):
        kind = "killed"
    if k is None and _before_being(f, at):
        k = _who_acted(f, at)
    if k is None:
        rule = f"X {word}"
        k = clause.subject_of(at)
        if k is not None and not passive and not _may_omit_be(f, at, k):
            return
    if k is not None:
        f.at(kind, k, at, at + 1, rule, mixed=mixed)


def _before_being(f: Findings, at: int) -> bool:
    return f.clause.word(at - 1) == "being" and f.clause.word(at - 2) in ("before", "after")


def _who_acted(f: Findings, at: int) -> int | None:
    """As in "Two gunmen killed a settler before being shot": the actor, not the one acted on."""
    clause = f.clause
    for k in range(len(clause.groups) - 1, -1, -1):
        group = clause.groups[k]
        before = clause.word(group.start - 1)
        acted_on = (
            before in lex.KIND_OF
            or before in ("shot", "of", "stabbed", "the")
            or before in lex.PLACE_WORDS
        )
        if group.end < at and group.form not in ("bare", "unknown", "pronoun") and not acted_on:
            return k
    return None


def _may_omit_be(f: Findings, at: int, k: int) -> bool:
    """Headlines leave "were" out: "Two soldiers killed in Kunar"."""
    group = f.clause.groups[k]
    if group.form == "pronoun" or f.clause.low[at] not in _FULL_FORMS:
        return False
    return group.form != "name" or at - group.end <= 3


def _passive(f: Findings, at: int) -> bool:
    clause = f.clause
    word = clause.low[at]
    if word.endswith("ing") or not at:
        return False
    before = clause.low[at - 1]
    head = at - 1
    while head > 0 and clause.low[head] in lex.BETWEEN and at - head < 4:
        head -= 1
    if clause.low[head] in lex.BE:
        return True
    nearby = any(w in lex.BE for w in clause.words(at - 4, at))
    return before == "and" and clause.word(at - 2) in lex.KIND_OF and nearby


def _is_noun(f: Findings, at: int) -> bool:
    """As in "the killing of", "a murder", "targeted killing": left to the nouns."""
    clause = f.clause
    word, before, following = clause.low[at], clause.word(at - 1), clause.word(at + 1)
    if word not in lex.NOUNS:
        return False
    if word.endswith("s") and any(g.form == "bare" and g.end == at for g in clause.groups):
        return True  # "13 murders"
    if following == "of" or (
        following == "and" and clause.word(at + 2) in lex.NOUNS and clause.word(at + 3) == "of"
    ):
        return True
    if at and (before in lex.DETERMINERS or before in lex.BEFORE_NOUN or before.endswith("'s")):
        return True
    if word in ("murder", "kidnap", "massacre"):
        return True
    capital = at + 1 < len(clause.tokens) and clause.tokens[at + 1].text[0].isupper()
    return word == "slaying" and not (
        before in ("of", "for", "after", "before", "in", "by")
        and (capital or following in lex.DETERMINERS)
    )


def _no_casualty(f: Findings, at: int, kind: Kind) -> bool:
    clause = f.clause
    word, before, following = clause.low[at], clause.word(at - 1), clause.word(at + 1)
    if (
        before == "the"
        and word in ("killed", "wounded", "injured", "murdered", "kidnapped")
        and clause.object_of(at + 1) is None
    ):
        return True
    sporting = kind == "wounded" and guards.sport(clause.text)
    if word == "hurt":
        counted = any(g.end == at and g.form in ("bare", "count") for g in clause.groups)
        headline = following in ("in", "as", "when", "by") and any(
            g.end == at and g.form == "single" for g in clause.groups
        )
        told = (
            headline or before in lex.BE or before in lex.BETWEEN or before in ("people", "injured")
        )
        return sporting or not (told or counted) or clause.last_before(at) is None
    return kind == "wounded" and (sporting or word in ("wounds", "wound") or following == "pride")


def _suicide(f: Findings, at: int, who: str) -> int:
    if who == "itself":
        return 2
    k = f.clause.subject_of(at)
    if k is None or who != "themselves":
        f.single(
            "killed", f.clause.groups[k].start if k is not None else at, at + 2, "suicide", "self"
        )
    else:
        f.add("killed", [f.clause.groups[k]], at, at + 2, "suicide")
    return 2


def died(f: Findings, at: int) -> int:
    """died, perished: not of illness or age, and one person only where something violent is told."""
    clause = f.clause
    word = clause.low[at]
    if word == "die" and clause.word(at - 1) == "to":
        return _left_to_die(f, at)
    if word not in lex.DYING or clause.unreal(at):
        return 0
    k = clause.subject_of(at)
    if k is None:
        return 1
    group = clause.groups[k]
    between = clause.low[group.end : at]
    if any(w in lex.MODALS for w in between):
        return 1
    natural = guards.NATURAL.search(clause.text)
    if natural and natural.group().startswith("died") and guards.AFTER_VIOLENCE.search(clause.text):
        natural = None
    if group.form == "plural" and (natural or "," in between or word in ("die", "dies")):
        return 1
    alone = total(clause.subjects(k)) == (1, 1)
    if alone and (natural or not guards.VIOLENT.search(clause.text)):
        return 1
    if group.form == "bare" and group.unit and group.unit.split()[-1] in lex.THINGS:
        return 1
    f.at("killed", k, at, at + 1, "died")
    if group.form == "count":
        elliptic(f, "killed", at)
    return 1


def _left_to_die(f: Findings, at: int) -> int:
    k = f.clause.last_before(at - 1)
    if k is None or f.clause.groups[k].end != at - 1:
        return 0
    if f.clause.word(f.clause.groups[k].start - 1) not in ("left", "leaving", "leave"):
        return 0
    f.add("killed", [f.clause.groups[k]], at, at + 1, "left to die")
    return 1


def elliptic(f: Findings, kind: Kind, at: int) -> None:
    """As in "Seven died in Queensland, five in Victoria, three in …": the numbers that follow."""
    clause = f.clause
    for group in clause.groups:
        if (
            group.start <= at
            or group.form != "bare"
            or clause.low[group.start - 1] not in (",", "and")
        ):
            continue
        after = clause.words(group.end, group.end + 2)
        place = clause.tokens[group.end + 1].text if group.end + 1 < len(clause.tokens) else ""
        if (after[:1] == ["in"] and (place[:1].isupper() or place == "the")) or after == [
            "each",
            "in",
        ]:
            f.add(kind, [group], group.start, group.end, "elliptic list")


def shot(f: Findings, at: int) -> int:
    """Shot dead, gunned down, fatally shot: killed; shot alone: wounded."""
    clause = f.clause
    word, following = clause.low[at], clause.word(at + 1)
    if word == "shoot" and following != "dead":
        return 0
    if following in _SELVES and word in ("shot", "shooting", "shoots"):
        return _shot_self(f, at)
    if word not in ("shot", "shoot", "shoots", "shooting", "gunned") or clause.unreal(at):
        return 0
    end = _shot_dead(f, at)
    if end:
        kind: Kind = (
            "wounded" if following == "and" and clause.word(at + 2) in lex.WOUNDED else "killed"
        )
        if following == "and" and clause.word(at + 2) in lex.KIDNAPPED:
            return 1
        k = clause.object_of(end)
        if k is None and _before_being(f, at):
            k = _who_acted(f, at)
        if k is None:
            k = clause.subject_of(at)
        if k is not None:
            f.at(kind, k, at, end, f"shot {following}")
        return end - at
    if guards.sport(clause.text) or guards.FILM.search(clause.text):
        return 1
    fatal = any(
        w.startswith(("kill", "fatal"))
        or w in ("dead", "died", "dies", "death", "murder", "murdered")
        for w in clause.low
    )
    if word == "shot" and clause.word(at - 1) == "fatally":
        k = (
            clause.object_of(at + 1)
            if not any(w in lex.BE for w in clause.words(at - 3, at))
            else None
        )
        if k is None:
            k = clause.subject_of(at)
        if k is not None:
            f.at("killed", k, at, at + 1, "fatally shot")
        return 1
    k = clause.object_of(at + 1)
    if k is not None and clause.groups[k].form in ("count", "single", "plural", "name"):
        last = clause.groups[k].end
        if clause.word(last) == "dead" or clause.words(last, last + 2) == ["to", "death"]:
            f.at("killed", k, at, last + 1, "shot X dead")
        elif (
            not fatal
            and clause.groups[k].form != "name"
            and (word == "shot" or (word == "shooting" and clause.word(at - 1) in _SHOOTING_FOR))
        ):
            f.at("wounded", k, at, last, "shot X")
    elif (
        word == "shot"
        and not fatal
        and (
            clause.word(at - 1) in lex.BE
            or (clause.word(at - 1) in lex.BETWEEN and clause.word(at - 2) in lex.BE)
            or (
                clause.low[-1] != "."
                and following in ("in", "at", "by", "near", "outside")
                and any(g.end == at and g.form in ("count", "single") for g in clause.groups)
            )
        )
    ):
        k = clause.subject_of(at)
        if k is not None and clause.groups[k].form in (
            "count",
            "single",
            "name",
            "pronoun",
            "plural",
        ):
            f.at("wounded", k, at, at + 1, "was shot")
    return 1


def _shot_self(f: Findings, at: int) -> int:
    """As in "shot himself": dead, unless in the leg."""
    clause = f.clause
    if clause.unreal(at) or any(w in lex.KIND_OF or w == "dead" for w in clause.low):
        return 2
    limb = clause.words(at + 2, at + 6)
    hurt = any(w in ("leg", "foot", "arm", "hand", "shoulder", "thigh") for w in limb)
    f.single("wounded" if hurt else "killed", at, at + 2, "shot self", "self")
    return 2


def turned_gun(f: Findings, at: int) -> int:
    """As in "turned the gun on himself"."""
    clause = f.clause
    if clause.low[at] not in ("turned", "turning", "turns") or clause.unreal(at):
        return 0
    ahead = clause.words(at + 1, at + 6)
    if not {"gun", "rifle", "pistol", "weapon", "it"} & set(ahead) or "on" not in ahead:
        return 0
    if not {"himself", "herself"} & set(ahead):
        return 0
    f.single("killed", at, at + 2 + ahead.index("on"), "turned the gun on self", "self")
    return 2 + ahead.index("on")


def seized(f: Findings, at: int) -> int:
    """As in "Gunmen snatched two aid workers", "were seized by bandits"; an arrest is none."""
    clause = f.clause
    if clause.low[at] not in ("seized", "snatched") or clause.unreal(at):
        return 0
    if clause.word(at - 1) in lex.BE or clause.word(at - 2) in lex.BE:
        if clause.word(at + 1) != "by" or not _outlaws(clause.words(at + 2, at + 6)):
            return 1
        k = clause.subject_of(at)
    else:
        k = clause.object_of(at + 1) if _outlaws(clause.words(at - 6, at)) else None
    if k is not None and clause.groups[k].form in ("count", "single", "plural"):
        f.at("kidnapped", k, at, at + 1, f"{clause.low[at]} X")
    return 1


def _outlaws(words: list[str]) -> bool:
    return any(w in _OUTLAWS for w in words)


def lost_kin(f: Findings, at: int) -> int:
    """As in "lost both his sons in the attack"."""
    clause = f.clause
    if clause.low[at] not in ("lost", "losing") or clause.unreal(at):
        return 0
    k = next(
        (n for n, g in enumerate(clause.groups) if at < g.end and at < g.start <= at + 4), None
    )
    if k is None or clause.groups[k].unit not in _KIN:
        return 0
    if "," in clause.words(at, clause.groups[k].start):
        return 0
    if clause.groups[k].unit not in _CHILDREN and not guards.VIOLENT.search(clause.text):
        return 0
    f.at("killed", k, at, at + 1, "lost kin")
    return 1


def _shot_dead(f: Findings, at: int) -> int:
    """The token after "shot dead", "gunned down", "shot to death", "shot and killed"; 0 otherwise."""
    clause = f.clause
    word, following = clause.low[at], clause.word(at + 1)
    if (word == "gunned" and following == "down") or following == "dead":
        return at + 2
    if clause.words(at + 1, at + 3) in (["to", "death"], ["and", "fatally"]):
        return at + 3
    if following == "and" and clause.word(at + 2) in lex.KIND_OF:
        return at + 3
    return 0


def to_death(f: Findings, at: int) -> int:
    """stabbed, beaten, burned … to death; stabbed alone: wounded."""
    clause = f.clause
    word = clause.low[at]
    if word not in lex.TO_DEATH:
        return 0
    if clause.words(at + 1, at + 3) == ["to", "death"] or clause.word(at - 1) == "fatally":
        end = at + (3 if clause.word(at + 1) == "to" else 1)
        if not clause.unreal(at):
            k = clause.object_of(end, 3)
            if k is None or clause.word(at - 1) in lex.BE:
                k = clause.subject_of(at)
            if k is not None:
                f.at("killed", k, at, end, "to death")
        return end - at
    if clause.unreal(at):
        return 1
    ahead = range(at + 1, min(len(clause.low) - 1, at + 14))
    death = next((q for q in ahead if clause.low[q] == "to" and clause.low[q + 1] == "death"), None)
    k = clause.object_of(at + 1)
    if death is not None and k is not None:
        f.at("killed", k, at, death + 2, "X to death")
    elif word in ("stabbed", "knifed", "stabs") and not any(
        w.startswith("kill") or w in ("dead", "died", "dies", "death", "murder", "murdered")
        for w in clause.low
    ):
        k = clause.subject_of(at) if clause.word(at - 1) in lex.BE else clause.object_of(at + 1)
        if k is not None and clause.groups[k].form in ("count", "single", "name", "pronoun"):
            f.at("wounded", k, at, at + 1, "stabbed")
    return 1


def blew_up(f: Findings, at: int) -> int:
    """As in "blew himself up": the bomber is dead."""
    clause = f.clause
    who = clause.word(at + 1)
    if clause.low[at] not in ("blew", "blown", "blows", "blowing") or who not in (
        "himself",
        "herself",
        "themselves",
    ):
        return 0
    if "up" not in clause.words(at + 2, at + 4) or clause.unreal(at):
        return 2
    if any(w in ("tried", "trying", "attempted") for w in clause.words(at - 3, at)):
        return 2
    k = clause.subject_of(at)
    if who != "themselves":
        f.single("killed", clause.groups[k].start if k is not None else at, at + 3, "blew up")
    elif k is not None and clause.groups[k].least != 1:
        f.add("killed", [clause.groups[k]], at, at + 3, "blew up")
    else:
        f.several("killed", at, at + 3, "blew up", "bombers")
    return 3
