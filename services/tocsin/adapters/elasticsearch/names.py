"""Which index a document stands in.

One index per kind; articles and their versions one per month, by the month (UTC) of first collection,
so that a document never moves, a month can be dropped whole, and no index grows for ever. A monthly kind
is read through an alias that holds all its months and has the name without the month.

Every name begins with the desk's prefix (setting `prefix`), so that several desks can share a cluster.
"""

from datetime import UTC, datetime

from tocsin.ports.search import DocKind

KINDS: tuple[DocKind, ...] = (
    "articles",
    "versions",
    "stories",
    "alerts",
    "notifications",
    "feeds",
    "subscriptions",
    "acts",
    "dead-letters",
)
MONTHLY: frozenset[DocKind] = frozenset({"articles", "versions"})
"""Kinds with an index per month; the others have one index."""


def reading_name(prefix: str, kind: DocKind) -> str:
    """What a search asks: the alias of a monthly kind, the index of any other."""
    return f"{prefix}tocsin-{kind}"


def index_name(prefix: str, kind: DocKind, at: datetime) -> str:
    """Where a document of `kind` is written whose `Document.at` is `at`."""
    name = reading_name(prefix, kind)
    return f"{name}-{at.astimezone(UTC):%Y.%m}" if kind in MONTHLY else name


def index_pattern(prefix: str, kind: DocKind) -> str:
    """What matches every index of `kind`, and none of another kind or desk."""
    name = reading_name(prefix, kind)
    return f"{name}-*" if kind in MONTHLY else name


def template_name(prefix: str, kind: DocKind) -> str:
    """The index template of `kind`."""
    return reading_name(prefix, kind)
