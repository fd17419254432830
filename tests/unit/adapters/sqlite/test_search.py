from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from support import builders as b
from tocsin.adapters.sqlite import search as module
from tocsin.adapters.sqlite.index import SqliteIndex
from tocsin.adapters.sqlite.search import SqliteSearch
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.search import Document
from tocsin.query.ast import FigureRange, Query, Term

NINE = b.a_clustered().article.figures
RAID = Query(Term("", "raid"), "raid", "raid")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path, ballast_bytes=4096)
    bodies = [
        b.a_clustered(b.an_article(url=f"http://x.example/{n}", figures=NINE)) for n in range(300)
    ]
    SqliteIndex(store).put(
        [
            Document("articles", body.article_id, 1, b.WHEN + timedelta(seconds=n), body)
            for n, body in enumerate(bodies)
        ]
    )
    yield store
    store.close()


def test_a_query_that_finds_nothing_for_long_is_interrupted_inside_sqlite(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEPS", 1)
    hits = SqliteSearch(store).search(RAID, budget_s=-1.0)
    assert (hits.exact, hits.hits) == (False, ())


def test_the_connection_is_as_before_after_an_interrupted_search(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = SqliteSearch(store)
    with monkeypatch.context() as patch:
        patch.setattr(module, "STEPS", 1)
        search.search(RAID, budget_s=-1.0)
    assert search.count("articles") == 300
    assert search.search(RAID, budget_s=60).total == 300


def test_candidates_come_in_the_order_of_places_without_sorting(store: SqliteStore) -> None:
    for sql, first in (
        (module._CANDIDATES, ("raid",)),
        (module._OF_STORY, ("", "")),
        (module._ALL, ()),
    ):
        for order in module._DESC.values():
            plan = store.rows(f"EXPLAIN QUERY PLAN {sql}{order}", (*first, 0, 1 << 62))
            assert not any("TEMP B-TREE" in row[3] for row in plan), plan


@pytest.mark.parametrize("where", [{}, {"a": "1"}, {"a": "1", "b": "2"}])
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_lists_come_in_the_order_of_places_without_sorting(
    store: SqliteStore, where: dict[str, str], order: str
) -> None:
    table, place, condition, parameters = module._filter("feeds", where)
    sql = f"SELECT d.body FROM {table} WHERE {condition} AND {place} >= ? AND {place} < ?"
    plan = store.rows(
        f"EXPLAIN QUERY PLAN {sql} ORDER BY {place}{module._DESC[order]}", (*parameters, 0, 9)
    )
    assert not any("TEMP B-TREE" in row[3] or row[3].startswith("SCAN d") for row in plan), plan


def test_a_query_without_words_looks_at_every_article(store: SqliteStore) -> None:
    root = FigureRange("killed", 9, None)
    hits = SqliteSearch(store).search(Query(root, "killed:>=9", "killed:>=9"), budget_s=60)
    assert hits.total == 300
