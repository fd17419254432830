"""When an item says it was published: the many ways feeds write a time, read with a confidence.

RFC 2822 and ISO 8601 first, then the broken forms that feeds really use (weekday misspelt, month in
another language, zone as letters, slashes, epoch seconds). A time without a zone is taken as UTC
and believed less; a day alone is believed less still. A missing or implausible time is null, with
what stood kept in `raw`: it is never replaced by "now".
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from tocsin_schemas.article import DateOrigin, Stamp

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""News on the web is not older; what is older is a default of somebody's software."""
AHEAD = timedelta(hours=1)
"""A publisher's clock may be this much ahead of ours (design §6)."""
RAW_LIMIT = 100
"""Characters of what stood that are kept."""

ZONED, NAIVE, DAY_ONLY, AMBIGUOUS = 0.95, 0.7, 0.5, 0.3
"""Confidence by form: with a zone, without, a day alone, day and month not told apart."""

_ZONES = {
    name: timezone(timedelta(minutes=minutes))
    for names, minutes in (
        ("z ut utc gmt wet", 0),
        ("bst ist_ie west cet met", 60),
        ("cest mest eet sast cat wast", 120),
        ("eest msk trt eat ast_sa", 180),
        ("irst", 210),
        ("gst", 240),
        ("aft", 270),
        ("pkt uzt", 300),
        ("ist", 330),
        ("npt", 345),
        ("wib ict", 420),
        ("hkt sgt pht awst myt", 480),
        ("jst kst", 540),
        ("aest", 600),
        ("aedt", 660),
        ("nzst", 720),
        ("nzdt", 780),
        ("brt art adt", -180),
        ("edt ast", -240),
        ("est cdt et", -300),
        ("cst mdt", -360),
        ("mst pdt", -420),
        ("pst akdt", -480),
        ("akst", -540),
        ("hst", -600),
    )
    for name in names.split()
}
"""Letters that feeds write for zones; where one name means several, the one of most feeds."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier januar enero gennaio janeiro januari ene gen ocak янв января",
            "feb february février fevrier februar febrero febbraio fevereiro februari fév fev şubat фев февраля",
            "mar march mars märz marz marzo março marco maart mär mrt mart мар марта",
            "apr april avril abril aprile avr abr nisan апр апреля",
            "may mai mayo maggio maio mei mag mayıs мая май",
            "jun june juin juni junio giugno junho giu haziran июн июня",
            "jul july juillet juli julio luglio julho lug juil temmuz июл июля",
            "aug august août aout agosto augustus ago aoû ağustos авг августа",
            "sep september septembre septiembre settembre setembro sept set eylül сен сентября",
            "oct october octobre oktober octubre ottobre outubro okt ott out ekim окт октября",
            "nov november novembre noviembre novembro kasım ноя ноября",
            "dec december décembre decembre dezember diciembre dicembre dezembro déc dez dic aralık дек декабря",
        ),
        start=1,
    )
    for name in names.split()
}

_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:(?:[Tt_]|\s+(?:at\s+)?)(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(.*)",
    re.DOTALL,
)
_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.|º)?[\s-]+(?:de\s+)?(\w+)\.?,?[\s-]+(?:de\s+)?(\d{4}|\d{2})\b(.*)",
    re.DOTALL,
)
_MONTH_FIRST = re.compile(r"(\w+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b(.*)", re.DOTALL)
_ASCTIME = re.compile(
    r"(\w+)\s+(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)\s+(?:(\w+)\s+)?(\d{4})", re.DOTALL
)
_SLASHED = re.compile(r"(\d{1,4})[/.](\d{1,2})[/.](\d{4}|\d{2})\b(.*)", re.DOTALL)
_TIME = re.compile(
    r"[\s,T@|•·-]*(?:at\s+|um\s+|à\s+)?(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\b\.?)?\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:gmt|utc|ut)?\s*([+-])(\d{1,2}):?(\d{2})?", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"^\s*[^\W\d_]{2,12}\.?\s*,\s*|^\s*(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?\s+",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_IN_URL = re.compile(
    r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)|/((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?=[/_.-]|$)"
)


def stamp(raw: str, collected: datetime, origin: DateOrigin = "feed", trust: float = 1.0) -> Stamp:
    """The clock that `raw` tells: UTC, with confidence `trust` × that of its form.

    Null (with `raw` kept, ≤ 100 characters) where it cannot be read, or is before 1990 or more than
    an hour after `collected`. Raises nothing.
    """
    kept = " ".join(raw.split())[:RAW_LIMIT]
    if not kept:
        return Stamp()
    read = parse(kept)
    if read is None:
        return Stamp(raw=kept)
    moment, confidence = read
    if not EARLIEST <= moment <= collected + AHEAD:
        return Stamp(raw=kept)
    return Stamp(at=moment, origin=origin, confidence=round(confidence * trust, 3), raw=kept)


def from_url(url: str, collected: datetime) -> Stamp:
    """The day that stands in an address (`/2008/09/20/`), at 00:00 UTC; null without one."""
    match = _IN_URL.search(url)
    if match is None:
        return Stamp()
    year, month, day = (int(g) for g in match.groups() if g)
    try:
        moment = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return Stamp()
    if not EARLIEST <= moment <= collected + AHEAD:
        return Stamp()
    return Stamp(at=moment, origin="url", confidence=0.4, raw=match.group().strip("/"))


def parse(raw: str) -> tuple[datetime, float] | None:
    """Moment (UTC) and confidence of a time as feeds write it; None where it is none of them."""
    text = " ".join(raw.split())[: RAW_LIMIT * 2]
    if _EPOCH.fullmatch(text):
        seconds = float(text) / (1000 if len(text.partition(".")[0]) > 10 else 1)
        return datetime.fromtimestamp(seconds, UTC), ZONED
    try:
        return _iso(text) or _written(text)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> tuple[datetime, float] | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, rest = match.groups()
    on = date(int(year), int(month), int(day))
    if hour is None:
        return _joined(on, rest)
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    half = re.match(r"\s*([ap])\.?m\b\.?\s*(.*)", rest, re.IGNORECASE | re.DOTALL)
    hours = int(hour)
    if half:
        hours, rest = hours % 12 + (12 if half[1] in "pP" else 0), half[2]
    return _moment(on, hours, int(minute), int(second or 0), micro, rest)


def _written(text: str) -> tuple[datetime, float] | None:
    text = _WEEKDAY.sub("", text, count=1)
    if match := _DAY_FIRST.match(text):
        day, name, year, rest = match.groups()
        if month := _month(name):
            return _joined(date(_year(year), month, int(day)), rest)
    if match := _MONTH_FIRST.match(text):
        name, day, year, rest = match.groups()
        if month := _month(name):
            return _joined(date(int(year), month, int(day)), rest)
    if match := _ASCTIME.match(text):
        name, day, clock, zone, year = match.groups()
        if month := _month(name):
            return _joined(date(int(year), month, int(day)), f" {clock} {zone or ''}")
    if match := _SLASHED.match(text):
        return _slashed(*match.groups())
    return None


def _slashed(first: str, second: str, third: str, rest: str) -> tuple[datetime, float] | None:
    if len(first) == 4:
        return _joined(date(int(first), int(second), int(third)), rest)
    day, month = int(first), int(second)
    sure = day > 12 or month > 12 or day == month
    if month > 12:
        day, month = month, day
    read = _joined(date(_year(third), month, day), rest)
    return read and (read[0], read[1] if sure else AMBIGUOUS)


def _joined(on: date, rest: str) -> tuple[datetime, float] | None:
    clock = _TIME.match(rest)
    if clock is None:
        return datetime(on.year, on.month, on.day, tzinfo=UTC), DAY_ONLY
    hour, minute, second, half, zone = clock.groups()
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    return _moment(on, hours, int(minute), int(second or 0), 0, zone)


def _moment(
    on: date, hour: int, minute: int, second: int, micro: int, zone: str
) -> tuple[datetime, float]:
    start, over = datetime(on.year, on.month, on.day), timedelta()  # noqa: DTZ001 (zone set below)
    if (hour, minute, second) == (24, 0, 0):
        hour, over = 0, timedelta(days=1)
    second = min(second, 59)  # a leap second
    local = start.replace(hour=hour, minute=minute, second=second, microsecond=micro) + over
    known = _zone(zone.strip())
    if known is None:
        return local.replace(tzinfo=UTC), NAIVE
    return local.replace(tzinfo=known).astimezone(UTC), ZONED


def _zone(text: str) -> timezone | None:
    if match := _OFFSET.match(text):
        sign, hours, minutes = match.groups()
        total = int(hours) * 60 + int(minutes or 0)
        if total <= 14 * 60:
            return timezone(timedelta(minutes=-total if sign == "-" else total))
        return None
    word = re.match(r"\(?([A-Za-z]{1,5})\b", text)
    return _ZONES.get(word[1].lower()) if word else None


def _month(name: str) -> int | None:
    name = name.lower()
    return _MONTHS.get(name) or _MONTHS.get(name[:3])


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < 70 else 1900)
