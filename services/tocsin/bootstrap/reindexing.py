"""Fills the index of a distributed desk from the log: the indexer's effect over all that its topics hold.

External versions make it harmless beside a working indexer, and however often it is done. Publishes
nothing: every item has its outcome already.
"""

from collections.abc import Iterator, Sequence

from tocsin.bootstrap.servers import connect
from tocsin.pipeline.topology import worker
from tocsin.ports.bus import Bus, Record
from tocsin.settings import Settings
from tocsin.workers.indexer import Indexer
from tocsin_schemas.topics import DEAD_LETTERS

BATCH = 384


def fill(settings: Settings) -> dict[str, int]:
    """Counts of records read and of documents that the index refused. Raises Retryable, StoreError."""
    servers = connect(settings, client_id="tocsin-reindex")
    effect, counts = Indexer(servers.index), {"records": 0, "refused": 0}
    try:
        for topic in worker("indexer").reads:
            for records in _batches(servers.bus, topic.name):
                made = effect(records)
                counts["records"] += len(records)
                counts["refused"] += sum(m.topic == DEAD_LETTERS.name for m in made)
    finally:
        servers.close()
    return counts


def _batches(bus: Bus, topic: str) -> Iterator[Sequence[Record]]:
    held: list[Record] = []
    for record in bus.read(topic):
        held.append(record)
        if len(held) >= BATCH:
            yield held
            held = []
    if held:
        yield held
