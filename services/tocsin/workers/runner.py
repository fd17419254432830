"""The loop that every worker is: poll → effect → publish → commit. `Pipe` hosts a stateless function over
batches (enricher, indexer); `workers.host.Host` a stage with state.

Both keep the same promise: no input is acknowledged before its effect is durable, an event that cannot
be processed costs only itself, and whatever is interrupted is done again to the same result.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from tocsin.ports.bus import Bus, Consumer, Message, Record
from tocsin.telemetry import EVENTS, STAGE_SECONDS
from tocsin.workers.host import BATCH
from tocsin_schemas.topics import DEAD_LETTERS, TOPICS, Topic


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
        self.reads = [t.name for t in reads]
        self._effect = effect
        self._bus = bus
        self._batch = batch
        self._consumer: Consumer | None = None

    def start(self) -> None:
        """Join the group at its committed position."""
        self.close()
        self._consumer = self._bus.consumer(self.name, self.reads)

    def step(self, timeout_s: float) -> int:
        """One batch: effect, publish, commit."""
        assert self._consumer is not None, "start() first"
        records = self._consumer.poll(self._batch, timeout_s)
        if records:
            self.work(records)
            self._consumer.commit(records)
        return len(records)

    def work(self, records: Sequence[Record]) -> None:
        """Effect and publication, durable on return; not yet acknowledged."""
        with STAGE_SECONDS.labels(self.name).time():
            messages = self._effect(records)
            if messages:
                self._bus.produce(messages)
        dead = sum(m.topic == DEAD_LETTERS.name for m in messages)
        EVENTS.labels(self.name, "dead").inc(dead)
        EVENTS.labels(self.name, "emitted").inc(len(records) - dead)

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
    ends: dict[str, dict[tuple[str, int], int]] = {}
    for group in bus.groups():
        committed = bus.committed(group)
        found[group] = 0
        for name in {t for t, _ in committed if t in TOPICS and (topics is None or t in topics)}:
            if name not in ends:
                ends[name] = bus.ends(name)
            found[group] += sum(max(0, e - committed.get(p, 0)) for p, e in ends[name].items())
    return found
