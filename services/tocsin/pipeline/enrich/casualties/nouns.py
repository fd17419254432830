"""Casualties told by a noun or an adjective: the toll, N dead, the death of, lives, bodies, missing,
hostages. Rules are asked like those of `verbs`.
"""

from tocsin.pipeline.enrich.casualties import guards
from tocsin.pipeline.enrich.casualties import lexicon as lex
from tocsin.pipeline.enrich.casualties.findings import Findings
from tocsin.pipeline.enrich.casualties.groups import Group
from tocsin.pipeline.enrich.casualties.verbs import elliptic
from tocsin_schemas.contract import Kind

_TOLL_OF = frozenset(
    (
        "death",
        "road",
        "fire",
        "quake",
        "flood",
        "holiday",
        "casualty",
        "the",
        "official",
        "overall",
        "its",
        "a",
        "confirmed",
    )
)
_TOLL_AT = frozenset(
    ("to", "at", "of", "reached", "hit", "is", "was", "passed", "exceeded", "topped", ":", "stood", "toll", "surpassed",
     "climbed", "hits", "now", "reaching", "exceeds", "put", "being", "from", "revised")
)  # fmt: skip
_TOLL_OVER = frozenset(
    (
        "past",
        "passes",
        "tops",
        "passed",
        "topped",
        "exceeded",
        "exceeds",
        "surpassed",
        "surpasses",
        "above",
    )
)
_TOLL_AT |= _TOLL_OVER
BRINGING = frozenset(
    (
        "bringing",
        "brings",
        "brought",
        "raising",
        "raises",
        "raised",
        "taking",
        "takes",
        "pushing",
        "lifting",
    )
)
_LOST = frozenset(
    ("claimed", "claiming", "claims", "cost", "costing", "took", "taken", "taking", "lost", "loss")
)
_SUFFERED = frozenset(("suffered", "sustained", "suffering", "sustaining", "received", "with"))
_HELD = frozenset(
    (
        "taken",
        "took",
        "rounded",
        "held",
        "holding",
        "taking",
        "hold",
        "seized",
        "seizing",
        "take",
        "captured",
    )
)
_GRAVE = frozenset(("critical", "serious", "grave"))
_STAYS = frozenset(("remains", "remain", "remained", "lay", "left", "another"))
_HURTS = frozenset(("injuries", "wounds", "burns"))
_FORMS = frozenset(("count", "single", "name", "plural", "bare", "part"))
_GONE = frozenset(
    (
        "went",
        "go",
        "goes",
        "gone",
        "remain",
        "remained",
        "remains",
        "reported",
        "still",
        "listed",
        "left",
        "leaving",
    )
)
_PLURAL_DEEDS = frozenset(
    (
        "deaths",
        "fatalities",
        "fatality",
        "murders",
        "killings",
        "slayings",
        "suicides",
        "homicides",
        "kidnappings",
    )
)
_LAY_DEAD = frozenset(
    (
        "shot",
        "found",
        "pronounced",
        "left",
        "lay",
        "lying",
        "stabbed",
        "declared",
        "reported",
        "now",
        "remain",
        "feared",
    )
)


def toll(f: Findings, at: int) -> int:
    """As in "the death toll rose from 20 to 25": the last figure."""
    clause = f.clause
    word, before = clause.low[at], clause.word(at - 1)
    counted = word == "count" and before in ("death", "body")
    told = word == "toll" and (
        before in _TOLL_OF or not at or before == ":" or "death" in clause.words(at - 3, at)
    )
    if not (counted or told):
        return 0
    last: Group | None = None
    after = at
    if clause.words(at + 1, at + 3) == [",", "which"]:  # "the toll, which stood at 20, has …"
        after = next((k for k in range(at + 3, len(clause.low)) if clause.low[k] == ","), at)
    for group in clause.groups:
        if not after < group.start < after + 24 or group.form not in ("bare", "count"):
            continue
        lead = clause.low[group.start - 1]
        if lead not in _TOLL_AT:
            continue
        if any(w in ("including", ";") for w in clause.low[at : group.start]):
            break
        last = group
        if lead in _TOLL_OVER and group.least is not None:
            last = group._replace(least=group.least + 1, most=None)
        if lead != "from":
            break
    if last is not None and not clause.unreal(at):
        if (
            last.least is None and clause.low[last.start] == "up"
        ):  # "the toll is up to 20": has risen to
            last = last._replace(least=last.most)
        f.add("killed", [last], at, last.end, "toll")
    return 1


