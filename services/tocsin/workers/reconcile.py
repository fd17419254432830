"""Invariant I1 as a question.

Has every collected item exactly one end, and is it where that end says?

Reads the log to end offsets fixed at its start, upstream before downstream, outcomes last: an item
that moves while we read is then seen at the later place, never at none.
"""

from collections import Counter
from dataclasses import asdict, dataclass, field

from tocsin.ports.bus import Bus
from tocsin.ports.search import Search
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import WireError, body_of, decode
from tocsin_schemas.topics import CLUSTERED, ENRICHED, ITEMS, OUTCOMES


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Counts of distinct items. `collected` = the sum of the others; `missing` should be 0."""

    collected: int = 0
    indexed: int = 0
    copies: int = 0
    filtered: int = 0
    dead: int = 0
    in_flight: int = 0
    missing: int = 0
    missing_ids: list[str] = field(default_factory=list)
    unreadable: int = 0
    """Records of the items topic that are no events; each has a dead letter."""

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


MISSING_SHOWN = 20
_BUCKET = {
    "indexed": "indexed",
    "sighting": "copies",
    "merged": "copies",
    "filtered": "filtered",
    "dead": "dead",
}


def reconcile(bus: Bus, search: Search) -> Reconciliation:
    """Account for every item that the log still holds. Reads only; may run beside a busy desk."""
    ends = bus.ends(ITEMS.name)
    handled = bus.committed("enricher")
    before: dict[str, bool] = {}
    unreadable = 0
    for record in bus.read(ITEMS.name, None, ends):
        try:
            root = decode(record.value or b"").root_id
        except WireError:
            unreadable += 1
            continue
        waiting = record.offset >= handled.get((record.topic, record.partition), 0)
        before[root] = before.get(root, False) or waiting
    moving = _unread(bus, ENRICHED.name, "clusterer") | _unread(bus, CLUSTERED.name, "indexer")
    outcomes = _standing(bus)
    counts: Counter[str] = Counter()
    lost: list[str] = []
    articles: dict[str, list[str]] = {}
    for root, waiting in before.items():
        outcome = outcomes.get(root)
        if outcome is None:
            if waiting or root in moving:
                counts["in_flight"] += 1
            else:
                lost.append(root)
            continue
        counts[_BUCKET[outcome.ended]] += 1
        if outcome.ended == "indexed":
            articles.setdefault(outcome.article_id or "", []).append(root)
    for root in _absent(search, articles):
        counts["indexed"] -= 1
        lost.append(root)
    return Reconciliation(
        collected=len(before),
        missing=len(lost),
        missing_ids=sorted(lost)[:MISSING_SHOWN],
        unreadable=unreadable,
        **{k: counts[k] for k in ("indexed", "copies", "filtered", "dead", "in_flight")},
    )


def _unread(bus: Bus, topic: str, group: str) -> set[str]:
    """Root ids that stand in `topic` beyond what `group` has committed."""
    found = set()
    start = bus.committed(group)
    for record in bus.read(topic, {k: v for k, v in start.items() if k[0] == topic}):
        try:
            found.add(decode(record.value or b"").root_id)
        except WireError:
            continue
    return found


def _standing(bus: Bus) -> dict[str, Outcome]:
    """The newest outcome of each root id; an end other than `dead` supersedes `dead` for good."""
    found: dict[str, Outcome] = {}
    for record in bus.read(OUTCOMES.name):
        try:
            outcome = body_of(decode(record.value or b""), Outcome)
        except WireError:
            continue
        held = found.get(outcome.root_id)
        if held is None or held.ended == "dead" or outcome.ended != "dead":
            found[outcome.root_id] = outcome
    return found


def _absent(search: Search, articles: dict[str, list[str]]) -> list[str]:
    """Root ids said to be indexed whose article the index does not hold."""
    absent: list[str] = []
    ids = sorted(articles)
    for i in range(0, len(ids), 500):
        chunk = ids[i : i + 500]
        held = search.many("articles", chunk)
        absent += [root for a in chunk if a not in held for root in articles[a]]
    return absent
