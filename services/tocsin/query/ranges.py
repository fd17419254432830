"""Reads what stands after `killed:`, `origins:`, `published:`, `event_date:`.

`>n >=n <n <=n n [a TO b]` (both ends inclusive, `*` is open). Dates are ISO in UTC: a year, a month,
a day, or a moment; each stands for all of its time.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tocsin.query.canonical import DAY, SECOND
from tocsin.query.limits import MAX_FIGURE

RANGE = re.compile(
    r"\[[ \t\n]*(?P<low>[^\s\[\]{}()\"]+)[ \t\n]+TO[ \t\n]+(?P<high>[^\s\[\]{}()\"]+)[ \t\n]*\]"
    r"|(?P<op>>=|<=|>|<|)[ \t]*(?P<value>[^\s\[\]{}()\"<>=]+)"
)
"""One range, as it stands after the colon."""

_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?"
    r"([Zz]|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)
OPEN = "*"


class Unreadable(Exception):  # becomes a QueryError as soon as the place is known
    """Why a value can't be read, and how to write it."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


def number(text: str) -> int:
    """A count of people or origins. Raises Unreadable."""
    if not _NUMBER.fullmatch(text):
        raise Unreadable(
            f"“{text[:40]}” is no whole number.",
            "Write `killed:>=5`, `killed:9`, `killed:[9 TO 20]`.",
        )
    value = int(text)
    if value > MAX_FIGURE:
        raise Unreadable(f"{value} is larger than any figure (at most {MAX_FIGURE}).")
    return value


def numbers(match: re.Match[str]) -> tuple[int | None, int | None]:
    """(low, high), inclusive, null where open. Raises Unreadable."""
    if match["value"] is None:
        low = None if match["low"] == OPEN else number(match["low"])
        high = None if match["high"] == OPEN else number(match["high"])
        if low is None and high is None:
            raise Unreadable("This range is open at both ends.", "Write `>=0` for any figure.")
        if low is not None and high is not None and low > high:
            raise Unreadable(f"Nothing lies between {low} and {high}.", f"Write [{high} TO {low}].")
        return low, high
    value = number(match["value"])
    op = match["op"]
    if op == ">":
        return value + 1, None
    if op == ">=":
        return value, None
    if op == "<" and value == 0:
        raise Unreadable("No figure is below 0.")
    if op in {"<", "<="}:
        return None, value - (op == "<")
    return value, value


def dates(match: re.Match[str], *, days_only: bool) -> tuple[datetime | None, datetime | None]:
    """[start, end) in UTC, null where open. Raises Unreadable."""
    read = _day if days_only else _date
    if match["value"] is None:
        start = None if match["low"] == OPEN else read(match["low"])[0]
        end = None if match["high"] == OPEN else read(match["high"])[1]
        if start is None and end is None:
            raise Unreadable("This range is open at both ends.", "Leave it out.")
        if start is not None and end is not None and start >= end:
            raise Unreadable("This range ends before it begins.", "Turn its ends round.")
        return start, end
    first, after = read(match["value"])
    bounds: dict[str, tuple[datetime | None, datetime | None]] = {
        ">": (after, None),
        ">=": (first, None),
        "<": (None, first),
        "<=": (None, after),
        "": (first, after),
    }
    return bounds[match["op"]]


def _day(text: str) -> tuple[datetime, datetime]:
    if "t" in text.lower():
        raise Unreadable(
            "An event date is a day, without a time.", "Write `event_date:2008-09-05`."
        )
    return _date(text)


def _date(text: str) -> tuple[datetime, datetime]:
    """First moment of what `text` names, and the first after it."""
    iso = _ISO.fullmatch(text)
    if iso is None:
        hint = "Write `2008-09-05`, `2008-09` or `2008-09-05T14:30Z`."
        if text.lower().startswith("now"):
            hint = (
                f"`now` is not in the language: a saved query must mean the same tomorrow. {hint}"
            )
        raise Unreadable(f"“{text[:40]}” is no ISO date.", hint)
    year, month, day, hour, minute, second, zone = iso.groups()
    try:
        first = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=UTC,
        )
        after = _NEXT[sum(part is not None for part in iso.groups()[:6])](first)
        shift = _shift(zone)
        return first - shift, after - shift
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"“{text[:40]}” is no date of the calendar.") from error


def _shift(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta()
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise ValueError(zone)
    size = timedelta(hours=hours, minutes=minutes)
    return -size if zone[0] == "-" else size


def _next_month(at: datetime) -> datetime:
    return at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)


_NEXT: dict[int, Callable[[datetime], datetime]] = {
    1: lambda at: at.replace(year=at.year + 1),
    2: _next_month,
    3: lambda at: at + DAY,
    5: lambda at: at + timedelta(minutes=1),
    6: lambda at: at + SECOND,
}
"""By the number of parts given: year, month, day, minute, second."""