def number_of(f: Findings, at: int) -> int:
    """As in "the number of injured rose to 300"."""
    clause = f.clause
    if clause.words(at, at + 2) != ["number", "of"] or clause.unreal(at, noun=True):
        return 0
    kind: Kind | None = None
    for word in clause.words(at, at + 16):
        if word in lex.WOUNDED:
            kind = "wounded"
        elif word == "missing":
            kind = "missing"
        elif word in ("killed", "dead", "deaths", "died", "fatalities"):
            kind = "killed"
        if kind:
            break
    if kind is None:
        return 1
    leads = ("to", "at", "is", "was", "reached", "stands", "stood", ":")
    for group in clause.groups:
        if (
            at < group.start < at + 26
            and group.form in ("bare", "count")
            and clause.low[group.start - 1] in leads
        ):
            f.add(kind, [group], at, group.end, "number of")
            return group.end - at
    return 1


def bringing(f: Findings, at: int) -> int:
    """As in "bringing the number of dead to 25"."""
    clause = f.clause
    if clause.low[at] not in BRINGING or any(x.rule == "toll" for x in f.out):
        return 0
    ahead = clause.words(at, at + 26)
    if "toll" in ahead or not any(
        w in ("dead", "deaths", "killed", "fatalities", "death", "died") for w in ahead
    ):
        return 0
    if not any(w in ("total", "number", "dead", "tally") for w in ahead):
        return 0
    for group in clause.groups:
        if (
            at < group.start < at + 28
            and group.form in ("bare", "count")
            and clause.low[group.start - 1] == "to"
        ):
            f.add("killed", [group], at, group.end, "bringing to")
            return group.end - at
    return 0


def among(f: Findings, at: int) -> int:
    """As in "two policemen were among the dead"."""
    clause = f.clause
    word = clause.low[at]
    if word not in ("injured", "wounded", "dead", "killed", "missing") or clause.words(
        at - 2, at
    ) not in (["among", "the"], ["among", "those"]):
        return 0
    kind: Kind = "wounded" if word in lex.WOUNDED else "missing" if word == "missing" else "killed"
    if clause.word(at + 1) in ("were", "was", "are", "is"):
        k = clause.object_of(at + 2)
        if k is not None and kind == "killed" and not f.has("killed"):
            f.at(kind, k, at, at + 2, "among the dead")
        return 1
    k = clause.last_before(at - 2)
    if k is not None and clause.groups[k].form in ("plural", "count", "single"):
        between = clause.low[clause.groups[k].end : at - 2]
        if all(w in lex.BE or w in lex.BETWEEN for w in between):
            f.at(kind, k, at, at + 1, "among the")
    return 1


def dead(f: Findings, at: int) -> int:
    """N dead, left N dead, found dead, feared dead (missing), pronounced dead, the dead attacker."""
    clause = f.clause
    if clause.low[at] != "dead":
        return 0
    before, following = clause.word(at - 1), clause.word(at + 1)
    if before in ("playing", "play", "plays", "played", "brain", "a", "half", "drop"):
        return 1
    if before == "the" and following == "at":  # "put the dead at 15"
        counted = next(
            (g for g in clause.groups if g.start == at + 2 and g.form in ("bare", "count")), None
        )
        if counted is not None:
            f.add("killed", [counted], at, counted.end, "dead at")
        return 1
    if before in ("feared", "presumed"):
        k = clause.subject_of(at - 1)
        if k is not None:
            f.at("missing", k, at - 1, at + 1, "feared dead")
        return 1
    if before in ("declared", "pronounced", "confirmed") and any(
        w in lex.BE for w in clause.words(at - 3, at - 1)
    ):
        k = clause.subject_of(at - 1)
        if k is not None:
            f.at("killed", k, at - 1, at + 1, "pronounced dead")
        return 1
    inside = clause.inside(at)
    if (
        inside is not None
        and clause.groups[inside].form in ("count", "single")
        and (following in lex.PEOPLE or following in lex.PERSON)
    ):
        f.add("killed", [clause.groups[inside]], at, at + 1, "dead X")
        return 1
    _dead_predicate(f, at, mixed=following == "or" and clause.word(at + 2) in lex.WOUNDED)
    return 1


