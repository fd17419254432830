"""Finds documents in Elasticsearch: by id, by exact keys in order of time, and articles by a query.

The query is asked as clauses that mean what the live matcher decides (`dsl.py`), so the node's count is
the count. A page is never cut short by the budget, only the counting is: what a hit list shows has no
gaps, and its cursor leads on.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from elastic_transport import ApiError as AnyApiError
from elastic_transport import TransportError
from elasticsearch import Elasticsearch

from tocsin.adapters.cursors import ALWAYS, page_size
from tocsin.adapters.documents import is_text
from tocsin.adapters.elasticsearch.dsl import NOTHING, Clause, clause_of
from tocsin.adapters.elasticsearch.faults import addresses, asking
from tocsin.adapters.elasticsearch.names import reading_name
from tocsin.adapters.elasticsearch.places import Place, cursor_after, place_of
from tocsin.adapters.elasticsearch.sources import KEPT, document_of, key_word, microseconds
from tocsin.errors import Retryable
from tocsin.ports.search import DocKind, Document, Hit, Hits, Listing, Order, Window
from tocsin.query.ast import Node, Query
from tocsin.query.explain import spans
from tocsin.query.view import view_of
from tocsin_schemas.story import ClusteredArticle

CHUNK = 500
"""Documents of one answer."""
SCAN = 5000
"""Ids of one answer, when all are told."""
_KEEP = "2m"
_KEPT = {"includes": list(KEPT)}
_GRACE_S = 30.0
_ABSENT_IS_EMPTY: dict[str, Any] = {"ignore_unavailable": True, "allow_no_indices": True}

Found = list[dict[str, Any]]


class ElasticSearch:
    """A `ports.search.Search` on a cluster. Thread-safe; sees a `put` that has returned within 2 s.
    What no index holds yet is empty. Every method raises Retryable where the cluster can't be reached.
    """

    def __init__(self, client: Elasticsearch, *, prefix: str = "") -> None:
        # Reading again over another connection hides nothing; a status is always told.
        nodes = len(client.transport.node_pool)
        self._client = client.options(max_retries=max(1, nodes - 1), retry_on_status=())
        self._prefix = prefix

    def get(self, kind: DocKind, id: str) -> Document | None:  # noqa: A002  # the port's name
        """One document, or null."""
        return self.many(kind, [id]).get(id)

    def many(self, kind: DocKind, ids: Sequence[str]) -> dict[str, Document]:
        """Those of `ids` that exist, in the order asked for."""
        asked = list(dict.fromkeys(i for i in ids if is_text(i)))
        found: dict[str, Document] = {}
        for first in range(0, len(asked), CHUNK):
            wanted = asked[first : first + CHUNK]
            answer = self._ask(kind, [{"ids": {"values": wanted}}], size=len(wanted))
            documents = {d.id: d for d in map(_document, answer["hits"]["hits"])}
            found.update((name, documents[name]) for name in wanted if name in documents)
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
        """Documents by `at`, then id, filtered by exact keys; see the port."""
        size, after = page_size(limit), place_of(order, cursor)
        found = self._page(kind, [*_keyed(where), *_within(window)], order, after, size + 1)
        return Listing(tuple(map(_document, found[:size])), _cursor(order, found, size))

    def count(self, kind: DocKind, *, where: Mapping[str, str] | None = None) -> int:
        """How many documents."""
        answer = self._ask(kind, _keyed(where), size=0, track_total_hits=True)
        return int(answer["hits"]["total"]["value"])

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
        """Articles that meet `query`; see the port. Where the budget ends before all are counted, the
        page is asked for by itself, and `total` is what was counted by then.
        """
        size, after = page_size(limit), place_of(order, cursor)
        asked = [clause_of(query.root), *_within(window)]
        total, exact, found = self._counted(asked, order, after, size + 1, budget_s)
        if found is None:
            found = self._page("articles", asked, order, after, size + 1)
        if not exact:
            exact = after is None and len(found) <= size
            total = len(found) if exact else max(total, len(found))
        hits = tuple(_hit(query.root, _document(hit)) for hit in found[:size])
        return Hits(total, exact, hits, _cursor(order, found, size))

    def versions(self, kind: DocKind) -> Iterator[tuple[str, int]]:
        """(id, version) of every document at the time of the first one; in no order."""
        with self._standing(kind) as snapshot:
            after: list[Any] | None = None
            while True:
                with asking(self._client):
                    answer = self._client.search(
                        pit=snapshot,
                        sort=["_shard_doc"],
                        search_after=after,
                        size=SCAN,
                        source=False,
                        docvalue_fields=[{"field": "id"}, {"field": "version"}],
                        track_total_hits=False,
                        allow_partial_search_results=False,
                    )
                found = answer["hits"]["hits"]
                for hit in found:
                    yield hit["fields"]["id"][0], hit["fields"]["version"][0]
                if len(found) < SCAN:
                    return
                after = found[-1]["sort"]

    def _counted(
        self, asked: list[Clause], order: Order, after: Place | None, size: int, budget_s: float
    ) -> tuple[int, bool, Found | None]:
        """All that meet `asked`, counted, whether these are all, and the page; null where the time
        did not suffice or the page is larger than an answer.
        """
        if budget_s <= 0:
            return 0, False, None
        answer = self._ask(
            "articles",
            asked,
            wait_s=budget_s + _GRACE_S,
            sort=_sort(order),
            search_after=after,
            size=min(size, CHUNK),
            track_total_hits=True,
            timeout=f"{max(1, round(budget_s * 1000))}ms",
            allow_partial_search_results=True,
        )
        if answer["_shards"]["failed"]:
            raise Retryable(
                f"Elasticsearch at {addresses(self._client)} could not look into"
                f" {answer['_shards']['failed']} of {answer['_shards']['total']} shards"
            )
        total, timed_out = int(answer["hits"]["total"]["value"]), answer["timed_out"]
        found = answer["hits"]["hits"]
        whole = not timed_out and (size <= CHUNK or len(found) < CHUNK)
        return total, not timed_out, found if whole else None

    def _page(
        self, kind: DocKind, asked: list[Clause], order: Order, after: Place | None, size: int
    ) -> Found:
        """The `size` documents that follow `after`; more than one answer holds by a snapshot."""
        how: dict[str, Any] = {"sort": _sort(order), "track_total_hits": False}
        if size <= CHUNK:
            answer = self._ask(kind, asked, search_after=after, size=size, **how)
            return list(answer["hits"]["hits"])
        found: Found = []
        with self._standing(kind) as snapshot:
            while len(found) < size:
                number = min(CHUNK, size - len(found))
                with asking(self._client):
                    answer = self._client.search(
                        pit=snapshot,
                        query={"bool": {"filter": asked}},
                        source=_KEPT,
                        search_after=after,
                        size=number,
                        allow_partial_search_results=False,
                        **how,
                    ).body
                hits = answer["hits"]["hits"]
                found += hits
                if len(hits) < number:
                    break
                after = hits[-1]["sort"]
        return found

    def _ask(
        self, kind: DocKind, asked: Sequence[Clause], *, wait_s: float | None = None, **how: Any
    ) -> dict[str, Any]:
        client = self._client if wait_s is None else self._client.options(request_timeout=wait_s)
        how.setdefault("allow_partial_search_results", False)
        with asking(client):
            return dict(
                client.search(
                    index=reading_name(self._prefix, kind),
                    query={"bool": {"filter": list(asked)}},
                    source=_KEPT,
                    **_ABSENT_IS_EMPTY,
                    **how,
                ).body
            )

    @contextmanager
    def _standing(self, kind: DocKind) -> Iterator[dict[str, str]]:
        """A snapshot of a kind that stands still while it is paged through."""
        with asking(self._client):
            opened = self._client.open_point_in_time(
                index=reading_name(self._prefix, kind), keep_alive=_KEEP, ignore_unavailable=True
            )
        try:
            yield {"id": opened["id"], "keep_alive": _KEEP}
        finally:
            with suppress(AnyApiError, TransportError):  # it ends by itself before long
                self._client.close_point_in_time(id=opened["id"])


def _sort(order: Order) -> list[dict[str, str]]:
    direction = "desc" if order == "newest" else "asc"
    return [{"at_us": direction}, {"id": direction}]


def _keyed(where: Mapping[str, str] | None) -> list[Clause]:
    asked: list[Clause] = []
    for name, value in (where or {}).items():
        if "=" in name or not is_text(f"{name}{value}"):
            return [NOTHING]
        asked.append({"term": {"keys": key_word(name, value)}})
    return asked


def _within(window: Window) -> list[Clause]:
    bounds: Clause = {}
    if window.since is not None:
        bounds["gte"] = microseconds(window.since)
    if window.until is not None:
        bounds["lt"] = microseconds(window.until)
    return [{"range": {"at_us": bounds}}] if bounds else []


def _cursor(order: Order, found: Found, size: int) -> str:
    if len(found) <= size:
        return ""
    last = found[size - 1]["_source"]
    return cursor_after(order, (last["at_us"], last["id"]))


def _document(hit: dict[str, Any]) -> Document:
    return document_of(hit["_source"])


def _hit(root: Node, document: Document) -> Hit:
    body = document.body
    assert isinstance(body, ClusteredArticle)
    return Hit(document, spans(root, body.article, view_of(body)))
