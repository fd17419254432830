"""The registers as the page reads them: folded once, then read on from where the log stood.

A page must show what its reader did a moment ago, and must not decode every feed for a header
line. Nothing is kept that the log doesn't hold; dropping this object loses nothing.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from tocsin.ports.bus import Bus, Record
from tocsin_schemas.contract import Contract
from tocsin_schemas.registry import WireError, body_of, decode
from tocsin_schemas.topics import Topic

M = TypeVar("M", bound=Contract)


class Following(Generic[M]):
    """The newest body of each id of one topic. Thread-safe; every call sees all that was produced
    before it. Records that this release can't read are skipped (`doctor` counts these).
    """

    def __init__(self, bus: Bus, topic: Topic, model: type[M], key: Callable[[M], str]) -> None:
        self._bus = bus
        self._topic = topic.name
        self._compacted = topic.compacted
        self._model = model
        self._key = key
        self._lock = threading.Lock()
        self._ends: dict[tuple[str, int], int] | None = None
        self._held: dict[str, M] = {}
        self.changes = 0
        """Rises whenever something was read: a cheap sign that a conclusion must be drawn again."""

    def all(self) -> dict[str, M]:
        """Bodies by id, in the order in which they first came. A copy of the dictionary."""
        with self._lock:
            ends = self._bus.ends(self._topic)
            if ends != self._ends:
                fresh = self._ends is None and self._compacted
                source = (
                    self._bus.latest(self._topic)
                    if fresh
                    else self._bus.read(self._topic, self._ends, None if fresh else ends)
                )
                for record in source:
                    self._take(record)
                self._ends = ends
                self.changes += 1
            return dict(self._held)

    def _take(self, record: Record) -> None:
        if record.value is None:
            return
        try:
            body = body_of(decode(record.value), self._model)
        except WireError:
            return
        self._held[self._key(body)] = body