def _dead_predicate(f: Findings, at: int, *, mixed: bool) -> None:
    clause = f.clause
    k = clause.last_before(at)
    if k is None:
        return
    group = clause.groups[k]
    following = clause.word(at + 1)
    between = [w for w in clause.low[group.end : at] if w != "," and not w.isdecimal()]
    direct = all(w in lex.BE or w in lex.BETWEEN or w in _LAY_DEAD for w in between)
    if clause.word(at - 1) == "found" and any(w in lex.BE for w in clause.words(at - 4, at)):
        subject = clause.subject_of(at - 1)
        if (
            subject is not None
            and clause.groups[subject].form in ("single", "count", "name")
            and not direct
        ):
            f.at("killed", subject, at - 1, at + 1, "found dead")
            return
    if not direct or clause.unreal(at):
        return
    copula = any(
        w in lex.BE or w in ("found", "shot", "pronounced", "lay", "left", "declared")
        for w in between
    )
    ahead = clause.words(group.start - 3, group.start)
    leaves = any(
        w in ("left", "leaving", "leaves", "leave", "shot", "found", "shooting") for w in ahead
    )
    if group.form == "bare":
        if following.isalpha() and following not in lex.AFTER_DEAD and following not in lex.PEOPLE:
            return
        alone = (
            group.one
            and not leaves
            and not copula
            and following not in ("and", ",", "", "as", "after", "in")
        )
        if group.unit or alone:
            return
    elif group.form == "name":
        if not ({"shot", "found", "pronounced"} & set(between) or "shot" in ahead):
            return
    elif group.form in ("single", "plural", "pronoun") and not (leaves or copula):
        return
    f.at("killed", k, at, at + 1, "dead", mixed=mixed)
    if group.form == "count":
        elliptic(f, "killed", at)


def deed(f: Findings, at: int) -> int:
    """The death of, the murder of, 12 deaths, her murder, a double murder, suicide."""
    clause = f.clause
    word = clause.low[at]
    if word == "deaths" and clause.words(at - 2, at) == ["to", "their"]:
        return _to_ones_death(f, at)
    if word not in lex.DEED_NOUNS:
        return 0
    if clause.unreal(at, noun=True):
        return 1
    kind: Kind = "kidnapped" if word.startswith(("kidnap", "abduct")) else "killed"
    before, following = clause.word(at - 1), clause.word(at + 1)
    if word in _PLURAL_DEEDS:
        if before == "their":
            f.several(kind, at - 1, at + 1, f"their {word}", "pron")
            return 1
        _deeds(f, at, kind)
        return 1
    if (
        word == "death"
        and following not in ("toll", "sentence", "penalty", "row", "threat", "certificate")
        and _one_death(f, at)
    ):
        f.single("killed", at - 1, at + 1, "one death", "death")
        return 1
    if before in ("double", "triple", "quadruple") and following not in (
        "attack",
        "attacks",
        "bombing",
        "bombings",
        "bomber",
        "bombers",
    ):
        count = {"double": 2, "triple": 3, "quadruple": 4}[before]
        f.add(
            "killed",
            [Group(at - 1, at, count, count, "count", "people")],
            at - 1,
            at + 1,
            "multiple murder",
        )
        return 1
    if _deed_of(f, at, kind):
        return 1
    if word == "death" and before in ("his", "her") and clause.word(at - 2) == "to":
        return _to_ones_death(f, at)
    if before in ("his", "her", "whose") or before.endswith("'s"):
        if word not in ("death", "suicide", "drowning"):
            owner = "pron" if before in ("his", "her", "whose") else before
            f.single(kind, at - 1, at + 1, f"X's {word}", owner)
    elif before == "their":
        f.several(kind, at - 1, at + 1, f"their {word}", "pron")
    return 1


def _to_ones_death(f: Findings, at: int) -> int:
    """As in "fell to his death", "sent his brother to his death"."""
    clause = f.clause
    k = clause.last_before(at - 2)
    if k is None or clause.groups[k].end != at - 2:
        k = clause.subject_of(at - 2)
    if k is not None and clause.groups[k].form not in ("bare", "unknown"):
        f.add("killed", clause.subjects(k), at - 2, at + 1, "to X's death")
    return 1


def included(f: Findings, at: int) -> int:
    """As in "the dead included three children": a part, told only where no total is."""
    clause = f.clause
    if clause.low[at] not in ("dead", "killed", "victims") or clause.word(at + 1) not in (
        "include",
        "included",
    ):
        return 0
    k = clause.object_of(at + 2)
    if k is not None and not f.has("killed"):
        f.at("killed", k, at, at + 2, "dead include")
    return 1


