"""The chronology: when it happened, when it was reported (desk.md §2.2). An undated report gets no
event mark: never guess one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tocsin.api.display import day, moment
from tocsin.api.drawing.scale import Days, days, midnight, percent
from tocsin_schemas.story import Story, Told

SCALE_BACK = timedelta(days=30)
"""An event longer before the first report stands before the scale."""
ROWS = 60


SAME = 90
"""Words that begin alike over so many characters are one telling: what follows was cut elsewhere."""
_DATELINE = re.compile(
    r"[A-Z][A-Z'’. -]{2,40}(?:,[^:—–(\n]{1,40})?(?:\([^)\n]{2,30}\))?\s{0,3}(?:—|–|--|-|:)\s{1,3}"
)


def said(words: str) -> str:
    """Words without the dateline they open with: `WANA, Sept 3: Nine villagers …`."""
    found = _DATELINE.match(words)
    return words[found.end() :] if found and found.end() < len(words) else words


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: an event day (`point`) or days (`bar`) or one before the scale, its first report
    and the time between.
    """

    happened: str
    words: str
    sources: tuple[Told, ...]
    reported: datetime
    lag: str
    kind: Literal["point", "bar", "before"]
    x: str
    x2: str
    width: str
    report_x: str
    lagged: bool
    new: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole drawing."""

    scale: Days
    rows: tuple[Happening, ...]
    hidden: int = 0


def draw(
    story: Story,
    *,
    published: Mapping[str, datetime] | None = None,
    by_report: bool = False,
    everything: bool = False,
) -> Timeline | None:
    """The chronology of `story`, null without a dated happening. Order: event start, coarser
    precision later, first report, article id; or by report. A report's time is its article's
    publication where `published` (article id → time) knows it, else when it was collected.
    """
    if not story.chronology:
        return None
    known = published or {}
    told = [
        t.model_copy(update={"first_reported": known.get(t.article_id, t.first_reported)})
        for t in story.chronology
    ]
    groups = _groups(told)
    first = min(g[0].first_reported for g in groups)
    last = max(g[0].first_reported for g in groups)
    near = [midnight(g[0].start) for g in groups if midnight(g[0].start) >= first - SCALE_BACK]
    scale = days([*near, first, last])
    if by_report:
        groups.sort(key=lambda g: (g[0].first_reported, g[0].start, g[0].article_id))
    rows = [_row(g, scale) for g in groups]
    kept = rows if everything else rows[:ROWS]
    return Timeline(scale, tuple(kept), len(rows) - len(kept))


def _groups(chronology: list[Told]) -> list[list[Told]]:
    """Mentions of the same days in the same words are one line that lists every source."""
    found: dict[tuple[object, ...], list[Told]] = {}
    ordered = sorted(
        chronology,
        key=lambda t: (t.start, (t.end - t.start).days, t.first_reported, t.article_id),
    )
    for t in ordered:
        key = (t.start, t.end, " ".join(said(t.words).casefold().split())[:SAME])
        found.setdefault(key, []).append(t)
    return list(found.values())


def _row(group: list[Told], scale: Days) -> Happening:
    first = min(group, key=lambda t: (t.first_reported, t.article_id))
    start, end = midnight(first.start), midnight(first.end)
    several = first.end > first.start
    before = start < scale.start
    x = scale.x(start)
    x2 = scale.x(end + timedelta(days=1))
    apart = (first.first_reported.date() - first.end).days
    return Happening(
        _days(first),
        said(first.words),
        tuple(_once(group)),
        first.first_reported,
        _lag(apart),
        "before" if before else "bar" if several else "point",
        x,
        x2,
        percent(scale.share(end + timedelta(days=1)) - scale.share(start)),
        scale.x(first.first_reported),
        apart > 1 and not several and not before,
    )


def _once(group: list[Told]) -> list[Told]:
    first_of: dict[str, Told] = {}
    for t in group:
        first_of.setdefault(t.outlet, t)
    return list(first_of.values())


def _days(t: Told) -> str:
    start, end = midnight(t.start), midnight(t.end)
    far = abs((t.first_reported - end).days) > 300
    if t.start == t.end:
        return day(start, year=far)
    if (t.start.month, t.start.day, t.end.month, t.end.day) == (1, 1, 12, 31):
        return str(t.start.year) if t.start.year == t.end.year else f"{t.start.year}–{t.end.year}"
    if t.start.day == 1 and (end + timedelta(days=1)).day == 1 and t.start.month == t.end.month:
        return day(start, year=far).split(" ", 1)[1]
    if (t.start.year, t.start.month) == (t.end.year, t.end.month):
        return f"{t.start.day}–{day(end, year=far)}"
    return f"{day(start)} – {day(end, year=far)}"


def _lag(apart: int) -> str:
    if apart < 0:
        return "announced 1 day ahead" if apart == -1 else f"announced {-apart} days ahead"
    if apart > 300:
        return ""
    return {0: "same day", 1: "next day"}.get(apart, f"{apart} days later")


def reported_words(row: Happening) -> str:
    """`13 Sept 05:00, 8 days later`."""
    return moment(row.reported) + (f", {row.lag}" if row.lag else "")
