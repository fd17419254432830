"""A saved query with conditions and delivery; reusable word lists."""

from typing import Literal

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, Kind, UtcTime

Reason = Literal["first-match", "correction", "toll", "origins", "unconfirmed"]
REASONS: tuple[Reason, ...] = ("first-match", "correction", "toll", "origins", "unconfirmed")
"""In the order in which they lead when one snapshot would ring for several (design §6)."""


class Channel(Contract):
    """Where an alert goes. `feed` is the subscription's own Atom feed and always exists."""

    id: Id
    kind: Literal["webhook", "feed"] = "feed"
    url: str = ""
    secret: str = Field(default="", description="`whsec_…`, base64 of 24–64 bytes", repr=False)


class Subscription(Contract):
    """`subscription.changed`. Key: its id; `deleted` ends it."""

    id: Id
    name: str = Field(min_length=1, max_length=200)
    query: str = Field(max_length=4096)
    query_version: int = Field(default=1, ge=1)
    reasons: tuple[Reason, ...] = ("first-match", "toll", "correction", "origins")
    origins: tuple[int, ...] = Field(default=(2,), description="n of `origins` that ring")
    kinds: tuple[Kind, ...] = ("killed", "missing", "kidnapped")
    unconfirmed_after_s: int = Field(default=43_200, ge=60)
    schedule: Literal["at-once", "grouped", "hourly", "daily"] = "at-once"
    channels: tuple[Channel, ...] = ()
    enabled: bool = True
    demo: bool = False
    deleted: bool = False
    created: UtcTime
    effective_from: UtcTime


class WordList(Contract):
    """`list.changed`: a reusable list (`@list:name`)."""

    id: Id
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")
    words: tuple[str, ...] = ()
    deleted: bool = False
