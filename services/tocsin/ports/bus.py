"""The log: topics of records, consumer groups with committed positions. Kafka's words and promises.

At least once: a record stands in the log before `produce` returns, and a group's position moves only
when its consumer commits. Nothing more is promised.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

Position = Mapping[tuple[str, int], int]
"""(topic, partition) → next offset."""


@dataclass(frozen=True, slots=True)
class Message:
    """A record to be written. `value` null is a tombstone of a compacted topic."""

    topic: str
    key: str
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A record in the log. Offsets of a partition rise by at least 1, never fall."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    written: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


class Consumer(Protocol):
    """One member of a group. Not thread-safe; used by one thread."""

    @property
    def tenure(self) -> int:
        """0 while this member owns no partition; else a number that rises whenever it was given some.
        It moves in `poll` alone, before records of those partitions are handed out.
        """
        ...

    def poll(self, max_records: int = 500, timeout_s: float = 1.0) -> list[Record]:
        """Next records in offset order per partition, from where this consumer stands; [] after
        `timeout_s` without any; with 0, what already stands in the log is handed out all the same.
        A record is handed out once per consumer, and again to whoever follows if it was never
        committed.
        """
        ...

    def commit(self, records: Sequence[Record]) -> None:
        """Make durable that the group has handled these and all before them in their partitions."""
        ...

    def confirm(self) -> None:
        """Ask the log whether this member still owns what it was handed: before decisions are
        published, since a process that slept past its session has been replaced. Raises Retryable
        where it does not; what it decided is then somebody else's to decide. May also raise where
        a partition handed out was taken away and given back.
        """
        ...

    def rewind(self) -> None:
        """Stand again at the committed position (after a failed effect)."""
        ...

    def close(self) -> None:
        """Leave the group; commits nothing."""
        ...


class Bus(Protocol):
    """The log. Thread-safe."""

    def produce(self, messages: Iterable[Message]) -> list[int]:
        """Append in order; returns offsets once durable (fsync, or acks=all). All or none of one
        call becomes visible on the embedded log. Raises DiskFull, Retryable; ValueError for an
        unknown topic, UsageError for a record above the topic's limit.
        """
        ...

    def consumer(self, group: str, topics: Sequence[str], *, together: bool = False) -> Consumer:
        """A member of `group` on `topics`; starts at the committed position, else at the start.
        `together`: partitions of one number go to one member, whatever their topic (all members of
        a group say the same); else they may be spread topic by topic.
        """
        ...

    def read(
        self, topic: str, start: Position | None = None, end: Position | None = None
    ) -> Iterator[Record]:
        """Records of a topic, partition by partition in offset order, from `start` (default: the
        oldest kept) up to, not including, `end` (default: the end when the call began). Belongs to
        no group.
        """
        ...

    def latest(self, topic: str) -> Iterator[Record]:
        """The newest record of each key, without tombstones (a compacted topic's content)."""
        ...

    def ends(self, topic: str) -> dict[tuple[str, int], int]:
        """Next offset to be written, per partition."""
        ...

    def identities(self, topics: Collection[str]) -> dict[str, str]:
        """What tells each topic from another of its name that was deleted: positions in that one mean
        nothing in this. Empty where a log is never made anew beside its states.
        """
        ...

    def committed(self, group: str) -> dict[tuple[str, int], int]:
        """Committed positions of a group; partitions never committed are absent."""
        ...

    def groups(self) -> list[str]:
        """Groups that ever committed."""
        ...

    def prune(self, now: datetime, max_records: int = 1000) -> int:
        """Apply retention and compaction in small deletes; returns how many went. Never removes a
        record that a known group of the topic has not committed. On Kafka the broker does it: 0.
        """
        ...

    def wait(self, timeout_s: float) -> bool:
        """Block until something was produced through this process, or `timeout_s`; True if so."""
        ...

    def close(self) -> None:
        """Release what is held; idempotent."""
        ...
