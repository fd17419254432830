"""Everything that a request reads, beside the index: registers folded once, the coverage line, where
alerts stand. One object per app, thread-safe. Writes nothing.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.api.desk import Desk, Progress
from tocsin.api.following import Following
from tocsin.api.standing import Ledger
from tocsin.ports.search import Document
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.feed import NOT_OK, Feed, FeedState
from tocsin_schemas.story import Story
from tocsin_schemas.subscription import Subscription, WordList
from tocsin_schemas.topics import ACTS, FEED_STATES, FEEDS, LISTS, SUBSCRIPTIONS

ALERTS_LOOKED_AT = 1000
"""Newest alerts that the counts of open, acknowledged … ones are taken over."""
LEDGER_S = 10.0
"""A ledger is drawn again after so long, seconds: a merge may have given a story further names."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The line under the header: what the desk could see. It is what makes silence mean something."""

    feeds: int
    not_ok: int
    newest: datetime | None
    lag: int
    problem: str
    open_alerts: int
    next_poll: datetime | None
    articles: int


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed beside its state; a feed never polled is `new`, one switched off `paused`."""

    feed: Feed
    state: FeedState

    @property
    def health(self) -> str:
        """One of the ten states of design §9."""
        return "paused" if not self.feed.active else self.state.state


class Reading:
    """What the routes read through."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        bus = desk.bus
        self._feeds = Following(bus, FEEDS, Feed, lambda f: f.id)
        self._states = Following(bus, FEED_STATES, FeedState, lambda s: s.feed_id)
        self._subscriptions = Following(bus, SUBSCRIPTIONS, Subscription, lambda s: s.id)
        self._lists = Following(bus, LISTS, WordList, lambda w: w.name)
        self._acts = Following(bus, ACTS, Act, lambda a: a.id)
        self._lock = threading.Lock()
        self._ledger: tuple[int, float, Ledger] | None = None
        self._alerts: tuple[int, list[Alert]] | None = None
        self._counts: tuple[tuple[int, int, datetime | None], dict[str, int]] | None = None

    def now(self) -> datetime:
        """The desk's time, UTC."""
        return self.desk.clock.now()

    def progress(self) -> Progress:
        """How far the desk is."""
        return self.desk.progress()

    def feeds(self) -> list[FeedLine]:
        """Every feed with its state, worst first, then by name."""
        states = self._states.all()
        lines = [
            FeedLine(f, states.get(f.id) or FeedState(feed_id=f.id, url=f.url))
            for f in self._feeds.all().values()
            if not f.deleted
        ]
        return sorted(lines, key=lambda x: (rank(x.health), x.feed.source.name, x.feed.url))

    def feed(self, feed_id: str) -> FeedLine | None:
        """One feed."""
        feed = self._feeds.all().get(feed_id)
        if feed is None or feed.deleted:
            return None
        state = self._states.all().get(feed_id)
        return FeedLine(feed, state or FeedState(feed_id=feed.id, url=feed.url))

    def subscriptions(self) -> dict[str, Subscription]:
        """Subscriptions by id, without deleted ones."""
        return {k: s for k, s in self._subscriptions.all().items() if not s.deleted}

    def lists(self) -> dict[str, WordList]:
        """Word lists by name."""
        return {k: w for k, w in self._lists.all().items() if not w.deleted}

    def words(self) -> dict[str, tuple[str, ...]]:
        """Words of each list, as the query's parser takes them."""
        return {k: w.words for k, w in self.lists().items()}

    def acts(self) -> dict[str, Act]:
        """Acts by id, oldest first."""
        return self._acts.all()

    def ledger(self) -> Ledger:
        """The acts in force."""
        acts = self._acts.all()
        with self._lock:
            held = self._ledger
            tick = time.monotonic()
            if held and held[0] == self._acts.changes and tick - held[1] < LEDGER_S:
                return held[2]
            made = Ledger(acts.values(), self._names, self._rang)
            self._ledger = (self._acts.changes, tick, made)
            return made

    def counts(self) -> dict[str, int]:
        """How many of the newest alerts stand open, acknowledged, snoozed, muted."""
        now = self.now()
        ledger = self.ledger()
        with self._lock:
            held = self._counts
            until = held[0][2] if held else None
            sign = (self.desk.search.count("alerts"), id(ledger))
            if held and held[0][:2] == sign and (until is None or now < until):
                return held[1]
            counts = {"open": 0, "acknowledged": 0, "snoozed": 0, "muted": 0}
            for alert in self.newest_alerts():
                counts[ledger.of(alert, now).state] += 1
            self._counts = ((*sign, ledger.next_change(now)), counts)
            return counts

    def newest_alerts(self) -> list[Alert]:
        """The newest alerts, newest first, at most `ALERTS_LOOKED_AT`; read again when one rang."""
        search = self.desk.search
        number = search.count("alerts")
        held = self._alerts
        if held is not None and held[0] == number:
            return held[1]
        found: list[Alert] = []
        cursor = ""
        while len(found) < ALERTS_LOOKED_AT:
            part = search.listing("alerts", limit=200, cursor=cursor)
            found += [d.body for d in part.documents if isinstance(d.body, Alert)]
            cursor = part.cursor
            if not cursor:
                break
        found = found[:ALERTS_LOOKED_AT]
        self._alerts = (number, found)
        return found

    def coverage(self) -> Coverage:
        """The line that every page carries."""
        feeds = self.feeds()
        progress = self.progress()
        return Coverage(
            feeds=len(feeds),
            not_ok=sum(line.health in NOT_OK for line in feeds),
            newest=progress.newest,
            lag=progress.lag,
            problem=progress.problem,
            open_alerts=self.counts()["open"],
            next_poll=min(
                (x.state.next_poll for x in feeds if x.feed.active and x.state.next_poll),
                default=None,
            ),
            articles=self.desk.search.count("articles"),
        )

    def story(self, story_id: str) -> Story | None:
        """One story as it stands, merged or not."""
        found = self.desk.search.get("stories", story_id)
        return found.body if found and isinstance(found.body, Story) else None

    def stories(self, ids: list[str]) -> dict[str, Story]:
        """Stories by id; unknown ones are missing."""
        found: Mapping[str, Document] = (
            self.desk.search.many("stories", sorted(set(ids))) if ids else {}
        )
        return {k: d.body for k, d in found.items() if isinstance(d.body, Story)}

    def _names(self, stories: set[str]) -> dict[str, frozenset[str]]:
        held = self.stories(sorted(stories))
        heirs = self.stories(
            [s.lineage.merged_into for s in held.values() if s.lineage.merged_into]
        )
        out = {}
        for story_id, story in held.items():
            heir = heirs.get(story.lineage.merged_into or "", story)
            out[story_id] = frozenset({heir.id, *heir.lineage.ancestors})
        return out

    def _rang(self, alerts: set[str]) -> dict[str, datetime]:
        found = self.desk.search.many("alerts", sorted(alerts)) if alerts else {}
        return {k: d.body.rang for k, d in found.items() if isinstance(d.body, Alert)}


ORDER = ("failing", "blocked", "not-a-feed", "gap", "silent", "waiting", "empty", "new", "paused",
         "ok")  # fmt: skip
"""States, worst first."""


def rank(health: str) -> int:
    """Place of a state among `ORDER`."""
    return ORDER.index(health)
