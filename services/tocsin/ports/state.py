"""A worker's memory on disk: rows, outgoing events and input positions, changed together or not at all.

The sequence is always: one transaction writes rows, outgoing events and the input position; then the
events are published; then they are marked sent; then the input is acknowledged. A crash between any
two of these repeats an event, never loses one.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from tocsin.ports.bus import Message


@dataclass(frozen=True, slots=True)
class Unsent:
    """An outgoing event that is not known to have reached the log. `number` rises."""

    number: int
    message: Message


class Transaction(Protocol):
    """Open between `begin()` and the end of its `with` block. Reads see its own writes."""

    def get(self, table: str, key: str) -> bytes | None:
        """The row, or null."""
        ...

    def put(self, table: str, key: str, value: bytes) -> None:
        """Write a row."""
        ...

    def delete(self, table: str, key: str) -> None:
        """Remove a row; nothing happens if there is none."""
        ...

    def scan(self, table: str, prefix: str = "") -> Iterator[tuple[str, bytes]]:
        """Rows whose key starts with `prefix`, in the order of keys (by code point)."""
        ...

    def emit(self, message: Message) -> None:
        """Queue an outgoing event; published in order of queueing."""
        ...

    def position(self, topic: str, partition: int) -> int:
        """Next input offset to handle; 0 at first."""
        ...

    def advance(self, topic: str, partition: int, offset: int) -> None:
        """Note that all before `offset` is handled; a lower value than held is ignored."""
        ...


class State(Protocol):
    """One worker's state. One thread at a time."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """A transaction: committed durably at the end of the block, undone if it raises."""
        ...

    def unsent(self, limit: int = 1000) -> list[Unsent]:
        """Outgoing events not marked sent, oldest first."""
        ...

    def sent(self, numbers: Sequence[int]) -> None:
        """Forget these outgoing events: they are in the log."""
        ...

    def clear(self) -> None:
        """Forget rows, outgoing events and positions, durably: for a state that no longer stands for
        what was published. What was published is read again by folding.
        """
        ...

    def close(self) -> None:
        """Release what is held; idempotent."""
        ...
