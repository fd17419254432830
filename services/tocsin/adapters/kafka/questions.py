"""Questions to the broker that change nothing: which topics, how far they go, how far groups are.

Asked through one thread-safe client, made when first needed.
"""

import threading
from collections.abc import Callable, Collection, Iterable
from time import monotonic, sleep
from typing import Any, TypeVar

from kafka import errors
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec

from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.names import Names
from tocsin.adapters.routing import Place, named, places_of
from tocsin.errors import Stopping, TocsinError

Answer = TypeVar("Answer")

PATIENCE_S = 5.0
"""A passing fault (a leader being elected, a connection lost) is asked about again for this long."""
_PAUSE_S = 0.1


class Questions:
    """Answers about the desk's topics and groups, in logical names. Thread-safe."""

    def __init__(self, base: client.Options, names: Names) -> None:
        self._base = base
        self._names = names
        self._lock = threading.Lock()
        self._admin: Any = None
        self._seen: set[str] = set()
        self._closed = False

    def ends(self, topic: str) -> dict[Place, int]:
        """Next offset to be written, per partition."""
        return self._offsets(topic, OffsetSpec.LATEST)

    def starts(self, topic: str) -> dict[Place, int]:
        """The oldest offset kept, per partition."""
        return self._offsets(topic, OffsetSpec.EARLIEST)

    def committed(self, group: str) -> dict[Place, int]:
        """Committed positions of a group on the desk's topics."""
        physical = self._names.physical(group)
        found = self._asked(lambda admin: admin.list_group_offsets({physical: None}))
        return self._positions(found.get(physical, {}))

    def identities(self, topics: Collection[str]) -> dict[str, str]:
        """The broker's ids of topics: one that is deleted and made again has another."""
        wanted = {self._names.physical(name): name for name in topics}
        described = self._asked(lambda admin: admin.describe_topics(list(wanted)))
        found = {wanted[t["name"]]: str(t["topic_id"]) for t in described if t["error_code"] == 0}
        for physical, name in wanted.items():
            if name not in found:
                raise client.no_topic(self._base, physical)
        return found

    def groups(self) -> list[str]:
        """Groups with our prefix that committed on our topics, sorted."""
        listed = self._asked(lambda admin: admin.list_groups())
        mine = sorted(
            {g["group_id"] for g in listed if g["group_id"].startswith(self._names.prefix)}
        )
        if not mine:
            return []
        found = self._asked(lambda admin: admin.list_group_offsets(dict.fromkeys(mine)))
        cut = len(self._names.prefix)
        return [group[cut:] for group in mine if self._positions(found.get(group, {}))]

    def limit(self, topic: str) -> int:
        """The largest batch that the broker takes for a topic, bytes."""
        physical = self._names.physical(topic)
        asked = ConfigResource(ConfigResourceType.TOPIC, physical)
        found = self._asked(
            lambda admin: admin.describe_configs([asked], config_filter="all"), physical
        )
        return int(found["topic"][physical]["max.message.bytes"]["value"])

    def require(self, topics: Iterable[str]) -> None:
        """TocsinError where the broker has no such topic, or one with too few partitions. What was
        found once is not asked about again.
        """
        unseen = [name for name in dict.fromkeys(topics) if name not in self._seen]
        if not unseen:
            return
        wanted = {self._names.physical(name): self._names.topics[name] for name in unseen}
        described = self._asked(lambda admin: admin.describe_topics(list(wanted)))
        found = {t["name"]: len(t["partitions"]) for t in described if t["error_code"] == 0}
        for physical, topic in wanted.items():
            if physical not in found:
                raise client.no_topic(self._base, physical)
            if found[physical] < topic.partitions:
                raise TocsinError(
                    f"Kafka's topic {physical} has {found[physical]} partitions, "
                    f"{topic.partitions} are needed; run `tocsin setup`"
                )
        self._seen.update(unseen)

    def close(self) -> None:
        """Let go of the client; idempotent."""
        with self._lock:
            self._closed = True
            admin, self._admin = self._admin, None
        if admin is not None:
            admin.close()

    def _offsets(self, topic: str, spec: OffsetSpec) -> dict[Place, int]:
        places = places_of(named(self._names.topics, topic))
        asked = {self._names.partition(place): spec for place in places}
        found = self._asked(
            lambda admin: admin.list_partition_offsets(asked), self._names.physical(topic)
        )
        return {place: found[self._names.partition(place)].offset for place in places}

    def _positions(self, found: Any) -> dict[Place, int]:
        return {
            place: held.offset
            for partition, held in found.items()
            if (place := self._names.place(partition)) is not None and held.offset >= 0
        }

    def _asked(self, question: Callable[[Any], Answer], topic: str = "") -> Answer:
        """The answer, asked again for `PATIENCE_S` where the fault passes by itself."""
        deadline = monotonic() + PATIENCE_S
        with client.answered(self._base, topic):
            while True:
                try:
                    return question(self._current())
                except errors.UnknownTopicOrPartitionError:
                    raise
                except errors.RetriableError:
                    if monotonic() > deadline:
                        raise
                    sleep(_PAUSE_S)

    def _current(self) -> Any:
        with self._lock:
            if self._closed:
                raise Stopping("the bus is closed")
            if self._admin is None:
                self._admin = client.admin(self._base)
            return self._admin
