"""The log on Kafka, as the port has it: what the distributed desk's processes share.

The broker keeps records, positions and retention; this translates names, places and errors, and waits
for every acknowledgement. Never creates a topic: that is `topics.make_topics`.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from tocsin.adapters.groups import Bell
from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.member import KafkaMember
from tocsin.adapters.kafka.names import Names
from tocsin.adapters.kafka.producer import Writer
from tocsin.adapters.kafka.questions import Questions
from tocsin.adapters.kafka.reading import Reader
from tocsin.adapters.routing import Place, admit, named
from tocsin.ports.bus import Message, Position, Record
from tocsin_schemas.topics import TOPICS, Topic


class KafkaBus:
    """A `ports.bus.Bus`. Thread-safe. `servers`: host:port by commas; `prefix` is put before the names
    of topics and groups; `session_s`, `heartbeat_s`: after how much silence a member is replaced;
    `join_s`: how long a member's first poll waits to be let into its group.

    Connects when first used. While the broker is away every call raises Retryable after some seconds,
    but `poll`, which hands out nothing; the bus recovers by itself.
    """

    def __init__(
        self,
        servers: str,
        *,
        prefix: str = "",
        topics: Mapping[str, Topic] = TOPICS,
        client_id: str = "tocsin",
        session_s: float = 10.0,
        heartbeat_s: float = 3.0,
        join_s: float = 5.0,
    ) -> None:
        self._topics = topics
        self._base = client.options(servers, client_id)
        self._names = Names(prefix, topics)
        self._questions = Questions(self._base, self._names)
        self._writer = Writer(self._base, self._names, self._questions)
        self._reader = Reader(self._base, self._names, self._questions)
        self._bell = Bell()
        self._waits = session_s, heartbeat_s, join_s
        self._lock = threading.Lock()
        self._members: list[KafkaMember] = []

    def produce(self, messages: Iterable[Message]) -> list[int]:
        """Append; returns offsets once every replica has them. A call that raises Retryable may have
        written some of its records.
        """
        admitted = [(admit(self._topics, m), m) for m in messages]
        if not admitted:
            return []
        self._questions.require(place[0] for place, _ in admitted)
        offsets = self._writer.write(admitted)
        self._bell.ring()
        return offsets

    def consumer(self, group: str, topics: Sequence[str], *, together: bool = False) -> KafkaMember:
        """A member of `group`; ValueError for an unknown topic or none at all. It joins at its first
        poll.
        """
        if not topics:
            raise ValueError(f"group {group!r} subscribes to no topic")
        for name in topics:
            named(self._topics, name)
        session_s, heartbeat_s, join_s = self._waits
        member = KafkaMember(
            self._base,
            self._names,
            self._questions,
            group,
            topics,
            together=together,
            session_s=session_s,
            heartbeat_s=heartbeat_s,
            join_s=join_s,
        )
        with self._lock:
            self._members = [*(m for m in self._members if not m.closed), member]
        return member

    def read(
        self, topic: str, start: Position | None = None, end: Position | None = None
    ) -> Iterator[Record]:
        """Records of a topic, partition by partition."""
        return self._reader.read(topic, start, end)

    def latest(self, topic: str) -> Iterator[Record]:
        """The newest record of each key, without tombstones, in order of arrival per partition."""
        return self._reader.latest(topic)

    def ends(self, topic: str) -> dict[Place, int]:
        """Next offset to be written, per partition."""
        return self._questions.ends(topic)

    def identities(self, topics: Collection[str]) -> dict[str, str]:
        """The broker's own ids of the topics."""
        return self._questions.identities(topics)

    def committed(self, group: str) -> dict[Place, int]:
        """Committed positions of a group."""
        return self._questions.committed(group)

    def groups(self) -> list[str]:
        """Groups of this desk that ever committed and that the broker still remembers, sorted."""
        return self._questions.groups()

    def prune(self, now: datetime, max_records: int = 1000) -> int:  # noqa: ARG002  # the port's
        """The broker prunes: 0."""
        return 0

    def wait(self, timeout_s: float) -> bool:
        """Block until something was produced through this process."""
        return self._bell.wait(timeout_s)

    def close(self) -> None:
        """Leave every group, let go of every client, wake whoever waits; idempotent."""
        with self._lock:
            members, self._members = self._members, []
        for member in members:
            member.close()
        self._writer.close()
        self._reader.close()
        self._questions.close()
        self._bell.ring()
