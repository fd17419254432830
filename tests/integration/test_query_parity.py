"""One query, four readings, one meaning (design §5): the live matcher, the DSL, FTS5 with its recheck,
and the Lucene text through `query_string`, on a real node, over hard articles. Zero differences. And
the same searches on both desks: the same pages.

`TOCSIN_PARITY=5000x1000` asks that many queries over that many articles (default 300 × 400);
`TOCSIN_PARITY_SEED` another seed.
"""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from support import builders as b
from support.parity import STORIES, VALUES, WORDS, Asker, random_articles
from tocsin.adapters.elasticsearch.client import client_of
from tocsin.adapters.elasticsearch.dsl import clause_of
from tocsin.adapters.elasticsearch.index import ElasticIndex
from tocsin.adapters.elasticsearch.names import index_pattern, reading_name
from tocsin.adapters.elasticsearch.search import ElasticSearch
from tocsin.adapters.sqlite.index import SqliteIndex
from tocsin.adapters.sqlite.search import SqliteSearch
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.search import Document, Order, Search, Window
from tocsin.query import lucene as writer
from tocsin.query.ast import And, DateRange, InStory, Node, Not, Or, Phrase, Prefix, Query, Term
from tocsin.query.errors import QueryError
from tocsin.query.lucene import OPTIONS, lucene
from tocsin.query.parse import parse
from tocsin.query.reader import Reader
from tocsin.query.view import view_of
from tocsin.settings import Settings
from tocsin_schemas.story import ClusteredArticle

pytestmark = [pytest.mark.servers, pytest.mark.timeout(1800)]

_QUERIES, _ARTICLES = map(int, os.environ.get("TOCSIN_PARITY", "300x400").split("x"))
_SEED = int(os.environ.get("TOCSIN_PARITY_SEED", "20261124"))
_CHUNK = 100

Ids = frozenset[str]


@dataclass(frozen=True)
class Corpus:
    """The same articles everywhere."""

    articles: list[ClusteredArticle]
    node: Elasticsearch
    index: str
    sqlite: SqliteSearch
    elastic: ElasticSearch

    def matcher(self, queries: Sequence[Query]) -> list[Ids]:
        return [
            frozenset(name for name, reader in self._readers if reader.meets(query.root))
            for query in queries
        ]

    @cached_property
    def _readers(self) -> list[tuple[str, Reader]]:
        return [(article.article_id, Reader(view_of(article))) for article in self.articles]

    def dsl(self, queries: Sequence[Query]) -> list[Ids]:
        return self._search([clause_of(query.root) for query in queries])

    def text(self, queries: Sequence[Query], **options: Any) -> list[Ids]:
        said = [
            {"query_string": {"query": lucene(query), **OPTIONS, **options}} for query in queries
        ]
        return self._search(said)

    def fts5(self, queries: Sequence[Query]) -> list[Ids]:
        found = []
        for query in queries:
            hits = self.sqlite.search(query, limit=len(self.articles), budget_s=600)
            assert (hits.exact, hits.total, hits.cursor) == (True, len(hits.hits), "")
            found.append(frozenset(hit.document.id for hit in hits.hits))
        return found

    def _search(self, clauses: list[dict[str, Any]]) -> list[Ids]:
        found: list[Ids] = []
        for first in range(0, len(clauses), _CHUNK):
            lines: list[dict[str, Any]] = []
            for clause in clauses[first : first + _CHUNK]:
                body = {"query": {"bool": {"filter": [clause]}}, "_source": False}
                lines += [{}, {**body, "size": len(self.articles)}]
            answer = self.node.msearch(
                index=self.index,
                searches=lines,
                filter_path="responses.hits.hits._id,responses.error,responses.status",
            )
            for clause, one in zip(clauses[first:], answer["responses"], strict=False):
                assert one["status"] == 200, (clause, one)
                found.append(frozenset(hit["_id"] for hit in one.get("hits", {}).get("hits", ())))
        return found


