"""Consumer groups of one process: who reads which partition, from where, and what wakes a sleeper.

A bus supplies the storage (`Log`); this supplies Kafka's behaviour around it: each partition is read
by one member of a group, a member that leaves hands its partitions on from the committed position,
and a record that was never committed comes again. Commits nothing on its own.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Protocol

from tocsin.adapters.routing import Place, named, places_of
from tocsin.errors import Retryable
from tocsin.ports.bus import Record
from tocsin_schemas.topics import Topic


class Log(Protocol):
    """What a consumer needs of the storage."""

    def fetch(self, positions: Mapping[Place, int], max_records: int) -> list[Record]:
        """Oldest records at or after `positions`, in the order of their arrival in the log."""
        ...

    def committed(self, group: str) -> dict[Place, int]:
        """Committed positions."""
        ...

    def settle(self, group: str, positions: Mapping[Place, int]) -> None:
        """Make these positions durable; a lower one than held is ignored."""
        ...


class Bell:
    """Rings whenever something was produced through this process."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._heard = threading.local()
        self.rung = 0
        """How often it rang. Read it before looking at the log, so that no ring is missed."""

    def ring(self) -> None:
        """Wake everyone who waits."""
        with self._condition:
            self.rung += 1
            self._condition.notify_all()

    def wait_beyond(self, rung: int, timeout_s: float) -> bool:
        """Block until it has rung more often than `rung`; False after `timeout_s`."""
        with self._condition:
            return self._condition.wait_for(lambda: self.rung > rung, max(0.0, timeout_s))

    def wait(self, timeout_s: float) -> bool:
        """Block until it rings; a ring since this thread last waited here counts, so none is lost
        between looking and waiting.
        """
        rang = self.wait_beyond(getattr(self._heard, "rung", 0), timeout_s)
        self._heard.rung = self.rung
        return rang


class Members:
    """The living consumers of every group, in the order in which they joined."""

    def __init__(self, topics: Mapping[str, Topic]) -> None:
        self._topics = topics
        self._lock = threading.Lock()
        self._groups: dict[str, list[GroupConsumer]] = {}
        self.generation = 0
        """Rises with every member that joins or leaves."""

    def join(self, member: "GroupConsumer") -> None:
        """Add a member."""
        with self._lock:
            self._groups.setdefault(member.group, []).append(member)
            self.generation += 1

    def leave(self, member: "GroupConsumer") -> None:
        """Remove a member; nothing happens if it has left already."""
        with self._lock:
            members = self._groups.get(member.group, [])
            if member in members:
                members.remove(member)
                self.generation += 1

    def share(self, member: "GroupConsumer") -> list[Place]:
        """The partitions that `member` reads: every n-th of those that n members subscribe to."""
        with self._lock:
            members = self._groups.get(member.group, [])
            mine: list[Place] = []
            for name in member.topics:
                readers = [m for m in members if name in m.topics]
                mine.extend(
                    place
                    for place in places_of(self._topics[name])
                    if readers[place[1] % len(readers)] is member
                )
            return mine

    def groups_of(self, topic: str) -> Iterator[str]:
        """Groups with a living member that reads `topic`."""
        with self._lock:
            found = [g for g, ms in self._groups.items() if any(topic in m.topics for m in ms)]
        return iter(found)


class GroupConsumer:
    """A `ports.bus.Consumer` over any `Log`. Used by one thread."""

    def __init__(
        self,
        log: Log,
        members: Members,
        bell: Bell,
        group: str,
        topics: Sequence[Topic],
    ) -> None:
        self.group = group
        self.topics = tuple(dict.fromkeys(topic.name for topic in topics))
        self._log = log
        self._members = members
        self._bell = bell
        self._positions: dict[Place, int] = {}
        self._generation = -1
        self._gained = 0
        self._handed: set[Place] = set()
        self._closed = False
        members.join(self)

    @property
    def tenure(self) -> int:
        """0 while this member owns no partition; rises whenever it was given some."""
        return self._gained if self._positions else 0

    def poll(self, max_records: int = 500, timeout_s: float = 1.0) -> list[Record]:
        """Next records; see the port. ValueError once closed."""
        if self._closed:
            raise ValueError(f"this consumer of group {self.group!r} is closed")
        deadline = monotonic() + timeout_s
        while True:
            rung = self._bell.rung
            self._take_share()
            records = self._log.fetch(self._positions, max_records)
            for record in records:
                self._positions[record.topic, record.partition] = record.offset + 1
            self._handed = {(record.topic, record.partition) for record in records}
            left = deadline - monotonic()
            if records or left <= 0:
                return records
            self._bell.wait_beyond(rung, left)

    def commit(self, records: Sequence[Record]) -> None:
        """Make the positions after `records` durable; an empty sequence does nothing."""
        after: dict[Place, int] = {}
        for record in records:
            place = record.topic, record.partition
            after[place] = max(after.get(place, 0), record.offset + 1)
        if after:
            self._log.settle(self.group, after)

    def confirm(self) -> None:
        """Raises Retryable where a partition of the last records belongs to another member by now."""
        if self._closed or not self._handed <= set(self._members.share(self)):
            raise Retryable(
                f"another member of group {self.group!r} has taken over these partitions"
            )

    def rewind(self) -> None:
        """Stand again at the committed positions."""
        self._positions.clear()
        self._generation = -1

    def close(self) -> None:
        """Leave the group; idempotent."""
        if not self._closed:
            self._closed = True
            self._members.leave(self)
            self._bell.ring()

    def _take_share(self) -> None:
        """Start newly given partitions at their committed position, forget those taken away."""
        generation = self._members.generation
        if generation == self._generation:
            return
        share = self._members.share(self)
        gained = [place for place in share if place not in self._positions]
        if gained:
            self._gained += 1
        committed = self._log.committed(self.group) if gained else {}
        self._positions = {p: self._positions.get(p, committed.get(p, 0)) for p in share}
        self._generation = generation


def consumer(
    log: Log,
    members: Members,
    bell: Bell,
    known: Mapping[str, Topic],
    group: str,
    topics: Sequence[str],
) -> GroupConsumer:
    """A new member of `group`; ValueError for an unknown topic or none at all."""
    if not topics:
        raise ValueError(f"group {group!r} subscribes to no topic")
    return GroupConsumer(log, members, bell, group, [named(known, name) for name in topics])
