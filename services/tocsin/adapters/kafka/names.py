"""Names on the broker and names in the code: `prefix + name`, so that several desks share a broker.

Also how the client's records become ours. Never touches a network.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from kafka import TopicPartition

from tocsin.adapters.routing import Place
from tocsin.ports.bus import Record
from tocsin_schemas.topics import Topic


class Names:
    """Translates between the two, both ways. `topics` by logical name."""

    def __init__(self, prefix: str, topics: Mapping[str, Topic]) -> None:
        self.prefix = prefix
        self.topics = topics
        self._logical = {prefix + name: name for name in topics}

    def physical(self, name: str) -> str:
        """The name on the broker, of a topic or a group."""
        return self.prefix + name

    def partition(self, place: Place) -> Any:
        """The client's word for `place`."""
        return TopicPartition(self.prefix + place[0], place[1])

    def place(self, partition: Any) -> Place | None:
        """Ours for the client's; null for a topic that is none of ours."""
        name = self._logical.get(partition.topic)
        return None if name is None else (name, partition.partition)

    def places(self, partitions: Iterable[Any]) -> set[Place]:
        """The places among `partitions` that are ours."""
        return {place for p in partitions if (place := self.place(p)) is not None}

    def record(self, raw: Any) -> Record:
        """Ours for the client's record. A key that is no text, which we never write, is shown with
        U+FFFD.
        """
        return Record(
            self._logical[raw.topic],
            raw.partition,
            raw.offset,
            (raw.key or b"").decode("utf-8", "replace"),
            raw.value,
            datetime.fromtimestamp(max(raw.timestamp, 0) / 1000, UTC),
            {name: (value or b"").decode("utf-8", "replace") for name, value in raw.headers},
        )
