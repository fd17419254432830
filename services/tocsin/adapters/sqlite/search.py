"""Finds documents: by id, by exact keys in order of time, and articles by a query.

A query goes in two steps: FTS5 names candidates, the live matcher decides each of them, newest first,
before anything is counted or shown. So a search never finds what an alert would not, nor the reverse.
Work is bounded by a budget; what was not looked at is said (`exact` false) and can be gone on with.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any, NamedTuple, Self

import apsw
import orjson

from tocsin.adapters.cursors import (
    ALWAYS,
    EPOCH,
    beyond,
    cursor_after,
    page_size,
    range_of,
    within,
)
from tocsin.adapters.documents import MODELS, is_text
from tocsin.adapters.sqlite.candidates import compile as candidates_of
from tocsin.adapters.sqlite.index import STORY
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.adapters.sqlite.words import view_from
from tocsin.ports.search import DocKind, Document, Hit, Hits, Listing, Order, Window
from tocsin.query.ast import Node, Query
from tocsin.query.evaluate import matches
from tocsin.query.explain import spans
from tocsin.query.view import View
from tocsin_schemas.story import ClusteredArticle

CHUNK = 500
STEPS = 20_000
"""Instructions of SQLite's machine between two looks at the clock: well under a millisecond."""

_DOCUMENT = "d.kind, d.id, d.version, d.at, d.keys, d.body"
_CANDIDATES = """
    SELECT f.rowid, d.at, w.title, w.body, d.facts
    FROM article_fts AS f
    CROSS JOIN article_words AS w ON w.place = f.rowid
    CROSS JOIN document AS d ON d.place = f.rowid
    WHERE f.article_fts MATCH ? AND f.rowid >= ? AND f.rowid < ? ORDER BY f.rowid
"""
_ALL = """
    SELECT w.place, d.at, w.title, w.body, d.facts
    FROM article_words AS w CROSS JOIN document AS d ON d.place = w.place
    WHERE w.place >= ? AND w.place < ? ORDER BY w.place
"""
_OF_STORY = """
    SELECT k.place, d.at, w.title, w.body, d.facts
    FROM document_key AS k
    CROSS JOIN article_words AS w ON w.place = k.place
    CROSS JOIN document AS d ON d.place = k.place
    WHERE k.kind = 'articles' AND k.name = ? AND k.value = ?
    AND k.place >= ? AND k.place < ? ORDER BY k.place
"""
_AND_KEY = """
    AND EXISTS(SELECT 1 FROM document_key AS o
    WHERE o.kind=k.kind AND o.name=? AND o.value=? AND o.place=k.place)"""
_DESC = {"newest": " DESC", "oldest": ""}


class _Candidate(NamedTuple):
    place: int
    view: View


