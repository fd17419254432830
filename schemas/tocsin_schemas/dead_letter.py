"""An event that cannot be processed, kept whole, with why and where, so that it can be replayed."""

from typing import Literal

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, UtcTime

ReasonCode = Literal[
    "bad-json", "unknown-version", "invalid", "too-large", "cpu", "crash", "refused", "no-content"
]


class DeadLetter(Contract):
    """`event.died`. Key: event id. `payload` is base64 of the record's bytes, whole."""

    id: Id
    root_id: str = ""
    stage: str
    topic: str
    partition: int = 0
    offset: int = 0
    key: str = ""
    reason: ReasonCode
    message: str = Field(description="place and mend, in words")
    payload: str
    at: UtcTime
    replayed: bool = Field(default=False, description="taken out and sent through again")
