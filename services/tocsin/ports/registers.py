"""Feeds, subscriptions and lists: the content of the compacted topics, read and written by id.

No store of their own: a change is an event on the topic, the newest event of a key is the truth, on
either desk alike.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from tocsin.ports.bus import Bus, Message
from tocsin_schemas.act import Act
from tocsin_schemas.contract import Contract
from tocsin_schemas.feed import Feed, FeedState
from tocsin_schemas.registry import WireError, body_of, decode, encode, event
from tocsin_schemas.subscription import Subscription, WordList
from tocsin_schemas.topics import ACTS, FEED_STATES, FEEDS, LISTS, SUBSCRIPTIONS, Topic

M = TypeVar("M", bound=Contract)


def message(
    topic: Topic,
    key: str,
    body: Contract,
    *,
    root_id: str,
    at: datetime,
    discriminator: str = "",
) -> Message:
    """A message for `topic` that carries `body` as an event of its own (no cause)."""
    made = event(body, root_id=root_id, at=at, discriminator=discriminator)
    return Message(topic.name, key, encode(made))


def host_of(url: str) -> str:
    """The host that owns a feed: lower case, with its port if it names one."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


class Registers:
    """The registers of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def feeds(self) -> dict[str, Feed]:
        """Feeds by id, without deleted ones."""
        found = {f.id: f for f in self._read(FEEDS, Feed)}
        return {k: f for k, f in found.items() if not f.deleted}

    def has_own_feeds(self) -> bool:
        """Whether a person ever put a feed here, be it removed since; the demo's do not count."""
        return any(not f.demo for f in self._read(FEEDS, Feed))

    def put_feed(self, *feeds: Feed, at: datetime) -> None:
        """Add or change feeds."""
        self._bus.produce(
            message(
                FEEDS,
                f"{host_of(f.url)} {f.id}",
                f,
                root_id=f.id,
                at=at,
                discriminator=at.isoformat(),
            )
            for f in feeds
        )

    def feed_states(self) -> dict[str, FeedState]:
        """Feed states by feed id."""
        return {s.feed_id: s for s in self._read(FEED_STATES, FeedState)}

    def subscriptions(self) -> dict[str, Subscription]:
        """Subscriptions by id, without deleted ones."""
        found = {s.id: s for s in self._read(SUBSCRIPTIONS, Subscription)}
        return {k: s for k, s in found.items() if not s.deleted}

    def put_subscription(self, *subscriptions: Subscription, at: datetime) -> None:
        """Add or change subscriptions."""
        self._bus.produce(
            message(SUBSCRIPTIONS, s.id, s, root_id=s.id, at=at, discriminator=at.isoformat())
            for s in subscriptions
        )

    def lists(self) -> dict[str, WordList]:
        """Word lists by name, without deleted ones."""
        return {w.name: w for w in self._read(LISTS, WordList) if not w.deleted}

    def put_list(self, *lists: WordList, at: datetime) -> None:
        """Add or change word lists."""
        self._bus.produce(
            message(LISTS, w.id, w, root_id=w.id, at=at, discriminator=at.isoformat())
            for w in lists
        )

    def put_act(self, act: Act) -> None:
        """Record what a person did; the same act id again is the same event."""
        self._bus.produce([message(ACTS, act.subject_id, act, root_id=act.id, at=act.at)])

    def _read(self, topic: Topic, model: type[M]) -> Iterator[M]:
        # Oldest first over all partitions: a feed whose host changed has two keys, the newest wins.
        for record in sorted(self._bus.latest(topic.name), key=lambda r: r.written):
            if record.value is not None:
                try:
                    yield body_of(decode(record.value), model)
                except WireError:
                    continue  # written by a newer release; `doctor` counts these
