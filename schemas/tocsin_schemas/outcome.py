"""How each collected item ended. Exactly one outcome stands for every root id (invariant I1)."""

from typing import Literal

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, UtcTime


class Outcome(Contract):
    """`outcome.recorded`. Key: root id; a replayed dead letter's new outcome supersedes `dead`."""

    root_id: Id
    ended: Literal["indexed", "sighting", "merged", "filtered", "dead"]
    reason: str = Field(default="", description="rule of a filter, reason code of a dead letter")
    article_id: Id | None = None
    story_id: Id | None = None
    revision: int | None = None
    at: UtcTime
