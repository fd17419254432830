"""Where documents stand in lists, and where a page ended.

A place is one number that orders documents by time, then by arrival. A cursor is the place of a page's
last entry, as an opaque word; the page that follows starts strictly beyond it, so what arrives
meanwhile at the head of the list neither repeats nor hides an entry.
"""

import re
from datetime import UTC, datetime, timedelta

from tocsin.errors import UsageError
from tocsin.ports.search import Order, Window

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
TIES = 1 << 12
"""Places of one microsecond. Beyond that, documents spill into the next one's, after those there."""

_SPILL = TIES * 1_000_000
"""How far a document may have spilled: a second, or four thousand million documents of one moment."""

ALWAYS = Window()

FIRST_PLACE, LAST_PLACE = -(1 << 63), (1 << 63) - 1
_FORM = re.compile(r"([no])(-?[0-9a-f]{1,16})", re.ASCII)
_US = timedelta(microseconds=1)


def first_place(at: datetime) -> int:
    """The first of the places of `at`. ValueError outside 1929–2071, which no true clock shows."""
    place = (at - EPOCH) // _US * TIES
    if not FIRST_PLACE <= place <= LAST_PLACE - _SPILL:
        raise ValueError(f"the time {at.isoformat()} lies outside 1929–2071")
    return place


def range_of(window: Window) -> tuple[int, int]:
    """Places `[low, high)` that hold every document of `window`, and few others."""
    return (
        FIRST_PLACE if window.since is None else _clamped(window.since, 0),
        LAST_PLACE if window.until is None else _clamped(window.until, _SPILL),
    )


def within(window: Window, at: datetime) -> bool:
    """True if `at` lies in the half-open window."""
    return (window.since is None or at >= window.since) and (
        window.until is None or at < window.until
    )


def cursor_after(order: Order, place: int) -> str:
    """The cursor of a page whose last entry stands at `place`."""
    return f"{order[0]}{place:x}"


def beyond(low: int, high: int, order: Order, cursor: str) -> tuple[tuple[int, int], ...]:
    """`[low, high)` cut at the cursor: what follows it, then what came up to it (absent for the
    empty cursor). UsageError for a cursor not ours, or made for the other order.
    """
    if not cursor:
        return ((low, high),)
    found = _FORM.fullmatch(cursor)
    if found is None or not FIRST_PLACE <= (place := int(found[2], 16)) <= LAST_PLACE:
        raise UsageError(f"{cursor[:40]!r} is no cursor of ours; start again from the first page")
    if found[1] != order[0]:
        raise UsageError(
            f"the cursor {cursor!r} was made for the other order; start again from the first page"
        )
    if order == "newest":
        return (low, min(high, place)), (max(low, place), high)
    cut = min(place + 1, LAST_PLACE)
    return (max(low, cut), high), (low, min(high, cut))


def page_size(limit: int) -> int:
    """`limit`, which must be at least 1; UsageError otherwise."""
    if limit < 1:
        raise UsageError(f"a page of {limit} entries cannot be shown; ask for at least 1")
    return limit


def _clamped(at: datetime, spill: int) -> int:
    place = (at - EPOCH) // _US * TIES + spill
    return min(max(place, FIRST_PLACE), LAST_PLACE)
