"""What stands around every event: which type and version, from which collected item, live or not."""

from typing import Any

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, Mode, UtcTime


class Envelope(Contract):
    """The wire form of every event: a header, and the body of the type it names.

    `id` is deterministic (the same decision gives the same id), `root_id` leads back to the
    collected item that caused it, and `trace` lists the ids of the events between.
    """

    id: Id
    type: str = Field(description="event name in the past tense, e.g. `article.clustered`")
    version: int = Field(ge=1, description="version of the body's contract")
    mode: Mode = "live"
    root_id: str = Field(description="identity of the collected item, or the subject's own id")
    trace: tuple[str, ...] = Field(
        default=(), description="ids of the causing events, oldest first"
    )
    at: UtcTime = Field(description="stream time: the item's `collected`, never a worker's clock")
    body: dict[str, Any] = Field(description="the event itself; see the registry for its model")
