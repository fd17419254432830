"""The demo's whole script through the real stages, in process: items → child's reader → clusterer →
alerter, on the memory adapters. What `tests/data/demo/expected.json` is compared with.

As a command it prints what came out of which intention: `python tests/support/demo_run.py [SEED]`.
"""

import json
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.state import MemoryState
from tocsin.demo import formats, standing
from tocsin.demo.script import Dispatch, outlets, waves
from tocsin.errors import Rejected
from tocsin.pipeline.clusterer import Clusterer
from tocsin.pipeline.collect.items import harvest
from tocsin.pipeline.collect.parse import parse_feed
from tocsin.pipeline.handler import Handler
from tocsin.pipeline.match.alerter import Alerter
from tocsin.pipeline.topology import worker
from tocsin.ports.bus import Message
from tocsin.ports.registers import Registers
from tocsin.workers import child
from tocsin.workers.enricher import Enricher
from tocsin.workers.host import Host
from tocsin.workers.runner import Pipe, Steps
from tocsin_schemas.alert import Alert
from tocsin_schemas.feed import Feed, FeedState
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import body_of, decode, encode, event
from tocsin_schemas.story import ClusteredArticle
from tocsin_schemas.topics import ALERTS, CLUSTERED, DEAD_LETTERS, ITEMS, OUTCOMES, TOPICS

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When the first poll happens; stream time takes no wall clock, so any day does."""
EXPECTED = Path(__file__).parents[1] / "data" / "demo" / "expected.json"


def read_here(values: list[bytes]) -> list[bytes | Rejected]:
    """What the child pool does, in this process."""
    return [child.read(v) for v in values]


@dataclass
class Run:
    """A desk without shell: polls feeds as they stand, works everything off, remembers its state."""

    bus: MemoryBus = field(default_factory=MemoryBus)
    now: datetime = START
    states: dict[str, FeedState] = field(default_factory=dict)
    stores: dict[str, MemoryState] = field(default_factory=dict)
    shelves: dict[str, dict[str, Dispatch]] = field(default_factory=dict)
    base: str = "http://127.0.0.1:40001"

    def __post_init__(self) -> None:
        self._workers: list[Steps] = []
        known = Registers(self.bus).subscriptions()
        new = [s for s in standing.subscriptions(self.now) if s.id not in known]
        if new:
            Registers(self.bus).put_subscription(*new, at=self.now)
        self.shelves = {key: {} for key in outlets()}
        self.restart()

    def restart(self) -> None:
        """Every worker begins again from its state."""
        for w in self._workers:
            w.close()
        self._workers = [
            Pipe("enricher", Enricher(read_here), bus=self.bus, reads=worker("enricher").reads),
            self._host("clusterer", Clusterer()),
            self._host("alerter", Alerter()),
        ]
        for w in self._workers:
            w.start()

    def forget(self) -> None:
        """Lose every worker's state and every group's position; the log alone is left. All is read
        again from the first record.
        """
        old, self.bus = self.bus, MemoryBus()
        for topic in TOPICS:
            self.bus.produce(
                Message(r.topic, r.key, r.value, r.headers) for r in list(old.read(topic))
            )
        self.stores.clear()
        self.states.clear()
        self.restart()
        self.work()

    def _host(self, name: str, handler: Handler) -> Host:
        state = self.stores.setdefault(name, MemoryState())
        return Host.of(worker(name), handler, bus=self.bus, state=state)

    def feeds(self) -> dict[str, Feed]:
        """The demo's feeds by outlet."""
        return dict(zip(outlets(), standing.feeds(self.base, START), strict=True))

    def poll(self, order: Sequence[str] = ()) -> int:
        """One round over all feeds, in `order`; returns the number of new items."""
        self.now += timedelta(seconds=standing.POLL_S)
        count = 0
        for key in order or list(outlets()):
            feed = self.feeds()[key]
            body = formats.feed(outlets()[key], list(reversed(self.shelves[key].values())))
            state = self.states.get(feed.id) or FeedState(feed_id=feed.id, url=feed.url)
            got = harvest(feed, parse_feed(body, url=feed.url), state, self.now)
            self.states[feed.id] = state.model_copy(
                update={"seen": got.seen, "succeeded": self.now, "polled": self.now}
            )
            for new in got.new:
                made = event(
                    new.item, root_id=new.item.root_id, at=new.item.collected, mode=new.mode
                )
                self.bus.produce([Message(ITEMS.name, feed.id, encode(made))])
            count += len(got.new)
        self.work()
        return count

    def work(self) -> None:
        """Every worker until nothing is left."""
        while sum(w.step(0.0) for w in self._workers):
            pass

    def tell(self, seed: int | None = None, last: int | None = None) -> None:
        """The script from its start (to wave `last`): an empty first poll, then wave after wave, each
        polled and worked off. With a `seed`, dispatches of a wave and feeds of a round come in
        another order.
        """
        chance = random.Random(seed)
        self.shelves = {key: {} for key in outlets()}
        self.poll()
        for number, wave in waves().items():
            if last is not None and number > last:
                break
            order, told = list(outlets()), list(wave)
            if seed is not None:
                chance.shuffle(order)
                chance.shuffle(told)
            for d in told:
                self.shelves[d.outlet.key].pop(d.id, None)
                self.shelves[d.outlet.key][d.id] = d
            self.poll(order)

    def articles(self) -> list[ClusteredArticle]:
        """The newest revision of each document."""
        records = self.bus.latest(CLUSTERED.name)
        return [body_of(decode(r.value), ClusteredArticle) for r in records if r.value]

    def alerts(self) -> list[Alert]:
        """Every alert once, in the order in which they first rang."""
        records = self.bus.read(ALERTS.name)
        found = (body_of(decode(r.value), Alert) for r in records if r.value)
        return list({a.id: a for a in found}.values())

    def outcomes(self) -> list[Outcome]:
        """How each item ended."""
        records = self.bus.read(OUTCOMES.name)
        return [body_of(decode(r.value), Outcome) for r in records if r.value]

    def dead(self) -> int:
        """How many events were set aside."""
        return sum(1 for _ in self.bus.read(DEAD_LETTERS.name))

    def as_told(self) -> dict[str, list[str]]:
        """What came of it, to be compared with `expected()`."""
        return telling(self.articles(), self.alerts())


