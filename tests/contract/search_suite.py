"""What every index promises (ports/search.py). An adapter joins by a class with a `new_engine` fixture.

The heart of it: a search finds exactly the articles that the live matcher would, for any query.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.queries import articles, queries
from support import builders as b
from tocsin.errors import UsageError
from tocsin.ports.search import DocKind, Document, Index, Search, Window
from tocsin.query.ast import And, FigureRange, InStory, Not, Or, OriginsRange, Query, Term
from tocsin.query.ast import Node as AnyNode
from tocsin.query.evaluate import matches
from tocsin.query.explain import spans
from tocsin.query.view import view_of
from tocsin_schemas.article import EventDate, Mention
from tocsin_schemas.contract import Span
from tocsin_schemas.identity import article_id
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
        results = [put.result for put in self.index.put(documents)]
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


class SearchSuite:
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
            put = Document(kind, b.digest_id(kind), 3, at, body, keys)  # type: ignore[arg-type]  # kinds as text
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

    # ── search ────────────────────────────────────────────────────────────────────────────────

    def test_a_word_is_found_in_title_and_text_newest_first(self, engine: Engine) -> None:
        engine.put(
            article(0, title="Raid on village", text="Troops came."),
            article(1, title="Markets", text="Shares fell."),
            article(2, title="Markets", text="After the raid, shares fell."),
        )
        hits = engine.search.search(asked(Term("", "raid")))
        assert (hits.total, hits.exact, hits.cursor) == (2, True, "")
        assert [h.document for h in hits.hits] == [
            article(2, title="Markets", text="After the raid, shares fell."),
            article(0, title="Raid on village", text="Troops came."),
        ]
        oldest = engine.search.search(asked(Term("", "raid")), order="oldest")
        assert oldest.hits == hits.hits[::-1]

    def test_a_hit_tells_where_the_words_stand(self, engine: Engine) -> None:
        engine.put(article(0, title="Quiet", text="After the raid, silence."))
        (hit,) = engine.search.search(asked(Term("", "raid"))).hits
        assert hit.spans == (Span(field="text", start=10, end=14),)
        assert isinstance(hit.document.body, ClusteredArticle)
        assert hit.spans == spans(Term("", "raid"), hit.document.body.article)

    def test_a_new_version_is_found_by_its_words_and_no_longer_by_the_old_ones(
        self, engine: Engine
    ) -> None:
        engine.put(article(0, 1, text="Nine villagers died."), article(1, text="Nine."))
        engine.put(article(0, 2, text="Twenty villagers died."))
        assert _found(engine, Term("text", "nine")) == [ident(1)]
        assert _found(engine, Term("text", "twenty")) == [ident(0)]
        assert _found(engine, Term("text", "villagers")) == [ident(0)]

    def test_a_revision_with_the_same_words_is_found_in_its_new_story(self, engine: Engine) -> None:
        one = b.a_clustered()
        moved = b.a_story(one.article_id, id=b.digest_id("another"), origins=())
        engine.put(of(one, version=1))
        engine.put(of(one.model_copy(update={"story": moved, "story_id": moved.id}), version=2))
        assert _found(engine, And((Term("", "raid"), InStory(one.story_id)))) == []
        assert _found(engine, And((Term("", "raid"), InStory(moved.id)))) == [one.article_id]
        assert _found(engine, And((Term("", "raid"), OriginsRange(1, None)))) == []

    def test_an_article_whose_time_moves_is_found_once_at_its_new_place(
        self, engine: Engine
    ) -> None:
        engine.put(article(0), article(1), article(0, 2, at=b.WHEN + HOUR))
        engine.put(article(1, 2, at=b.WHEN + 2 * HOUR, text="other words"))
        assert _found(engine, Term("", "raid")) == [ident(1), ident(0)]
        assert _found(engine, Term("", "words")) == [ident(1)]

    def test_keyword_values_of_several_words_are_found_whole(self, engine: Engine) -> None:
        place = Mention(value="Angoor Adda", span=Span(start=0, end=1))
        engine.put(article(0, places=(place,)), article(1))
        assert _found(engine, Term("place", "angoor adda")) == [ident(0)]
        assert _found(engine, Term("place", "angoor")) == []

    def test_figures_dates_and_negation_are_decided_by_the_matcher(self, engine: Engine) -> None:
        nine = b.a_clustered().article
        day = EventDate(start=date(2008, 9, 3), end=date(2008, 9, 3), span=Span(start=0, end=1))
        engine.put(of(b.a_clustered(nine.model_copy(update={"dates": (day,)}))), article(5))
        killed = FigureRange("killed", 9, None)
        assert _found(engine, killed) == [b.a_clustered().article_id]
        assert _found(engine, And((Term("", "raid"), Not(killed)))) == [ident(5)]
        assert _found(engine, FigureRange("killed", 10, None)) == []

    def test_a_search_has_pages_and_counts_all_of_them(self, engine: Engine) -> None:
        engine.put(*(article(n, title="raid" if n % 3 else "quiet", text="") for n in range(20)))
        found: list[str] = []
        cursor = ""
        for _ in range(10):
            hits = engine.search.search(asked(Term("", "raid")), limit=4, cursor=cursor)
            assert (hits.total, hits.exact) == (13, True)
            found += [h.document.id for h in hits.hits]
            cursor = hits.cursor
            if not cursor:
                break
            engine.put(article(100 + len(found), title="no news", text=""))
        assert found == [ident(n) for n in range(19, -1, -1) if n % 3]

    def test_a_search_keeps_to_its_window(self, engine: Engine) -> None:
        engine.put(*(article(n) for n in range(6)))
        minute = timedelta(minutes=1)
        window = Window(b.WHEN + minute, b.WHEN + 4 * minute)
        hits = engine.search.search(asked(Term("", "raid")), window=window)
        assert [h.document.id for h in hits.hits] == [ident(n) for n in (3, 2, 1)]
        assert hits.total == 3

    def test_a_search_without_time_says_that_it_did_not_look_at_all(self, engine: Engine) -> None:
        engine.put(*(article(n) for n in range(6)))
        found: list[str] = []
        cursor = ""
        for _ in range(100):
            hits = engine.search.search(
                asked(Term("", "raid")), limit=2, cursor=cursor, budget_s=-1.0
            )
            assert hits.total <= 6
            found += [h.document.id for h in hits.hits]
            cursor = hits.cursor
            if hits.exact or not cursor:
                break
            assert not hits.exact
        assert found == [ident(n) for n in range(5, -1, -1)], "going on leads through all of them"

    def test_words_that_look_like_an_engines_syntax_are_words(self, engine: Engine) -> None:
        engine.put(article(0, title='AND "NEAR" title: * o\'neil ^ 3.14', text="-"))
        for token in (
            "and",
            "near",
            "o'neil",
            "3.14",
            '"',
            "*",
            "title:",
            "a)b",
            "'",
            "--",
            "near(",
        ):
            expected = [ident(0)] if token in {"and", "near", "o'neil", "3.14"} else []
            assert _found(engine, Term("", token)) == expected, token
        assert _found(engine, Or((Term("", "and"), Term("", "*")))) == [ident(0)]

    @given(data=st.data())
    @settings(ANY_ADAPTER, max_examples=40)
    def test_a_search_finds_exactly_what_the_matcher_decides(
        self, new_engine: NewEngine, data: st.DataObject
    ) -> None:
        """Any articles, in any order, some of them revised; any queries: zero differences."""
        engine = new_engine()
        held: dict[str, Document] = {}
        for number, clustered in zip(
            count(), data.draw(st.lists(articles(), min_size=1, max_size=8)), strict=False
        ):
            n = data.draw(st.integers(0, number))
            document = of(clustered.model_copy(update={"article_id": ident(n)}), n, number + 1)
            engine.put(document)
            held[document.id] = document
        newest = sorted(held.values(), key=lambda d: d.at, reverse=True)
        for root in data.draw(st.lists(queries(), min_size=5, max_size=15)):
            expected = [
                d.id
                for d in newest
                if isinstance(d.body, ClusteredArticle) and matches(root, view_of(d.body))
            ]
            hits = engine.search.search(asked(root), limit=100, budget_s=60)
            assert [h.document.id for h in hits.hits] == expected, root
            assert (hits.total, hits.exact) == (len(expected), True)
            for hit in hits.hits:
                body = hit.document.body
                assert isinstance(body, ClusteredArticle)
                assert hit.spans == spans(root, body.article, view_of(body))


def _found(engine: Engine, root: AnyNode) -> list[str]:
    hits = engine.search.search(asked(root))
    assert hits.total == len(hits.hits)
    return [hit.document.id for hit in hits.hits]
