"""Poll → handle → publish → commit: the loop that every worker is, and what becomes of a failure.

Two hosts: `Host` for a handler with state (clusterer, alerter, notifier), `Pipe` for a stateless
function over batches (enricher, indexer). Both keep the same promise: no input is acknowledged before
its effect is durable, an event that cannot be processed costs only itself, and whatever is interrupted
is done again to the same result.
"""

from base64 import b64encode
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from tocsin.errors import Rejected, TocsinError
from tocsin.pipeline.handler import Handler
from tocsin.ports.bus import Bus, Consumer, Message, Record
from tocsin.ports.state import State, Transaction
from tocsin.telemetry import EVENTS, STAGE_SECONDS, logger
from tocsin.workers.publish import publish
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.identity import digest_id
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import Event, WireError, decode, encode, event
from tocsin_schemas.topics import DEAD_LETTERS, ITEMS, OUTCOMES, TOPICS, Topic

BATCH = 128
"""Records handled in one transaction: large enough to pay for an fsync, small enough to be felt soon."""


class Steps(Protocol):
    """What a supervisor runs."""

    name: str

    def start(self) -> None:
        """Make ready (restore, fold); may be called again after a failure."""
        ...

    def step(self, timeout_s: float) -> int:
        """Handle one batch; returns how many records; 0 after `timeout_s` without any."""
        ...

    def close(self) -> None:
        """Leave the groups."""
        ...


def dead_letter(record: Record, *, stage: str, code: str, text: str, at: datetime) -> list[Message]:
    """The messages that set an event aside, whole: the dead letter, and for an event of an item the
    outcome `dead`. The same record gives the same ids again.
    """
    header = _header(record.value)
    root = header.root_id if header else ""
    identity = digest_id(
        "dead", record.topic, record.key, str(record.partition), str(record.offset)
    )
    when = header.at if header else at
    letter = DeadLetter(
        id=identity,
        root_id=root,
        stage=stage,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        reason=code,  # type: ignore[arg-type]  # validated by the model: codes are a closed list
        message=text[:2000],
        payload=b64encode(record.value or b"").decode("ascii"),
        at=when,
    )
    made = event(letter, root_id=root or identity, at=when, discriminator=identity)
    messages = [
        Message(DEAD_LETTERS.name, identity, encode(made), {"reason": code, "stage": stage})
    ]
    if root and record.topic in _ITEM_PATH:
        messages.append(outcome(root, "dead", at=when, reason=code))
    return messages


_ITEM_PATH = frozenset({ITEMS.name, "news.articles.enriched", "news.articles.clustered"})


def outcome(
    root: str,
    ended: str,
    *,
    at: datetime,
    reason: str = "",
    article: str | None = None,
    story: str | None = None,
    revision: int | None = None,
) -> Message:
    """An outcome for the ledger of invariant I1. Key: root id."""
    body = Outcome(
        root_id=root,
        ended=ended,  # type: ignore[arg-type]  # validated by the model: a closed list
        reason=reason,
        article_id=article,
        story_id=story,
        revision=revision,
        at=at,
    )
    return Message(
        OUTCOMES.name, root, encode(event(body, root_id=root, at=at, discriminator=ended))
    )


def _header(value: bytes | None) -> Event | None:
    try:
        return decode(value) if value else None
    except WireError:
        return None


