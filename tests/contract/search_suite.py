"""What every index promises (ports/search.py). An adapter joins by a class with a `new_engine` fixture.

The heart of it: a search finds exactly the articles that the live matcher would, for any query.
"""

from datetime import date, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.documents_suite import (
    ANY_ADAPTER,
    HOUR,
    DocumentsSuite,
    Engine,
    NewEngine,
    article,
    asked,
    ident,
    of,
)
from contract.queries import articles, queries
from support import builders as b
from tocsin.ports.search import Document, Window
from tocsin.query.ast import And, FigureRange, InStory, Not, Or, OriginsRange, Term
from tocsin.query.ast import Node as AnyNode
from tocsin.query.evaluate import matches
from tocsin.query.explain import spans
from tocsin.query.view import view_of
from tocsin_schemas.article import EventDate, Mention
from tocsin_schemas.contract import Span
from tocsin_schemas.identity import digest_id
from tocsin_schemas.story import ClusteredArticle


class SearchSuite(DocumentsSuite):
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
        moved = b.a_story(one.article_id, id=digest_id("another"), origins=())
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