def _one_death(f: Findings, at: int) -> bool:
    clause = f.clause
    before = clause.word(at - 1)
    if before in ("one", "another"):
        return True
    reported = any(
        w in ("reported", "confirmed", "announced", "recorded", "reports", "confirms", "records")
        for w in clause.words(at - 4, at)
    )
    if (before in lex.ORDINALS or before == "first") and reported:
        return True
    return clause.words(at - 2, at) in (["one", "confirmed"], ["one", "reported"])


def _deeds(f: Findings, at: int, kind: Kind) -> None:
    """As in "12 deaths", "12 confirmed deaths", "deaths of 12 people"."""
    clause = f.clause
    for group in clause.groups:
        near = (
            group.form == "bare"
            and group.start < at
            and 0 <= at - group.end <= 2
            and all(clause.tokens[k].text[0].isalpha() for k in range(group.end, at))
            and clause.low[group.end] not in lex.BE
        )
        if (group.end == at or near) and group.form in ("bare", "count"):
            f.add(kind, [group], at, at + 1, f"N {clause.low[at]}")
            return
    if clause.word(at + 1) == "of":
        k = clause.object_of(at + 2)
        if k is not None:
            f.at(kind, k, at, at + 1, f"{clause.low[at]} of")
        return
    if clause.word(at + 1) in (
        "rise",
        "rises",
        "rose",
        "climb",
        "reach",
        "reached",
        "top",
        "topped",
    ):
        start = at + 2 + (clause.word(at + 2) == "to")
        counted = next((g for g in clause.groups if g.start == start and g.form == "bare"), None)
        if counted is not None:
            f.add(kind, [counted], at, counted.end, f"{clause.low[at]} rise to")


def _deed_of(f: Findings, at: int, kind: Kind) -> bool:
    clause = f.clause
    word, following = clause.low[at], clause.word(at + 1)
    start = 0
    if following == "of":
        start = at + 2
    elif (
        following == "and"
        and clause.word(at + 2) in ("murder", "killing", "death")
        and clause.word(at + 3) == "of"
    ):
        start = at + 4
    if not start or clause.words(at - 2, at) == ["life", "and"]:
        return False
    k = clause.object_of(start, 3)
    if k is None:
        return False
    group = clause.groups[k]
    weak = word in ("death", "suicide", "drowning")
    if (
        weak
        and group.one
        and (guards.NATURAL.search(clause.text) or not guards.VIOLENT.search(clause.text))
    ):
        return False
    if group.form == "bare" and group.unit and group.unit.split()[-1] in lex.THINGS:
        return False
    if group.form == "name" and word == "massacre":
        return False
    f.at(kind, k, at, at + 1, f"{word} of")
    return True


def casualties(f: Findings, at: int) -> int:
    """As in "100 casualties", "heavy casualties": dead and wounded undivided."""
    clause = f.clause
    if clause.low[at] != "casualties":
        return 0
    if clause.unreal(at):
        return 1
    near = next(
        (g for g in clause.groups if g.form == "bare" and g.start < at and 0 <= at - g.end <= 2),
        None,
    )
    if near is not None:
        f.add("killed", [near], at, at + 1, "N casualties", mixed=True)
    elif clause.word(at - 1) in (
        "suffered",
        "caused",
        "inflicted",
        "inflicting",
        "causing",
        "taken",
        "heavy",
        "civilian",
        "many",
    ):
        f.several("killed", at - 1, at + 1, "casualties", "casualties", mixed=True)
    return 1


def injuries(f: Findings, at: int) -> int:
    """As in "suffered burns and injuries", "treated with injuries"."""
    clause = f.clause
    if clause.low[at] not in ("injuries", "burns", "wounds"):
        return 0
    recent = clause.words(at - 5, at)
    counted = next((g for g in clause.groups if g.form == "bare" and g.end == at), None)
    if (
        counted is not None
        and clause.low[at] == "injuries"
        and not guards.sport(clause.text)
        and not clause.unreal(at)
    ):
        f.add("wounded", [counted], at, at + 1, "N injuries")
        return 1
    if (
        not any(w in _SUFFERED for w in recent)
        or guards.sport(clause.text)
        or clause.unreal(at)
        or "injury" in clause.low
    ):
        return 1
    verb = max(q for q in range(max(0, at - 5), at) if clause.low[q] in _SUFFERED)
    treated = any(
        w in ("hospital", "hospitalised", "hospitalized", "taken", "treated", "survived", "escaped")
        for w in clause.low
    )
    k = clause.subject_of(verb) if clause.low[verb] != "with" or treated else None
    if k is not None and clause.groups[k].form in (
        "count",
        "single",
        "name",
        "plural",
        "bare",
        "pronoun",
    ):
        f.at("wounded", k, verb, at + 1, "suffered injuries")
    return 1


