"""The index: what is written to be found. Documents with external versions; the higher version wins.

One model, two desks: SQLite with FTS5 here, Elasticsearch there. Text is searched only through a
parsed `Query` of our grammar; lists filter on `keys` alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from tocsin.query.ast import Query
from tocsin_schemas.contract import Contract, Span

DocKind = Literal[
    "articles",
    "versions",
    "stories",
    "alerts",
    "notifications",
    "feeds",
    "subscriptions",
    "acts",
    "dead-letters",
]
Order = Literal["newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Document:
    """A document to be found.

    `at` orders lists (articles: first collection; stories: last change; alerts: rang).
    `keys` are exact-match filters, single-valued or many: `story_id`, `subscription_id`, `state` …
    """

    kind: DocKind
    id: str
    version: int
    at: datetime
    body: Contract
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Put:
    """What became of one document: `indexed`, `stale` (a version ≥ it is held: success), `refused`."""

    id: str
    result: Literal["indexed", "stale", "refused"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that meets a query, and the spans of its words that do, in text order."""

    document: Document
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of hits. `total` is exact while `exact`, else a lower bound ("more than")."""

    total: int
    exact: bool
    hits: tuple[Hit, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list; `cursor` is empty on the last page."""

    documents: tuple[Document, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open time window `[since, until)` on the first collection; null sides are open."""

    since: datetime | None = None
    until: datetime | None = None


class Index(Protocol):
    """Writes documents. Thread-safe."""

    def put(self, documents: Sequence[Document]) -> list[Put]:
        """Write, in order, each document whose version is above the one held; durable on return.
        Raises DiskFull, Retryable, Overloaded for the whole call; a document that can't be held is
        `refused` alone.
        """
        ...


class Search(Protocol):
    """Reads documents. Thread-safe; sees every `put` that has returned (embedded) or within 2 s."""

    def get(self, kind: DocKind, id: str) -> Document | None:  # noqa: A002  # the field's own name
        """One document, or null."""
        ...

    def many(self, kind: DocKind, ids: Sequence[str]) -> dict[str, Document]:
        """Those of `ids` that exist."""
        ...

    def listing(
        self,
        kind: DocKind,
        *,
        where: Mapping[str, str] | None = None,
        window: Window = Window(),
        order: Order = "newest",
        limit: int = 50,
        cursor: str = "",
    ) -> Listing:
        """Documents by `at`, filtered by exact keys. Raises UsageError for a cursor not ours."""
        ...

    def count(self, kind: DocKind, *, where: Mapping[str, str] | None = None) -> int:
        """How many documents."""
        ...

    def search(
        self,
        query: Query,
        *,
        window: Window = Window(),
        order: Order = "newest",
        limit: int = 50,
        cursor: str = "",
        budget_s: float = 2.0,
    ) -> Hits:
        """Articles that meet `query`, exactly as the live matcher decides. Stops counting after
        `budget_s` seconds of work (`exact` false). Raises UsageError for a cursor not ours.
        """
        ...

    def versions(self, kind: DocKind) -> Iterator[tuple[str, int]]:
        """(id, version) of every document, for reconciliation."""
        ...


M = TypeVar("M", bound=Contract)
PAGE = 500
"""Documents read at once by `bodies`."""


def bodies(
    search: Search,
    kind: DocKind,
    model: type[M],
    *,
    where: Mapping[str, str] | None = None,
    order: Order = "newest",
    limit: int | None = None,
) -> list[M]:
    """The bodies of a list over all its pages, at most `limit` documents (null: all)."""
    found: list[M] = []
    cursor = ""
    while limit is None or len(found) < limit:
        size = PAGE if limit is None else min(PAGE, limit - len(found))
        page = search.listing(kind, where=where, order=order, limit=size, cursor=cursor)
        found += [d.body for d in page.documents if isinstance(d.body, model)]
        cursor = page.cursor
        if not cursor:
            break
    return found
