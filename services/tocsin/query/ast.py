"""The query as a value. Frozen, hashable, printable; every output is made from this alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

FigureKind = Literal["killed", "wounded", "missing", "kidnapped"]


@dataclass(frozen=True, slots=True)
class Term:
    """One token. `field` "" looks in title or text; keyword fields match the whole folded value."""

    field: str
    token: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens in a row within one field; `slop` as Lucene counts it (0: exactly in a row)."""

    field: str
    tokens: tuple[str, ...]
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """A token (keyword fields: the folded value) that starts with `stem`, ≥ 3 characters."""

    field: str
    stem: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A token within distance 1 (a swap of neighbours counts 1) whose first 2 letters are equal."""

    field: str
    token: str


@dataclass(frozen=True, slots=True)
class FigureRange:
    """A figure of `kind` with role this event: some figure has max ≥ `low` and min ≤ `high`.

    `killed:>=n` is low n; `<=n` high n; `n` both; null is open. An article's known end stands for a
    missing one.
    """

    kind: FigureKind
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class DateRange:
    """`published:` or `event_date:` within `[start, end)`, UTC; null is open. An event date (days)
    meets it when any of its days does.
    """

    field: Literal["published", "event_date"]
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class InStory:
    """`story:`: the article belongs to this story. Only a top-level AND conjunct."""

    story_id: str


@dataclass(frozen=True, slots=True)
class OriginsRange:
    """`origins:`: the story has this many independent origins. Only a top-level AND conjunct."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class And:
    """All of `parts` (≥ 2), flattened, in the order written; `Not` parts among them."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of `parts` (≥ 2), flattened; each has a positive clause."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not `part`; stands only inside an And that has a positive part."""

    part: "Node"


Leaf: TypeAlias = Term | Phrase | Prefix | Fuzzy | FigureRange | DateRange | InStory | OriginsRange
Node: TypeAlias = Leaf | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `text` is what was written; `canonical` re-parses to an equal `root`."""

    root: Node
    text: str
    canonical: str
    lists: tuple[str, ...] = ()
    """Names of the reusable lists it used."""