@pytest.fixture(scope="module")
def corpus(elastic_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    articles = random_articles(random.Random(_SEED), _ARTICLES)
    documents = [  # over several months, hence several indices
        Document("articles", a.article_id, 1, b.WHEN + n * timedelta(hours=4), a)
        for n, a in enumerate(articles)
    ]
    store = SqliteStore(tmp_path_factory.mktemp("parity"), ballast_bytes=4096)
    prefix = f"t{os.urandom(3).hex()}-"
    node = client_of(Settings(elasticsearch=elastic_server.url, prefix=prefix))
    try:
        for index in (SqliteIndex(store), ElasticIndex(node, prefix=prefix)):
            assert {put.result for put in index.put(documents)} == {"indexed"}
        name = reading_name(prefix, "articles")
        node.indices.refresh(index=name)
        yield Corpus(articles, node, name, SqliteSearch(store), ElasticSearch(node, prefix=prefix))
    finally:
        made = node.indices.get(index=index_pattern(prefix, "articles"), allow_no_indices=True)
        for index_name in made:
            node.indices.delete(index=index_name)
        node.close()
        store.close()


@pytest.fixture(scope="module")
def queries(corpus: Corpus) -> list[Query]:
    return list(Asker(random.Random(_SEED + 1), corpus.articles).queries(_QUERIES))


def _differences(
    queries: Sequence[Query], expected: list[Ids], found: list[Ids]
) -> list[tuple[str, str, list[str]]]:
    return [
        (query.canonical, lucene(query), sorted(right ^ got)[:3])
        for query, right, got in zip(queries, expected, found, strict=True)
        if right != got
    ]


def test_matcher_dsl_fts5_and_lucene_text_find_the_same_articles(
    corpus: Corpus, queries: list[Query]
) -> None:
    expected = corpus.matcher(queries)
    met, pairs = sum(map(len, expected)), len(queries) * len(corpus.articles)
    print(f"seed {_SEED}: {len(queries)} queries, {pairs} pairs, {met} met")
    assert pairs / 100 < met < pairs / 2, "queries that are met by none or by all prove nothing"
    for name in ("dsl", "text", "fts5"):
        ask: Callable[[Sequence[Query]], list[Ids]] = getattr(corpus, name)
        differ = _differences(queries, expected, ask(queries))
        assert differ == [], (name, len(differ), differ[:5])


def test_both_desks_answer_a_search_with_the_same_pages(
    corpus: Corpus, queries: list[Query]
) -> None:
    """Ids in order, totals, spans, and where there is more; in both directions, and in a window."""
    rnd = random.Random(_SEED + 2)
    for query in queries[:300]:
        order: Order = rnd.choice(("newest", "oldest"))
        since = b.WHEN + timedelta(hours=4 * rnd.randint(0, len(corpus.articles) // 2))
        window = rnd.choice((Window(), Window(since, since + timedelta(days=30))))
        limit = rnd.choice((3, 20, 50))
        here, there = (
            _two_pages(desk, query, window=window, order=order, limit=limit)
            for desk in (corpus.sqlite, corpus.elastic)
        )
        assert here == there, (_SEED, query.canonical, window, order)


def _two_pages(desk: Search, query: Query, **how: Any) -> list[Any]:
    first = desk.search(query, budget_s=60, **how)
    pages = [first]
    if first.cursor:
        pages.append(desk.search(query, budget_s=60, cursor=first.cursor, **how))
    return [
        (p.total, p.exact, bool(p.cursor), [(h.document, h.spans) for h in p.hits]) for p in pages
    ]


def test_written_queries_with_hard_words_mean_the_same_in_all_readings(corpus: Corpus) -> None:
    written = []
    for word in (*WORDS, *VALUES):
        quoted = word.replace("\\", "\\\\").replace('"', '\\"')
        written += [
            f'"{quoted}"',
            f'title:"{quoted} raid"~9',
            f'place:"{quoted}"',
            f'NOT "{quoted}" raid',
        ]
        written += [word, f"text:{word}*", f"{word}~1", f"source:{word}*"]
    asked = [query for text in written if (query := _parsed(text)) is not None]
    assert len(asked) > len(WORDS) * 4
    expected = corpus.matcher(asked)
    assert sum(map(bool, expected)) > len(asked) / 3
    assert _differences(asked, expected, corpus.text(asked)) == []
    assert _differences(asked, expected, corpus.dsl(asked)) == []


def _parsed(text: str) -> Query | None:
    try:
        return parse(text)
    except QueryError:
        return None


def test_every_lucene_text_is_valid_and_names_only_fields_that_the_index_has(
    corpus: Corpus, queries: list[Query]
) -> None:
    for query in queries[:300]:
        said = {"query_string": {"query": lucene(query), **OPTIONS}}
        answer = corpus.node.indices.validate_query(index=corpus.index, query=said, explain=True)
        assert answer["valid"], (lucene(query), answer)
        for one in answer["explanations"]:
            assert "unmapped" not in one["explanation"], (lucene(query), one)


def test_a_time_zone_of_kibana_moves_nothing(corpus: Corpus, queries: list[Query]) -> None:
    """Kibana adds its own `time_zone` to a Lucene query that has none."""
    dated = [query for query in queries if 'TO "' in lucene(query) or '" TO' in lucene(query)]
    assert len(dated) > 10
    assert corpus.text(dated, time_zone="Asia/Karachi") == corpus.matcher(dated)


def test_hostile_values_reach_the_node_as_values(corpus: Corpus) -> None:
    rnd = random.Random(_SEED + 3)
    signs = ['"', "\\", "*", "?", "~1", "(", ")", "[", "]", "{", "}", ":", "/", " ", " OR ", " AND ",
             "NOT ", "*:*", "title:raid", "&&", "||", "^9", "+", "-", "!", "<", ">=", "swat", "TO", "\n",
             "\u3000", "‼", "G"]  # fmt: skip
    asked: list[Query] = []
    for _ in range(300):
        value = "".join(rnd.choices(signs, k=rnd.randint(1, 6)))
        safe = Term("", "raid")
        roots: list[Node] = [
            Term("place", value), Prefix("source", f"swat{value}"), Prefix("", f"rai{value}"),
            Term("", value), Phrase("text", ("raid", value), 2), InStory(value),
        ]  # fmt: skip
        root = rnd.choice(roots)
        asked += [Query(r, "", "") for r in (root, Or((safe, root)), And((safe, Not(root))))]
    assert _differences(asked, corpus.matcher(asked), corpus.text(asked)) == []


def test_the_comparison_notices_a_reading_that_is_off_by_one(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = Asker(random.Random(_SEED + 4), corpus.articles)
    roots = [*(asker.leaf() for _ in range(1000)), *map(InStory, STORIES)]
    queries = [Query(root, "", "") for root in roots]
    expected = corpus.matcher(queries)
    for off in (_slop_off, _end_off, _story_off):
        changed = [Query(_changed(q.root, off), q.text, q.canonical) for q in queries]
        assert _differences(queries, expected, corpus.dsl(changed)), off.__name__
    assert _differences(queries, expected, corpus.text(queries, fuzzy_prefix_length=0))
    monkeypatch.setattr(writer, "spelling", lambda token: token)
    assert _differences(queries, expected, corpus.text(queries)), "tokens written as they stand"


def _changed(node: Node, off: Callable[[Node], Node]) -> Node:
    if isinstance(node, And | Or):
        return type(node)(tuple(_changed(part, off) for part in node.parts))
    return Not(_changed(node.part, off)) if isinstance(node, Not) else off(node)


def _slop_off(node: Node) -> Node:
    return replace(node, slop=node.slop + 1) if isinstance(node, Phrase) else node


def _end_off(node: Node) -> Node:
    if isinstance(node, DateRange) and node.end is not None:
        return replace(node, end=node.end + timedelta(seconds=1))
    return node


def _story_off(node: Node) -> Node:
    if isinstance(node, InStory):
        return InStory(STORIES[STORIES.index(node.story_id) - 1])
    return node
