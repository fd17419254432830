"""Reading without a group: a range of a topic, and the newest record of each key.

Registers (compacted, kept for ever: feeds, subscriptions, lists) are read by every page and every
tick of the collector, so their content is held in memory and each call reads only what is new.
Commits nothing.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.names import Names
from tocsin.adapters.kafka.questions import Questions
from tocsin.adapters.routing import Place, named
from tocsin.errors import Retryable, Stopping
from tocsin.ports.bus import Position, Record
from tocsin_schemas.topics import Topic

SILENCE_S = 15.0
"""A broker that gives neither a record nor progress for this long does not answer."""
_SLICE_MS = 250
_IDLE_READERS = 2
"""Clients kept for the next call: to make one costs a connection and a thread."""

Span = tuple[Place, int, int]
"""A partition, the first offset to read, and the one to stop before."""


@dataclass(slots=True)
class Register:
    """What a compacted topic held when it was last looked at: newest record by key, in order of
    arrival, and how far each partition was read.
    """

    records: dict[str, Record] = field(default_factory=dict)
    read_to: dict[Place, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, record: Record) -> None:
        """Let `record` replace what its key held; a tombstone removes it."""
        self.records.pop(record.key, None)
        if record.value is not None:
            self.records[record.key] = record
        self.read_to[record.topic, record.partition] = record.offset + 1

    def agree(self, ends: Mapping[Place, int]) -> None:
        """Start over where the log is shorter than what was read: it was made anew."""
        if any(end < self.read_to.get(place, 0) for place, end in ends.items()):
            self.records.clear()
            self.read_to.clear()


class Reader:
    """Reads ranges and registers. Thread-safe."""

    def __init__(self, base: client.Options, names: Names, questions: Questions) -> None:
        self._base = base
        self._names = names
        self._questions = questions
        self._lock = threading.Lock()
        self._idle: list[Any] = []
        self._registers: dict[str, Register] = {}
        self._closed = False

    def read(
        self, topic: str, start: Position | None = None, end: Position | None = None
    ) -> Iterator[Record]:
        """Records of a topic, partition by partition; `start` and `end` as in the port. Offsets are
        looked up now, records when asked for. Retryable while the broker does not answer.
        """
        ends, oldest = self._questions.ends(topic), self._questions.starts(topic)
        spans = [
            (place, first, last)
            for place, top in sorted(ends.items())
            if (first := max((start or {}).get(place, 0), oldest[place]))
            < (last := min((end or {}).get(place, top), top))
        ]
        return self._between(spans)

    def latest(self, topic: str) -> Iterator[Record]:
        """The newest record of each key, without tombstones."""
        if not held_in_memory(named(self._names.topics, topic)):
            once = Register()
            for record in self.read(topic):
                once.take(record)
            return iter(list(once.records.values()))
        with self._lock:
            register = self._registers.setdefault(topic, Register())
        with register.lock:
            ends = self._questions.ends(topic)
            register.agree(ends)
            if any(end > register.read_to.get(place, 0) for place, end in ends.items()):
                for record in self.read(topic, register.read_to, ends):
                    register.take(record)
                register.read_to.update(ends)
            return iter(list(register.records.values()))

    def close(self) -> None:
        """Let go of the clients; idempotent."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for one in idle:
            one.close(autocommit=False)

    def _between(self, spans: list[Span]) -> Iterator[Record]:
        if not spans:
            return
        with self._borrowed() as consumer:
            for place, first, last in spans:
                yield from self._span(consumer, place, first, last)

    def _span(self, consumer: Any, place: Place, first: int, last: int) -> Iterator[Record]:
        """Up to `last`. It is the position that tells the end, not a record: compaction may have
        taken the last ones.
        """
        partition = self._names.partition(place)
        consumer.assign([partition])
        consumer.seek(partition, first)
        position, moved = first, monotonic()
        while position < last:
            with client.answered(self._base, partition.topic):
                found = consumer.poll(timeout_ms=_SLICE_MS).get(partition, [])
                reached = consumer.position(partition, timeout_ms=_SLICE_MS)
            for raw in found:
                if raw.offset >= last:
                    return
                yield self._names.record(raw)
            if reached is not None and reached > position:
                position, moved = reached, monotonic()
            elif monotonic() - moved > SILENCE_S:
                raise Retryable(
                    f"Kafka gives nothing of {partition.topic} from offset {position} on"
                )

    @contextmanager
    def _borrowed(self) -> Iterator[Any]:
        """A client that nobody else uses; one that failed is not used again."""
        with self._lock:
            if self._closed:
                raise Stopping("the bus is closed")
            consumer = self._idle.pop() if self._idle else None
        if consumer is None:
            with client.answered(self._base):
                consumer = client.reader(self._base)
        sound = False
        try:
            yield consumer
            sound = True
        except GeneratorExit:
            sound = True
            raise
        finally:
            with self._lock:
                kept = sound and not self._closed and len(self._idle) < _IDLE_READERS
                if kept:
                    self._idle.append(consumer)
            if not kept:
                consumer.close(autocommit=False)


def held_in_memory(topic: Topic) -> bool:
    """Whether a topic is a register. One whose records go with age is none: what is remembered could
    outlive what is kept.
    """
    return topic.compacted and topic.retention_s is None
