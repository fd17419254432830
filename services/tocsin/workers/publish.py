"""Sends what a state holds unsent: the one way by which a worker's decisions reach the log."""

from tocsin.ports.bus import Bus
from tocsin.ports.state import State


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
    return after
