"""A query as Elasticsearch is asked it: bool clauses that mean what `query.evaluate` decides.

Everything stands in filter context: an article meets a query or does not, nothing is scored. Tokens
and values are handed over as they are (they are cut and folded already), so no analysis on the node can
read them otherwise; a person's text never reaches `query_string`.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from tocsin.query.ast import (
    And,
    DateRange,
    FigureRange,
    Fuzzy,
    InStory,
    Node,
    Not,
    Or,
    OriginsRange,
    Phrase,
    Prefix,
    Term,
)
from tocsin.query.limits import FUZZY_EXACT

Clause = dict[str, Any]

LARGEST: Final = 2**31 - 1
"""Largest figure that the index holds; a larger one is held as this."""

NOTHING: Final[Clause] = {"match_none": {}}
_DAY: Final = timedelta(days=1)
_WORDS: Final = frozenset({"title", "text"})


def clause_of(node: Node) -> Clause:
    """The clause that exactly the articles meet which meet `node`. Deterministic, JSON-ready."""
    if isinstance(node, And):
        return _all(node)
    if isinstance(node, Or):
        return _any([clause_of(part) for part in node.parts])
    if isinstance(node, Not):
        return {"bool": {"must_not": [clause_of(node.part)]}}
    if isinstance(node, FigureRange):
        return _figure(node)
    if isinstance(node, DateRange):
        return _published(node) if node.field == "published" else _event_date(node)
    if isinstance(node, InStory):
        return {"term": {"story": node.story_id}} if node.story_id else NOTHING
    if isinstance(node, OriginsRange):
        return {"range": {"origins": _bounds(node.low, node.high)}}
    if node.field:
        return _in_field(node, node.field)
    return _any([_in_field(node, "title"), _in_field(node, "text")])


def _all(node: And) -> Clause:
    met = [clause_of(part) for part in node.parts if not isinstance(part, Not)]
    missed = [clause_of(part.part) for part in node.parts if isinstance(part, Not)]
    return {"bool": {k: v for k, v in (("filter", met), ("must_not", missed)) if v}}


def _any(clauses: list[Clause]) -> Clause:
    return {"bool": {"should": clauses, "minimum_should_match": 1}}


def _in_field(node: Term | Phrase | Prefix | Fuzzy, name: str) -> Clause:
    if isinstance(node, Term):
        return {"term": {name: node.token}}
    if isinstance(node, Prefix):
        return {"prefix": {name: {"value": node.stem}}}
    if isinstance(node, Fuzzy):
        return _fuzzy(node, name)
    if name not in _WORDS:
        return NOTHING  # keyword values stand in no row
    return {
        "match_phrase": {
            name: {
                "query": " ".join(node.tokens),
                "slop": node.slop,
                "analyzer": "tocsin_tokens",
            }
        }
    }


def _fuzzy(node: Fuzzy, name: str) -> Clause:
    # constant_score: every word within the distance, not only the best `max_expansions` of them.
    return {
        "fuzzy": {
            name: {
                "value": node.token,
                "fuzziness": 1,
                "prefix_length": FUZZY_EXACT,
                "max_expansions": 1024,
                "transpositions": True,
                "rewrite": "constant_score",
            }
        }
    }


def _figure(node: FigureRange) -> Clause:
    low = None if node.low is None else min(node.low, LARGEST)
    high = None if node.high is None else min(node.high, LARGEST)
    if low is not None and high is not None and low > high:
        # No parser makes it, yet it has a meaning: a figure that spans both ends.
        return {"range": {node.kind: {"gte": high, "lte": low, "relation": "contains"}}}
    bounds = _bounds(low, high)
    if not bounds:
        return {"exists": {"field": node.kind}}
    return {"range": {node.kind: {**bounds, "relation": "intersects"}}}


def _published(node: DateRange) -> Clause:
    bounds: Clause = {}
    if node.start is not None:
        bounds["gte"] = node.start.astimezone(UTC).isoformat()
    if node.end is not None:
        bounds["lt"] = node.end.astimezone(UTC).isoformat()
    return {"range": {"published": bounds}} if bounds else {"exists": {"field": "published"}}


def _event_date(node: DateRange) -> Clause:
    """Days: the first that begins at or after `start`, the last that begins before `end`."""
    first = None if node.start is None else _day_from(node.start)
    last = None if node.end is None else _day_before(node.end)
    if first is not None and last is not None and first > last:
        return {
            "range": {"event_date": {"gte": f"{last}", "lte": f"{first}", "relation": "contains"}}
        }
    bounds: Clause = {}
    if first is not None:
        bounds["gte"] = f"{first}"
    if last is not None:
        bounds["lte"] = f"{last}"
    if not bounds:
        return {"exists": {"field": "event_date"}}
    return {"range": {"event_date": {**bounds, "relation": "intersects"}}}


def _day_from(at: datetime) -> date:
    day = at.date()
    return day if at == datetime.combine(day, time(), UTC) else day + _DAY


def _day_before(at: datetime) -> date:
    day = at.date()
    return day - _DAY if at == datetime.combine(day, time(), UTC) else day


def _bounds(low: int | None, high: int | None) -> Clause:
    return {k: v for k, v in (("gte", low), ("lte", high)) if v is not None}
