"""What a stateful stage looks like to the worker that hosts it (clusterer, alerter, notifier).

The host opens a transaction per batch, hands each event to `handle`, and publishes what was emitted
after the commit. A handler keeps its working set in memory and every fact also as rows, so that
memory can be thrown away at any time and read again by `restore`.
"""

from typing import Protocol

from tocsin.ports.state import Transaction
from tocsin_schemas.registry import Event


class Handler(Protocol):
    """A stage with state. One thread; no clock: time is the event's `at`."""

    def restore(self, tx: Transaction) -> None:
        """Forget the working set and read it from the rows."""
        ...

    def fold(self, event: Event, tx: Transaction) -> None:
        """Take in one of the handler's own published events: state after it is as if this handler
        had decided it. An event already held (revision ≤) changes nothing. Emits nothing.
        """
        ...

    def handle(self, event: Event, tx: Transaction) -> None:
        """Decide: change rows and memory, emit events through `tx`. The same event again re-emits the
        recorded outcome and changes nothing. Raises Rejected before it has changed anything.
        """
        ...
