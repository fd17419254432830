"""The index in memory: every article is looked at, by the live matcher itself. The oracle of the others.

What tests use for an index. Nothing outlives the process.
"""

import threading
from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import NamedTuple

from tocsin.adapters.cursors import (
    ALWAYS,
    beyond,
    cursor_after,
    first_place,
    page_size,
    range_of,
    within,
)
from tocsin.adapters.documents import settle
from tocsin.ports.search import DocKind, Document, Hit, Hits, Listing, Order, Put, Window
from tocsin.query.ast import Query
from tocsin.query.evaluate import matches
from tocsin.query.explain import spans
from tocsin.query.view import View, view_of
from tocsin_schemas.story import ClusteredArticle


class _Held(NamedTuple):
    place: int
    document: Document
    view: View | None


class MemorySearch:
    """A `ports.search.Index` and `ports.search.Search`. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._held: dict[tuple[DocKind, str], _Held] = {}
        self._places: dict[DocKind, list[int]] = {}
        self._at_place: dict[int, tuple[DocKind, str]] = {}

    def put(self, documents: Sequence[Document]) -> list[Put]:
        """Write each document whose version is above the one held."""
        with self._lock:
            held = {name: entry.document.version for name, entry in self._held.items()}
            results, to_write = settle(documents, held)
            for name, document in to_write.items():
                self._write(name, document)
            return results

    def get(self, kind: DocKind, id: str) -> Document | None:  # noqa: A002  # the port's name
        """One document, or null."""
        with self._lock:
            held = self._held.get((kind, id))
            return held.document if held else None

    def many(self, kind: DocKind, ids: Sequence[str]) -> dict[str, Document]:
        """Those of `ids` that exist."""
        found = {one: self.get(kind, one) for one in ids}
        return {one: document for one, document in found.items() if document is not None}

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
        """Documents by `at`, filtered by exact keys."""
        size = page_size(limit)
        low, high = beyond(*range_of(window), order, cursor)[0]
        found = [
            held
            for held in self._between(kind, low, high, order)
            if within(window, held.document.at) and _meets(held.document, where)
        ][: size + 1]
        more = len(found) > size
        return Listing(
            tuple(held.document for held in found[:size]),
            cursor_after(order, found[size - 1].place) if more else "",
        )

    def count(self, kind: DocKind, *, where: Mapping[str, str] | None = None) -> int:
        """How many documents."""
        everything = range_of(ALWAYS)
        return sum(
            _meets(held.document, where) for held in self._between(kind, *everything, "newest")
        )

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
        """Articles that meet `query`."""
        size = page_size(limit)
        deadline = monotonic() + budget_s
        page: list[_Held] = []
        total, exact, last = 0, True, ""
        for number, (low, high) in enumerate(beyond(*range_of(window), order, cursor)):
            for held in self._between("articles", low, high, order):
                if within(window, held.document.at) and held.view is not None:
                    hit = matches(query.root, held.view)
                    total += hit
                    if hit and number == 0 and len(page) <= size:
                        page.append(held)
                if number == 0 and len(page) <= size:
                    last = cursor_after(order, held.place)
                if monotonic() > deadline:
                    exact = False
                    break
            if not exact:
                break
            if number == 0 and len(page) <= size:
                last = ""
        if len(page) > size:
            last = cursor_after(order, page[size - 1].place)
        return Hits(total, exact, tuple(_hit(query, held) for held in page[:size]), last)

    def versions(self, kind: DocKind) -> Iterator[tuple[str, int]]:
        """(id, version) of every document, by id."""
        with self._lock:
            found = sorted(
                (name, held.document.version)
                for (of_kind, name), held in self._held.items()
                if of_kind == kind
            )
        return iter(found)

    def _write(self, name: tuple[DocKind, str], document: Document) -> None:
        before = self._held.get(name)
        places = self._places.setdefault(document.kind, [])
        if before is not None and before.document.at == document.at:
            place = before.place
        else:
            if before is not None:
                places.remove(before.place)
                del self._at_place[before.place]
            place = first_place(document.at)
            while place in self._at_place:
                place += 1
            insort(places, place)
            self._at_place[place] = name
        body = document.body
        view = None
        if document.kind == "articles" and isinstance(body, ClusteredArticle):
            view = view_of(body)
        self._held[name] = _Held(place, document, view)

    def _between(self, kind: DocKind, low: int, high: int, order: Order) -> Iterator[_Held]:
        with self._lock:
            places = [p for p in self._places.get(kind, []) if low <= p < high]
            if order == "newest":
                places.reverse()
            return iter([self._held[self._at_place[p]] for p in places])


def _meets(document: Document, where: Mapping[str, str] | None) -> bool:
    return all(value in document.keys.get(name, ()) for name, value in (where or {}).items())


def _hit(query: Query, held: _Held) -> Hit:
    body = held.document.body
    assert isinstance(body, ClusteredArticle)
    return Hit(held.document, spans(query.root, body.article, held.view))
