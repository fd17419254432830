"""Writing: every record acknowledged by all replicas before a call returns, in the order given.

One shared producer. One that failed for good is replaced before the next call: after any error that
is not a passing one the library fails every later record too, each with that first error. A failed call may have written some of its records: whoever tries again
writes them again, and ids tell them apart.
"""

import threading
from collections.abc import Sequence
from time import monotonic
from typing import Any

from kafka import errors

from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.names import Names
from tocsin.adapters.kafka.questions import Questions
from tocsin.adapters.routing import Place
from tocsin.errors import Retryable, Stopping, TocsinError
from tocsin.ports.bus import Message
from tocsin.telemetry import logger

_TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)
_SLACK_S = 5.0


class Writer:
    """A producer that is made when first needed. Thread-safe."""

    def __init__(self, base: client.Options, names: Names, questions: Questions) -> None:
        self._base = base
        self._names = names
        self._questions = questions
        self._largest = max((t.max_bytes for t in names.topics.values()), default=1 << 20)
        self._lock = threading.Lock()
        self._producer: Any = None
        self._closed = False

    def write(self, admitted: Sequence[tuple[Place, Message]]) -> list[int]:
        """Send all, wait for all; returns offsets. Retryable where an acknowledgement is missing."""
        producer = self._current()
        futures: list[Any] = []
        failures: list[tuple[str, Exception]] = []
        for place, message in admitted:
            try:
                futures.append(self._send(producer, place, message))
            except (errors.KafkaError, ValueError) as error:
                failures.append((place[0], error))
                break
        deadline = monotonic() + client.DELIVERY_S + _SLACK_S
        offsets: list[int] = []
        for (place, _), future in zip(admitted, futures, strict=False):
            try:
                offsets.append(future.get(timeout=max(0.0, deadline - monotonic())).offset)
            except errors.KafkaError as error:
                failures.append((place[0], error))
        if failures:
            unanswered = any(not future.is_done for future in futures)
            raise self._failed(producer, admitted, failures, unanswered=unanswered)
        return offsets

    def close(self) -> None:
        """Let go of the producer; idempotent. Nothing is pending: `write` waits for its records."""
        with self._lock:
            self._closed = True
            producer, self._producer = self._producer, None
        if producer is not None:
            _let_go(producer, 1)

    def _send(self, producer: Any, place: Place, message: Message) -> Any:
        return producer.send(
            self._names.physical(place[0]),
            key=message.key.encode(),
            value=message.value,
            headers=[(name, text.encode()) for name, text in message.headers.items()],
            partition=place[1],
        )

    def _current(self) -> Any:
        with self._lock:
            if self._closed:
                raise Stopping("the bus is closed")
            if self._producer is None:
                with client.answered(self._base):
                    self._producer = client.producer(self._base, self._largest)
            return self._producer

    def _failed(
        self,
        producer: Any,
        admitted: Sequence[tuple[Place, Message]],
        failures: Sequence[tuple[str, Exception]],
        *,
        unanswered: bool,
    ) -> TocsinError:
        """What to raise; a producer that cannot go on is dropped."""
        fatal = [(n, e) for n, e in failures if not isinstance(e, errors.RetriableError)]
        name, error = (fatal or failures)[0]
        if fatal or unanswered:
            logger().warning("kafka-producer-replaced", why=repr(error))
            with self._lock:
                mine = self._producer is producer
                if mine:
                    self._producer = None
            if mine:
                _let_go(producer, 0)
        physical = self._names.physical(name)
        if isinstance(error, ValueError):  # a partition that the broker's topic does not have
            return TocsinError(f"{physical}: {error}; run `tocsin setup`")
        if isinstance(error, _TOO_LARGE) and not self._oversize(admitted, name):
            return Retryable(f"a record of another call was too large for {physical}")
        return client.ours(self._base, error, physical)

    def _oversize(self, admitted: Sequence[tuple[Place, Message]], name: str) -> bool:
        """Whether this call holds a record above the broker's limit for the topic. Calls share the
        producer, which tells all of them of the first one's fault.
        """
        limit = self._questions.limit(name)
        return any(
            len(message.value or b"") + len(message.key.encode()) > limit - client.FRAMING
            for place, message in admitted
            if place[0] == name
        )


def _let_go(producer: Any, timeout_s: float) -> None:
    """Close a producer. The library gives up half-way where a record is pending, and leaves its
    thread running.
    """
    try:
        producer.close(timeout=timeout_s)
    except errors.KafkaError:
        producer._sender.force_close()  # noqa: SLF001  # nothing public ends that thread
