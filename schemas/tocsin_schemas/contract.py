"""The one parent of every model that travels, and the field types they share."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Contract(BaseModel):
    """A frozen value on the wire. Unknown fields are ignored on read (a newer writer is no fault);
    on write the type checker refuses them (`init_forbid_extra` of pydantic's mypy plugin).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        msg = "a time must carry a zone; naive times are refused at the door, never guessed"
        raise ValueError(msg)
    return value.astimezone(UTC)


UtcTime = Annotated[datetime, AfterValidator(_utc)]
"""A moment, always stored in UTC; naive input is refused."""

Id = Annotated[str, Field(pattern=r"^[a-z2-7]{26}$")]
"""26 characters, lower-case base32 of SHA-256 (see `identity`)."""

Kind = Literal["killed", "wounded", "missing", "kidnapped"]
"""What happened to the people a figure counts."""

KINDS: tuple[Kind, ...] = ("killed", "missing", "kidnapped", "wounded")
"""The kinds in the order in which they lead an alert (design §6)."""

Mode = Literal["live", "backfill"]
"""Backfill writes no alerts, so that a later live match still rings."""

TextField = Literal["title", "text"]


class Span(Contract):
    """Where words stand: code points `[start, end)` of the article's `title` or `text`."""

    field: TextField = "text"
    start: int = Field(ge=0)
    end: int = Field(ge=0)