def telling(articles: list[ClusteredArticle], alerts: list[Alert]) -> dict[str, list[str]]:
    """Stories and alerts in the form of expected.json, stories without names, as sorted lines."""
    names = {c.article_id: c.article.url or c.article.title for c in articles}
    inside: dict[str, list[ClusteredArticle]] = {}
    for c in articles:
        inside.setdefault(c.story_id, []).append(c)
    members = {i: sorted(names[c.article_id] for c in held) for i, held in inside.items()}
    stories = []
    for story_id, held in inside.items():
        story = max((c.story for c in held), key=lambda s: s.revision)
        stories.append(
            {
                "members": members[story_id],
                "copies": {names[c.article_id]: names[c.copy_of] for c in held if c.copy_of},
                "origins": sorted(o.name for o in story.origins),
                "figures": {f.kind: {"min": f.min, "max": f.max} for f in story.figures},
            }
        )
    rang = [
        {
            "subscription": a.subscription_name,
            "story": members.get(a.story_id, []),
            "reason": a.reason,
            "fact": a.fact,
            "article": a.url or a.article_title,
        }
        for a in alerts
    ]
    return {"stories": in_order(stories), "alerts": in_order(rang)}


def expected() -> dict[str, list[str]]:
    """expected.json, the stories of alerts as their members, stories without their names, as sorted
    lines.
    """
    held: dict[str, Any] = json.loads(EXPECTED.read_text("utf-8"))
    members = {s["name"]: s["members"] for s in held["stories"]}
    return {
        "stories": in_order({k: v for k, v in s.items() if k != "name"} for s in held["stories"]),
        "alerts": in_order({**a, "story": members[a["story"]]} for a in held["alerts"]),
    }


def in_order(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Rows as comparable lines, in an order of their own."""
    return sorted(json.dumps(r, sort_keys=True, ensure_ascii=False) for r in rows)


def main() -> None:
    """Run and print every difference."""
    run = Run()
    run.tell(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    told, wanted = run.as_told(), expected()
    for part in ("stories", "alerts"):
        for line in told[part]:
            if line not in wanted[part]:
                print("got ", part, line)
        for line in wanted[part]:
            if line not in told[part]:
                print("want", part, line)
    print(len(told["stories"]), "stories", len(told["alerts"]), "alerts", run.dead(), "dead")


if __name__ == "__main__":
    main()
