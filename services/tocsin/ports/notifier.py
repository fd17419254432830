"""Delivering one alert to one channel, once per call; retries are the notifier's affair."""

from dataclasses import dataclass
from typing import Protocol

from tocsin_schemas.alert import Alert
from tocsin_schemas.notification import Notification
from tocsin_schemas.subscription import Channel


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an attempt ended. `delivered` only for a 2xx; `gone` (410) disables the channel."""

    delivered: bool
    status: int | None = None
    error: str = ""
    gone: bool = False
    retry_after_s: float | None = None
    took_ms: int = 0


class Notifier(Protocol):
    """Delivers. Raises nothing: a fault is a Delivery that was not delivered."""

    async def deliver(self, notification: Notification, channel: Channel, alert: Alert) -> Delivery:
        """One attempt, under the notification's id, within 15 s."""
        ...

    async def close(self) -> None:
        """Close connections; idempotent."""
        ...
