"""What a subscription was told of a toll, and whether a new figure goes beyond it (design §6).

A told range only widens. A figure rings when it leaves the range by enough, when it says that the
toll was lowered, or when it is the first of its kind. Never looks at a clock or at the query.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tocsin_schemas.alert import ToldRange
from tocsin_schemas.contract import KINDS, Kind
from tocsin_schemas.story import Statement, Story

LATE = timedelta(hours=24)
"""A statement up to this much older than the newest of its kind is fresh for the maximum alone."""

Fresh = Literal["full", "max"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The statement of one version of one article about one kind: the span of its figures.

    `low` null: an open minimum ("up to 20"). `lowered` is the figure to which it says the toll fell.
    """

    kind: Kind
    low: int | None
    high: int | None
    lowered: int | None
    fresh: Fresh
    statement: Statement


@dataclass(frozen=True, slots=True)
class Toll:
    """A toll worth ringing: its fact (part of the alert id), its sentence, whose statement."""

    kind: Kind
    fact: str
    sentence: str
    statement: Statement


def needed(end: int) -> int:
    """How far a figure must leave a told end: max(1, 10 % of that end), in whole people."""
    return max(1, -(-end // 10))


def claims_of(statements: Iterable[Statement], story: Story) -> list[Claim]:
    """Fresh claims among `statements`: kinds in the order in which they lead, oldest first.

    Retracted and stale statements are left out. Figures of one kind in one version of an article
    are one claim; "at least n" counts for both ends, "up to n" for the maximum alone (design §5).
    """
    groups: dict[tuple[int, str, int], list[Statement]] = {}
    for s in statements:
        if s.retracted is None and (s.min is not None or s.max is not None):
            groups.setdefault((KINDS.index(s.kind), s.article_id, s.version), []).append(s)
    newest = {f.kind: f.newest for f in story.figures}
    claims: list[tuple[int, float, str, Claim]] = []
    for (order, article, _), rows in sorted(groups.items(), key=lambda g: g[0]):
        times = [s.at for s in rows if s.at is not None]
        at = max(times) if times else None
        fresh = _freshness(at, newest.get(rows[0].kind))
        if fresh is None:
            continue
        when = at.timestamp() if at is not None else float("inf")
        claims.append((order, when, article, _claim(rows, fresh)))
    claims.sort(key=lambda c: c[:3])
    return [c[3] for c in claims]


def _freshness(at: datetime | None, newest: datetime | None) -> Fresh | None:
    if at is None or newest is None or at >= newest:
        return "full"
    return "max" if newest - at <= LATE else None


def _claim(rows: Sequence[Statement], fresh: Fresh) -> Claim:
    lows = [s.min for s in rows if s.min is not None]
    highs = [h for s in rows if (h := s.max if s.max is not None else s.min) is not None]
    fell = [
        (h, s)
        for s in rows
        if s.lowered and (h := s.max if s.max is not None else s.min) is not None
    ]
    high = max(highs)
    lead = next(s for s in rows if high in {s.max, s.min})
    if fell:
        lead = max(fell, key=lambda f: f[0])[1]
    return Claim(
        kind=rows[0].kind,
        low=min(lows) if lows and fresh == "full" else None,
        high=high,
        lowered=max(f[0] for f in fell) if fell else None,
        fresh=fresh,
        statement=lead,
    )


def weigh(told: ToldRange | None, claims: Sequence[Claim]) -> tuple[ToldRange | None, list[Toll]]:
    """Weigh claims of one kind, in order, against what was told: the range afterwards, and at most
    one `lowered` and one widening toll. Without a toll the range changes only by an untold minimum,
    which is set in silence.
    """
    base, tolls = told, list[Toll]()
    widened: Claim | None = None
    for claim in claims:
        if told is not None and _lowered(told, claim):
            assert claim.lowered is not None
            tolls = [_lowering(told, claim)]
            told = _widen(told, claim).model_copy(update={"lowered": claim.lowered})
        elif told is None or _beyond(told, claim):
            told, widened = _widen(told, claim), claim
        elif told.min is None and claim.low is not None:
            told = told.model_copy(update={"min": claim.low})
    if widened is not None and told is not None:
        fact = f"{told.kind}:{_end(told.min)}-{_end(told.max)}"
        tolls.append(Toll(told.kind, fact, _moved(base, told), widened.statement))
    return told, tolls


def _lowered(told: ToldRange, claim: Claim) -> bool:
    """Rule (b): says that the toll fell, well below the told maximum and what (b) last told."""
    figure = claim.lowered
    if figure is None or claim.fresh != "full" or told.max is None:
        return False
    if told.max - figure < needed(told.max):
        return False
    return told.lowered is None or told.lowered - figure >= needed(told.lowered)


def _beyond(told: ToldRange, claim: Claim) -> bool:
    """Rule (a): leaves the told range by enough at either end. An untold maximum rings."""
    if claim.high is not None and (told.max is None or claim.high - told.max >= needed(told.max)):
        return True
    return (
        claim.low is not None and told.min is not None and told.min - claim.low >= needed(told.min)
    )


def _widen(told: ToldRange | None, claim: Claim) -> ToldRange:
    if told is None:
        return ToldRange(kind=claim.kind, min=claim.low, max=claim.high)
    return told.model_copy(
        update={"min": _least(told.min, claim.low), "max": _most(told.max, claim.high)}
    )


def join(one: ToldRange, other: ToldRange) -> ToldRange:
    """What was told under either of two ids of a story."""
    return ToldRange(
        kind=one.kind,
        min=_least(one.min, other.min),
        max=_most(one.max, other.max),
        lowered=_least(one.lowered, other.lowered),
    )


def _least(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else min(a, b)


def _most(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else max(a, b)


def _end(value: int | None) -> str:
    return "" if value is None else str(value)


def _lowering(told: ToldRange, claim: Claim) -> Toll:
    fact = f"{told.kind}:{claim.lowered}<{told.max}"
    sentence = f"{told.kind.capitalize()} lowered to {claim.lowered}; {told.max} was told."
    return Toll(told.kind, fact, sentence, claim.statement)


def _moved(base: ToldRange | None, told: ToldRange) -> str:
    if base is None:
        if told.min is None:
            return f"First figure: up to {told.max} {told.kind}."
        span = f"{told.min}" if told.min == told.max else f"{told.min}–{_end(told.max)}"
        return f"First figure: {span} {told.kind}."
    parts = []
    if told.max is not None and base.max is None:
        parts.append("the first maximum")
    elif told.max is not None and base.max is not None and told.max > base.max:
        parts.append(f"maximum +{told.max - base.max}, needed {needed(base.max)}")
    if told.min is not None and base.min is not None and told.min < base.min:
        parts.append(f"minimum −{base.min - told.min}, needed {needed(base.min)}")
    before, after = (f"{_end(r.min)}–{_end(r.max)}" for r in (base, told))
    return f"{told.kind.capitalize()} moved from {before} to {after}: {'; '.join(parts)}."
