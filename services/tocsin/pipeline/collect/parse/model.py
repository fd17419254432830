"""What a feed says, once its bytes have been understood; and the refusal when they are no feed."""

from dataclasses import dataclass

from tocsin.errors import TocsinError
from tocsin_schemas.item import RawEntry

MAX_ENTRIES = 2_000
"""Entries kept of one answer, the newest (reliability.md §2.2)."""
MAX_TAGS = 250_000
"""Tags of one document that are looked at: bounds the memory of its tree."""
MAX_URL, MAX_TITLE, MAX_BODY = 2_048, 1_000, 1 << 20
"""Characters kept of an address (longer: none), a title, a body."""
MAX_WARNINGS = 20


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as it was answered. Entries in document order; text as given, decoded, not interpreted."""

    format: str
    """`rss20`, `rss092`, `rdf10`, `atom10`, `atom03`, `json11`, `cdf` …"""
    title: str = ""
    language: str = ""
    link: str = ""
    ttl_s: int | None = None
    """The feed's own wish for the least time between polls, seconds (ttl, sy:*)."""
    skip_hours: tuple[int, ...] = ()
    """Hours (UTC, 0–23) in which the feed does not change."""
    skip_days: tuple[str, ...] = ()
    """Days in lower case (`sunday`) on which the feed does not change."""
    entries: tuple[RawEntry, ...] = ()
    entry_bases: tuple[str, ...] = ()
    """What each entry's relative addresses are relative to; same order as `entries`."""
    base_url: str = ""
    warnings: tuple[str, ...] = ()
    truncated: bool = False
    """Entries were left out: too many, or the document broke off."""


class NotAFeedError(TocsinError):
    """The bytes are no feed. `alternatives` are addresses of feeds that an HTML page names."""

    def __init__(self, message: str, alternatives: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.alternatives = alternatives


class Warnings:
    """Collects what was odd; the first `MAX_WARNINGS`, and how many more there were."""

    def __init__(self) -> None:
        self._said: dict[str, int] = {}

    def add(self, text: str) -> None:
        """Note `text`; the same text again is counted."""
        self._said[text] = self._said.get(text, 0) + 1

    def told(self) -> tuple[str, ...]:
        """What to tell, in the order of first occurrence."""
        lines = [f"{t} ({n} times)" if n > 1 else t for t, n in self._said.items()]
        more = len(lines) - MAX_WARNINGS
        return (*lines[:MAX_WARNINGS], *((f"{more} more warnings",) if more > 0 else ()))
