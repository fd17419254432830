"""A worker's state in memory: what tests use. Nothing outlives the process."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tocsin.adapters.overlay import Overlay
from tocsin.adapters.routing import Place
from tocsin.ports.state import Unsent
from tocsin_schemas.topics import TOPICS, Topic


class MemoryState:
    """A `ports.state.State`. One thread at a time."""

    def __init__(self, topics: Mapping[str, Topic] | None = None) -> None:
        self._topics = topics or TOPICS
        self._tables: dict[str, dict[str, bytes]] = {}
        self._outgoing: dict[int, Unsent] = {}
        self._numbered = 0
        self._positions: dict[Place, int] = {}

    @contextmanager
    def begin(self) -> Iterator[Overlay]:
        """A transaction; nothing of it stays if its block raises."""
        tx = Overlay(self, self._topics)
        yield tx
        for table, rows in tx.written.items():
            held = self._tables.setdefault(table, {})
            for key, value in rows.items():
                if value is None:
                    held.pop(key, None)
                else:
                    held[key] = value
        for message in tx.outgoing:
            self._numbered += 1
            self._outgoing[self._numbered] = Unsent(self._numbered, message)
        self._positions.update(tx.positions)

    def unsent(self, limit: int = 1000) -> list[Unsent]:
        """Outgoing events not marked sent, oldest first."""
        return list(self._outgoing.values())[:limit]

    def sent(self, numbers: Sequence[int]) -> None:
        """Forget these outgoing events."""
        for number in numbers:
            self._outgoing.pop(number, None)

    def clear(self) -> None:
        """Forget everything; the numbers of outgoing events go on rising."""
        self._tables.clear()
        self._outgoing.clear()
        self._positions.clear()

    def close(self) -> None:
        """Nothing to release."""

    def row(self, table: str, key: str) -> bytes | None:
        """A committed row, or null."""
        return self._tables.get(table, {}).get(key)

    def rows(self, table: str, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Committed rows whose key starts with `prefix`, by code point."""
        held = self._tables.get(table, {})
        return iter(sorted((k, v) for k, v in held.items() if k.startswith(prefix)))

    def standing(self, place: Place) -> int:
        """The committed input position."""
        return self._positions.get(place, 0)
