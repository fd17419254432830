"""Which of an article's figures count the event, and which only a part of it.

An article's figures of one kind with role `event` are one statement, their span (design §6). So a
figure that the words make a part of a total told in the same article ("the ambassador was among the
dead", "four people died in one village"), a looser telling of it ("dozens"), or a count that the
article itself calls overtaken ("earlier put the toll at 53") has role `background`: it stays in the
article, with its words and span, and is no statement. It is not dropped, since it is told, and the
rules of the gold ask for it. Two counts by two sources are a dispute, and both stay.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tocsin.pipeline.enrich.casualties.findings import Found

NEAR = 0.15
"""An approximate figure within this share of an exact one tells the same count."""

_WHOLE = frozenset(
    ("", "people", "persons", "person", "victims", "lives", "deaths", "bodies", "others", "civilians", "villagers",
     "residents", "individuals", "casualties", "passengers", "dead", "protesters", "demonstrators")
)  # fmt: skip
_FIGHTERS = frozenset(
    ("militants", "insurgents", "rebels", "fighters", "gunmen", "terrorists", "attackers", "guerrillas", "extremists",
     "assailants", "bombers", "taliban", "jihadists", "separatists", "raiders", "recruits", "combatants")
)  # fmt: skip
_ONE = frozenset(("single", "name", "pronoun"))
_PART_RULES = frozenset(("among the", "among the dead", "dead include"))
_OF_THE = (
    r"\b(?:of|among) (?:the|those|these|his|her|their) (?:\w+ )?(?:dead|victims|killed|wounded|injured|missing|casualties"
    r"|hostages|captives|kidnapped|abducted|deaths)\b"
)
_PART_INSIDE = re.compile(_OF_THE, re.IGNORECASE)
_PART_AFTER = re.compile(rf"\s*(?:(?:were|was|are|is)\s)?(?:also\s)?{_OF_THE}", re.IGNORECASE)
_PART_BEFORE = re.compile(
    rf"{_OF_THE}[,:]?\s(?:(?:were|was|are|is)\s)?(?:also\s)?\Z", re.IGNORECASE
)
_REST = re.compile(r"\b(?:the others?|the rest|the remainder)\b", re.IGNORECASE)
_OVERTAKEN = re.compile(
    r"\b(?:earlier|initial(?:ly)?|previous(?:ly)?|preliminary|at first|first (?:put|reported|reports|said)|up from|had been put)\b",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:another|a second|a third|a further)\s(?:\w+\s){0,2}?(?:attack|bombing|raid|strike|blast|explosion|assault|ambush|shooting)\b",
    re.IGNORECASE,
)
"""A second deed told by the same article counts for itself."""
_AGAINST = re.compile(
    r"\b(?:but|however|although|though|whereas|only|instead|den(?:y|ies|ied)|disput\w+|contradict\w*|put the|spoken? of|spoke of"
    r"|claims?|claimed|other reports|some reports|conflicting)\b",
    re.IGNORECASE,
)
_CONTRARY = re.compile(
    r"\b(?:disput\w+|contradict\w*|spoken? of|spoke of|(?:put|puts) the|other reports)\b",
    re.IGNORECASE,
)
"""The same of the higher figure's sentence; a "but" there may be about anything."""
_WITHIN = re.compile(
    r"\b(?:alone|one (?:village|town|district|province|house|family|building|street|school|area)"
    r"|(?:when|after) (?:a|an|the|his|her|their|its)\b)|\Ain (?!all\b|total\b|a\b|an\b|the (?:attack|raid|blast|bombing))"
    r"|\A(?:elsewhere|nearby|at the scene)\b",
    re.IGNORECASE,
)


class Telling(NamedTuple):
    """A figure with what its place in the article says of it."""

    found: Found
    words: str
    """Its sentence."""
    who: str
    """Who says so; '' for nobody."""


def parts(told: Sequence[Telling]) -> set[int]:
    """Indices of `told` (figures of one kind, of this event, in order) that are no count of it."""
    whole = [n for n, t in enumerate(told) if not _explicit(t)]
    highest = max((top(told[n].found) for n in whole), default=0)
    # "killing 18 of them": of the miners; a part is never more than its total
    whole = [n for n, t in enumerate(told) if n in whole or _above(t, highest)] or list(
        range(len(told))
    )
    exact = {top(told[n].found) for n in whole if not _loose(told[n].found)}
    whole = [n for n in whole if not _nearly(told[n].found, exact)] or whole
    main = max(whole, key=lambda n: (top(told[n].found), -n))
    return {n for n in range(len(told)) if n != main and not _stands(told[n], told[main])}


def top(found: Found) -> int:
    """The highest number that a figure names."""
    return max(found.least or 0, found.most or 0)


def _loose(found: Found) -> bool:
    return found.approximate or found.least != found.most


def _nearly(found: Found, exact: Iterable[int]) -> bool:
    """Whether a round or open figure only rounds an exact one ("nearly 30", told later as 28)."""
    return found.approximate and any(abs(top(found) - n) <= NEAR * n for n in exact)


def _above(told: Telling, highest: int) -> bool:
    return told.found.form in ("part", "inner") and top(told.found) > highest


def _explicit(told: Telling) -> bool:
    """Whether the words themselves say that this is a part, or comes on top."""
    found = told.found
    return (
        found.rule in _PART_RULES
        or found.form in ("part", "inner")
        or found.further
        or bool(_PART_INSIDE.search(told.words, found.start, found.end))
        or bool(_PART_AFTER.match(told.words, found.end))
        or bool(_PART_BEFORE.search(told.words[max(0, found.start - 50) : found.start]))
        or bool(_REST.search(told.words, found.end))
    )


def _stands(told: Telling, main: Telling) -> bool:
    """Whether a figure stands beside the article's highest one as another count of the event."""
    found, most = told.found, main.found
    if (found.least, found.most) == (most.least, most.most):
        return True
    if found.lowered or most.lowered:
        return True
    if _explicit(told) or _vaguer(found, most):
        return False
    if _ANOTHER.search(told.words, 0, found.end) and found.form not in _ONE:
        return True
    if _OVERTAKEN.search(told.words) and top(found) < top(most):
        return False
    unit = _unit(found)
    if unit in _FIGHTERS or _unit(most) in _FIGHTERS:
        apart = (unit in _FIGHTERS) != (_unit(most) in _FIGHTERS)
        if apart and found.form not in _ONE and _unit(most) not in ("", "people", "persons"):
            return True
    if found.form in _ONE:
        return False
    if _WITHIN.search(told.words) and not _AGAINST.search(told.words):
        return False
    if _CONTRARY.search(main.words) and (told.who or main.who):
        return True
    if unit not in _WHOLE and unit not in _FIGHTERS:
        return False
    differ = bool(told.who) and told.who != main.who
    return differ or bool(_AGAINST.search(told.words) and (told.who or main.who))


def _vaguer(found: Found, most: Found) -> bool:
    """As "soldiers died", "dozens" beside a number that they agree with."""
    if found.most is not None or found.least is None:
        return False
    loose = found.form == "plural" or found.vague
    return loose and top(most) >= found.least


def _unit(found: Found) -> str:
    return found.unit.split()[-1] if found.unit and found.form != "bare" else ""
