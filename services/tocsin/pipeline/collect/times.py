"""When an entry says it was published, as far as scheduling needs to know.

Only for choosing the newest entries, the first poll's day and a feed's usual gap. The article's own
dates, with origin and confidence, are read by the normaliser from the same raw words.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

_ISO = re.compile(
    r"^(\d{4})-?(\d{2})(?:-?(\d{2}))?"
    r"(?:[T ](\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d{1,9})?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$",
    re.IGNORECASE,
)
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


def parse_time(raw: str) -> datetime | None:
    """An RFC 822 or ISO 8601 time in UTC; without a zone: UTC. None for anything else, and for what
    lies before 1990.
    """
    raw = raw.strip()[:100]
    if not raw:
        return None
    try:
        when = _iso(raw) or _rfc822(raw)
    except (ValueError, OverflowError, TypeError):
        return None
    return when if when is not None and when >= _OLDEST else None


def _iso(raw: str) -> datetime | None:
    found = _ISO.match(raw)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    at = datetime(
        int(year),
        int(month),
        int(day or 1),
        int(hour or 0) % 24,
        int(minute or 0),
        min(int(second or 0), 59),
        tzinfo=_zone(zone),
    )
    return at.astimezone(UTC)


def _zone(word: str | None) -> timezone:
    if not word or word.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = word[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if word[0] == "-" else offset)


def _rfc822(raw: str) -> datetime | None:
    parts = parsedate_tz(raw)
    if parts is None:
        return None
    year, month, day, hour, minute, second = parts[:6]
    at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    return at - timedelta(seconds=parts[9] or 0)