def condition(f: Findings, at: int) -> int:
    """As in "three people were in critical condition", "14 are being treated for injuries"."""
    clause = f.clause
    if clause.low[at] == "condition":
        verb = next((q for q in range(at - 1, max(-1, at - 5), -1) if clause.low[q] == "in"), at)
        stays = any(w in lex.BE or w in _STAYS for w in clause.words(verb - 4, verb))
        if verb == at or not stays or clause.word(at - 1) not in _GRAVE:
            return 0
        end = at + 1
    else:
        in_hospital = clause.word(at) == "with" and clause.words(at - 2, at) == ["to", "hospital"]
        treated = clause.word(at) == "treated" and any(
            w in lex.BE for w in clause.words(at - 3, at)
        )
        ahead = range(at + 1, min(len(clause.low), at + 6))
        hurts = next((q for q in ahead if clause.low[q] in _HURTS), None)
        if hurts is None or not (in_hospital or treated):
            return 0
        verb, end = (at - 3 if in_hospital else at), hurts + 1
    if f.has("wounded") or clause.unreal(at) or guards.sport(clause.text):
        return 0
    k = clause.subject_of(verb)
    if k is None or clause.groups[k].form not in _FORMS or guards.EPIDEMIC.search(clause.text):
        return 0
    f.at("wounded", k, verb, end, "in grave condition")
    return end - at


def lives(f: Findings, at: int) -> int:
    """As in "claimed 12 lives", "lost their lives", "took his own life"."""
    clause = f.clause
    word = clause.low[at]
    if word not in ("lives", "life"):
        return 0
    verb = next((q for q in range(at - 1, max(-1, at - 7), -1) if clause.low[q] in _LOST), None)
    counted = next((g for g in clause.groups if g.start < at <= g.end <= at + 1), None)
    if (
        counted is not None
        and clause.word(at + 1) in lex.BE | {"have", "had"}
        and {"lost", "claimed"} & set(clause.words(at + 2, at + 5))
        and not clause.unreal(at)
    ):
        f.add("killed", [counted._replace(form="count", unit="lives")], at, at + 3, "N lives")
        return 1
    if verb is None or clause.unreal(at):
        return 1
    if counted is not None and counted.start < verb:  # "hundreds lost their lives"
        f.add("killed", [counted], verb, at + 1, "lost lives")
        return 1
    if clause.low[verb] in ("cost", "costing") and clause.word(at - 1) == "their":
        k = clause.object_of(verb + 1)
        if k is not None:
            f.at("killed", k, verb, at + 1, "cost lives")
        return 1
    counted = next(
        (
            g
            for g in clause.groups
            if g.start > verb and g.end in (at, at + 1) and g.form in ("count", "bare")
        ),
        None,
    )
    if counted is not None:
        f.add("killed", [counted._replace(form="count", unit="lives")], verb, at + 1, "N lives")
        return 1
    if clause.word(at + 1) == "of":
        k = clause.object_of(at + 2)
        if k is not None:
            f.at("killed", k, verb, at + 1, "lives of")
    elif clause.low[verb] == "lost" and clause.word(at - 1) in ("their", "his", "her"):
        k = (
            clause.last_before(verb - 1)
            if clause.word(verb - 1) == "who"
            else clause.subject_of(verb)
        )
        if k is not None:
            f.at("killed", k, verb, at + 1, "lost lives")
    elif clause.low[verb] in ("took", "taking", "taken") and clause.word(at - 1) == "own":
        f.single("killed", verb, at + 1, "suicide")
    return 1


def fatal(f: Findings, at: int) -> int:
    """As in "the fatal shooting of", "a fatal crash": one dead where nothing else is told."""
    clause = f.clause
    if clause.low[at] != "fatal":
        return 0
    cause = next(
        (q for q in range(at + 1, min(len(clause.low), at + 4)) if clause.low[q] in lex.CAUSES),
        None,
    )
    if cause is None or f.has("killed"):
        return 1
    k = clause.object_of(cause + 2) if clause.word(cause + 1) == "of" else None
    if k is not None:
        f.at("killed", k, at, cause + 1, "fatal X of")
    else:
        f.single("killed", at, cause + 1, "fatal X", "fatal")
    return 1


