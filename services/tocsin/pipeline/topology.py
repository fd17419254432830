"""The path as a value: which stage reads what, writes what, in which worker, with which state.

The workers, `tocsin topology`, the docs and the deployment files are made from this, or tested
against it.
"""

from dataclasses import dataclass

from tocsin_schemas import topics as t
from tocsin_schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Stage:
    """One verb of the path."""

    verb: str
    does: str
    pure: bool = True


@dataclass(frozen=True, slots=True)
class Worker:
    """A process of the distributed desk, a loop of the embedded one."""

    name: str
    stages: tuple[Stage, ...]
    reads: tuple[Topic, ...]
    writes: tuple[Topic, ...]
    state: str
    copies: str
    hosted_by: str
    """What hosts the stages on the distributed desk."""
    folds: tuple[Topic, ...] = ()
    """Its own output topics, from which lost state is rebuilt."""
    prime: tuple[Topic, ...] = ()
    """Those of `reads` that are read to their end before each batch of the others."""
    recalls: tuple[Topic, ...] = ()
    """Those of `reads` that a process without this state folds as far as they were handled before it."""


COLLECT = Stage(
    "collect", "fetches feeds (and pages, by policy), one item for each new entry", pure=False
)
NORMALISE = Stage("normalise", "address, title, text, dates with origin and confidence, language")
ENRICH = Stage("enrich", "countries, places, actors, tags, casualty figures, dates, credits")
DEDUP = Stage("dedup", "identity, versions, sightings; copies by containment; whose words")
CLUSTER = Stage("cluster", "stories with stable ids; statements, ranges, origins")
INDEX = Stage("index", "documents to be found")
MATCH = Stage("match", "subscriptions met; what is new enough to ring")
NOTIFY = Stage("notify", "one delivery of an alert to each channel, with retries")

WORKERS: tuple[Worker, ...] = (
    Worker(
        "collector",
        (COLLECT,),
        (t.FEEDS, t.FEED_STATES),
        (t.ITEMS, t.FEED_STATES, t.DEAD_LETTERS),
        "feed-states",
        "many, by host",
        "aiohttp + kafka-python",
    ),
    Worker(
        "enricher",
        (NORMALISE, ENRICH),
        (t.ITEMS,),
        (t.ENRICHED, t.OUTCOMES, t.DEAD_LETTERS),
        "none",
        "many",
        "Faust",
    ),
    Worker(
        "clusterer",
        (DEDUP, CLUSTER),
        (t.ENRICHED, t.ACTS),
        (t.CLUSTERED, t.STORIES, t.OUTCOMES, t.DEAD_LETTERS),
        "SQLite",
        "one active, one spare",
        "Faust",
        folds=(t.CLUSTERED, t.STORIES),
    ),
    Worker(
        "indexer",
        (INDEX,),
        (
            t.CLUSTERED,
            t.STORIES,
            t.ALERTS,
            t.NOTIFICATIONS,
            t.DEAD_LETTERS,
            t.FEED_STATES,
            t.FEEDS,
            t.SUBSCRIPTIONS,
            t.ACTS,
        ),
        (t.OUTCOMES, t.DEAD_LETTERS),
        "none",
        "many",
        "kafka-python",
    ),
    Worker(
        "alerter",
        (MATCH,),
        (t.CLUSTERED, t.STORIES, t.SUBSCRIPTIONS, t.LISTS, t.ACTS, t.FEED_STATES),
        (t.ALERTS, t.DEAD_LETTERS),
        "SQLite",
        "one active",
        "kafka-python",
        folds=(t.ALERTS,),
        prime=(t.LISTS, t.SUBSCRIPTIONS, t.FEED_STATES, t.ACTS),
        recalls=(t.CLUSTERED, t.STORIES),
    ),
    Worker(
        "notifier",
        (NOTIFY,),
        (t.ALERTS, t.SUBSCRIPTIONS, t.ACTS),
        (t.NOTIFICATIONS, t.DEAD_LETTERS),
        "SQLite",
        "one active",
        "kafka-python",
        folds=(t.NOTIFICATIONS,),
        prime=(t.SUBSCRIPTIONS, t.ACTS),
        recalls=(t.ALERTS,),
    ),
)
"""In the order in which the news meets them."""


def worker(name: str) -> Worker:
    """The worker called `name`; KeyError otherwise."""
    return {w.name: w for w in WORKERS}[name]


def drawing() -> str:
    """The path as text, for a terminal and for the docs."""
    lines: list[str] = []
    for w in WORKERS:
        lines.append(f"{w.name}  ({w.copies}; state: {w.state}; distributed: {w.hosted_by})")
        lines.extend(f"  reads   {r.name:<30} key {r.key}" for r in w.reads)
        lines.extend(f"  {s.verb:<10}{s.does}" for s in w.stages)
        lines.extend(f"  writes  {r.name:<30} key {r.key}" for r in w.writes)
        lines.extend(f"  folds   {r.name:<30} key {r.key}" for r in w.folds)
        lines.append("")
    return "\n".join(lines).rstrip()
