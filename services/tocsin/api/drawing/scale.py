"""Scales from numbers and days to percent of a row's width. Linear from 0; log only when asked for."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tocsin.api.display import MONTHS

MAX_TICKS = 5


def percent(share: float) -> str:
    """A share as an SVG length, two decimals."""
    return f"{100 * share:.2f}%"


@dataclass(frozen=True, slots=True)
class Tick:
    """A line and its label."""

    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """A scale of people, 0 to `top`."""

    top: int
    ticks: tuple[int, ...]
    log: bool = False

    def share(self, value: float) -> float:
        """Where `value` stands, 0 to 1; beyond the top it stands at the top."""
        if self.log:
            return min(1.0, math.log10(1 + max(0.0, value)) / math.log10(1 + self.top))
        return min(1.0, max(0.0, value) / self.top)

    def x(self, value: float) -> str:
        """The same as percent."""
        return percent(self.share(value))

    @property
    def lines(self) -> tuple[Tick, ...]:
        """Ticks with their labels."""
        return tuple(Tick(self.x(t), f"{t:,}".replace(",", "\u2009")) for t in self.ticks)


def numbers(highest: int, *, open_upwards: bool = False, log: bool = False) -> Numbers:
    """The scale for marks up to `highest`: step is the least of 1, 2, 5 × 10^k with at most five
    steps; one step more if the highest mark is open upwards.
    """
    highest = max(1, highest)
    if log:
        ticks = [0]
        for power in range(12):
            ticks += [10**power, 3 * 10**power]
            if ticks[-1] >= highest or ticks[-2] >= highest:
                break
        top = next(t for t in ticks if t >= highest)
        kept = [t for t in ticks if (t <= top and t != 1) or t == 0]
        while len(kept) > MAX_TICKS + 2:
            kept = [kept[0], *kept[1:-1][1::2], kept[-1]]
        return Numbers(top, tuple(kept), log=True)
    step = next(
        factor * 10**power
        for power in range(13)
        for factor in (1, 2, 5)
        if math.ceil(highest / (factor * 10**power)) <= MAX_TICKS
    )
    top = math.ceil(highest / step) * step + (step if open_upwards else 0)
    return Numbers(top, tuple(range(0, top + 1, step)))


_STEPS = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=7),
)
_LONG_STEPS = (1, 3, 12, 60, 120)
"""Months."""
LABEL_ROOM = 0.12
"""A label nearer to the last one than this share of the width is left out."""


@dataclass(frozen=True, slots=True)
class Days:
    """A scale of time, `start` to `end`."""

    start: datetime
    end: datetime
    lines: tuple[Tick, ...]

    def share(self, at: datetime) -> float:
        """Where `at` stands, cut to 0 … 1."""
        return min(1.0, max(0.0, (at - self.start) / (self.end - self.start)))

    def x(self, at: datetime) -> str:
        """The same as percent."""
        return percent(self.share(at))


def midnight(day: date) -> datetime:
    """The beginning of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def days(moments: Iterable[datetime]) -> Days:
    """A scale over `moments` (at least one), whole days, ticks with at most five labels."""
    every = sorted(moments)
    start = midnight(every[0].date())
    end = midnight(every[-1].date()) + timedelta(days=1)
    ticks = _ticks(start, end)
    lines: list[Tick] = []
    last = -1.0
    month = ""
    for at in ticks:
        share = (at - start) / (end - start)
        named = f"{MONTHS[at.month - 1]} {at.year}"
        label = _label(at, start, end, new_month=named != month)
        if lines and share - last < LABEL_ROOM:
            label = ""
        else:
            last, month = share, named
        lines.append(Tick(percent(share), label))
    return Days(start, end, tuple(lines))


def _ticks(start: datetime, end: datetime) -> list[datetime]:
    for step in _STEPS:
        if (end - start) / step <= MAX_TICKS:
            count = int((end - start) / step)
            return [start + step * i for i in range(count + 1) if start + step * i < end]
    for months in _LONG_STEPS:
        found = _months(start, end, months)
        if len(found) <= MAX_TICKS:
            return found
    return [start]


def _months(start: datetime, end: datetime, step: int) -> list[datetime]:
    found: list[datetime] = []
    index = start.year * 12 + start.month - 1
    index += -index % step
    while True:
        at = datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC)
        if at >= end:
            return found
        if at >= start:
            found.append(at)
        index += step


def _label(at: datetime, start: datetime, end: datetime, *, new_month: bool) -> str:
    if end - start <= timedelta(hours=30) and at.hour:
        return f"{at:%H:%M}"
    if end - start > timedelta(days=400):
        return f"{MONTHS[at.month - 1]} {at.year}" if at.month != 1 else str(at.year)
    return f"{at.day} {MONTHS[at.month - 1]}" if new_month else str(at.day)
