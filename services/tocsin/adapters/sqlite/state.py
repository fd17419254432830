"""A worker's state as rows of the store: rows, outgoing events and positions in one transaction.

The transaction is gathered in memory (`adapters.overlay`) and written in one go, so the store's writer
is held for the write alone, not while a stage thinks.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tocsin.adapters.overlay import Overlay
from tocsin.adapters.routing import Place
from tocsin.adapters.sqlite.bus import packed, unpacked
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.bus import Message
from tocsin.ports.state import Unsent
from tocsin_schemas.topics import TOPICS, Topic

CHUNK = 1000
"""Rows read by one statement of a scan."""


class SqliteState:
    """A `ports.state.State` of one worker; workers of one store do not see each other's rows."""

    def __init__(
        self, store: SqliteStore, worker: str, topics: Mapping[str, Topic] | None = None
    ) -> None:
        self._store = store
        self._worker = worker
        self._topics = topics or TOPICS

    @contextmanager
    def begin(self) -> Iterator[Overlay]:
        """A transaction, durable at the end of its block; nothing of it stays if the block raises.
        Raises DiskFull, StoreError, Retryable at the end of the block.
        """
        tx = Overlay(self, self._topics)
        yield tx
        if not tx.empty:
            self._commit(tx)

    def unsent(self, limit: int = 1000) -> list[Unsent]:
        """Outgoing events not marked sent, oldest first."""
        rows = self._store.rows(
            "SELECT number, topic, key, headers, value FROM outgoing WHERE worker=?"
            " ORDER BY number LIMIT ?",
            (self._worker, limit),
        )
        return [
            Unsent(number, Message(topic, key, value, unpacked(headers)))
            for number, topic, key, headers, value in rows
        ]

    def sent(self, numbers: Sequence[int]) -> None:
        """Forget these outgoing events."""
        if numbers:
            with self._store.write(frees=True) as db:
                db.executemany(
                    "DELETE FROM outgoing WHERE number=? AND worker=?",
                    [(number, self._worker) for number in numbers],
                )

    def clear(self) -> None:
        """Forget this worker's rows, outgoing events and positions."""
        with self._store.write(frees=True) as db:
            # "!" follows the blank: every space of this worker, none of another whose name begins so.
            db.execute(
                "DELETE FROM state WHERE space >= ? AND space < ?",
                (f"{self._worker} ", f"{self._worker}!"),
            )
            db.execute("DELETE FROM outgoing WHERE worker=?", (self._worker,))
            db.execute("DELETE FROM position WHERE worker=?", (self._worker,))

    def close(self) -> None:
        """Nothing to release: the store is closed by whoever opened it."""

    def row(self, table: str, key: str) -> bytes | None:
        """A committed row, or null."""
        found = self._store.rows(
            "SELECT value FROM state WHERE space=? AND key=?", (self._space(table), key)
        )
        return found[0][0] if found else None

    def rows(self, table: str, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Committed rows whose key starts with `prefix`, by code point."""
        space, after, beyond = self._space(table), prefix, ">="
        while True:
            found = self._store.rows(
                f"SELECT key, value FROM state WHERE space=? AND key{beyond}?"  # noqa: S608  # one of two operators
                " ORDER BY key LIMIT ?",
                (space, after, CHUNK),
            )
            for key, value in found:
                if not key.startswith(prefix):
                    return
                yield key, value
            if len(found) < CHUNK:
                return
            after, beyond = found[-1][0], ">"

    def standing(self, place: Place) -> int:
        """The committed input position."""
        found = self._store.rows(
            "SELECT off FROM position WHERE worker=? AND topic=? AND number=?",
            (self._worker, *place),
        )
        return found[0][0] if found else 0

    def _space(self, table: str) -> str:
        return f"{self._worker} {table}"

    def _commit(self, tx: Overlay) -> None:
        puts: list[tuple[str, str, bytes]] = []
        deletes: list[tuple[str, str]] = []
        for table, rows in tx.written.items():
            space = self._space(table)
            for key, value in rows.items():
                if value is None:
                    deletes.append((space, key))
                else:
                    puts.append((space, key, value))
        with self._store.write() as db:
            db.executemany(
                "INSERT INTO state(space, key, value) VALUES(?,?,?)"
                " ON CONFLICT(space, key) DO UPDATE SET value=excluded.value",
                puts,
            )
            db.executemany("DELETE FROM state WHERE space=? AND key=?", deletes)
            db.executemany(
                "INSERT INTO outgoing(worker, topic, key, headers, value) VALUES(?,?,?,?,?)",
                [(self._worker, m.topic, m.key, packed(m.headers), m.value) for m in tx.outgoing],
            )
            db.executemany(
                "INSERT INTO position(worker, topic, number, off) VALUES(?,?,?,?)"
                " ON CONFLICT(worker, topic, number) DO UPDATE SET off=excluded.off"
                " WHERE excluded.off > off",
                [(self._worker, *place, offset) for place, offset in tx.positions.items()],
            )
