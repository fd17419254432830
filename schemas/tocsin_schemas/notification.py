"""The delivery of one alert to one channel: a series of attempts."""

from typing import Literal

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, UtcTime


class Attempt(Contract):
    """One try: when, how it ended, how long it took."""

    at: UtcTime
    status: int | None = Field(default=None, description="HTTP status, null without an answer")
    error: str = ""
    took_ms: int = Field(default=0, ge=0)


class Notification(Contract):
    """`notification.changed`. Key: notification id; the higher revision wins."""

    id: Id
    revision: int = Field(ge=1)
    alert_id: Id
    subscription_id: Id
    channel_id: Id
    channel_kind: str
    url: str = ""
    status: Literal["pending", "leased", "delivered", "dead", "suppressed"] = "pending"
    reason: str = ""
    due: UtcTime | None = None
    leased_until: UtcTime | None = None
    created: UtcTime
    attempts: tuple[Attempt, ...] = ()
