"""What a search of the node promises beyond the common suite."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from elasticsearch import Elasticsearch

from support import builders as b
from support.servers.fixtures import ElasticServer
from tocsin.adapters.elasticsearch import search as searching
from tocsin.adapters.elasticsearch.client import client_of
from tocsin.adapters.elasticsearch.index import ElasticIndex
from tocsin.adapters.elasticsearch.search import ElasticSearch
from tocsin.ports.search import Document
from tocsin.query.ast import Query, Term
from tocsin.settings import Settings

pytestmark = pytest.mark.servers
RAID = Query(Term("", "raid"), "raid", "raid")


@pytest.fixture
def client(elastic_server: ElasticServer, prefix: str) -> Iterator[Elasticsearch]:
    client = client_of(Settings(elasticsearch=elastic_server.url))
    yield client
    if made := list(client.indices.get(index=f"{prefix}*", features="aliases")):
        client.indices.delete(index=made)
    client.close()


def _article(n: int, at: datetime = b.WHEN) -> Document:
    return Document("articles", f"a{n:03}", n + 1, at + n * timedelta(seconds=1), b.a_clustered())


def _put(client: Elasticsearch, prefix: str, *documents: Document) -> ElasticSearch:
    assert {p.result for p in ElasticIndex(client, prefix=prefix).put(documents)} == {"indexed"}
    client.indices.refresh(index=f"{prefix}*")
    return ElasticSearch(client, prefix=prefix)


def test_articles_of_all_months_are_one_list(client: Elasticsearch, prefix: str) -> None:
    months = [datetime(2008, month, 28, tzinfo=UTC) for month in (7, 8, 9)]
    search = _put(client, prefix, *(_article(n, at) for n, at in enumerate(months)))
    assert len(client.indices.get(index=f"{prefix}*")) == 3
    assert [d.id for d in search.listing("articles").documents] == ["a002", "a001", "a000"]
    assert [h.document.id for h in search.search(RAID).hits] == ["a002", "a001", "a000"]
    assert search.count("articles") == 3
    assert search.many("articles", ["a002", "none", "a000"]).keys() == {"a002", "a000"}


def test_what_was_put_is_found_without_anybody_asking_for_it(
    client: Elasticsearch, prefix: str
) -> None:
    ElasticIndex(client, prefix=prefix).put([_article(1)])
    search = ElasticSearch(client, prefix=prefix)
    give_up = time.monotonic() + 60
    while search.get("articles", "a001") is None:
        assert time.monotonic() < give_up, "the node refreshes by itself"
        time.sleep(0.1)


def test_a_page_larger_than_an_answer_is_whole(
    client: Elasticsearch, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "CHUNK", 7)
    search = _put(client, prefix, *(_article(n) for n in range(30)))
    newest = [f"a{n:03}" for n in range(29, -1, -1)]
    for limit in (6, 7, 8, 14, 20, 29, 30, 31):
        page = search.listing("articles", limit=limit)
        assert [d.id for d in page.documents] == newest[:limit]
        hits = search.search(RAID, limit=limit, budget_s=60)
        assert [h.document.id for h in hits.hits] == newest[:limit]
        assert (hits.total, hits.exact) == (30, True)
        assert bool(page.cursor) == bool(hits.cursor) == (limit < 30)
        if page.cursor:
            rest = search.listing("articles", limit=40, cursor=page.cursor)
            assert [d.id for d in rest.documents] == newest[limit:]


def test_every_version_is_told_over_several_answers(
    client: Elasticsearch, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "SCAN", 4)
    search = _put(client, prefix, *(_article(n) for n in range(12)))
    assert dict(search.versions("articles")) == {f"a{n:03}": n + 1 for n in range(12)}


def test_a_search_without_time_to_count_shows_a_page_without_gaps(
    client: Elasticsearch, prefix: str
) -> None:
    search = _put(client, prefix, *(_article(n) for n in range(6)))
    hits = search.search(RAID, limit=2, budget_s=0)
    assert [h.document.id for h in hits.hits] == ["a005", "a004"]
    assert not hits.exact
    assert 2 <= hits.total <= 6
    assert search.search(RAID, limit=6, budget_s=0).exact


def test_a_kind_that_nobody_wrote_is_empty(client: Elasticsearch, prefix: str) -> None:
    search = ElasticSearch(client, prefix=prefix)
    assert search.get("articles", "a") is None
    assert search.listing("articles", limit=1000).documents == ()
    assert search.search(RAID).total == search.count("articles") == 0
    assert list(search.versions("articles")) == []


def test_an_iterator_of_versions_left_early_leaves_no_snapshot_open(
    client: Elasticsearch, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "SCAN", 2)
    search = _put(client, prefix, *(_article(n) for n in range(5)))
    telling = search.versions("articles")
    next(telling)
    assert _open_snapshots(client, prefix) == 1
    telling.close()  # type: ignore[attr-defined]  # a generator
    assert _open_snapshots(client, prefix) == 0


def _open_snapshots(client: Elasticsearch, prefix: str) -> int:
    told = client.indices.stats(index=f"{prefix}*", metric="search")
    return int(told["_all"]["total"]["search"]["open_contexts"])