class SqliteSearch:
    """A `ports.search.Search` on a store. Thread-safe; sees every `put` that has returned."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def get(self, kind: DocKind, id: str) -> Document | None:  # noqa: A002  # the port's name
        """One document, or null."""
        return self.many(kind, [id]).get(id)

    def many(self, kind: DocKind, ids: Sequence[str]) -> dict[str, Document]:
        """Those of `ids` that exist, in the order asked for."""
        found: dict[str, Document] = {}
        asked = list(dict.fromkeys(i for i in ids if is_text(i)))
        for first in range(0, len(asked), CHUNK):
            listed = orjson.dumps(asked[first : first + CHUNK]).decode()
            rows = self._store.rows(
                f"SELECT {_DOCUMENT} FROM json_each(?) AS wanted"  # noqa: S608  # constant columns
                " JOIN document AS d ON d.kind=? AND d.id = wanted.value",
                (listed, kind),
            )
            found.update((row[1], _document(row)) for row in rows)
        return found

    def listing(
        self,
        kind: DocKind,
        *,
        where: Mapping[str, str] | None = None,
        window: Window = ALWAYS,
        order: Order = "newest",
        limit: int = 50,
        cursor: str = "",
    ) -> Listing:
        """Documents by `at`, filtered by exact keys; see the port."""
        size = page_size(limit)
        low, high = beyond(*range_of(window), order, cursor)[0]
        table, place, condition, parameters = _filter(kind, where)
        sql = (
            f"SELECT {place}, {_DOCUMENT} FROM {table} WHERE {condition}"  # noqa: S608  # constant words
            f" AND {place} >= ? AND {place} < ? ORDER BY {place}{_DESC[order]}"
        )
        found: list[tuple[Any, ...]] = []
        for row in self._store.stream(sql, (*parameters, low, high)):
            if within(window, EPOCH + timedelta(microseconds=row[4])):
                found.append(row)
                if len(found) > size:
                    break
        more = len(found) > size
        return Listing(
            tuple(_document(row[1:]) for row in found[:size]),
            cursor_after(order, found[size - 1][0]) if more else "",
        )

    def count(self, kind: DocKind, *, where: Mapping[str, str] | None = None) -> int:
        """How many documents."""
        table, _, condition, parameters = _filter(kind, where)
        sql = f"SELECT count(*) FROM {table} WHERE {condition}"  # noqa: S608  # constant words
        return int(self._store.rows(sql, parameters)[0][0])

    def search(
        self,
        query: Query,
        *,
        window: Window = ALWAYS,
        order: Order = "newest",
        limit: int = 50,
        cursor: str = "",
        budget_s: float = 2.0,
    ) -> Hits:
        """Articles that meet `query`; see the port. The page is filled first, then the rest counted;
        where the budget ends before, the cursor leads on from the last article looked at.
        """
        size = page_size(limit)
        following, *passed = beyond(*range_of(window), order, cursor)
        page: list[_Candidate] = []
        total, reached = 0, cursor
        with _Budget(self._store.reader(), budget_s) as budget:
            for candidate in self._candidates(query.root, window, order, following, budget):
                if matches(query.root, candidate.view):
                    total += 1
                    if len(page) <= size:
                        page.append(candidate)
                if len(page) <= size:
                    reached = cursor_after(order, candidate.place)
            if not budget.spent and len(page) <= size:
                reached = ""
            for part in passed:
                for candidate in self._candidates(query.root, window, order, part, budget):
                    total += matches(query.root, candidate.view)
        if len(page) > size:
            reached = cursor_after(order, page[size - 1].place)
        hits = tuple(self._hits(query.root, page[:size]))
        return Hits(total, not budget.spent, hits, reached)

    def versions(self, kind: DocKind) -> Iterator[tuple[str, int]]:
        """(id, version) of every document, by id."""
        after = ""
        while True:
            rows = self._store.rows(
                "SELECT id, version FROM document WHERE kind=? AND id>? ORDER BY id LIMIT ?",
                (kind, after, CHUNK),
            )
            yield from ((name, version) for name, version in rows)
            if len(rows) < CHUNK:
                return
            after = rows[-1][0]

    def _candidates(
        self,
        root: Node,
        window: Window,
        order: Order,
        places: tuple[int, int],
        budget: "_Budget",
    ) -> Iterator[_Candidate]:
        """Candidates in `places` and `window`, in order, until the budget is spent."""
        proposed = candidates_of(root)
        story = proposed.where.get("story_id")
        first: tuple[str, ...] = ()
        if story is not None:
            sql, first = _OF_STORY, (STORY, story)
        elif proposed.match is not None:
            sql, first = _CANDIDATES, (proposed.match,)
        else:
            sql = _ALL
        try:
            rows = self._store.stream(sql + _DESC[order], (*first, *places))
            for place, at, title, body, facts in rows:
                if budget.spent:
                    return
                if within(window, EPOCH + timedelta(microseconds=at)):
                    yield _Candidate(place, view_from(title, body, facts))
                budget.look()
        except apsw.InterruptError:
            budget.spent = True

    def _hits(self, root: Node, page: Sequence[_Candidate]) -> Iterator[Hit]:
        rows = self._store.rows(
            f"SELECT d.place, {_DOCUMENT} FROM json_each(?) AS wanted"  # noqa: S608  # constant columns
            " CROSS JOIN document AS d ON d.place = wanted.value",
            (orjson.dumps([candidate.place for candidate in page]).decode(),),
        )
        documents = {row[0]: _document(row[1:]) for row in rows}
        for candidate in page:
            document = documents.get(candidate.place)
            if document is not None and isinstance(document.body, ClusteredArticle):
                yield Hit(document, spans(root, document.body.article, candidate.view))


class _Budget:
    """Time for one search. Looks at the clock between candidates, and inside SQLite where a query
    finds none for long.
    """

    def __init__(self, db: apsw.Connection, seconds: float) -> None:
        self._db = db
        self._deadline = monotonic() + seconds
        self.spent = False

    def look(self) -> bool:
        """True once the budget is spent."""
        self.spent = self.spent or monotonic() > self._deadline
        return self.spent

    def __enter__(self) -> Self:
        self._db.set_progress_handler(self.look, STEPS)
        return self

    def __exit__(self, *_: object) -> None:
        self._db.set_progress_handler(None)


def _filter(
    kind: DocKind, where: Mapping[str, str] | None
) -> tuple[str, str, str, tuple[str, ...]]:
    """Table, its column of places, condition and parameters of a list filtered by exact keys."""
    pairs = sorted((where or {}).items())
    if not pairs:
        return "document AS d", "d.place", "d.kind=?", (kind,)
    first, *others = pairs
    table = "document_key AS k CROSS JOIN document AS d ON d.place = k.place"
    condition = "k.kind=? AND k.name=? AND k.value=?" + _AND_KEY * len(others)
    return table, "k.place", condition, (kind, *first, *(part for pair in others for part in pair))


def _document(row: Sequence[Any]) -> Document:
    kind, name, version, at, keys, body = row
    return Document(
        kind,
        name,
        version,
        EPOCH + timedelta(microseconds=at),
        MODELS[kind].model_validate_json(body),
        {k: tuple(values) for k, values in orjson.loads(keys).items() if k != STORY},
    )
