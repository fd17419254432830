"""Fates told by a phrase of its own: suicides, the executed, the burned alive, those who did not survive,
the killer of somebody, the victims of a plane. Rules are asked like those of `verbs`.
"""

from tocsin.pipeline.enrich.casualties import guards
from tocsin.pipeline.enrich.casualties import lexicon as lex
from tocsin.pipeline.enrich.casualties.findings import Findings

_PEOPLE_FORMS = frozenset(("count", "single", "name", "plural", "pronoun", "bare"))
KILLERS = ("killer", "killers", "murderer", "murderers", "assassin", "assassins")
_OF_VICTIMS = frozenset(
    ("relatives", "families", "funeral", "funerals", "bodies", "remains", "mourn", "mourned", "mourners", "memorial",
     "honour", "honor", "commemorate", "remember", "survived")
)  # fmt: skip


def suicide(f: Findings, at: int) -> int:
    """As in "committed suicide", "hanged himself", "was found hanged"."""
    clause = f.clause
    word, following = clause.low[at], clause.word(at + 1)
    if word in ("committed", "commits", "died") and clause.words(at + 1, at + 3) in (
        ["suicide", clause.word(at + 2)],
        ["by", "suicide"],
    ):
        end = at + (2 if following == "suicide" else 3)
    elif (word == "hanged" and following in ("himself", "herself", "themselves")) or (
        word == "found" and following in ("hanged", "murdered", "drowned", "strangled")
    ):
        end = at + 2
    else:
        return 0
    if clause.unreal(at):
        return end - at
    k = clause.subject_of(at)
    if k is not None and clause.groups[k].form in _PEOPLE_FORMS:
        f.at("killed", k, at, end, f"{word} {clause.word(end - 1)}")
    return end - at


def finished(f: Findings, at: int) -> int:
    """As in "mowed down 86 people", "put to death", "burned alive", "did not survive"."""
    clause = f.clause
    word = clause.low[at]
    if word in ("mowed", "mown", "mowing") and clause.word(at + 1) == "down":
        k = clause.object_of(at + 2)
        if k is not None and not clause.unreal(at):
            f.at("killed", k, at, at + 2, "mowed down")
        return 2
    end = 0
    if word == "put" and clause.words(at + 1, at + 3) == ["to", "death"]:
        end = at + 3
    elif word in ("burned", "burnt", "buried") and clause.word(at + 1) == "alive":
        end = at + 2
    elif (word == "survive" and clause.words(at - 2, at) == ["did", "not"]) or (
        word == "survive" and clause.word(at - 1) == "didn't"
    ):
        end = at + 1
    if not end or (word != "survive" and clause.unreal(at)):
        return 0
    first = at - (2 if clause.word(at - 1) == "not" else 1) if word == "survive" else at
    k = clause.subject_of(first)
    if k is not None and clause.groups[k].form in _PEOPLE_FORMS:
        f.at("killed", k, first, end, f"{word} {clause.word(end - 1)}")
    return end - at


def killer(f: Findings, at: int) -> int:
    """As in "the killer of a 15-year-old girl"; not a killer whale, nor a serial killer's victims."""
    clause = f.clause
    if clause.low[at] not in KILLERS:
        return 0
    k = clause.object_of(at + 2) if clause.word(at + 1) == "of" else None
    if k is not None and clause.groups[k].form in ("count", "single", "name"):
        f.at("killed", k, at, at + 1, "killer of")
    return 1


def victims(f: Findings, at: int) -> int:
    """As in "relatives of the 239 victims", "the flight's 239 victims"."""
    clause = f.clause
    if clause.low[at] != "victims":
        return 0
    k = next(
        (n for n, g in enumerate(clause.groups) if g.end == at + 1 and g.form == "count"), None
    )
    if k is None or f.has("killed"):
        return 0
    before = clause.word(clause.groups[k].start - 1)
    mourned = any(w in _OF_VICTIMS for w in clause.low)
    if mourned and (
        before in ("the", "of", "'s")
        or before.endswith("'s")
        or clause.low[clause.groups[k].start] == "the"
    ):
        f.add("killed", [clause.groups[k]], at, at + 1, "N victims")
    return 1


def named(f: Findings, at: int) -> int:
    """As in "the dead were named as Tom Holt and Anna Berg": a part where a total is told."""
    clause = f.clause
    if clause.low[at] not in ("dead", "victims") or clause.word(at + 1) not in ("were", "was"):
        return 0
    if clause.word(at + 2) not in ("named", "identified"):
        return 0
    k = clause.object_of(at + 3 + (clause.word(at + 3) == "as"))
    if k is not None and not f.has("killed") and clause.low[at] == "dead":
        f.at("killed", k, at, at + 3, "dead include")
    return 3


def injured_died(f: Findings, at: int) -> int:
    """As in "three of the injured later died": a number of those who were hurt."""
    clause = f.clause
    if clause.low[at] not in ("injured", "wounded") or clause.words(at - 2, at) != ["of", "the"]:
        return 0
    died = next(
        (q for q in range(at + 1, min(len(clause.low), at + 4)) if clause.low[q] in lex.DYING), None
    )
    k = next((n for n, g in enumerate(clause.groups) if g.end == at - 2 and g.form == "bare"), None)
    if died is None or k is None or guards.sport(clause.text):
        return 0
    f.add("killed", [clause.groups[k]._replace(form="part")], at, died + 1, "injured died")
    return died + 1 - at
