"""Who publishes, what we poll, and how each feed is doing."""

from typing import Literal

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, UtcTime

SourceKind = Literal["agency", "outlet", "official", "aggregator"]
PagePolicy = Literal["never", "short", "always"]
FeedHealth = Literal[
    "ok", "new", "empty", "paused", "waiting", "silent", "gap", "not-a-feed", "blocked", "failing"
]
NOT_OK: frozenset[str] = frozenset({"waiting", "silent", "gap", "not-a-feed", "blocked", "failing"})
"""The states that "not ok" means everywhere (design §9)."""


class Source(Contract):
    """A publisher. Two sources of one `owner` or `family` are not independent of each other."""

    id: Id
    name: str = Field(min_length=1, max_length=200)
    owner: str = Field(default="", description="who owns it; empty: itself")
    family: str = Field(default="", description="group that shares copy; empty: itself")
    kind: SourceKind = "outlet"
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$", description="ISO 3166 alpha-2")
    tier: int = Field(default=2, ge=1, le=3, description="1 first hand … 3 weak")
    place: str = Field(default="", description="city as cited: Dawn [Karachi]")


class Feed(Contract):
    """An address we poll, belonging to a source. Key on its topic: host, so one collector owns it."""

    id: Id
    url: str = Field(max_length=2048)
    source: Source
    title: str = ""
    page_policy: PagePolicy = "never"
    interval_s: int | None = Field(default=None, ge=1, description="fixed poll interval, seconds")
    active: bool = True
    demo: bool = False
    deleted: bool = False
    added: UtcTime
    asked: UtcTime | None = Field(
        default=None, description="when a person last asked for a poll at once"
    )


class FeedState(Contract):
    """What the collector knows of a feed after a poll: validators, schedule, health."""

    feed_id: Id
    url: str
    state: FeedHealth = "new"
    reason: str = ""
    since: UtcTime | None = Field(default=None, description="when `state` began")
    polled: UtcTime | None = None
    succeeded: UtcTime | None = Field(default=None, description="last valid answer (304 counts)")
    last_item: UtcTime | None = Field(
        default=None, description="when the newest item was collected"
    )
    next_poll: UtcTime | None = None
    failures: int = Field(default=0, ge=0, description="in a row")
    polls: int = Field(default=0, ge=0)
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    seen: dict[str, str] = Field(
        default_factory=dict, description="item key → content hash of the items in the last answer"
    )
    item_times: tuple[UtcTime, ...] = Field(default=(), description="publication, newest 20")
    items_24h: int = 0
    hours: dict[str, str] = Field(
        default_factory=dict,
        description="hour (YYYY-MM-DDTHH) → `n` new items, `h` nothing new, `x` failed; 7 days",
    )
    alternatives: tuple[str, ...] = Field(default=(), description="feeds found on an HTML page")
    new_by_hour: dict[str, int] = Field(
        default_factory=dict, description="hour (YYYY-MM-DDTHH) → new items; 24 h, zeros left out"
    )
    lies: int = Field(
        default=0, ge=0, description="answers whose validators were the last ones', the body not"
    )
    moved_to: str = Field(default="", description="where the address permanently redirects to")
    moved_since: UtcTime | None = Field(default=None, description="when that was first seen")
