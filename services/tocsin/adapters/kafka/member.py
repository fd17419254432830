"""One member of a consumer group on Kafka: polls, commits what was handled, knows when it is replaced.

A partition is held for a *tenure*, from the moment the group gives it until the group takes it away.
What was handed out in a tenure may be committed only within it: afterwards it is somebody else's to
decide. Commits nothing by itself.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from kafka import ConsumerRebalanceListener, OffsetAndMetadata, errors
from kafka.structs import MemberState

from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.names import Names
from tocsin.adapters.kafka.questions import Questions
from tocsin.adapters.routing import Place
from tocsin.errors import Retryable, TocsinError
from tocsin.ports.bus import Record
from tocsin.telemetry import logger

SLICE_S = 0.25
"""The client is asked for records in slices this long, so that a signal or `close` is soon heard."""
COMMIT_S = 10.0
CLOSE_S = 3.0
STALL_S = 30.0
"""How often a member that gets nothing compares its position with the log's end."""
_TRIES = 8
"""Slices in which a record that stands in the log is waited for where nothing else may be."""


@dataclass(slots=True)
class Tenure:
    """Held since the group gave the partition: `floor` is what the group has handled at least, `next`
    the offset after the last record handed out.
    """

    floor: int
    next: int


class Tenures(ConsumerRebalanceListener):  # type: ignore[misc]  # the client has no types
    """The partitions held, told by the client while it is polled."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.held: dict[Place, Tenure] = {}
        self.assigned: set[Place] = set()
        self.turn = 0
        """Rises whenever partitions were given."""

    def on_partitions_assigned(self, assigned: Collection[Any]) -> None:
        """A tenure begins with the first record handed out; one held before is over."""
        self._end(assigned)
        if given := set(self._names.places(assigned)):
            self.assigned |= given
            self.turn += 1

    def on_partitions_revoked(self, revoked: Collection[Any]) -> None:
        """The group takes partitions away in good order."""
        self._end(revoked)

    def on_partitions_lost(self, lost: Collection[Any]) -> None:
        """The group has gone on without this member."""
        self._end(lost)

    def _end(self, partitions: Collection[Any]) -> None:
        for place in self._names.places(partitions):
            self.held.pop(place, None)
            self.assigned.discard(place)

    def clear(self) -> None:
        """The member has left the group."""
        self.held.clear()
        self.assigned.clear()

    def handed(self, records: Sequence[Record]) -> None:
        """Note what was handed out, in offset order per partition."""
        for record in records:
            place = record.topic, record.partition
            tenure = self.held.setdefault(place, Tenure(record.offset, record.offset))
            tenure.next = max(tenure.next, record.offset + 1)

    def to_commit(self, records: Sequence[Record]) -> dict[Place, int]:
        """The positions after `records` that are news to the group. Raises Retryable where a record
        was handed out in a tenure that is over.
        """
        after: dict[Place, int] = {}
        for record in records:
            place = record.topic, record.partition
            after[place] = max(after.get(place, 0), record.offset + 1)
        for place, position in after.items():
            if place not in self.held or position > self.held[place].next:
                raise Retryable(f"partition {place[1]} of {place[0]} is another member's by now")
        return {place: at for place, at in after.items() if at > self.held[place].floor}

    def committed(self, positions: Mapping[Place, int]) -> None:
        """Note what the broker has acknowledged."""
        for place, position in positions.items():
            if place in self.held:
                self.held[place].floor = position


class KafkaMember:
    """A `ports.bus.Consumer`. Used by one thread; `close` may come from another."""

    def __init__(
        self,
        base: client.Options,
        names: Names,
        questions: Questions,
        group: str,
        topics: Sequence[str],
        *,
        together: bool = False,
        session_s: float = 10.0,
        heartbeat_s: float = 3.0,
        join_s: float = 5.0,
    ) -> None:
        self.group = group
        self._base = base
        self._names = names
        self._questions = questions
        self._topics = tuple(dict.fromkeys(topics))
        self._session_s = session_s
        self._heartbeat_s = heartbeat_s
        self._join_s = join_s
        self._joined = False
        self._together = together
        self._tenures = Tenures(names)
        self._turned = 0
        self._last: dict[Place, Tenure] = {}
        self._consumer: Any = None
        self._turn = threading.Lock()
        self._closed = False
        self._quiet_since = monotonic()
        self._behind: frozenset[Place] = frozenset()
        self._log = logger(group=group)

    @property
    def tenure(self) -> int:
        """0 while this member owns no partition; else a number that rises whenever it was given some."""
        return self._tenures.turn if self._tenures.assigned else 0

    @property
    def owned(self) -> frozenset[Place]:
        """The partitions that are this member's."""
        return frozenset(self._tenures.assigned)

    def poll(self, max_records: int = 500, timeout_s: float = 1.0) -> list[Record]:
        """Next records; see the port. With `timeout_s` 0 it still hands out what stands in the log,
        and the first poll waits up to `join_s` to be let into the group. Retryable while the broker
        is away, ValueError once closed.
        """
        was_in = self._joined
        until = monotonic() + (timeout_s if was_in else max(timeout_s, self._join_s))
        while True:
            left = max(0.0, until - monotonic())
            if records := self._slice(max_records, min(SLICE_S, left)):
                return records
            if self._joined and not was_in:  # the time that was asked for begins here
                was_in, until = True, min(until, monotonic() + timeout_s)
            if monotonic() >= until:
                break
        if timeout_s <= 0 and self._unread():
            for _ in range(_TRIES):
                if records := self._slice(max_records, SLICE_S):
                    return records
        self._watch()
        return []

    def commit(self, records: Sequence[Record]) -> None:
        """Make the positions after `records` the group's. One it has passed already is left as it is.
        Raises Retryable where this member has been replaced.
        """
        if not records:
            return
        with self._turn:
            positions = self._tenures.to_commit(records)
            self._settle(positions)
            self._tenures.committed(positions)

    def confirm(self) -> None:
        """Commit once more what the group has handled already: the broker refuses it from a member
        that has been replaced. Raises Retryable then.
        """
        with self._turn:
            if self._closed:
                raise Retryable(f"this member of group {self.group!r} has left")
            if not self._tenures.assigned:
                raise Retryable(f"this member of group {self.group!r} owns no partition")
            for place, tenure in self._last.items():
                if self._tenures.held.get(place) is not tenure:
                    raise Retryable(
                        f"partition {place[1]} of {place[0]} is another member's by now"
                    )
            last = {place: tenure.floor for place, tenure in self._last.items()}
            self._settle(last or self._begun())

    def _begun(self) -> dict[Place, int]:
        """Where the group stands in the partitions owned; nothing was handed out of them yet."""
        committed = self._questions.committed(self.group)
        with client.answered(self._base):
            return {
                place: committed[place]
                if place in committed
                else self._consumer.position(self._names.partition(place))
                for place in sorted(self._tenures.assigned)
            }

    def rewind(self) -> None:
        """Stand again at the group's committed positions, or at the oldest kept."""
        committed = self._questions.committed(self.group)
        with self._turn:
            if self._consumer is None:
                return
            for partition in self._consumer.assignment():
                place = self._names.place(partition)
                if place in committed:
                    self._consumer.seek(partition, committed[place])
                else:
                    self._consumer.seek_to_beginning(partition)

    @property
    def closed(self) -> bool:
        """Whether it has left for good."""
        return self._closed

    def close(self) -> None:
        """Leave the group at once; idempotent."""
        with self._turn:
            self._closed = True
            self._drop()

    def _slice(self, max_records: int, seconds: float) -> list[Record]:
        """One look. A client that breaks in a way it does not know itself is made anew."""
        with self._turn:
            if self._closed:
                raise ValueError(f"this consumer of group {self.group!r} is closed")
            try:
                with client.answered(self._base, ", ".join(self._topics)):
                    found = self._current().poll(
                        timeout_ms=int(seconds * 1000), max_records=max_records
                    )
            except TocsinError:
                raise
            except Exception as error:
                self._log.exception("kafka-consumer-broken")
                self._drop()
                raise Retryable(f"the consumer of group {self.group!r} broke: {error!r}") from error
            records = [self._names.record(raw) for raws in found.values() for raw in raws]
            if self._tenures.turn != self._turned:
                self._turned, self._last = self._tenures.turn, {}
            self._tenures.handed(records)
            if records:
                held = self._tenures.held
                self._last = {p: held[p] for p in {(r.topic, r.partition) for r in records}}
                self._quiet_since, self._behind = monotonic(), frozenset()
            self._joined = self._joined or self._is_member()
            return records

    def _is_member(self) -> bool:
        return bool(self._consumer.group_metadata().state == MemberState.STABLE)

    def _current(self) -> Any:
        if self._consumer is None:
            self._questions.require(self._topics)
            self._consumer = client.member(
                self._base,
                self._names.physical(self.group),
                self._session_s,
                self._heartbeat_s,
                together=self._together,
            )
            physical = [self._names.physical(topic) for topic in self._topics]
            self._consumer.subscribe(physical, listener=self._tenures)
            # Known partitions spare the group a second round: else the first shares out nothing.
            self._consumer.partitions_for_topic(physical[0])
        return self._consumer

    def _drop(self) -> None:
        """Leave the group and forget every tenure."""
        consumer, self._consumer = self._consumer, None
        self._tenures.clear()
        self._joined = False
        if consumer is not None:
            with suppress(errors.KafkaError, RuntimeError):  # the group notices by itself
                consumer.close(autocommit=False, timeout_ms=int(CLOSE_S * 1000))

    def _settle(self, positions: Mapping[Place, int]) -> None:
        """Commit, or raise Retryable."""
        if not positions:
            return
        if self._consumer is None:
            raise Retryable(f"this member of group {self.group!r} has left")
        offsets = {
            self._names.partition(place): OffsetAndMetadata(position, "", -1)
            for place, position in positions.items()
        }
        with client.answered(self._base):
            self._consumer.commit(offsets, timeout_ms=int(COMMIT_S * 1000))

    def _unread(self) -> frozenset[Place]:
        """Partitions held whose log goes further than this member stands."""
        with self._turn:
            if self._consumer is None or not self._is_member():
                return frozenset()
            with client.answered(self._base):
                stands = {
                    place: at
                    for partition in self._consumer.assignment()
                    if (place := self._names.place(partition)) is not None
                    and (at := self._consumer.position(partition, int(SLICE_S * 1000))) is not None
                }
        ends: dict[Place, int] = {}
        for topic in {topic for topic, _ in stands}:
            ends.update(self._questions.ends(topic))
        return frozenset(place for place, at in stands.items() if ends[place] > at)

    def _watch(self) -> None:
        """A client that hands out nothing while the log goes on is a known fault of the library
        (its issues 3106 and 3131): seen twice in a row, it is said, and the client is made anew.
        """
        if monotonic() - self._quiet_since < STALL_S:
            return
        self._quiet_since = monotonic()
        try:
            behind = self._unread()
        except TocsinError:  # the broker is away: nothing to be learnt
            return
        stuck, self._behind = self._behind & behind, behind
        if stuck:
            self._log.warning("kafka-consumer-stalled", partitions=sorted(stuck))
            with self._turn:
                self._drop()