def missing(f: Findings, at: int) -> int:
    """Went missing, N missing, unaccounted for, disappeared."""
    clause = f.clause
    word, before, following = clause.low[at], clause.word(at - 1), clause.word(at + 1)
    if word not in ("missing", "unaccounted", "disappeared") or clause.unreal(at):
        return 0
    person = following in lex.PEOPLE or following in lex.PERSON or following == "loved"
    if word == "missing" and before in ("for", "of") and not person:
        return 1
    inside = clause.inside(at)
    if inside is not None and clause.groups[inside].form == "count":
        f.add("missing", [clause.groups[inside]], at, at + 1, "N missing X")
        return 1
    if word == "missing" and person:
        near = next(
            (g for g in clause.groups if g.start <= at < g.end or g.start in (at + 1, at + 2)), None
        )
        if near is not None:
            f.add("missing", [near], at, near.end, "missing X")
        return 1
    if (
        word == "missing"
        and following.isalpha()
        and following not in lex.AFTER_DEAD
        and following not in ("presumed", "for", "feared")
    ):
        return 1
    k = clause.last_before(at)
    if k is not None and _gone(f, at, clause.groups[k], following):
        f.at("missing", k, at, at + 1, "missing")
    return 1


def _gone(f: Findings, at: int, group: Group, following: str) -> bool:
    clause = f.clause
    between = clause.low[group.end : at]
    verb = any(w in lex.BE or w in _GONE for w in between)
    if group.form == "bare":
        return (not between and not group.unit) or (verb and len(between) < 4)
    if group.form == "count":
        return not between or (verb and len(between) < 8)
    if group.form in ("single", "pronoun"):
        after = following in ("in", "on", "after", "since", "from", "following", "at")
        return (verb and len(between) < 8) or (group.form == "single" and not between and after)
    vessel = any(
        w in ("flight", "plane", "aircraft", "jet", "ship", "boat", "airlines") for w in clause.low
    )
    return (
        group.form == "name"
        and clause.low[at] != "disappeared"
        and verb
        and len(between) <= 3
        and not vessel
    )


def hostages(f: Findings, at: int) -> int:
    """Took 12 hostages, was held hostage."""
    clause = f.clause
    word = clause.low[at]
    if word not in ("hostage", "captive", "hostages"):
        return 0
    if not any(w in _HELD for w in clause.words(at - 9, at + 4)) or clause.unreal(at):
        return 1
    if word == "hostages":
        k = next(
            (n for n, g in enumerate(clause.groups) if g.end == at + 1 and g.form == "count"), None
        )
        within = next(
            (n for n, g in enumerate(clause.groups) if g.end == at + 1 and g.form == "inner"), None
        )
        k = within if within is not None else k  # "two of five hostages": five were held
        if k is None and clause.word(at - 1) in (
            "taking",
            "took",
            "taken",
            "as",
            "seized",
            "holding",
            "held",
            "of",
        ):
            f.several("kidnapped", at, at + 1, "hostages", "hostages")
            return 1
    else:
        k = clause.last_before(at)
        if k is not None and (
            at - clause.groups[k].end > 5
            or clause.groups[k].form not in ("count", "single", "plural", "bare", "name", "pronoun")
        ):
            k = None
    if k is not None:
        f.at("kidnapped", k, at, at + 1, "hostage")
    return 1


def bodies(f: Findings, at: int) -> int:
    """The bodies of six were found, 12 bodies, the body of a man."""
    clause = f.clause
    word = clause.low[at]
    if word not in ("bodies", "body"):
        return 0
    found = any(w in lex.FOUND for w in clause.low)
    k = clause.object_of(at + 2) if clause.word(at + 1) == "of" else None
    if word == "body":
        if k is not None and found and clause.groups[k].form in ("single", "name"):
            f.add("killed", [clause.groups[k]], at, at + 1, "body of")
        return 1
    if k is not None and found and clause.groups[k].form in ("count", "bare", "single", "name"):
        f.at("killed", k, at, at + 1, "bodies of")
        return 1
    counted = next(
        (g for g in clause.groups if g.form == "bare" and 0 <= at - g.end <= 1 and g.start < at),
        None,
    )
    if counted is not None and found:
        f.add("killed", [counted._replace(form="count", unit="bodies")], at, at + 1, "N bodies")
    return 1
