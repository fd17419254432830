"""A search as its page shows it: hits with marked snippets, facets that rewrite the query's text, bars
by time. What is written in the query is what will ring; only the time window stands outside it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tocsin.api import display
from tocsin.api.display import Marked, Segment
from tocsin.api.drawing.scale import percent
from tocsin.api.pages import link
from tocsin.api.reading import Reading
from tocsin.errors import UsageError
from tocsin.ports.search import Hit, Order, Window
from tocsin.query.ast import And, Or, Query
from tocsin.query.canonical import text_of
from tocsin.query.errors import QueryError
from tocsin.query.explain import Clause, explain
from tocsin.query.parse import parse
from tocsin_schemas.story import ClusteredArticle

FACETS = ("source", "family", "country", "lang", "tag", "place", "person", "actor")
FACET_VALUES = 10
PAGE = 50
SAMPLE = 200
"""Newest hits over which facets and bars are counted; the page says so when there are more."""
GLANCE_S = 0.1
"""Work on a number that is only a hint (hits of a correction, of one clause), seconds."""
HINTS = 6
"""Such numbers on one page."""
CLAUSES = 8
"""Clauses of a query that are explained beside a hit."""
BARS = 60
_PLAIN = re.compile(r"[^\W_]+\Z")
_RESERVED = frozenset({"AND", "OR", "NOT", "TO"})


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit as it is read."""

    body: ClusteredArticle
    title: list[Segment]
    snippets: list[list[Segment]]
    why: list["Why"]


@dataclass(frozen=True, slots=True)
class Why:
    """One clause of the query: whether the article meets it, and the first words that do, each with
    the place in the article that it leads to.
    """

    clause: str
    met: bool
    words: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tally:
    """Hits of another wording; `hits` is null where it does not parse, a lower bound unless `exact`."""

    text: str
    hits: int | None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value with its count, and the query that asks for it too."""

    value: str
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bucket of time: count, place and height in percent."""

    start: datetime
    count: int
    x: str
    width: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Hits by time published."""

    step: str
    bars: tuple[Bar, ...]
    undated: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """The whole answer."""

    query: Query
    total: int
    exact: bool
    hits: list[HitView]
    cursor: str
    facets: list[tuple[str, list[FacetValue]]]
    bars: Bars | None
    sampled: int
    clauses: list[Tally]


def window_of(since: str, until: str) -> Window:
    """`from` and `to` as days, both inclusive; empty ones are open. Raises UsageError."""

    def one(name: str, text: str) -> datetime | None:
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            msg = f"{name}: a day such as 2008-09-03"
            raise UsageError(msg) from error
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

    end = one("to", until)
    if end is not None and len(until) == 10:
        end += timedelta(days=1)
    return Window(one("from", since), end)


def find(
    reading: Reading, text: str, window: Window, *, order: Order = "newest", cursor: str = ""
) -> Found:
    """Run a query. Raises QueryError, UsageError (cursor)."""
    words = reading.words()
    query = parse(text, words)
    search = reading.desk.search
    # One pass counts; the first page's cursor, when there are more, comes from a short second look.
    size = PAGE if cursor else SAMPLE
    hits = search.search(query, window=window, order=order, limit=size, cursor=cursor)
    page = hits
    if len(hits.hits) > PAGE:
        page = search.search(query, window=window, order=order, limit=PAGE, budget_s=GLANCE_S)
        if len(page.hits) < PAGE:
            page = search.search(query, window=window, order=order, limit=PAGE)
    bodies = [h.document.body for h in hits.hits if isinstance(h.document.body, ClusteredArticle)]
    return Found(
        query,
        hits.total,
        hits.exact,
        [v for h in page.hits if (v := view(h, query)) is not None],
        page.cursor,
        _facets(query, bodies) if not cursor else [],
        _bars(bodies) if not cursor and len(bodies) > 1 else None,
        len(bodies),
        [] if hits.total else clauses(reading, query, window),
    )


def view(hit: Hit, query: Query) -> HitView | None:
    """A hit with its marks, and why it is one."""
    body = hit.document.body
    if not isinstance(body, ClusteredArticle):
        return None
    title = display.segments(body.article.title[:300], display.of_field(hit.spans, "title"))
    marks = display.of_field(hit.spans, "text")
    why = [_why(c, body, query) for c in explain(query.root, body.article)[:CLAUSES]]
    return HitView(body, title, display.snippets(body.article.text, marks), why)


def _why(clause: Clause, body: ClusteredArticle, query: Query) -> Why:
    words = []
    page = link(f"/articles/{body.article_id}", q=query.text[:500])
    for s in clause.spans[:3]:
        text = body.article.title if s.field == "title" else body.article.text
        anchor = f"#s{s.start}-{s.end}" if s.field == "text" else ""
        words.append((text[s.start : s.end][:80], page + anchor))
    return Why(clause.text, clause.met, words)


def clauses(reading: Reading, query: Query, window: Window) -> list[Tally]:
    """Hits of each clause alone, so that the clause which kills a query is seen."""
    if not isinstance(query.root, And):
        return []
    out = []
    for part in query.root.parts[:HINTS]:
        try:
            alone = parse(text_of(part), reading.words())
        except QueryError:
            continue  # a NOT has no hits of its own
        hits = reading.desk.search.search(alone, window=window, limit=1, budget_s=GLANCE_S)
        out.append(Tally(alone.canonical, hits.total, hits.exact))
    return out


def how_many(reading: Reading, texts: Iterable[str]) -> list[Tally]:
    """Corrected queries with their hits; null where one does not parse either."""
    out: list[Tally] = []
    for text in list(texts)[:4]:
        try:
            query = parse(text, reading.words())
        except QueryError:
            out.append(Tally(text, None))
            continue
        hits = reading.desk.search.search(query, limit=1, budget_s=GLANCE_S)
        out.append(Tally(text, hits.total, hits.exact))
    return out


def narrowed(query: Query, field: str, value: str) -> str:
    """The query's text with `AND field:value`."""
    text = f"({query.text})" if isinstance(query.root, Or) else query.text
    plain = _PLAIN.match(value) and value not in _RESERVED
    quoted = value if plain else '"' + value.replace("\\", " ").replace('"', " ") + '"'
    return f"{text} AND {field}:{quoted}"


