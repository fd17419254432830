"""Calendar arithmetic of the news: which "May", "Friday" or "last summer" is meant on a given day.

Everything hangs on `ref`, the day of publication; no clock is read. Ranges are inclusive.
"""

from collections.abc import Iterable
from datetime import date, timedelta

Days = tuple[date, date]

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
WEEKDAYS = {n: i for i, n in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
NUMBERS = {
    n: i
    for i, n in enumerate(
        (
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ),
        1,
    )
} | {"a": 1, "an": 1}
EARLIEST_YEAR = 1400


def day(year: int, month: int, number: int) -> date | None:
    """The day, or None where the calendar has none such."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


def month(year: int, number: int) -> Days:
    """First and last day of a month; `number` may run over either end of the year."""
    year, number = year + (number - 1) // 12, (number - 1) % 12 + 1
    following = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1), following - timedelta(days=1)


def year(number: int) -> Days:
    """First and last day of a year."""
    return date(number, 1, 1), date(number, 12, 31)


def season(name: str, in_year: int) -> Days:
    """Northern seasons by whole months; winter ends in the following year."""
    first = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[name]
    return date(in_year, first, 1), month(in_year, first + 2)[1]


def week(ref: date, shift: int) -> Days:
    """Monday to Sunday, `shift` weeks from the one that holds `ref`."""
    monday = ref + timedelta(days=7 * shift - ref.weekday())
    return monday, monday + timedelta(days=6)


def part_of_month(part: str, days: Days) -> Days:
    """`early`, `mid`, `late` of a month: days 1–10, 11–20, 21–end."""
    first, last = days
    if part == "early":
        return first, first.replace(day=10)
    if part == "mid":
        return first.replace(day=11), first.replace(day=20)
    return first.replace(day=21), last


def part_of_year(part: str, number: int) -> Days:
    """`early`, `mid`, `late` of a year: thirds."""
    first = {"early": 1, "mid": 5, "late": 9}[part]
    return date(number, first, 1), month(number, first + 3)[1]


def decade(first: int, part: str = "") -> Days:
    """The decade that begins in `first`; its early, middle or late years (0–3, 4–6, 7–9)."""
    low, high = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}.get(part, (0, 9))
    return date(first + low, 1, 1), date(first + high, 12, 31)


def nearest(candidates: Iterable[Days | None], ref: date, *, future: bool) -> Days | None:
    """The latest of `candidates` that has begun by `ref`; in a future sense the earliest that has
    not ended before it.
    """
    known = sorted(c for c in candidates if c is not None)
    if future:
        return next((c for c in known if c[1] >= ref), None)
    return next((c for c in reversed(known) if c[0] <= ref), None)


def yearless(number: int, of_month: int, ref: date, *, future: bool) -> date | None:
    """A day of a month without a year. February 29 is looked for among the last eight years."""
    spread = range(-8, 9) if (of_month, number) == (2, 29) else range(-1, 2)
    found = nearest(
        ((d, d) for n in spread if (d := day(ref.year + n, of_month, number))), ref, future=future
    )
    return found[0] if found else None


def weekday(number: int, ref: date, *, future: bool, strict: bool) -> date:
    """The nearest such weekday at or before `ref`; before it where `strict`; after it in a future
    sense.
    """
    if future:
        return ref + timedelta(days=(number - ref.weekday()) % 7 or 7)
    back = (ref.weekday() - number) % 7
    return ref - timedelta(days=7 if strict and not back else back)


def ago(count: int, unit: str, ref: date, direction: int = -1) -> Days | None:
    """`count` days or weeks from `ref` (that day), months or years (the whole of it)."""
    try:
        if unit in ("day", "week"):
            moved = ref + timedelta(days=direction * count * (7 if unit == "week" else 1))
            return (moved, moved) if moved.year >= EARLIEST_YEAR else None
        if unit == "month":
            return month(ref.year, ref.month + direction * count)
        return year(ref.year + direction * count)
    except (ValueError, OverflowError):
        return None


def two_digits(first: int, second: str) -> int:
    """The end of "1955-79": the century of the beginning."""
    return int(second) if len(second) == 4 else first // 100 * 100 + int(second)
