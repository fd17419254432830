"""Print-style citations: (Dawn [Karachi], September 20; see Terrorism Focus, October 1).

Analysts cite by outlet and day, without a link and without the year. A citation is a part of a
parenthesis (or of a closing "– Dawn, May 3") that ends in a date; the year is that of the nearest
such day not after publication. A place in [brackets] is inherited by later bare mentions.
"""

import re
from datetime import date
from typing import NamedTuple

from tocsin.pipeline.enrich.days import reckoning
from tocsin_schemas.article import Citation
from tocsin_schemas.contract import Span

LONGEST_GROUP = 400
"""Code points of a parenthesis that is looked at."""

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_PAREN = re.compile(rf"\(([^()]{{2,{LONGEST_GROUP}}})\)")
_CLOSING = re.compile(
    r"(?:^|[\s.!?”\"'’)])[–—-]{1,2}\s?((?:[A-Z][\w.&/'’ -]{1,40}, " + _MONTH + r"\s?" + _DAY
    + r"(?:, \d{4})?(?:; )?){1,6})(?=\s*(?:\n|$))",
    re.MULTILINE,
)  # fmt: skip
_PREFIX = re.compile(
    r"(?:see also|see|cf\.?|e\.g\.,?|via|quoted in|quoted by|cited in|cited by|citing|quoting|from|per|also|according to)\s+",
    re.IGNORECASE,
)
_DATE = re.compile(
    rf"(?:(?P<m>{_MONTH})\s?(?P<d>{_DAY})(?:\s?[-–]\s?{_DAY})?(?:,?\s(?P<y>(?:19|20)\d\d))?"
    rf"|(?P<d2>{_DAY})\s(?P<m2>{_MONTH})(?:,?\s(?P<y2>(?:19|20)\d\d))?"
    rf"|(?P<iso>(?:19|20)\d\d-\d\d-\d\d)|(?P<m3>{_MONTH})\s(?P<y3>(?:19|20)\d\d))[\s,.…]*(?:MORE)?$"
)
_NO_OUTLET = re.compile(
    r"\b(?:born|died|killed|elected|since|until|on|in|from|between|around|about|by|before|after|night|week"
    r"|ended|began|founded|established|updated|posted|published|aged|was|were|is|are|released|starting"
    r"|beginning|through|ending|due|dated|effective|accessed|retrieved|photo|aka|reign(?:ed)?)\b",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|info|co|gov|[a-z]{2})(?:\.[a-z]{2})?",
    re.IGNORECASE,
)
_DATE_INSIDE = re.compile(rf"{_MONTH}\s?{_DAY}\b")
_ONLY_TIME = re.compile(rf"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|{_MONTH})(?:\b.*)?")
_PLACE = re.compile(r"\s?\[([^\[\]]{2,40})\]")
_SMALL_START = (
    "al-",
    "the ",
    "an-",
    "as-",
    "ash-",
    "ad-",
    "ar-",
    "el-",
    "lenta",
    "gazeta",
    "eurasia",
)


class _Part(NamedTuple):
    """One part of a group, between semicolons."""

    start: int
    end: int
    outlet: str
    prefix: str
    day: date | None
    year_told: bool


def read(text: str, ref: date | None, places: frozenset[str] = frozenset()) -> list[Citation]:
    """The citations of `text`, in order. `ref`: day of publication (None: a day without a year
    stays null). `places`: names that are places here; "(Kabul, March 1, 2002)" is a caption.
    Linear; raises nothing.
    """
    groups = [m.span(1) for m in _PAREN.finditer(text)] + [
        m.span(1) for m in _CLOSING.finditer(text)
    ]
    inherited: dict[str, str] = {}
    out: list[Citation] = []
    for start, end in sorted(groups):
        for part in _parts(text, start, end, ref):
            out += _citations(text, part, places, inherited)
    return out


def _parts(text: str, start: int, end: int, ref: date | None) -> list[_Part]:
    found: list[_Part] = []
    at = start
    for piece in text[start:end].split(";"):
        begin = at + len(piece) - len(piece.lstrip())
        at += len(piece) + 1
        words = piece.strip()
        match = _DATE.search(words)
        if match is None:
            continue
        outlet = words[: match.start()].rstrip().rstrip(",:").strip()
        prefix = _PREFIX.match(outlet)
        if prefix:
            outlet = outlet[prefix.end() :]
        if not outlet:
            continue
        day, told = _day(match, ref)
        found.append(
            _Part(
                begin,
                begin + len(words),
                outlet,
                prefix.group().strip() if prefix else "",
                day,
                told,
            )
        )
    return found


def _day(match: re.Match[str], ref: date | None) -> tuple[date | None, bool]:
    if match["iso"]:
        try:
            return date.fromisoformat(match["iso"]), True
        except ValueError:
            return None, True
    month = reckoning.MONTHS[(match["m"] or match["m2"] or match["m3"])[:3].lower()]
    year = match["y"] or match["y2"] or match["y3"]
    number = int(re.sub(r"\D", "", match["d"] or match["d2"] or "1"))
    if year:
        return reckoning.day(int(year), month, number), True
    return (reckoning.yearless(number, month, ref, future=False) if ref else None), False


def _citations(
    text: str, part: _Part, places: frozenset[str], inherited: dict[str, str]
) -> list[Citation]:
    outlet, place = part.outlet, ""
    if bracket := _PLACE.search(outlet):
        place = bracket[1]
        outlet = (outlet[: bracket.start()] + outlet[bracket.end() :]).strip()
    names = [outlet]
    if "," in outlet:
        shared = [name.strip() for name in outlet.split(",")]
        if len(shared) <= 4 and all(n and (n[0].isupper() or _DOMAIN.fullmatch(n)) for n in shared):
            names = shared
    out: list[Citation] = []
    for number, name in enumerate(names):
        if not _is_outlet(name, places if part.year_told else frozenset()):
            continue
        if place:
            inherited[name] = place
        start, end = part.start, part.end
        if len(names) > 1:
            start = max(part.start, text.find(name, part.start, part.end))
            end = part.end if number == len(names) - 1 else start + len(name)
        out.append(
            Citation(
                outlet=name,
                place=place or inherited.get(name, ""),
                day=part.day,
                words=text[start:end],
                span=Span(start=start, end=end),
            )
        )
    return out


def _is_outlet(name: str, places: frozenset[str]) -> bool:
    if _DOMAIN.fullmatch(name):
        return True
    if not name or len(name) > 60 or len(name.split()) > 8 or name in places:
        return False
    if not (name[0].isupper() or name.lower().startswith(_SMALL_START)):
        return False
    if _NO_OUTLET.search(name) or re.search(r"\d{3}", name):
        return False
    return not (_ONLY_TIME.fullmatch(name) or _DATE_INSIDE.search(name))
