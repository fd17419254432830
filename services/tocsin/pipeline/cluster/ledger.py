"""What a story's articles state: each figure as one statement of one voice, and the range they span.

Copies say nothing new unless their figure differs from every version of their original; a figure
that a later version dropped is retracted; a figure told of another event never comes here. The
current range spans each voice's latest statement, without those a day older than the newest, since
a toll that rises is not a dispute (design §6). The ledger itself forgets nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from tocsin_schemas.article import Article, Figure, Relation
from tocsin_schemas.contract import KINDS, Kind
from tocsin_schemas.story import Origin, Statement

EARLIER = timedelta(hours=24)
"""A statement so much older than the newest of its kind no longer counts for the range."""
PLAUSIBLE_FROM = datetime(1990, 1, 1, tzinfo=UTC)
PLAUSIBLE_AHEAD = timedelta(hours=1)
MOST = 400
"""Statements, and figures told, kept of one article: a page rewritten all day must not grow without
end. The oldest retracted ones go first."""
WORDS = 160
"""Characters kept of a statement's words."""

Told = tuple[Kind, int | None, int | None]
"""One figure as told by one version of an article."""


@dataclass(frozen=True, slots=True)
class Range:
    """What the statements of one kind come to. Null ends are told by nobody."""

    min: int | None = None
    max: int | None = None
    held_min: int | None = None
    held_max: int | None = None
    newest: datetime | None = None


def time_of(article: Article, version: int) -> datetime | None:
    """Time of this version's statements: its `updated`, or a first version's `published`; null
    where neither is known and plausible (from 1990 to an hour after collection).
    """
    told = [article.updated.at]
    if version == 1:
        told.append(article.published.at)
    return next((at for at in told if plausible(at, article)), None)


def plausible(at: datetime | None, article: Article) -> TypeGuard[datetime]:
    """Whether a time told of an article can be: known, from 1990 to an hour after collection."""
    return at is not None and PLAUSIBLE_FROM <= at <= article.collected + PLAUSIBLE_AHEAD


def stated(
    article: Article,
    article_id: str,
    version: int,
    *,
    origin: Origin | None,
    copy_of: str | None,
    revision: int,
) -> list[Statement]:
    """One statement for each kind with a figure of this event, in the order of `KINDS`. Of several
    figures the span is stated; where one is said to be lowered, the lowered ones alone.
    """
    made: list[Statement] = []
    at = time_of(article, version)
    for kind in KINDS:
        figures = [
            f
            for f in article.figures
            if f.kind == kind
            and f.role == "event"
            and not f.mixed
            and (f.min is not None or f.max is not None)
        ]
        lowered = [f for f in figures if f.lowered]
        figures = lowered or figures
        if not figures:
            continue
        low, high = _span(figures)
        first = max(figures, key=lambda f: (_top(f), -f.span.start))
        made.append(
            Statement.model_construct(
                kind=kind,
                min=low,
                max=high,
                words=first.words[:WORDS],
                attribution=first.attribution[:WORDS],
                lowered=bool(lowered),
                article_id=article_id,
                version=version,
                span=first.span,
                outlet=article.source.name,
                url=article.url,
                origin=origin.name if origin else None,
                copy_of=copy_of,
                at=at,
                collected=article.collected,
                retracted=None,
                revision=revision,
                range_min=None,
                range_max=None,
            )
        )
    return made


def _top(figure: Figure) -> int:
    return max(figure.min or 0, figure.max or 0)


def _span(figures: Sequence[Figure]) -> tuple[int | None, int | None]:
    """Lowest and highest of several figures; open only where every one of them is open."""
    lows = [f.min for f in figures if f.min is not None]
    if all(f.max is None for f in figures):
        return (min(lows) if lows else None), None
    return (min(lows) if lows else None), max(_top(f) for f in figures)


def own(made: Iterable[Statement], relation: Relation, told: Iterable[Told]) -> list[Statement]:
    """The statements that count: of an original all, of a copy those that differ from every figure
    of that kind which any version of its original told (`told`; nothing, where it isn't held any
    more: a changed figure is never hidden).
    """
    if relation == "original":
        return list(made)
    before = set(told)
    return [s for s in made if (s.kind, s.min, s.max) not in before]


def retract(held: Sequence[Statement], now: Iterable[Told], at: datetime) -> list[Statement]:
    """`held` statements of one article, those that its new version no longer tells marked so; at
    most `MOST`.
    """
    kept = set(now)
    marked = [
        s.model_copy(update={"retracted": at})
        if s.retracted is None and (s.kind, s.min, s.max) not in kept
        else s
        for s in held
    ]
    return sorted(marked, key=lambda s: s.retracted is None)[-MOST:] if len(held) > MOST else marked


def voice(statement: Statement) -> str:
    """Who speaks: the origin; an article of unknown origin, or a copy with a changed figure, stands
    for itself.
    """
    if statement.origin is None or statement.copy_of is not None:
        return f"article {statement.article_id}"
    return f"origin {statement.origin}"


def span_of(statements: Iterable[Statement]) -> Range:
    """The range of statements of one kind, in the order in which they came."""
    standing = [s for s in statements if s.retracted is None]
    newest = max((s.at for s in standing if s.at is not None), default=None)
    latest: dict[str, tuple[datetime, Statement]] = {}
    for s in standing:
        at = s.at or newest or s.collected  # no time known: fresh, and moving no clock
        who = voice(s)
        held = latest.get(who)
        if held is None or at >= held[0]:
            latest[who] = (at, s)
    now = [s for at, s in latest.values() if newest is None or newest - at <= EARLIER]
    return Range(*_ends(now), *_ends(standing), newest)


def _ends(statements: Iterable[Statement]) -> tuple[int | None, int | None]:
    """Lowest and highest; "at least n" counts for both ends, "up to n" for the highest alone."""
    lows: list[int] = []
    highs: list[int] = []
    for s in statements:
        if s.min is not None:
            lows.append(s.min)
        top = s.max if s.max is not None else s.min
        if top is not None:
            highs.append(top)
    return (min(lows) if lows else None), (max(highs) if highs else None)
