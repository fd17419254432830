"""Rows that live as long as a question: what a back-test decides on. Not a worker's state."""

from collections.abc import Iterator

from tocsin.ports.bus import Message


class Scratch:
    """A `ports.state.Transaction` that nobody commits; `emitted` is what would have been published."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, bytes]] = {}
        self.emitted: list[Message] = []

    def get(self, table: str, key: str) -> bytes | None:
        """The row, or null."""
        return self._tables.get(table, {}).get(key)

    def put(self, table: str, key: str, value: bytes) -> None:
        """Write a row."""
        self._tables.setdefault(table, {})[key] = value

    def delete(self, table: str, key: str) -> None:
        """Remove a row."""
        self._tables.get(table, {}).pop(key, None)

    def scan(self, table: str, prefix: str = "") -> Iterator[tuple[str, bytes]]:
        """Rows whose key starts with `prefix`, in the order of keys, as they stand now."""
        rows = self._tables.get(table, {})
        return iter(sorted((k, v) for k, v in rows.items() if k.startswith(prefix)))

    def emit(self, message: Message) -> None:
        """Note an outgoing event."""
        self.emitted.append(message)

    def position(self, topic: str, partition: int) -> int:  # noqa: ARG002  # a question reads no topic
        """Always the beginning."""
        return 0

    def advance(self, topic: str, partition: int, offset: int) -> None:
        """Nothing to note: a question reads no topic."""