def _facets(query: Query, bodies: list[ClusteredArticle]) -> list[tuple[str, list[FacetValue]]]:
    counters = {f: Counter[str]() for f in FACETS}
    for body in bodies:
        a = body.article
        counters["source"][a.source.name] += 1
        if a.source.family:
            counters["family"][a.source.family] += 1
        if a.language.code != "und":
            counters["lang"][a.language.code] += 1
        for field, mentions in (
            ("country", a.countries),
            ("tag", a.tags),
            ("place", a.places),
            ("person", a.persons),
            ("actor", a.actors),
        ):
            counters[field].update({m.value for m in mentions})
    out = []
    for field in FACETS:
        best = sorted(counters[field].items(), key=lambda kv: (-kv[1], kv[0]))[:FACET_VALUES]
        values = [FacetValue(v, n, narrowed(query, field, v)) for v, n in best if v.strip()]
        if len(values) > 1 or (values and values[0].count < len(bodies)):
            out.append((field, values))
    return out


_STEPS = (
    ("hour", timedelta(hours=1)),
    ("day", timedelta(days=1)),
    ("week", timedelta(days=7)),
    ("month", timedelta(days=30)),
)


def _bars(bodies: list[ClusteredArticle]) -> Bars | None:
    times = sorted(b.article.published.at for b in bodies if b.article.published.at)
    undated = len(bodies) - len(times)
    if not times:
        return Bars("hour", (), undated, None, None)
    first = times[0].replace(minute=0, second=0, microsecond=0)
    name, step = next(
        ((n, s) for n, s in _STEPS if (times[-1] - first) / s < BARS), ("year", timedelta(days=365))
    )
    if step >= timedelta(days=1):
        first = first.replace(hour=0)
    counted = Counter(int((t - first) / step) for t in times)
    last = max(counted)
    if last >= BARS:  # decades apart: the newest stand for the rest
        counted = Counter({k: v for k, v in counted.items() if k > last - BARS})
    base = min(counted)
    slots = last - base + 1
    highest = max(counted.values())
    bars = tuple(
        Bar(
            first + step * k,
            n,
            percent((k - base) / slots),
            percent(0.84 / slots),
            percent(1 - n / highest),
            percent(n / highest),
        )
        for k, n in sorted(counted.items())
    )
    return Bars(name, bars, undated, times[0], times[-1])


def marked_query(error: QueryError) -> list[Segment]:
    """A wrong query, as it was read, with the faulty span marked; an empty span marks the character
    before it.
    """
    text, start, end = error.query, error.start, error.end
    if end <= start:
        start, end = max(0, min(start, len(text)) - 1), min(len(text), max(start, 1))
    return display.segments(text, [Marked(start, end, "err")])
