"""What the shell can host. Both are made by `tocsin.workers` and know nothing of Faust."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from tocsin.ports.bus import Record

Confirm = Callable[[], None]
"""Raises Retryable where this process no longer owns the partitions it reads."""


class Stateless(Protocol):
    """A stage without state; any number of processes share its partitions."""

    name: str
    """Its consumer group."""
    reads: list[str]
    """Topics, by logical name."""

    def work(self, records: Sequence[Record]) -> None:
        """Effect and publication, durable on return. The same records again change nothing."""
        ...


@runtime_checkable
class Stateful(Protocol):
    """A stage with state; one process owns all its partitions, others are spares."""

    name: str
    reads: list[str]

    def prepare(self) -> None:
        """Warm the state up; decides nothing. A spare does it from time to time."""
        ...

    def take_over(self, confirm: Confirm) -> int:
        """The partitions are this process's now; called before the first record of each tenure."""
        ...

    def work(self, records: Sequence[Record], confirm: Confirm) -> None:
        """Decide and publish, durable on return. The same records again change nothing."""
        ...


Hosted = Stateless | Stateful
