"""The loop of a hosted stage: what Faust hands over is worked in batches, then told to the broker.

A batch that was handed out before a re-balance is dropped unacknowledged, since it comes again to
whoever owns it now. A process that owns nothing keeps a stage with state warm.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any

from tocsin.adapters.faust.hosted import Hosted, Stateful
from tocsin.adapters.faust.patience import Patience
from tocsin.adapters.faust.tenure import Tenure
from tocsin.adapters.kafka.names import Names
from tocsin.errors import Retryable
from tocsin.ports.bus import Record
from tocsin.telemetry import logger

BATCH_BYTES = 8 << 20
"""No further record joins a batch that holds as much."""
COMMIT_S = 0.5
PREPARE_S = 5.0
"""How often a spare warms its state up."""
IDLE_S = 0.25
STALL_S = 15.0
"""So long a partition may give nothing though its log goes on, before the app is made anew; twice as
long the next time at the same offset, since what is not there any more looks alike.
"""
_MOST_DOUBLINGS = 8


class Work:
    """`hosted` at work for one life of a Faust app. `stalls`: how often nothing came from an offset on."""

    def __init__(
        self,
        hosted: Hosted,
        patience: Patience,
        names: Names,
        batch: int,
        stalls: Counter[tuple[str, int, int]],
    ) -> None:
        self._hosted = hosted
        self._patience = patience
        self._names = names
        self._batch = batch
        self._stalls = stalls
        self._silent: dict[tuple[str, int, int], float] = {}
        self._log = logger(worker=hosted.name)
        self._inbox: deque[Any] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._tenure: Tenure | None = None
        self._places: frozenset[tuple[str, int]] = frozenset()

    def owned(self) -> frozenset[tuple[str, int]]:
        """(topic, partition) that this process works at. Thread-safe."""
        tenure = self._tenure
        return self._places if tenure is not None and tenure.goes_on() else frozenset()

    async def take(self, event: Any) -> None:
        """An event from Faust; waits while a batch is waiting already."""
        while len(self._inbox) >= self._batch:
            self._room.clear()
            await self._room.wait()
        self._inbox.append(event.message)
        self._arrived.set()

    async def run(self, app: Any, stopping: Callable[[], bool]) -> None:
        """Work until `stopping`. Raises Retryable where the app must be made anew."""
        prepared = committed = monotonic()
        try:
            while not stopping():
                if not self.owned():
                    self._tenure = await self._assume(app)
                tenure = self._tenure
                if tenure is None:
                    if isinstance(self._hosted, Stateful) and monotonic() - prepared > PREPARE_S:
                        await self._patience.once(self._hosted.prepare)
                        prepared = monotonic()
                    await self._patience.rest(IDLE_S)
                    continue
                messages = await self._gather(tenure)
                if not self._inbox:
                    self._watch(tenure)
                if messages and await self._patience.persist(
                    self._step(messages, tenure), tenure.goes_on
                ):
                    tenure.handled(messages)
                if monotonic() - committed > COMMIT_S:
                    await self._commit(tenure)
                    committed = monotonic()
        finally:
            if self._tenure is not None:
                await self._commit(self._tenure)
            self._tenure = None

    async def _assume(self, app: Any) -> Tenure | None:
        """What the group gave this process, and the stage ready to work at it; null while nothing."""
        assigned = app.consumer.assignment()
        if app.rebalancing or not assigned:
            return None
        tenure = Tenure(app)
        try:
            await tenure.open()
        except Retryable as error:
            self._log.info("not-yet", why=str(error))
            return None
        hosted = self._hosted
        if isinstance(hosted, Stateful) and not await self._patience.persist(
            partial(hosted.take_over, tenure.confirm), tenure.goes_on
        ):
            return None
        self._places = frozenset(self._names.places(assigned))
        self._silent = {}
        self._log.info("partitions-given", partitions=sorted(self._places))
        return tenure

    async def _gather(self, tenure: Tenure) -> list[Any]:
        """The next messages of this tenure, in order; [] after a while without any."""
        if not self._inbox:
            self._arrived.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), IDLE_S)
        messages: list[Any] = []
        size = 0
        while self._inbox and len(messages) < self._batch and size < BATCH_BYTES:
            message = self._inbox.popleft()
            # Handed over before a re-balance, or a second time: it comes again, or it came before.
            if message.generation_id != tenure.generation or message.offset < tenure.next_of(
                message
            ):
                continue
            if not await self._follows(message, tenure):
                continue
            tenure.hand_out(message)
            messages.append(message)
            size += len(message.value or b"")
        self._room.set()
        return messages

    async def _follows(self, message: Any, tenure: Tenure) -> bool:
        """Whether it is the next of its partition. A gap before it is what Faust dropped, or what
        expired or was compacted unread: it is read again, and only if nothing is there it is a fact.
        """
        expected = tenure.next_of(message)
        if message.offset == expected:
            return True
        try:
            if await tenure.doubts(message):
                return False
        except Retryable as error:
            self._log.info("not-read-again", why=str(error))
            return False
        self._log.error(
            "records-missing",
            topic=message.topic,
            partition=message.partition,
            first=expected,
            missing=message.offset - expected,
        )
        return True

    def _watch(self, tenure: Tenure) -> None:
        """No later record tells of one that is not handed over at all: raises Retryable where a
        partition is silent for too long though its log goes on.
        """
        now = monotonic()
        behind = [(p.topic, p.partition, tenure.next_of(p)) for p in tenure.behind()]
        self._silent = {place: self._silent.get(place, now) for place in behind}
        for place, since in self._silent.items():
            if now - since > STALL_S * 2 ** min(self._stalls[place], _MOST_DOUBLINGS):
                self._stalls[place] += 1
                topic, partition, at = place
                raise Retryable(f"Faust gives nothing of {topic}/{partition} from {at} on")

    def _step(self, messages: Sequence[Any], tenure: Tenure) -> Callable[[], object]:
        records = [self._record(message) for message in messages]
        if isinstance(self._hosted, Stateful):
            return partial(self._hosted.work, records, tenure.confirm)
        return partial(self._hosted.work, records)

    def _record(self, message: Any) -> Record:
        place = self._names.place(message)
        assert place is not None, "only topics of ours are subscribed to"
        headers = message.headers or ()
        pairs = headers.items() if isinstance(headers, dict) else headers
        return Record(
            *place,
            message.offset,
            (message.key or b"").decode("utf-8", "replace"),
            message.value,
            datetime.fromtimestamp(max(message.timestamp, 0), UTC),
            {name: (value or b"").decode("utf-8", "replace") for name, value in pairs},
        )

    async def _commit(self, tenure: Tenure) -> None:
        """As far as it can be: what is not committed comes again."""
        if not tenure.goes_on():
            return
        try:
            await tenure.commit()
        except Retryable as error:
            self._log.info("not-committed", why=str(error))
