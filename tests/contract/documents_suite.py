"""What every index promises of documents and lists (ports/search.py); see `search_suite`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings

from support import builders as b
from tocsin.errors import UsageError
from tocsin.ports.search import DocKind, Document, Index, Search, Window
from tocsin.query.ast import Node as AnyNode
from tocsin.query.ast import Query, Term
from tocsin_schemas.identity import article_id, digest_id
from tocsin_schemas.story import ClusteredArticle

HOUR = timedelta(hours=1)
ANY_ADAPTER = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


def nothing() -> None:
    """What an index needs whose documents are found as soon as `put` returns."""


@dataclass(frozen=True)
class Engine:
    """An index and its search. `refresh` makes what was put visible, where that takes a while."""

    index: Index
    search: Search
    refresh: Callable[[], None] = nothing

    def put(self, *documents: Document) -> list[str]:
        results: list[str] = [put.result for put in self.index.put(documents)]
        self.refresh()
        return results


NewEngine = Callable[[], Engine]


def asked(root: AnyNode) -> Query:
    return Query(root, "written", "canonical")


def article(n: int = 0, version: int = 1, at: datetime | None = None, **over: object) -> Document:
    """Article number `n`, collected `n` minutes after the first."""
    words = {k: over.pop(k) for k in ("title", "text") if k in over}
    url = f"http://dawn.example/{n}"
    inner = b.an_article(url=url, **words, **over)  # type: ignore[arg-type]  # builders take anything
    return of(b.a_clustered(inner, revision=version), n, version, at)


def of(
    clustered: ClusteredArticle, n: int = 0, version: int = 1, at: datetime | None = None
) -> Document:
    moment = at or b.WHEN + n * timedelta(minutes=1)
    keys = {"parity": ("even" if n % 2 == 0 else "odd",)}
    return Document("articles", clustered.article_id, version, moment, clustered, keys)


def ident(n: int) -> str:
    return article_id(f"http://dawn.example/{n}")


def feed(n: int, version: int = 1, at: datetime | None = None, **keys: str) -> Document:
    state = b.a_feed_state(f"http://f{n}.example/")
    many = {name: tuple(value.split()) for name, value in keys.items()}
    moment = at or b.WHEN + n * timedelta(seconds=1)
    return Document("feeds", state.feed_id, version, moment, state, many)


def pages(engine: Engine, kind: DocKind, limit: int, **over: object) -> list[Document]:
    found: list[Document] = []
    cursor = ""
    for _ in range(100):
        page = engine.search.listing(kind, limit=limit, cursor=cursor, **over)  # type: ignore[arg-type]  # names as given
        found += page.documents
        cursor = page.cursor
        if not cursor:
            return found
    raise AssertionError("a list of a few documents has a hundred pages")


class DocumentsSuite:
    @pytest.fixture
    def engine(self, new_engine: NewEngine) -> Engine:
        return new_engine()

    # ── documents and versions ────────────────────────────────────────────────────────────────

    def test_a_document_is_what_was_put(self, engine: Engine) -> None:
        for kind, body in (
            ("articles", b.a_clustered()),
            ("versions", b.a_clustered()),
            ("stories", b.a_story()),
            ("alerts", b.an_alert()),
            ("notifications", b.a_notification()),
            ("feeds", b.a_feed_state()),
            ("subscriptions", b.a_subscription()),
            ("acts", b.one_of_each()["act.done"]),
            ("dead-letters", b.one_of_each()["event.died"]),
        ):
            at = b.WHEN + timedelta(microseconds=7)
            keys = {"state": ("open",), "who": ("ü", "two words", "")}
            put = Document(kind, digest_id(kind), 3, at, body, keys)  # type: ignore[arg-type]  # kinds as text
            assert engine.put(put) == ["indexed"]
            assert engine.search.get(put.kind, put.id) == put

    def test_what_is_not_there_is_null(self, engine: Engine) -> None:
        engine.put(feed(1))
        assert engine.search.get("feeds", "nothing") is None
        assert engine.search.get("stories", feed(1).id) is None
        assert engine.search.get("feeds", "\ud800") is None
        assert engine.search.many("feeds", ["nothing", feed(1).id]) == {feed(1).id: feed(1)}
        assert engine.search.many("feeds", []) == {}

    def test_the_higher_version_wins_whatever_the_order(self, engine: Engine) -> None:
        assert engine.put(article(1, 2, title="second")) == ["indexed"]
        assert engine.put(article(1, 1, title="first")) == ["stale"]
        assert engine.put(article(1, 2, title="again")) == ["stale"]
        assert engine.put(article(1, 5, title="fifth")) == ["indexed"]
        held = engine.search.get("articles", ident(1))
        assert held is not None
        assert held == article(1, 5, title="fifth")

    def test_versions_of_one_document_in_one_call_are_decided_in_order(
        self, engine: Engine
    ) -> None:
        results = engine.put(feed(1, 2), feed(1, 1), feed(1, 3), feed(1, 3), feed(2, 1))
        assert results == ["indexed", "stale", "indexed", "stale", "indexed"]
        held = engine.search.get("feeds", feed(1).id)
        assert held is not None
        assert held.version == 3

    def test_the_same_id_of_another_kind_is_another_document(self, engine: Engine) -> None:
        body = b.a_clustered()
        one = Document("articles", body.article_id, 5, b.WHEN, body)
        two = Document("versions", body.article_id, 1, b.WHEN, body)
        assert engine.put(one, two) == ["indexed", "indexed"]
        assert engine.search.count("articles") == engine.search.count("versions") == 1

    def test_a_document_that_cannot_be_held_is_refused_alone(self, engine: Engine) -> None:
        wrong = Document("stories", "a", 1, b.WHEN, b.a_feed_state())
        never = feed(1, at=datetime.fromisoformat("1800-01-01T00:00:00Z"))
        nameless = Document("feeds", "\ud800", 1, b.WHEN, b.a_feed_state())
        puts = engine.index.put([wrong, feed(2), never, nameless])
        engine.refresh()
        assert [p.result for p in puts] == ["refused", "indexed", "refused", "refused"]
        assert "FeedState" in puts[0].reason
        assert all(p.reason for p in puts if p.result == "refused")
        assert engine.search.count("feeds") == 1

    def test_putting_nothing_is_no_fault(self, engine: Engine) -> None:
        assert engine.put() == []

    def test_every_id_and_version_is_told_for_reconciliation(self, engine: Engine) -> None:
        engine.put(*(feed(n, n + 1) for n in range(7)), article(1))
        assert dict(engine.search.versions("feeds")) == {feed(n).id: n + 1 for n in range(7)}
        assert list(engine.search.versions("stories")) == []

    # ── lists ─────────────────────────────────────────────────────────────────────────────────

    def test_a_list_goes_by_time_from_either_end(self, engine: Engine) -> None:
        engine.put(*(feed(n) for n in (2, 0, 3, 1)))
        newest = engine.search.listing("feeds").documents
        assert [d.id for d in newest] == [feed(n).id for n in (3, 2, 1, 0)]
        oldest = engine.search.listing("feeds", order="oldest").documents
        assert oldest == newest[::-1]

    def test_documents_of_one_moment_are_all_listed(self, engine: Engine) -> None:
        engine.put(*(feed(n, at=b.WHEN) for n in range(9)))
        assert len({d.id for d in pages(engine, "feeds", 2)}) == 9

    def test_pages_hold_every_document_once(self, engine: Engine) -> None:
        engine.put(*(feed(n) for n in range(11)))
        for order in ("newest", "oldest"):
            for limit in (1, 3, 11, 50):
                found = pages(engine, "feeds", limit, order=order)
                assert [d.at for d in found] == sorted(
                    (d.at for d in found), reverse=order == "newest"
                )
                assert len({d.id for d in found}) == len(found) == 11

    def test_pages_stand_still_while_documents_arrive(self, engine: Engine) -> None:
        engine.put(*(feed(n) for n in range(6)))
        first = engine.search.listing("feeds", limit=3)
        engine.put(feed(10), feed(11))
        second = engine.search.listing("feeds", limit=3, cursor=first.cursor)
        assert [d.id for d in (*first.documents, *second.documents)] == [
            feed(n).id for n in (5, 4, 3, 2, 1, 0)
        ]
        assert second.cursor == ""

    def test_a_document_whose_time_moves_moves_in_the_list(self, engine: Engine) -> None:
        engine.put(*(feed(n) for n in range(3)), feed(0, 2, at=b.WHEN + HOUR, state="ok"))
        assert [d.id for d in engine.search.listing("feeds").documents] == [
            feed(n).id for n in (0, 2, 1)
        ]
        engine.put(feed(0, 3, at=b.WHEN - HOUR))
        assert [d.id for d in engine.search.listing("feeds").documents] == [
            feed(n).id for n in (2, 1, 0)
        ]
        assert engine.search.count("feeds", where={"state": "ok"}) == 0

    def test_lists_are_filtered_by_exact_keys(self, engine: Engine) -> None:
        engine.put(
            feed(0, state="ok", lang="en ps"),
            feed(1, state="ok", lang="ps"),
            feed(2, state="failing", lang="en"),
            feed(3),
        )

        def found(**where: str) -> list[str]:
            listed = [d.id for d in pages(engine, "feeds", 1, where=where)]
            assert engine.search.count("feeds", where=where) == len(listed)
            return listed

        assert found(state="ok") == [feed(1).id, feed(0).id]
        assert found(lang="en") == [feed(2).id, feed(0).id]
        assert found(state="ok", lang="en") == [feed(0).id]
        assert found(state="o") == found(state="OK") == found(nothing="ok") == []
        assert len(found()) == 4

    def test_keys_follow_the_document(self, engine: Engine) -> None:
        engine.put(feed(1, 1, state="ok", lang="en"))
        engine.put(feed(1, 2, state="failing", lang="en"))
        assert engine.search.count("feeds", where={"state": "ok"}) == 0
        assert engine.search.count("feeds", where={"state": "failing", "lang": "en"}) == 1

    def test_a_window_is_half_open(self, engine: Engine) -> None:
        engine.put(*(feed(n) for n in range(5)))

        def found(since: int | None, until: int | None) -> int:
            at = [None if n is None else b.WHEN + n * timedelta(seconds=1) for n in (since, until)]
            return len(pages(engine, "feeds", 2, window=Window(*at)))

        assert [found(1, 3), found(None, 3), found(3, None), found(2, 2)] == [2, 3, 2, 0]

    @pytest.mark.parametrize("cursor", ["x", "n", "-1", "n" + "f" * 30, "o1"])
    def test_a_cursor_that_is_not_ours_is_a_usage_error(self, engine: Engine, cursor: str) -> None:
        with pytest.raises(UsageError, match="first page"):
            engine.search.listing("feeds", cursor=cursor)
        with pytest.raises(UsageError, match="first page"):
            engine.search.search(asked(Term("", "raid")), cursor=cursor)

    def test_a_cursor_of_the_other_order_is_a_usage_error(self, engine: Engine) -> None:
        engine.put(feed(1), feed(2))
        cursor = engine.search.listing("feeds", limit=1).cursor
        with pytest.raises(UsageError):
            engine.search.listing("feeds", limit=1, cursor=cursor, order="oldest")

    def test_a_page_without_entries_cannot_be_asked_for(self, engine: Engine) -> None:
        with pytest.raises(UsageError):
            engine.search.listing("feeds", limit=0)

    def test_an_empty_kind_has_an_empty_list(self, engine: Engine) -> None:
        assert engine.search.listing("alerts").documents == ()
        assert engine.search.count("alerts") == 0
