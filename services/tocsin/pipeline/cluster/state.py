"""What the clusterer holds of one open story: sums of vectors, days, numbers, tolls. No texts.

Everything here is a sum over its members in the order in which they came, so that it can be written
down as one row and read again exactly.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tocsin.pipeline.cluster.weights import CENTROID, Vector, Vectors
from tocsin_schemas.article import Terms

K = TypeVar("K", str, int)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an article brings to a score beside its words. `ts`: publication, epoch seconds."""

    ts: float | None
    numbers: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    killed: int | None = None
    least: int | None = None
    revised: bool = False

    @classmethod
    def of(cls, terms: Terms, ts: float | None) -> "Facts":
        """The facts that the enricher counted."""
        return cls(
            ts,
            terms.numbers,
            terms.days,
            terms.named_days,
            terms.killed,
            terms.killed_least,
            terms.revised,
        )


@dataclass(slots=True)
class Cluster:
    """One open story. `number` orders stories by birth: the lower is the older."""

    number: int
    id: str
    n: int = 0
    first: float | None = None
    last: float | None = None
    seen: float = 0.0
    """Stream time of the last article, epoch seconds: what `expire` looks at."""
    all: Vector = field(default_factory=dict)
    ttl: Vector = field(default_factory=dict)
    ent: Vector = field(default_factory=dict)
    norms: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ttl_mass: float = 0.0
    numbers: dict[str, int] = field(default_factory=dict)
    days: dict[int, int] = field(default_factory=dict)
    named: dict[int, int] = field(default_factory=dict)
    """First named day of each member; a recap's day stands later in its text."""
    toll: int = 0
    """Highest "at least" of people killed that any member told."""
    revised: bool = False
    apart: list[str] = field(default_factory=list)
    """Stories that a person parted from this one: no merge by itself."""

    def grow(self, v: Vectors) -> tuple[list[str], list[str]]:
        """Add vectors to the sums; returns terms new to `all`, and terms cut out of it."""
        fresh = [t for t in v.all if t not in self.all]
        cut: list[str] = []
        self.all, n_all, gone = _sum(self.all, v.all, self._square(0))
        cut.extend(gone)
        self.ttl_mass += sum(v.ttl.values())
        self.ttl, n_ttl, gone = _sum(self.ttl, v.ttl, self._square(1))
        if gone:
            self.ttl_mass = sum(self.ttl.values())
        self.ent, n_ent, _ = _sum(self.ent, v.ent, self._square(2))
        self.norms = (n_all, n_ttl, n_ent)
        return fresh, cut

    def _square(self, i: int) -> float:
        return self.norms[i] ** 2 if self.n > 1 else 0.0

    def note(self, facts: Facts, seen: float) -> None:
        """Count an article's facts. Times only widen."""
        self.n += 1
        self.seen = max(self.seen, seen)
        if facts.ts is not None:
            self.first = facts.ts if self.first is None else min(self.first, facts.ts)
            self.last = facts.ts if self.last is None else max(self.last, facts.ts)
        for number in facts.numbers:
            self.numbers[number] = self.numbers.get(number, 0) + 1
        for day in dict.fromkeys(facts.days):
            self.days[day] = self.days.get(day, 0) + 1
        for day in facts.named[:1]:
            self.named[day] = self.named.get(day, 0) + 1
        self.toll = max(self.toll, facts.least or 0)
        self.revised = facts.revised

    def swallow(self, other: "Cluster") -> tuple[list[str], list[str]]:
        """Take in a younger story; returns what `grow` returns."""
        self.n += other.n
        self.seen = max(self.seen, other.seen)
        for name, pick in (("first", min), ("last", max)):
            mine, theirs = getattr(self, name), getattr(other, name)
            known = [x for x in (mine, theirs) if x is not None]
            setattr(self, name, pick(known) if known else None)
        _add(self.numbers, other.numbers)
        _add(self.days, other.days)
        _add(self.named, other.named)
        self.toll = max(self.toll, other.toll)
        self.apart = sorted({*self.apart, *other.apart} - {self.id, other.id})
        return self.grow(Vectors(other.all, other.ttl, other.ent))

    def lone(self) -> tuple[Vectors, Facts]:
        """A story of one article, seen as that article."""
        return Vectors(self.all, self.ttl, self.ent), Facts(
            self.last,
            tuple(self.numbers),
            tuple(self.days),
            tuple(self.named),
            self.toll or None,
            self.toll or None,
            self.revised,
        )

    def row(self) -> dict[str, Any]:
        """As JSON, exactly: integer keys as pairs."""
        held = {name: getattr(self, name) for name in self.__slots__}
        for name in ("days", "named"):
            held[name] = list(held[name].items())
        return held

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Cluster":
        """The inverse of `row`."""
        held = dict(row)
        held["norms"] = tuple(held["norms"])
        for name in ("days", "named"):
            held[name] = {int(k): int(v) for k, v in held[name]}
        return cls(**held)


def _add(into: dict[K, int], more: Mapping[K, int]) -> None:
    for key, count in more.items():
        into[key] = into.get(key, 0) + count


def _sum(into: Vector, more: Vector, square: float) -> tuple[Vector, float, list[str]]:
    """Sum, its length, and the terms cut when it grew to twice `CENTROID`."""
    for t, w in more.items():
        had = into.get(t, 0.0)
        into[t] = had + w
        square += w * (w + 2.0 * had)
    gone: list[str] = []
    if len(into) > 2 * CENTROID:
        kept = dict(sorted(into.items(), key=lambda x: (-x[1], x[0]))[:CENTROID])
        gone = [t for t in into if t not in kept]
        into = kept
        square = sum([w * w for w in kept.values()])
    return into, math.sqrt(square) or 1.0, gone
