"""Every topic as data: what it carries, its key, who writes and reads it, how long it is kept.

The workers, `tocsin topology`, the generated catalogue and, later, the broker's topics are all
made from this table, and tested against it.
"""

from dataclasses import dataclass

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic. `retention_s` null keeps for ever (the newest of each key, where compacted)."""

    name: str
    event: str
    key: str
    partitions: int
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    compacted: bool = False
    retention_s: int | None = None
    embedded_retention_s: int | None = None
    compaction_lag_s: int = 0
    max_bytes: int = 1 << 20
    doc: str = ""


FEEDS = Topic(
    "tocsin.feeds",
    "feed.changed",
    "host of the feed",
    6,
    ("api",),
    ("collector", "indexer"),
    compacted=True,
    doc="Addresses to poll, by host, so that one collector owns a host.",
)
FEED_STATES = Topic(
    "tocsin.feed-states",
    "feed.polled",
    "host of the feed",
    6,
    ("collector",),
    ("collector", "indexer", "alerter"),
    compacted=True,
    doc="Validators, schedule and health after each poll.",
)
LISTS = Topic(
    "tocsin.lists",
    "list.changed",
    "list id",
    1,
    ("api",),
    ("alerter",),
    compacted=True,
    doc="Reusable word lists.",
)
SUBSCRIPTIONS = Topic(
    "tocsin.subscriptions",
    "subscription.changed",
    "subscription id",
    1,
    ("api",),
    ("alerter", "notifier", "indexer"),
    compacted=True,
    doc="Saved queries with conditions and delivery.",
)
ACTS = Topic(
    "tocsin.acts",
    "act.done",
    "subject id",
    1,
    ("api",),
    ("clusterer", "alerter", "notifier", "indexer"),
    retention_s=400 * DAY,
    doc="Acknowledge, snooze, mute, merge, split, undo.",
)
ITEMS = Topic(
    "news.items.collected",
    "item.collected",
    "feed id",
    6,
    ("collector", "api"),
    ("enricher",),
    retention_s=14 * DAY,
    embedded_retention_s=7 * DAY,
    max_bytes=4 << 20,
    doc="Raw entries, evidence kept.",
)
ENRICHED = Topic(
    "news.articles.enriched",
    "article.enriched",
    "feed id",
    1,
    ("enricher",),
    ("clusterer",),
    retention_s=14 * DAY,
    embedded_retention_s=7 * DAY,
    max_bytes=4 << 20,
    doc="Items normalised and read.",
)
CLUSTERED = Topic(
    "news.articles.clustered",
    "article.clustered",
    "article id",
    1,
    ("clusterer",),
    ("clusterer", "indexer", "alerter"),
    compacted=True,
    retention_s=400 * DAY,
    compaction_lag_s=7 * DAY,
    max_bytes=4 << 20,
    doc="Articles with identity, version, story and origin: the clusterer's decisions.",
)
STORIES = Topic(
    "news.stories.changed",
    "story.changed",
    "story id",
    1,
    ("clusterer",),
    ("clusterer", "indexer", "alerter"),
    compacted=True,
    retention_s=400 * DAY,
    compaction_lag_s=7 * DAY,
    doc="Story snapshots with revision and lineage.",
)
ALERTS = Topic(
    "news.alerts.raised",
    "alert.raised",
    "alert id",
    1,
    ("alerter",),
    ("alerter", "notifier", "indexer"),
    compacted=True,
    retention_s=400 * DAY,
    compaction_lag_s=7 * DAY,
    doc="Matches worth telling.",
)
NOTIFICATIONS = Topic(
    "news.notifications.changed",
    "notification.changed",
    "notification id",
    1,
    ("notifier",),
    ("notifier", "indexer"),
    compacted=True,
    retention_s=400 * DAY,
    compaction_lag_s=7 * DAY,
    doc="Deliveries and their attempts.",
)
OUTCOMES = Topic(
    "news.outcomes",
    "outcome.recorded",
    "root id",
    6,
    ("enricher", "clusterer", "indexer"),
    (),
    retention_s=30 * DAY,
    embedded_retention_s=7 * DAY,
    doc="How each collected item ended; read by `reconcile`.",
)
DEAD_LETTERS = Topic(
    "news.dead-letters",
    "event.died",
    "event id",
    1,
    ("collector", "enricher", "clusterer", "indexer", "alerter", "notifier"),
    ("indexer",),
    retention_s=90 * DAY,
    max_bytes=8 << 20,
    doc="Events that could not be processed, whole, replayable.",
)

TOPICS: dict[str, Topic] = {
    t.name: t
    for t in (
        FEEDS,
        FEED_STATES,
        LISTS,
        SUBSCRIPTIONS,
        ACTS,
        ITEMS,
        ENRICHED,
        CLUSTERED,
        STORIES,
        ALERTS,
        NOTIFICATIONS,
        OUTCOMES,
        DEAD_LETTERS,
    )
}
"""In the order in which the news walks through them."""
