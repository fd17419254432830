"""Topics on a real broker for one test, and buses on them; gone with the test."""

from collections.abc import Iterable
from itertools import count
from time import sleep
from typing import Any, Self

from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.bus import KafkaBus
from tocsin.adapters.kafka.topics import make_topics
from tocsin_schemas.topics import TOPICS, Topic


class Desks:
    """Makes desks of their own (a prefix each) on the broker at `servers`, and removes them."""

    def __init__(
        self, servers: str, prefix: str, topics: Iterable[Topic] = TOPICS.values()
    ) -> None:
        self.servers = servers
        self.topics = {topic.name: topic for topic in topics}
        self._prefix = prefix
        self._numbers = count()
        self._made: list[str] = []
        self._buses: list[KafkaBus] = []

    def new(self) -> KafkaBus:
        """A bus on empty topics of its own."""
        return self.another(self.prefix())

    def prefix(self) -> str:
        """The prefix of new, empty topics."""
        self._made.append(f"{self._prefix}{next(self._numbers)}-")
        make_topics(self.servers, self._made[-1], 1, self.topics)
        return self._made[-1]

    def remove(self, prefix: str) -> None:
        """Topics of `prefix`, which the test makes itself, go with the others."""
        self._made.append(prefix)

    def another(self, prefix: str, **waits: Any) -> KafkaBus:
        """One more bus on the topics of `prefix`, as of another process; members are missed soon."""
        waits = {"session_s": 6.0, "heartbeat_s": 0.3, **waits}
        self._buses.append(KafkaBus(self.servers, prefix=prefix, topics=self.topics, **waits))
        return self._buses[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for bus in self._buses:
            bus.close()
        admin = client.admin(client.options(self.servers, "tocsin-tests"))
        try:
            names = {prefix + name for prefix in self._made for name in self.topics}
            if names:
                admin.delete_topics(sorted(names), raise_errors=False)
            for _ in range(100):  # it takes effect a moment after it was answered
                if names.isdisjoint(admin.list_topics()):
                    break
                sleep(0.05)
        finally:
            admin.close()
