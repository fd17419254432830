"""What this process owns between two re-balances of its group, and how far it has come there.

Positions are committed by us, each the offset after the last record whose work returned: nothing that
Faust skipped or dropped can be among them. The broker refuses the commit of a member that was replaced,
so committing once more what is handled already asks it whether we still own what we read.

Reading begins by our own seek: what is fetched while a group is dealt anew Faust drops, and it goes
back only where something was committed, so the first records of a partition would never come again.
"""

import asyncio
import concurrent.futures
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

from aiokafka import TopicPartition  # type: ignore[import-untyped]  # the client has no types
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # the same

from tocsin.errors import Retryable

ANSWER_S = 5.0
"""How long the broker may take to answer. An answer that comes later proves nothing."""


class Tenure:
    """The partitions that `app` has now. Everything but `confirm` belongs to the app's event loop."""

    def __init__(self, app: Any) -> None:
        thread = app.consumer._thread  # noqa: SLF001  # Faust shows neither its client nor its loop
        self.generation: int = app.consumer_generation_id
        self._app = app
        self._loop: asyncio.AbstractEventLoop = thread.thread_loop
        self._client: Any = thread._consumer  # noqa: SLF001  # the same
        self._handled: dict[Any, int] = {}
        self._committed: dict[Any, int] = {}
        self._next: dict[Any, int] = {}
        self._doubted: dict[Any, tuple[int, int]] = {}

    def goes_on(self) -> bool:
        """Whether the group has not been dealt anew, as far as this process knows."""
        return bool(
            not self._app.rebalancing and self._app.consumer_generation_id == self.generation
        )

    async def open(self) -> None:
        """Find where the group stands, and read from there. Raises Retryable."""
        with _ours():
            await self._asked(self._find())

    def next_of(self, message: Any) -> int:
        """The offset that should come next in the partition of a message (or in a partition)."""
        return self._next.get(_place(message), 0)

    def hand_out(self, message: Any) -> None:
        """It is about to be worked at."""
        self._next[_place(message)] = message.offset + 1

    async def doubts(self, message: Any) -> bool:
        """Whether the message, which is further on than what should come next, is to be left because
        what lies between is read again. False when the same message has come as the next once more:
        nothing lies between.
        """
        place, expected = _place(message), self.next_of(message)
        was_expected, was_next = self._doubted.get(place, (-1, 0))
        if was_expected == expected and message.offset >= was_next:
            return bool(message.offset > was_next)  # on its way before it was read again
        self._doubted[place] = expected, message.offset
        with _ours():
            await self._asked(self._seek({place: expected}))
        return True

    def behind(self) -> list[Any]:
        """Partitions whose log goes further than what was handed out, as far as the client has heard."""
        try:
            return [
                p for p, at in sorted(self._next.items()) if (self._client.highwater(p) or 0) > at
            ]
        except (KafkaError, AssertionError):  # the client's words for: it is taken away just now
            return []

    def handled(self, messages: Sequence[Any]) -> None:
        """Their work has returned."""
        for message in messages:
            self._handled[_place(message)] = message.offset + 1

    async def commit(self) -> None:
        """Make durable what is handled. Where that fails, Retryable, those records come again."""
        if self._handled != self._committed:
            with _ours():
                await self._asked(self._commit(dict(self._handled)))

    def confirm(self) -> None:
        """Ask the broker whether this tenure goes on. Raises Retryable where it is over, or where no
        answer came. Called by the thread that works.
        """
        with _ours():
            self._sent(self._commit(dict(self._handled))).result(ANSWER_S)

    async def _find(self) -> None:
        for place in sorted(self._client.assignment()):
            # Where nothing was committed yet: 0, which Kafka reads as the oldest record kept. It is not
            # asked for that one: the answer would queue up behind a fetch that waits for records.
            self._handled[place] = await self._client.committed(place) or 0
        await self._seek(self._handled)
        self._next = dict(self._handled)
        self._committed = dict(self._handled)

    async def _seek(self, positions: dict[Any, int]) -> None:
        self._check()
        for place, offset in positions.items():
            self._client.seek(place, offset)

    async def _commit(self, positions: dict[Any, int]) -> None:
        self._check()
        await self._client.commit(positions)
        self._check()
        self._committed = positions

    def _check(self) -> None:
        if self._client._coordinator.generation != self.generation:  # noqa: SLF001  # as above
            raise Retryable("the group was dealt anew")

    async def _asked(self, question: Coroutine[Any, Any, None]) -> None:
        await asyncio.wait_for(asyncio.wrap_future(self._sent(question)), ANSWER_S)

    def _sent(self, question: Coroutine[Any, Any, None]) -> "concurrent.futures.Future[None]":
        """The question on its way to the client's own loop, which is another thread's."""
        try:
            return asyncio.run_coroutine_threadsafe(question, self._loop)
        except RuntimeError as error:
            question.close()
            raise Retryable("the Kafka client has stopped") from error


@contextmanager
def _ours() -> Iterator[None]:
    """What the client raises, as ours; also where the process slept between question and answer."""
    began = monotonic()
    try:
        yield
    except TimeoutError as error:
        raise Retryable(f"Kafka gave no answer within {ANSWER_S:.0f} s") from error
    except KafkaError as error:
        raise Retryable(f"Kafka: {type(error).__name__}: {error}"[:300]) from error
    if monotonic() - began > ANSWER_S + 1:
        raise Retryable("this process slept while Kafka answered")


def _place(message: Any) -> Any:
    return TopicPartition(message.topic, message.partition)
