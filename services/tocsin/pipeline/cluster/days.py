"""The days on which an article says that things happened, read from its first lines.

Two bombings of one city differ in little but their day, so a day is evidence of its own. A weekday
is the latest such day up to publication; "March 5" takes the latest year that is not more than three
days ahead. Without a publication time the words themselves are compared, never a guess of the year:
they are negative numbers, so that they can't be taken for a day.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

_WEEKDAYS = {
    w: i
    for i, w in enumerate(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    )
}
_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# Whole capitalised names and their usual cuts: "market 12" must not be March (newness.md §5).
_MONTHS = {name: i + 1 for i, m in enumerate(_NAMES) for name in (m, m[:3], m[:4])}
_month = "(" + "|".join(sorted(_MONTHS, key=lambda m: (-len(m), m))) + ")"
_DAY = re.compile(
    r"\b(?:("
    + "|".join(_WEEKDAYS)
    + r")|"
    + _month
    + r"\.? (\d{1,2})(?![\d,.]\d|\d)|(\d{1,2})(?:st|nd|rd|th)? "
    + _month
    + r")\b"
)
_MONTH_NAMES = "(?:" + "|".join(_NAMES) + ")"
DATELINE = re.compile(
    rf"^.{{0,80}}?\b{_MONTH_NAMES}\s\d{{1,2}}(?:, \d{{4}})?\s?\([A-Za-z]+\)\s?[-–—]+"
)
"""The day of a dateline is the report's, not the event's."""
AHEAD = timedelta(days=3)
"""A day so far ahead of publication still counts as coming; beyond it, last year is meant."""


def event_days(text: str, published: datetime | None) -> list[int]:
    """Days named in `text`, in order, repeated as told: ordinals (`date.toordinal`) where the
    publication time is known, else −1 … −7 for weekdays, −132 … −515 for month and day.
    """
    out: list[int] = []
    for found in _DAY.finditer(text):
        if found[1]:
            out.append(_weekday(_WEEKDAYS[found[1]], published))
            continue
        month, number = _MONTHS[found[2] or found[5]], int(found[3] or found[4])
        if not 1 <= number <= 31:
            continue
        if published is None:
            out.append(-(100 + 32 * month + number))
            continue
        day = _month_day(month, number, published.astimezone(UTC).date())
        if day is not None:
            out.append(day.toordinal())
    return out


def _weekday(wanted: int, published: datetime | None) -> int:
    if published is None:
        return -1 - wanted
    today = published.astimezone(UTC).date()
    return today.toordinal() - (today.weekday() - wanted) % 7


def _month_day(month: int, number: int, today: date) -> date | None:
    """The latest such day not more than `AHEAD` in the future; null for "30 February"."""
    try:
        day = date(today.year, month, number)
        return day if day <= today + AHEAD else day.replace(year=day.year - 1)
    except (ValueError, OverflowError):
        return None


def apart(mine: Iterable[int], theirs: Iterable[int]) -> bool:
    """Whether both name event days and none of one is within a day of one of the other. Days and
    bare words are not comparable: a dated and an undated article are not apart.
    """
    both = set(theirs)
    days, words = {d for d in both if d > 0}, {d for d in both if d < 0}
    compared = False
    for d in mine:
        if d > 0 and days:
            if d in days or d - 1 in days or d + 1 in days:
                return False
            compared = True
        elif d < 0 and words:
            if d in words:
                return False
            compared = True
    return compared
