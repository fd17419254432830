"""Sends what a state holds unsent: the one way by which a worker's decisions reach the log."""

from collections.abc import Iterable

from tocsin.ports.bus import Bus, Message
from tocsin.ports.state import State
from tocsin.telemetry import ALERTS
from tocsin_schemas.alert import Alert
from tocsin_schemas.registry import body_of, decode
from tocsin_schemas.topics import ALERTS as RAISED


def publish(bus: Bus, state: State) -> dict[str, int]:
    """Append the unsent events to the log, in order, and mark them sent; returns topic → the offset
    after its last one.
    """
    after: dict[str, int] = {}
    while unsent := state.unsent():
        offsets = bus.produce([u.message for u in unsent])
        for u, offset in zip(unsent, offsets, strict=True):
            after[u.message.topic] = offset + 1
        state.sent([u.number for u in unsent])
        _count(u.message for u in unsent)
    return after


def _count(messages: Iterable[Message]) -> None:
    for message in messages:
        if message.topic == RAISED.name and message.value is not None:
            ALERTS.labels(body_of(decode(message.value), Alert).reason).inc()
