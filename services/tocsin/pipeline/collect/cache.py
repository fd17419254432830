"""What an answer's headers say of its age and validators (RFC 9110, RFC 9111)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

MAX_VALIDATOR = 1_024
"""Characters of a validator that are sent back; a longer one is not used."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """Validators, verbatim (quotes and `W/` belong to an ETag), and how long the answer is fresh."""

    etag: str = ""
    last_modified: str = ""
    max_age_s: int | None = None


def freshness(headers: Mapping[str, str], now: datetime) -> Freshness:
    """Read from an answer's headers (names in any case). `Cache-Control: max-age` wins over Expires."""
    said = {k.lower(): v for k, v in headers.items()}
    etag, modified = said.get("etag", "").strip(), said.get("last-modified", "").strip()
    return Freshness(
        etag=etag if len(etag) <= MAX_VALIDATOR and etag.isprintable() else "",
        last_modified=modified if len(modified) <= 100 and modified.isprintable() else "",
        max_age_s=_max_age(said, now),
    )


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the server asks to wait; None where it does not say."""
    raw = next((v for k, v in headers.items() if k.lower() == "retry-after"), "").strip()
    if raw.isascii() and raw.isdigit():
        return float(raw[:9])
    when = _date(raw)
    return None if when is None else max((when - now).total_seconds(), 0.0)


def _max_age(said: Mapping[str, str], now: datetime) -> int | None:
    for part in said.get("cache-control", "").lower().split(","):
        name, _, value = part.strip().partition("=")
        if name in ("no-cache", "no-store"):
            return None
        value = value.strip('" ')
        if name == "max-age" and value.isascii() and value.isdigit():
            return int(value[:9])
    when = _date(said.get("expires", ""))
    if when is None:
        return None
    return max(int((when - now).total_seconds()), 0) or None


def _date(raw: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(raw[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if when.tzinfo is not None else None
