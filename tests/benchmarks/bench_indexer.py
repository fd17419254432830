"""The indexer beside the bare bulk helper of the same library, on the same documents and the same node.

Rounds take turns, each into indices of its own, made beforehand with our mapping; the median counts, the
first round of each warms up and does not. Compared:

- *indexer*: its whole effect on records of the log: decode, make documents, drop what is out of date within
  the batch, write by `ElasticIndex.put`, make the outcomes. Nothing is read from or sent to Kafka.
- *bulk helper*: the same records decoded and made into the same documents and bytes by the same code, then
  `elasticsearch.helpers.bulk` with external versions, on the library's own client with its own settings.
- *bulk helper, prepared*: those actions made before the clock starts, so no more than sending bytes.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from elasticsearch import Elasticsearch, helpers
from servers import Servers
from told import clustered, connections

from tocsin.adapters.elasticsearch.index import ElasticIndex
from tocsin.adapters.elasticsearch.indices import make_index
from tocsin.adapters.elasticsearch.names import index_name
from tocsin.adapters.elasticsearch.sources import source_of
from tocsin.bootstrap.path import INDEX_BATCH
from tocsin.pipeline.index.document import documents
from tocsin.ports.bus import Record
from tocsin.ports.clock import SystemClock
from tocsin.ports.search import Document
from tocsin.workers.indexer import Indexer, _newest
from tocsin_schemas.registry import decode

ARTICLES = 1_500
ROUNDS = 5
FLOOR = 0.8
"""Of the bulk helper on the same records (design §8)."""
CHUNK, BYTES = 500, 5 << 20
"""What the helper is told to send at once: as much as we do."""


def run(servers: Servers, articles: int = ARTICLES, rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """Documents a second, side by side."""
    records = clustered(articles)
    batches = [records[i : i + INDEX_BATCH] for i in range(0, len(records), INDEX_BATCH)]
    with servers.desk(services=()) as desk:
        held = connections(desk)
        bare = Elasticsearch(servers.elasticsearch, request_timeout=60)
        numbers = count()

        def fresh() -> str:
            """A prefix whose indices are there and empty."""
            prefix = f"{desk.values['TOCSIN_PREFIX']}r{next(numbers)}-"
            for kind, at in sorted({(d.kind, d.at.replace(day=1)) for d in made}):
                make_index(held.client, prefix, kind, index_name(prefix, kind, at))
            return prefix

        made = [d for batch in batches for d in _documents(batch)]
        ways: dict[str, Callable[[str], Callable[[], object]]] = {
            "indexer": lambda prefix: _ours(ElasticIndex(held.client, prefix=prefix), batches),
            "helper": lambda prefix: _helper(bare, prefix, batches),
            "prepared": lambda prefix: _prepared(bare, prefix, batches),
        }
        seen: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds + 1):
            for name, way in ways.items():
                work = way(fresh())
                began = time.perf_counter()
                work()
                seen[name].append(len(made) / (time.perf_counter() - began))
        bare.close()
        held.close()
    rate = {name: statistics.median(rates[1:]) for name, rates in seen.items()}
    told = f"{articles} articles, {len(made)} documents"
    return [
        {
            "what": f"indexer's effect, {told}",
            "figure": rate["indexer"],
            "unit": "documents/s",
            "beside": "bulk helper on the same records",
            "ratio": rate["indexer"] / rate["helper"],
            "floor": FLOOR,
            "floor_of": "ratio",
        },
        {
            "what": "indexer's effect against sending alone",
            "figure": rate["indexer"],
            "unit": "documents/s",
            "beside": "bulk helper, actions prepared",
            "ratio": rate["indexer"] / rate["prepared"],
        },
    ]


def _documents(batch: Sequence[Record]) -> list[Document]:
    return _newest(d for r in batch if r.value is not None for d in documents(decode(r.value)))


def _actions(prefix: str, batch: Sequence[Record]) -> list[dict[str, Any]]:
    now = SystemClock().now()
    return [
        {
            "_index": index_name(prefix, d.kind, d.at),
            "_id": d.id,
            "version": d.version,
            "version_type": "external",
            "_source": source_of(d, now),
        }
        for d in _documents(batch)
    ]


def _ours(index: ElasticIndex, batches: Sequence[Sequence[Record]]) -> Callable[[], object]:
    effect = Indexer(index)
    return lambda: [effect(batch) for batch in batches]


def _helper(
    bare: Elasticsearch, prefix: str, batches: Sequence[Sequence[Record]]
) -> Callable[[], object]:
    return lambda: [_send(bare, _actions(prefix, batch)) for batch in batches]


def _prepared(
    bare: Elasticsearch, prefix: str, batches: Sequence[Sequence[Record]]
) -> Callable[[], object]:
    ready = [_actions(prefix, batch) for batch in batches]
    return lambda: [_send(bare, actions) for actions in ready]


def _send(bare: Elasticsearch, actions: Sequence[dict[str, Any]]) -> None:
    done, refused = helpers.bulk(
        bare, actions, chunk_size=CHUNK, max_chunk_bytes=BYTES, raise_on_error=False
    )
    assert done + sum(r["index"]["status"] == 409 for r in refused) == len(actions), refused[:2]
