"""A worker's transaction, held in memory until it is committed: what it wrote lies over what stands.

Keeps the store's one writer free while a stage thinks: nothing is locked before the commit. Exact,
because only this worker writes these rows, one transaction at a time.
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from typing import Protocol

from tocsin.adapters.routing import Place, admit
from tocsin.ports.bus import Message
from tocsin_schemas.topics import Topic


class Rows(Protocol):
    """What stands, committed."""

    def row(self, table: str, key: str) -> bytes | None:
        """A committed row, or null."""
        ...

    def rows(self, table: str, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Committed rows whose key starts with `prefix`, by code point."""
        ...

    def standing(self, place: Place) -> int:
        """The committed input position, 0 at first."""
        ...


class Overlay:
    """A `ports.state.Transaction`; `written`, `outgoing` and `positions` are what to commit."""

    def __init__(self, base: Rows, topics: Mapping[str, Topic]) -> None:
        self._base = base
        self._topics = topics
        self.written: dict[str, dict[str, bytes | None]] = {}
        self.outgoing: list[Message] = []
        self.positions: dict[Place, int] = {}

    def get(self, table: str, key: str) -> bytes | None:
        """The row, or null."""
        over = self.written.get(table)
        if over is not None and key in over:
            return over[key]
        return self._base.row(table, key)

    def put(self, table: str, key: str, value: bytes) -> None:
        """Write a row."""
        self.written.setdefault(table, {})[key] = value

    def delete(self, table: str, key: str) -> None:
        """Remove a row."""
        self.written.setdefault(table, {})[key] = None

    def scan(self, table: str, prefix: str = "") -> Iterator[tuple[str, bytes]]:
        """Rows as they stand when the scan begins; later writes of its reader do not move it."""
        over = dict(self.written.get(table, {}))
        mine = sorted((k, v) for k, v in over.items() if v is not None and k.startswith(prefix))
        theirs = ((k, v) for k, v in self._base.rows(table, prefix) if k not in over)
        return merge(mine, theirs)

    def emit(self, message: Message) -> None:
        """Queue an outgoing event. Refuses here, before anything is committed, what the log would
        refuse later for ever: ValueError, UsageError.
        """
        admit(self._topics, message)
        self.outgoing.append(message)

    def position(self, topic: str, partition: int) -> int:
        """Next input offset to handle."""
        place = topic, partition
        held = self.positions.get(place)
        return self._base.standing(place) if held is None else held

    def advance(self, topic: str, partition: int, offset: int) -> None:
        """Note that all before `offset` is handled; never moves back."""
        if offset > self.position(topic, partition):
            self.positions[topic, partition] = offset

    @property
    def empty(self) -> bool:
        """True when there is nothing to commit."""
        return not (self.written or self.outgoing or self.positions)
