"""Which feeds could not be seen while a story grew: the coverage note of every alert.

A silent desk is only good news where the sources were watched. Keeps, per feed, its present state and
the spells in which it was not ok; never judges a feed itself (the collector does).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson

from tocsin.ports.state import Transaction
from tocsin_schemas.alert import DarkFeed
from tocsin_schemas.feed import NOT_OK, FeedState

FEEDS = "feeds"
MOST = 200
"""Feeds named in one alert; a desk with more dark feeds has said enough by then."""
SPELLS = 20
KEEP = timedelta(days=60)


@dataclass(slots=True)
class _Spells:
    """A feed that is, or was, not ok: (state, since, until); null until: it still is."""

    name: str
    spells: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)


class Coverage:
    """The feeds that were ever not ok, in memory and as rows."""

    def __init__(self) -> None:
        self._feeds: dict[str, _Spells] = {}
        self._names: dict[str, str] = {}

    def restore(self, tx: Transaction) -> None:
        """Read again from the rows."""
        self._feeds = {}
        for feed_id, row in tx.scan(FEEDS):
            d = orjson.loads(row)
            self._feeds[feed_id] = _Spells(
                d["name"],
                [
                    (s, datetime.fromisoformat(a), None if b is None else datetime.fromisoformat(b))
                    for s, a, b in d["spells"]
                ],
            )

    def name(self, feed_id: str, source: str) -> None:
        """Learn what a feed's source is called, from an article of it."""
        self._names[feed_id] = source

    def polled(self, state: FeedState, at: datetime, tx: Transaction) -> None:
        """Take in the state of a feed after a poll."""
        held = self._feeds.get(state.feed_id)
        now = held.spells[-1] if held is not None and held.spells else None
        dark = state.state in NOT_OK
        if now is not None and now[2] is None:
            if dark and now[0] == state.state:
                return
            assert held is not None
            held.spells[-1] = (now[0], now[1], at)
        elif not dark:
            return
        if held is None:
            held = self._feeds[state.feed_id] = _Spells(urlsplit(state.url).netloc or state.url)
        if dark:
            held.spells.append((state.state, state.since or at, None))
        held.spells = [s for s in held.spells if s[2] is None or s[2] > at - KEEP][-SPELLS:]
        tx.put(FEEDS, state.feed_id, orjson.dumps({"name": held.name, "spells": held.spells}))

    def between(self, start: datetime, end: datetime) -> tuple[DarkFeed, ...]:
        """Feeds not ok at some time of `[start, end]`: the latest such spell of each, by name."""
        found = []
        for feed_id, held in self._feeds.items():
            spells = [s for s in held.spells if s[1] <= end and (s[2] is None or s[2] >= start)]
            if spells:
                state, since, _ = spells[-1]
                name = self._names.get(feed_id, held.name)
                found.append(DarkFeed(feed_id=feed_id, name=name, state=state, since=since))
        found.sort(key=lambda d: (d.name, d.feed_id))
        return tuple(found[:MOST])