class Host:
    """Hosts a handler with state. `prime` topics are read to their end before every batch of the
    others, so that a subscription made before an article is known when the article comes.
    """

    def __init__(
        self,
        name: str,
        handler: Handler,
        *,
        bus: Bus,
        state: State,
        reads: Sequence[Topic],
        folds: Sequence[Topic],
        prime: Sequence[Topic] = (),
    ) -> None:
        self.name = name
        self._handler = handler
        self._bus = bus
        self._state = state
        self._reads = [t.name for t in reads if t not in prime]
        self._prime = [t.name for t in prime]
        self._folds = [t.name for t in folds]
        self._main: Consumer | None = None
        self._first: Consumer | None = None
        self._published: dict[str, int] = {}
        self._log = logger(worker=name)

    def start(self) -> None:
        """Send what was left unsent, restore the working set, fold what was published since, and read
        the prime topics from where the state stands (a lost state: all of them).
        """
        self.close()
        self._publish()
        with self._state.begin() as tx:
            self._handler.restore(tx)
            for topic in self._folds:
                self._fold(topic, tx)
        self._main = self._bus.consumer(self.name, self._reads)
        if self._prime:
            self._first = self._bus.consumer(f"{self.name}-first", self._prime)
            self._catch_up()

    def _catch_up(self) -> None:
        """What the group has handled and this state has not: registers known only to a lost state."""
        committed = self._bus.committed(f"{self.name}-first")
        with self._state.begin() as tx:
            held = {place: tx.position(*place) for place in committed}
        for topic in self._prime:
            start = {place: held.get(place, 0) for place in self._bus.ends(topic)}
            end = {place: committed.get(place, 0) for place in start}
            if any(start[place] < end[place] for place in start):
                records = list(self._bus.read(topic, start, end))
                for i in range(0, len(records), BATCH):
                    self._work(records[i : i + BATCH])

    def _fold(self, topic: str, tx: Transaction) -> None:
        """Take in own published events from the last noted position to the end."""
        ends = self._bus.ends(topic)
        start = {key: min(tx.position(*key), end) for key, end in ends.items()}
        for record in self._bus.read(topic, start, ends):
            header = _header(record.value)
            if header is not None:
                self._handler.fold(header, tx)
            tx.advance(record.topic, record.partition, record.offset + 1)

    def step(self, timeout_s: float) -> int:
        """One batch of the prime topics, then one of the others."""
        assert self._main is not None, "start() first"
        done = 0
        while self._first is not None and (records := self._first.poll(BATCH, 0.0)):
            self._batch(records, self._first)
            done += len(records)
        if records := self._main.poll(BATCH, 0.0 if done else timeout_s):
            self._batch(records, self._main)
        return done + len(records)

    def close(self) -> None:
        """Leave the groups; commits nothing."""
        for consumer in (self._main, self._first):
            if consumer is not None:
                consumer.close()
        self._main = self._first = None

    def _batch(self, records: Sequence[Record], consumer: Consumer) -> None:
        self._work(records)
        consumer.commit(records)

    def _work(self, records: Sequence[Record]) -> None:
        """Decide and publish, durably; not yet acknowledged."""
        with STAGE_SECONDS.labels(self.name).time():
            try:
                self._decide(records, poison=None)
            except TocsinError:
                self._restore()
                raise
            except Exception as error:
                # A bug, or an event no one foresaw: one by one, so that it costs only itself.
                self._log.exception("batch-failed", error=repr(error), records=len(records))
                self._restore()
                for record in records:
                    self._alone(record)
        self._publish()

    def _alone(self, record: Record) -> None:
        try:
            self._decide([record], poison=None)
        except TocsinError:
            self._restore()
            raise
        except Exception as error:
            self._log.exception("event-crashed", offset=record.offset, topic=record.topic)
            self._restore()
            self._decide([record], poison=f"{type(error).__name__}: {error}")

    def _decide(self, records: Sequence[Record], *, poison: str | None) -> None:
        with self._state.begin() as tx:
            for topic, offset in self._published.items():
                tx.advance(topic, 0, offset)
            for record in records:
                if record.offset >= tx.position(record.topic, record.partition):
                    EVENTS.labels(self.name, self._one(record, tx, poison)).inc()
                    tx.advance(record.topic, record.partition, record.offset + 1)

    def _one(self, record: Record, tx: Transaction, poison: str | None) -> str:
        if record.value is None:
            return "tombstone"
        if poison is not None:
            self._bury(record, tx, "crash", poison)
            return "dead"
        try:
            self._handler.handle(decode(record.value), tx)
        except WireError as error:
            self._bury(record, tx, error.code, str(error))
            return "dead"
        except Rejected as error:
            self._bury(record, tx, error.code, str(error))
            return "dead"
        return "emitted"

    def _bury(self, record: Record, tx: Transaction, code: str, text: str) -> None:
        self._log.warning(
            "dead-letter", topic=record.topic, offset=record.offset, reason=code, why=text
        )
        for message in dead_letter(
            record, stage=self.name, code=code, text=text, at=record.written
        ):
            tx.emit(message)

    def _restore(self) -> None:
        with self._state.begin() as tx:
            self._handler.restore(tx)

    def _publish(self) -> None:
        for topic, offset in publish(self._bus, self._state).items():
            if topic in self._folds:
                self._published[topic] = offset


Batch = Callable[[Sequence[Record]], list[Message]]
"""A stateless effect: takes records, makes its effect durable, returns what is to be published.
A record it cannot process is its own affair (`dead_letter`); it raises only for the whole batch.
"""


class Pipe:
    """Hosts a stateless function over batches."""

    def __init__(
        self, name: str, effect: Batch, *, bus: Bus, reads: Sequence[Topic], batch: int = BATCH
    ) -> None:
        self.name = name
        self._effect = effect
        self._bus = bus
        self._reads = [t.name for t in reads]
        self._batch = batch
        self._consumer: Consumer | None = None

    def start(self) -> None:
        """Join the group at its committed position."""
        self.close()
        self._consumer = self._bus.consumer(self.name, self._reads)

    def step(self, timeout_s: float) -> int:
        """One batch: effect, publish, commit."""
        assert self._consumer is not None, "start() first"
        records = self._consumer.poll(self._batch, timeout_s)
        if records:
            with STAGE_SECONDS.labels(self.name).time():
                messages = self._effect(records)
                if messages:
                    self._bus.produce(messages)
            self._consumer.commit(records)
            EVENTS.labels(self.name, "emitted").inc(len(records))
        return len(records)

    def close(self) -> None:
        """Leave the group; commits nothing."""
        if self._consumer is not None:
            self._consumer.close()
        self._consumer = None


def lag(bus: Bus, topics: Collection[str] | None = None) -> dict[str, int]:
    """Records not yet handled, by group, of `topics` (default: all), as far as the group ever committed
    there.
    """
    found: dict[str, int] = {}
    for group in bus.groups():
        committed = bus.committed(group)
        names = {t for t, _ in committed if t in TOPICS and (topics is None or t in topics)}
        ends = {place: end for t in names for place, end in bus.ends(t).items()}
        found[group] = sum(max(0, end - committed.get(place, 0)) for place, end in ends.items())
    return found
