from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from support import builders as b
from tocsin.adapters.sqlite import index as module
from tocsin.adapters.sqlite.index import SqliteIndex
from tocsin.adapters.sqlite.search import SqliteSearch
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.errors import DiskFull, StoreError
from tocsin.ports.search import Document
from tocsin_schemas.story import ClusteredArticle


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path, ballast_bytes=4096)
    yield store
    store.close()


def document(body: ClusteredArticle, version: int = 1, minutes: int = 0) -> Document:
    at = b.WHEN + timedelta(minutes=minutes)
    return Document("articles", body.article_id, version, at, body)


def fts_of(store: SqliteStore) -> list[tuple[object, ...]]:
    """What FTS5 has written."""
    return store.rows("SELECT id, block FROM article_fts_data ORDER BY id")


def words_of(store: SqliteStore) -> list[tuple[object, ...]]:
    return store.rows("SELECT * FROM article_words")


def test_a_revision_with_the_same_words_leaves_fts_alone(store: SqliteStore) -> None:
    index = SqliteIndex(store)
    body = b.a_clustered()
    index.put([document(body)])
    before = fts_of(store), words_of(store)
    moved = body.model_copy(update={"revision": 2, "sightings": 4, "story": b.a_story(copies=1)})
    assert [p.result for p in index.put([document(moved, 2)])] == ["indexed"]
    assert (fts_of(store), words_of(store)) == before
    assert SqliteSearch(store).get("articles", body.article_id) == document(moved, 2)


def test_other_words_are_written_and_the_old_ones_taken_out(store: SqliteStore) -> None:
    index = SqliteIndex(store)
    body = b.a_clustered()
    index.put([document(body)])
    before = fts_of(store)
    article = body.article.model_copy(update={"text": "Entirely different."})
    index.put([document(body.model_copy(update={"article": article}), 2)])
    assert fts_of(store) != before
    index.integrity()


def test_the_words_index_agrees_with_the_words_after_any_change(store: SqliteStore) -> None:
    index = SqliteIndex(store)
    bodies = [b.a_clustered(b.an_article(text=f"w{n}", url=f"http://x/{n}")) for n in range(20)]
    index.put([document(body, minutes=n) for n, body in enumerate(bodies)])
    index.put([document(body, 2, minutes=-n) for n, body in enumerate(bodies)])
    index.optimise()
    index.integrity()
    rows = store.rows("SELECT rowid FROM article_fts WHERE article_fts MATCH 'body : w7'")
    assert len(rows) == 1


def test_a_words_index_that_disagrees_is_told(store: SqliteStore) -> None:
    index = SqliteIndex(store)
    index.put([document(b.a_clustered())])
    with store.write() as db:
        db.execute("UPDATE article_words SET body='tampered'")
    with pytest.raises(StoreError, match="damaged"):
        index.integrity()


def test_a_full_moment_spills_into_the_next_and_keeps_its_order(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIES", 4)
    index, search = SqliteIndex(store), SqliteSearch(store)
    states = [b.a_feed_state(f"http://f{n}.example/") for n in range(11)]
    index.put([Document("feeds", s.feed_id, 1, b.WHEN, s) for s in states])
    listed = search.listing("feeds", order="oldest").documents
    assert [d.id for d in listed] == [s.feed_id for s in states]


def test_a_body_that_json_cannot_hold_is_refused_alone(store: SqliteStore) -> None:
    broken = b.a_feed_state().model_copy(update={"reason": "\ud800"})
    fine = b.a_feed_state("http://other.example/")
    puts = SqliteIndex(store).put(
        [Document("feeds", s.feed_id, 1, b.WHEN, s) for s in (broken, fine)]
    )
    assert [p.result for p in puts] == ["refused", "indexed"]
    assert puts[0].reason
    assert SqliteSearch(store).count("feeds") == 1


def test_an_article_that_json_cannot_hold_is_refused_alone(store: SqliteStore) -> None:
    body = b.a_clustered()
    article = body.article.model_copy(update={"text": "\ud800"})
    broken = document(body.model_copy(update={"article": article}))
    assert [p.result for p in SqliteIndex(store).put([broken])] == ["refused"]


def test_a_version_that_came_meanwhile_is_not_overwritten(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two indexers: both looked before either wrote."""
    index = SqliteIndex(store)
    body = b.a_clustered()
    newer = body.model_copy(update={"revision": 9})
    prepare = module._prepare

    def overtaken(one: Document, held: bytes | None) -> object:
        if one.version == 1:
            index.put([document(newer, 9)])
        return prepare(one, held)

    monkeypatch.setattr(module, "_prepare", overtaken)
    index.put([document(body)])
    found = SqliteSearch(store).get("articles", body.article_id)
    assert found is not None
    assert found.version == 9
    index.integrity()


def test_a_call_that_finds_no_room_writes_nothing(store: SqliteStore) -> None:
    store.room.full()
    store.room.free = lambda: 0  # type: ignore[method-assign]  # a full disk
    with pytest.raises(DiskFull):
        SqliteIndex(store).put([document(b.a_clustered())])
    assert SqliteSearch(store).count("articles") == 0
