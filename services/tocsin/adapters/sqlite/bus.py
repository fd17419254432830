"""The log as rows of the store: a call to `produce` is one transaction, all of it durable or nothing.

Offsets are given under the writer's lock, so they have no gaps and rise in the order of commits. A
consumer reads across its partitions in the order of arrival.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice

import apsw
import orjson

from tocsin.adapters.groups import Bell, GroupConsumer, Members, consumer
from tocsin.adapters.routing import TOMBSTONE_S, Place, admit, named, places_of
from tocsin.adapters.sqlite.pruning import prune
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.bus import Message, Position, Record
from tocsin.ports.clock import Clock, SystemClock
from tocsin_schemas.topics import TOPICS, Topic

CHUNK = 500
"""Records read by one statement, so that none holds back a checkpoint for long."""

BATCH_BYTES = 32 << 20
"""A poll ends early beyond this, so that a queue of large records cannot fill the memory."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_RECORDS = """
    SELECT l.id, l.part, l.off, l.key, l.at, l.headers, l.value
    FROM json_each(?) AS wanted JOIN log AS l ON l.id = wanted.value
"""


class SqliteBus:
    """A `ports.bus.Bus` on a store. Thread-safe."""

    def __init__(
        self,
        store: SqliteStore,
        clock: Clock | None = None,
        topics: Mapping[str, Topic] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock or SystemClock()
        self._topics = topics or TOPICS
        self._parts = self._known_parts()
        self._place_of = {part: place for place, part in self._parts.items()}
        self._bell = Bell()
        self._members = Members(self._topics)

    def produce(self, messages: Iterable[Message]) -> list[int]:
        """Append all or none in one transaction; returns their offsets once on the disk."""
        admitted = [(admit(self._topics, m), m) for m in messages]
        if not admitted:
            return []
        at = (self._clock.now() - _EPOCH) // _MS
        offsets: list[int] = []
        rows: list[tuple[int, int, int, str, str | None, bytes | None]] = []
        with self._store.write() as db:
            following: dict[int, int] = {}
            for place, m in admitted:
                part = self._parts[place]
                offset = following.get(part)
                if offset is None:
                    offset = db.execute("SELECT next FROM partition WHERE id=?", (part,)).get
                following[part] = offset + 1
                offsets.append(offset)
                rows.append((part, offset, at, m.key, packed(m.headers), m.value))
            first = (
                db.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name='log'").get
                + 1
            )
            db.executemany(
                "INSERT INTO log(part, off, at, key, headers, value) VALUES(?,?,?,?,?,?)", rows
            )
            db.executemany(
                "UPDATE partition SET next=? WHERE id=?", [(n, p) for p, n in following.items()]
            )
            for number, ((place, m), offset) in enumerate(zip(admitted, offsets, strict=True)):
                topic = self._topics[place[0]]
                if topic.compacted:
                    self._supersede(db, topic, self._parts[place], m, offset, first + number, at)
        self._bell.ring()
        return offsets

    def consumer(
        self, group: str, topics: Sequence[str], *, together: bool = False
    ) -> GroupConsumer:
        """A member of `group`. Partitions of one number always stay together here."""
        del together
        return consumer(self, self._members, self._bell, self._topics, group, topics)

    def fetch(self, positions: Mapping[Place, int], max_records: int) -> list[Record]:
        """Records at or after `positions`, in order of arrival, ≤ `BATCH_BYTES` (at least one)."""
        waiting = [
            ids
            for place, position in positions.items()
            if (ids := self._ids(place, position, max_records))
        ]
        if not waiting:
            return []
        ids = waiting[0] if len(waiting) == 1 else list(islice(merge(*waiting), max_records))
        return self._records(ids)[0]

    def settle(self, group: str, positions: Mapping[Place, int]) -> None:
        """Commit positions; a lower one is ignored."""
        with self._store.write(frees=True) as db:
            db.executemany(
                "INSERT INTO committed(grp, part, off) VALUES(?,?,?) ON CONFLICT(grp, part)"
                " DO UPDATE SET off=excluded.off WHERE excluded.off > off",
                [(group, self._parts[place], offset) for place, offset in positions.items()],
            )

    def read(
        self, topic: str, start: Position | None = None, end: Position | None = None
    ) -> Iterator[Record]:
        """Records of a topic up to the end when the call began."""
        ends = self.ends(topic)
        for place, last in ends.items():
            position = (start or {}).get(place, 0)
            until = min(last, (end or {}).get(place, last))
            while True:
                ids = self._ids(place, position, CHUNK, until)
                if not ids:
                    break
                for record in self._records(ids)[0]:
                    position = record.offset + 1
                    yield record

    def latest(self, topic: str) -> Iterator[Record]:
        """The newest record of each key, without tombstones, in order of arrival."""
        ids: list[int] = []
        found = named(self._topics, topic)
        newest = (
            "SELECT id FROM head WHERE part=?"
            if found.compacted
            else "SELECT max(id) FROM log WHERE part=? GROUP BY key"
        )
        for place in places_of(found):
            ids.extend(row[0] for row in self._store.rows(newest, (self._parts.get(place, -1),)))
        ids.sort()
        while ids:
            records, read = self._records(ids[:CHUNK])
            yield from (r for r in records if r.value is not None)
            del ids[:read]

    def ends(self, topic: str) -> dict[Place, int]:
        """Next offset to be written, per partition."""
        places = places_of(named(self._topics, topic))
        rows = self._store.rows("SELECT number, next FROM partition WHERE topic=?", (topic,))
        held: dict[int, int] = dict(rows)
        return {place: held.get(place[1], 0) for place in places}

    def identities(self, topics: Collection[str]) -> dict[str, str]:
        """Empty: the log and its states are one file."""
        return dict.fromkeys(topics, "")

    def committed(self, group: str) -> dict[Place, int]:
        """Committed positions of a group."""
        rows = self._store.rows(
            "SELECT topic, number, off FROM committed JOIN partition ON id = part WHERE grp=?",
            (group,),
        )
        return {(topic, number): off for topic, number, off in rows}

    def groups(self) -> list[str]:
        """Groups that ever committed, sorted."""
        rows = self._store.rows("SELECT DISTINCT grp FROM committed ORDER BY grp")
        return [row[0] for row in rows]

    def prune(self, now: datetime, max_records: int = 1000) -> int:
        """Apply retention, then compaction; returns how many went. Lays the ballast down again where
        a full disk took it and room has come back.
        """
        self._store.room.keep_ballast()
        at = (now - _EPOCH) // _MS
        gone = 0
        for place, part in self._parts.items():
            topic = self._topics[place[0]]
            if gone < max_records:
                living = set(self._members.groups_of(topic.name))
                gone += prune(self._store, topic, part, living, at, max_records - gone)
        return gone

    def wait(self, timeout_s: float) -> bool:
        """Block until something was produced."""
        return self._bell.wait(timeout_s)

    def close(self) -> None:
        """Wake whoever waits. The store is closed by whoever opened it."""
        self._bell.ring()

    def _known_parts(self) -> dict[Place, int]:
        """The number of every partition, made where it is missing and the store can be written."""
        wanted = [place for topic in self._topics.values() for place in places_of(topic)]
        held = self._read_parts()
        if not self._store.read_only and any(place not in held for place in wanted):
            with self._store.write() as db:
                db.executemany("INSERT OR IGNORE INTO partition(topic, number) VALUES(?,?)", wanted)
            held = self._read_parts()
        return {place: held[place] for place in wanted if place in held}

    def _read_parts(self) -> dict[Place, int]:
        rows = self._store.rows("SELECT topic, number, id FROM partition")
        return {(topic, number): part for topic, number, part in rows}

    def _ids(self, place: Place, position: int, limit: int, until: int = 1 << 62) -> list[int]:
        rows = self._store.rows(
            "SELECT id FROM log WHERE part=? AND off>=? AND off<? ORDER BY off LIMIT ?",
            (self._parts.get(place, -1), position, until, limit),
        )
        return [row[0] for row in rows]

    def _records(self, ids: list[int]) -> tuple[list[Record], int]:
        """Those of the records `ids` (rising) that are kept, ≤ `BATCH_BYTES` (at least one), and
        how many of `ids` that took care of.
        """
        records: list[Record] = []
        size = 0
        for row in self._store.stream(_RECORDS, (orjson.dumps(ids).decode(),)):
            number, part, off, key, at, headers, value = row
            written = _EPOCH + at * _MS
            records.append(
                Record(*self._place_of[part], off, key, value, written, unpacked(headers))
            )
            size += len(value or b"")
            if size >= BATCH_BYTES:
                return records, bisect_right(ids, number)
        return records, len(ids)

    def _supersede(
        self,
        db: apsw.Connection,
        topic: Topic,
        part: int,
        message: Message,
        offset: int,
        number: int,
        at: int,
    ) -> None:
        """Make record `number` the head of its key; note when the one before it may go."""
        lag = topic.compaction_lag_s * 1000
        before = db.execute(
            "SELECT l.id, l.off, l.at FROM head AS h JOIN log AS l ON l.id = h.id"
            " WHERE h.part=? AND h.key=?",
            (part, message.key),
        ).get
        if before is not None:
            db.execute(
                "INSERT OR IGNORE INTO mortal(part, dies, off, id) VALUES(?,?,?,?)",
                (part, before[2] + lag, before[1], before[0]),
            )
        if message.value is None:
            db.execute(
                "INSERT OR IGNORE INTO mortal(part, dies, off, id) VALUES(?,?,?,?)",
                (part, at + lag + TOMBSTONE_S * 1000, offset, number),
            )
        db.execute(
            "INSERT INTO head(part, key, id) VALUES(?,?,?) ON CONFLICT(part, key)"
            " DO UPDATE SET id=excluded.id",
            (part, message.key, number),
        )


def packed(headers: Mapping[str, str]) -> str | None:
    """Headers as a column: null for none."""
    return orjson.dumps(dict(headers)).decode() if headers else None


def unpacked(column: str | None) -> dict[str, str]:
    """Headers from their column."""
    return orjson.loads(column) if column else {}
