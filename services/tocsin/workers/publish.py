"""Sends what a state holds unsent, for workers that decide something outside a batch of the log."""

from tocsin.ports.bus import Bus
from tocsin.ports.state import State


def publish(bus: Bus, state: State) -> int:
    """Append the unsent events to the log, in order, and mark them sent; returns how many."""
    total = 0
    while unsent := state.unsent():
        bus.produce([u.message for u in unsent])
        state.sent([u.number for u in unsent])
        total += len(unsent)
    return total
