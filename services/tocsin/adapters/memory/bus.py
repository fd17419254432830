"""The log in memory: partitions, groups, retention and compaction, as the other adapters have them.

What tests use for a bus. Nothing outlives the process.
"""

import threading
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import count, islice
from typing import NamedTuple

from tocsin.adapters.groups import Bell, GroupConsumer, Members, consumer
from tocsin.adapters.routing import TOMBSTONE_S, Place, admit, kept_s, named, places_of
from tocsin.ports.bus import Message, Position, Record
from tocsin.ports.clock import Clock, SystemClock
from tocsin_schemas.topics import TOPICS, Topic

_made = count(1)


class _Kept(NamedTuple):
    arrival: int
    record: Record


def _offset(kept: _Kept) -> int:
    return kept.record.offset


class MemoryBus:
    """A `ports.bus.Bus`. Thread-safe."""

    def __init__(
        self, clock: Clock | None = None, topics: Mapping[str, Topic] | None = None
    ) -> None:
        self._identity = f"memory {next(_made)}"
        self._clock = clock or SystemClock()
        self._topics = topics or TOPICS
        self._lock = threading.RLock()
        self._log: dict[Place, list[_Kept]] = {
            place: [] for topic in self._topics.values() for place in places_of(topic)
        }
        self._next = dict.fromkeys(self._log, 0)
        self._arrived = 0
        self._positions: dict[str, dict[Place, int]] = {}
        self._bell = Bell()
        self._members = Members(self._topics)

    def produce(self, messages: Iterable[Message]) -> list[int]:
        """Append all or none; returns their offsets."""
        admitted = [(admit(self._topics, m), m) for m in messages]
        if not admitted:
            return []
        offsets: list[int] = []
        with self._lock:
            written = self._clock.now()
            for place, m in admitted:
                offset = self._next[place]
                record = Record(*place, offset, m.key, m.value, written, dict(m.headers))
                self._log[place].append(_Kept(self._arrived, record))
                self._next[place] = offset + 1
                self._arrived += 1
                offsets.append(offset)
        self._bell.ring()
        return offsets

    def consumer(
        self, group: str, topics: Sequence[str], *, together: bool = False
    ) -> GroupConsumer:
        """A member of `group`. Partitions of one number always stay together here."""
        del together
        return consumer(self, self._members, self._bell, self._topics, group, topics)

    def fetch(self, positions: Mapping[Place, int], max_records: int) -> list[Record]:
        """Records at or after `positions`, in order of arrival."""
        with self._lock:
            found = [
                islice(log, bisect_left(log, position, key=_offset), None)
                for place, position in positions.items()
                if (log := self._log[place])
            ]
            return [kept.record for kept in islice(merge(*found), max_records)]

    def settle(self, group: str, positions: Mapping[Place, int]) -> None:
        """Commit positions; a lower one is ignored."""
        with self._lock:
            held = self._positions.setdefault(group, {})
            for place, position in positions.items():
                held[place] = max(position, held.get(place, 0))

    def read(
        self, topic: str, start: Position | None = None, end: Position | None = None
    ) -> Iterator[Record]:
        """Records of a topic, as they stand when the call begins."""
        found: list[Record] = []
        with self._lock:
            for place in places_of(named(self._topics, topic)):
                log = self._log[place]
                first = bisect_left(log, (start or {}).get(place, 0), key=_offset)
                last = bisect_left(
                    log, (end or self._next).get(place, self._next[place]), key=_offset
                )
                found.extend(kept.record for kept in log[first:last])
        return iter(found)

    def latest(self, topic: str) -> Iterator[Record]:
        """The newest record of each key, without tombstones, in order of arrival."""
        newest: dict[str, _Kept] = {}
        with self._lock:
            for place in places_of(named(self._topics, topic)):
                newest.update((kept.record.key, kept) for kept in self._log[place])
        return (kept.record for kept in sorted(newest.values()) if kept.record.value is not None)

    def ends(self, topic: str) -> dict[Place, int]:
        """Next offset to be written, per partition."""
        with self._lock:
            return {place: self._next[place] for place in places_of(named(self._topics, topic))}

    def identities(self, topics: Collection[str]) -> dict[str, str]:
        """Another for each log of this process."""
        return dict.fromkeys(topics, self._identity)

    def committed(self, group: str) -> dict[Place, int]:
        """Committed positions of a group."""
        with self._lock:
            return dict(self._positions.get(group, {}))

    def groups(self) -> list[str]:
        """Groups that ever committed, sorted."""
        with self._lock:
            return sorted(self._positions)

    def prune(self, now: datetime, max_records: int = 1000) -> int:
        """Apply retention, then compaction; returns how many went."""
        gone = 0
        with self._lock:
            for topic in self._topics.values():
                floors = self._floors(topic)
                for place in places_of(topic):
                    if gone < max_records:
                        gone += self._prune(topic, place, floors[place], now, max_records - gone)
        return gone

    def wait(self, timeout_s: float) -> bool:
        """Block until something was produced."""
        return self._bell.wait(timeout_s)

    def close(self) -> None:
        """Wake whoever waits; the records stay readable."""
        self._bell.ring()

    def _floors(self, topic: Topic) -> dict[Place, int]:
        """The offset, per partition, below which every known group has committed."""
        places = places_of(topic)
        known = set(self._members.groups_of(topic.name))
        known.update(g for g, held in self._positions.items() if any(p in held for p in places))
        return {
            place: min(
                (self._positions.get(g, {}).get(place, 0) for g in known), default=self._next[place]
            )
            for place in places
        }

    def _prune(
        self, topic: Topic, place: Place, floor: int, now: datetime, max_records: int
    ) -> int:
        log = self._log[place]
        newest = {kept.record.key: kept.record.offset for kept in log}
        lag = timedelta(seconds=topic.compaction_lag_s)
        tombstone_lag = lag + timedelta(seconds=TOMBSTONE_S)
        retention = kept_s(topic)

        def goes(r: Record) -> bool:
            age = now - r.written
            if r.offset >= floor:
                return False
            if retention is not None and age > timedelta(seconds=retention):
                return True
            return topic.compacted and (
                (newest[r.key] > r.offset and age >= lag)
                or (r.value is None and age >= tombstone_lag)
            )

        going = set(islice((kept.arrival for kept in log if goes(kept.record)), max_records))
        self._log[place] = [kept for kept in log if kept.arrival not in going]
        return len(going)
