"""Where a message goes: its topic, its partition, and whether it may enter the log at all.

One rule for every bus, so that a feed's host keeps its partition, and its order, on either desk.
Never changes a message.
"""

from collections.abc import Mapping
from zlib import crc32

from tocsin.errors import UsageError
from tocsin.ports.bus import Message
from tocsin_schemas.topics import DAY, Topic

Place = tuple[str, int]
"""A topic's partition: (topic name, partition number)."""

TOMBSTONE_S = DAY
"""A tombstone outlives the compaction lag by a day, so that a slow reader still sees the deletion."""


def partition_of(key: str, partitions: int) -> int:
    """The partition of `key`: CRC-32 of its part before the first space (feed topics are keyed
    `host feed-id`, and a host stays whole). UsageError for a key that is no Unicode text.
    """
    try:
        return crc32(key.partition(" ")[0].encode()) % partitions
    except UnicodeEncodeError:
        raise UsageError(f"the key {key!r} holds a lone surrogate; clean it first") from None


def admit(topics: Mapping[str, Topic], message: Message) -> Place:
    """Where `message` will stand. ValueError for an unknown topic, UsageError for a record above
    the topic's limit.
    """
    topic = topics.get(message.topic)
    if topic is None:
        known = ", ".join(topics)
        raise ValueError(f"there is no topic {message.topic!r}; known are {known}")
    size = len(message.value or b"")
    if size > topic.max_bytes:
        raise UsageError(
            f"a record of {size:,} bytes is above the limit of {topic.name} "
            f"({topic.max_bytes:,} bytes); key {message.key!r}. Cut its text, or raise `max_bytes` "
            "of the topic in tocsin_schemas.topics"
        )
    return topic.name, partition_of(message.key, topic.partitions)


def places_of(topic: Topic) -> list[Place]:
    """All partitions of a topic, in order."""
    return [(topic.name, number) for number in range(topic.partitions)]


def named(topics: Mapping[str, Topic], name: str) -> Topic:
    """The topic called `name`; ValueError, naming the known ones, where there is none."""
    found = topics.get(name)
    if found is None:
        raise ValueError(f"there is no topic {name!r}; known are {', '.join(topics)}")
    return found


def kept_s(topic: Topic) -> int | None:
    """How long the embedded log keeps a record of `topic`, seconds; null: for ever."""
    return topic.embedded_retention_s or topic.retention_s
