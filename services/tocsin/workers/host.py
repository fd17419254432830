"""Hosts a stage with state (clusterer, alerter, notifier): one process at a time decides, any may follow.

The state file is a cache of what was published. Whenever this process is given the work, and it may be
that another had it meanwhile, the state takes in what was published since; a state that says other than
what was published (decisions that never left, a log that was made anew) is thrown away and folded from
the start. So a spare with an old file, with none, or with a wrong one, goes on like the one before it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from tocsin.errors import Rejected, TocsinError, UsageError
from tocsin.pipeline.handler import Handler
from tocsin.pipeline.topology import Worker
from tocsin.ports.bus import Bus, Consumer, Record
from tocsin.ports.state import State, Transaction
from tocsin.telemetry import EVENTS, STAGE_SECONDS, logger
from tocsin.workers.endings import dead_letter, header_of
from tocsin.workers.publish import publish
from tocsin_schemas.registry import WireError, decode
from tocsin_schemas.topics import Topic

IDENTITIES = "identities"
"""Table: topic → its identity when this state first met it."""
BATCH = 128
"""Records handled in one transaction: large enough to pay for an fsync, small enough to be felt soon."""
TAKE_IN = 1000
"""Events folded in one transaction."""
WARM_S = 5.0
"""How often a spare takes in what was published, seconds."""
Confirm = Callable[[], None]
"""Raises Retryable where this process no longer owns the partitions it reads."""


class Host:
    """Hosts a handler with state. `prime` topics are read to their end before every batch of the
    others, so that a subscription made before an article is known when the article comes; their
    position is the state's own, no group's: whoever decides must have read all of them. `recalls`:
    those of `reads` that are folded as far as another process has handled them, since own events name
    what stands there and do not hold it.
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
        recalls: Sequence[Topic] = (),
    ) -> None:
        self.name = name
        self.reads = [t.name for t in reads if t not in prime]
        self._handler = handler
        self._bus = bus
        self._state = state
        self._prime = [t.name for t in prime]
        self._folds = [t.name for t in folds]
        self._recalls = [t.name for t in recalls]
        self._consumer: Consumer | None = None
        self._tenure = 0
        self._warm = False
        self._warmed = 0.0
        self._identities: dict[str, str] = {}
        self._published: dict[str, int] = {}
        self._read: dict[tuple[str, int], int] = {}
        self._log = logger(worker=name)

    @classmethod
    def of(cls, w: Worker, handler: Handler, *, bus: Bus, state: State) -> "Host":
        """The host of a worker of the path."""
        return cls(
            w.name,
            handler,
            bus=bus,
            state=state,
            reads=w.reads,
            folds=w.folds,
            prime=w.prime,
            recalls=w.recalls,
        )

    # The loop of our own.

    def start(self) -> None:
        """Read the working set, take in what was published since, join the group. May be called again
        after a failure.
        """
        self.close()
        self._warm = False
        self.prepare()
        self._consumer = self._bus.consumer(self.name, self.reads, together=True)

    def step(self, timeout_s: float) -> int:
        """What is new in the prime topics, then one batch of the others. A process that owns no
        partition (a spare) decides nothing and keeps its state warm.
        """
        consumer = self._consumer
        assert consumer is not None, "start() first"
        records = consumer.poll(BATCH, timeout_s)
        if not consumer.tenure:
            self._keep_warm()
            return 0
        done = 0
        if consumer.tenure != self._tenure:
            done = self.take_over(consumer.confirm)
            self._tenure = consumer.tenure
        done += self.look_first(consumer.confirm)
        if records:
            self.work(records, consumer.confirm)
            consumer.commit(records)
        return done + len(records)

    def _keep_warm(self) -> None:
        """Take in what another decides meanwhile, so that taking over is a matter of seconds."""
        if time.monotonic() - self._warmed >= WARM_S:
            self.prepare()
            self._recall()
            self._warmed = time.monotonic()

    @property
    def decides(self) -> bool:
        """Whether this process was given the work, and has taken over from whoever had it."""
        return self._consumer is not None and 0 != self._consumer.tenure == self._tenure

    def confirm(self) -> None:
        """Ask the log whether it still is. Raises Retryable where another decides by now."""
        assert self._consumer is not None, "start() first"
        self._consumer.confirm()

    def publish(self) -> None:
        """Send what was decided besides the records of the log (time passed, a receiver answered)."""
        if self._state.unsent(1):
            self.confirm()
            self._publish()

    def close(self) -> None:
        """Leave the group; commits nothing."""
        if self._consumer is not None:
            self._consumer.close()
        self._consumer = None
        self._tenure = 0

    # What a loop of another kind (Faust) calls.

    def prepare(self) -> None:
        """Read the working set, where it is not in memory yet, and take in what was published since:
        state is warm afterwards, and nothing was decided. A spare does this from time to time; to read
        the whole of its state each time would keep it busy with nothing else.
        """
        self._published.clear()
        self._read.clear()
        if why := self._estranged():
            self._log.warning("state-rebuilt", why=why)
            self._state.clear()
            self._warm = False
        was_warm, self._warm = self._warm, False
        with self._state.begin() as tx:
            if not was_warm:
                self._handler.restore(tx)
            for topic, identity in self._identities.items():
                if tx.get(IDENTITIES, topic) is None:
                    tx.put(IDENTITIES, topic, identity.encode())
        self._fold()
        self._warm = True

    def take_over(self, confirm: Confirm) -> int:
        """The partitions were given to this process: before its first decision it must know all that
        was decided before, and send what it had decided itself and not sent. Returns how many records
        of the prime topics it read.
        """
        confirm()
        if self._estranged():
            self.prepare()
        else:
            self._fold()
        self._publish()
        done = self.look_first(confirm)
        self._recall()
        return done

    def look_first(self, confirm: Confirm) -> int:
        """Handle what is new in the prime topics; returns how many records."""
        done = 0
        for topic in self._prime:
            for records in self._unread(topic):
                self.work(records, confirm)
                done += len(records)
        return done

    def work(self, records: Sequence[Record], confirm: Confirm) -> None:
        """Decide and publish, durably; not yet acknowledged. The same records again change nothing."""
        with STAGE_SECONDS.labels(self.name).time():
            try:
                self._decide(records, poison=None)
            except Exception as error:
                self._restore()
                if _passes(error):
                    raise
                # A bug, or an event no one foresaw: one by one, so that it costs only itself.
                self._log.exception("batch-failed", error=repr(error), records=len(records))
                for record in records:
                    self._alone(record)
            confirm()
            self._publish()

    def _estranged(self) -> str:
        """Why the state cannot stand for what was published; empty if it can."""
        committed = self._bus.committed(self.name)
        topics = (*self.reads, *self._prime, *self._folds)
        ends = {p: e for t in topics for p, e in self._bus.ends(t).items()}
        self._identities = self._bus.identities(topics)
        with self._state.begin() as tx:
            held = {place: tx.position(*place) for place in ends}
            met = {topic: tx.get(IDENTITIES, topic) for topic in topics}
        for topic, identity in self._identities.items():
            if met[topic] not in {None, identity.encode()}:
                return f"{topic} was deleted and made anew since the state was written"
        for (topic, partition), position in held.items():
            end = ends[topic, partition]
            if position > end:
                return (
                    f"the state stands at {position} of {topic}/{partition}, which ends at {end}: the "
                    "topic was made anew"
                )
        overtaken = any(committed.get(p, 0) > held[p] for p in held if p[0] in self.reads)
        if overtaken and self._state.unsent(1):
            return "another process went on from before this one's last decisions, which were never sent"
        return ""

    def _fold(self) -> None:
        """Take in own published events from the last noted position to the end."""
        for topic in self._folds:
            self._take_in(topic, self._bus.ends(topic))

    def _recall(self) -> None:
        """Take in what the group has handled without this state."""
        committed = self._bus.committed(self.name) if self._recalls else {}
        for topic in self._recalls:
            self._take_in(
                topic, {place: at for place, at in committed.items() if place[0] == topic}
            )

    def _take_in(self, topic: str, until: Mapping[tuple[str, int], int]) -> None:
        """Fold a topic's events up to `until`, in batches: a lost state may have a year to read."""
        with self._state.begin() as tx:
            start = {place: min(tx.position(*place), end) for place, end in until.items()}
        if start == until:
            return
        records = iter(self._bus.read(topic, start, until))
        while batch := list(islice(records, TAKE_IN)):
            try:
                with self._state.begin() as tx:
                    for record in batch:
                        header = header_of(record.value)
                        if header is not None:
                            self._handler.fold(header, tx)
                        tx.advance(record.topic, record.partition, record.offset + 1)
            except BaseException:
                self._restore()
                raise
        with self._state.begin() as tx:
            for place, end in until.items():
                tx.advance(*place, end)

    def _unread(self, topic: str) -> Iterator[list[Record]]:
        """What the state has not read of a prime topic, in batches."""
        ends = self._bus.ends(topic)
        if all(self._read.get(place, -1) >= end for place, end in ends.items()):
            return
        with self._state.begin() as tx:
            start = {place: tx.position(*place) for place in ends}
        records = iter(self._bus.read(topic, start, ends))
        while batch := list(islice(records, BATCH)):
            yield batch
        self._read.update(ends)

    def _alone(self, record: Record) -> None:
        try:
            self._decide([record], poison=None)
        except Exception as error:
            self._restore()
            if _passes(error):
                raise
            self._log.exception("event-crashed", offset=record.offset, topic=record.topic)
            self._decide([record], poison=_reason(error))

    def _decide(self, records: Sequence[Record], *, poison: tuple[str, str] | None) -> None:
        with self._state.begin() as tx:
            for topic, offset in self._published.items():
                tx.advance(topic, 0, offset)
            for record in records:
                if record.offset >= tx.position(record.topic, record.partition):
                    EVENTS.labels(self.name, self._one(record, tx, poison)).inc()
                    tx.advance(record.topic, record.partition, record.offset + 1)

    def _one(self, record: Record, tx: Transaction, poison: tuple[str, str] | None) -> str:
        if record.value is None:
            return "tombstone"
        if poison is not None:
            self._bury(record, tx, *poison)
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
        self._warm = False
        with self._state.begin() as tx:
            self._handler.restore(tx)
        self._warm = True

    def _publish(self) -> None:
        for topic, offset in publish(self._bus, self._state).items():
            if topic in self._folds:
                self._published[topic] = offset


def _passes(error: Exception) -> bool:
    """Whether trying again later may help. A UsageError does not pass: the stage made an event above the
    limit of its topic, which the log would refuse for ever.
    """
    return isinstance(error, TocsinError) and not isinstance(error, UsageError)


def _reason(error: Exception) -> tuple[str, str]:
    """The dead letter's reason code and words."""
    if isinstance(error, UsageError):
        return "too-large", str(error)
    return "crash", f"{type(error).__name__}: {error}"
