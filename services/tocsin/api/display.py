"""Words of the news made fit to be looked at: no hidden direction, no stacked marks, no endless line.

Feeds are hostile until shown otherwise. Everything that a template prints passes through `shown`;
markup never enters a string here: marked text is a list of segments that the template loops over.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from tocsin_schemas.contract import Span, TextField

_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LONE = re.compile("[\ud800-\udfff]")
_MANY_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
TITLE_LIMIT = 300
"""Characters of a title that are shown; the page of the article holds the whole."""
SNIPPET = 160
"""Characters of a snippet around a mark."""
MONTHS = ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
THIN = "\u2009"


def shown(text: str) -> str:
    """`text` without direction overrides and control characters, ≤ 4 combining marks in a row."""
    if text.isascii() and text.isprintable():
        return text
    return _MANY_MARKS.sub(r"\1", _LONE.sub("\ufffd", _HIDDEN.sub("", text)))


def headline(text: str) -> str:
    """A title, on one line, cut at `TITLE_LIMIT`; "(no title)" where there is none."""
    line = " ".join(shown(text).split())
    return (line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…") or "(no title)"


def slug(text: str, limit: int = 60) -> str:
    """Letters and digits of `text`, for a file name."""
    kept = "".join(c if unicodedata.category(c)[0] in "LN" else "-" for c in text.lower())
    return re.sub(r"-+", "-", kept).strip("-")[:limit]


def number(value: int) -> str:
    """Whole number with a thin space between thousands."""
    return f"{value:,}".replace(",", THIN)


def count(value: int, one: str, many: str = "") -> str:
    """`1 copy`, `2 copies`."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def span_of(low: int | None, high: int | None) -> str:
    """A range in words' place: `9–20`, `9`, `≥ 15`, `≤ 20`; "unknown" without either side."""
    if low is None and high is None:
        return "unknown"
    if high is None:
        return f"≥ {number(low or 0)}"
    if low is None:
        return f"≤ {number(high)}"
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def day(at: datetime, *, year: bool = False) -> str:
    """`3 Sept`, `3 Sept 2008`."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {MONTHS[utc.month - 1]}" + (f" {utc.year}" if year else "")


def long_day(at: datetime) -> str:
    """`Friday 5 September 2008`."""
    utc = at.astimezone(UTC)
    return f"{utc:%A} {utc.day} {utc:%B} {utc.year}"


def clock(at: datetime, *, seconds: bool = False) -> str:
    """`14:05`, `14:05:58`; UTC."""
    return at.astimezone(UTC).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(at: datetime, *, year: int | None = None, seconds: bool = False) -> str:
    """`3 Sept 14:05`, with the year where it is not `year`."""
    return f"{day(at, year=year is not None and at.year != year)} {clock(at, seconds=seconds)}"


def iso(at: datetime) -> str:
    """`2008-09-03T14:05:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(seconds: float) -> str:
    """A duration in its largest unit: `40 s`, `7 min`, `31 h`, `3 d`."""
    whole = max(0, int(seconds))
    for size, unit, least in ((86_400, "d", 172_800), (3600, "h", 3600), (60, "min", 60)):
        if whole >= least:
            return f"{whole // size} {unit}"
    return f"{whole} s"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text, marked or not. `id` is the anchor of a marked run (`s1851-1870`)."""

    text: str
    mark: str = ""
    id: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch to mark: code points `[start, end)`; `mark` is a class name of ours."""

    start: int
    end: int
    mark: str = "hit"
    label: str = ""


def segments(text: str, marks: Iterable[Marked], *, anchors: bool = False) -> list[Segment]:
    """`text` cut at the ends of `marks`; earlier and longer marks win, overlaps are dropped, marks
    outside the text are cut to it.
    """
    out: list[Segment] = []
    at = 0
    for m in sorted(marks, key=lambda m: (m.start, -m.end)):
        start, end = max(m.start, at), min(m.end, len(text))
        if start != max(m.start, 0) or end <= start:
            continue
        if start > at:
            out.append(Segment(text[at:start]))
        anchor = f"s{m.start}-{m.end}" if anchors else ""
        out.append(Segment(text[start:end], m.mark, anchor, m.label))
        at = end
    if at < len(text):
        out.append(Segment(text[at:]))
    return out


def of_field(spans: Iterable[Span], field: TextField) -> list[Marked]:
    """Spans of one field as marks."""
    return [Marked(s.start, s.end) for s in spans if s.field == field]


def snippets(text: str, marks: list[Marked], limit: int = 3) -> list[list[Segment]]:
    """Up to `limit` pieces of about `SNIPPET` characters around the marks, cut at blanks; the
    beginning of the text where nothing is marked.
    """
    found: list[list[Segment]] = []
    ordered = sorted(marks, key=lambda m: (m.start, m.end))
    until = -1
    for m in ordered:
        if m.start < until or m.start >= len(text):
            continue
        room = max(0, SNIPPET - (m.end - m.start)) // 2
        start, end = _cut(text, m.start - room, m.end + room)
        inside = [
            Marked(o.start - start, o.end - start, o.mark, o.label)
            for o in ordered
            if start <= o.start and o.end <= end
        ]
        found.append(_framed(text, start, end, inside))
        until = end
        if len(found) == limit:
            break
    if not found and text:
        start, end = _cut(text, 0, SNIPPET)
        found.append(_framed(text, start, end, []))
    return found


def _framed(text: str, start: int, end: int, inside: list[Marked]) -> list[Segment]:
    piece = segments(text[start:end], inside)
    if start > 0:
        piece.insert(0, Segment("… "))
    if end < len(text):
        piece.append(Segment(" …"))
    return piece


def _cut(text: str, start: int, end: int) -> tuple[int, int]:
    """Ends moved to a blank within 20 characters, so that words stay whole."""
    start, end = max(0, start), min(len(text), end)
    if start:
        blank = text.find(" ", start, start + 20)
        start = blank + 1 if blank >= 0 else start
    if end < len(text):
        blank = text.rfind(" ", max(start, end - 20), end)
        end = blank if blank > start else end
    return start, end
