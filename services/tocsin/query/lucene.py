"""A query as Lucene text, for people who go on in Kibana: the fourth output of the tree (design §5).

Means on an index of ours what the matcher means, if it is read with `OPTIONS`: fully parenthesised, a
bare word as `(title:x OR text:x)`, every field named, every sign of a person's words quoted or escaped.
Nothing in the product reads this text back: searches go by the DSL, alerts by the matcher.

The node analyses words once more. A token that folding made (`ǧ` → `G`, `‼` → `!!`, 255 `ß` → 510 `s`)
would come out as another, so it is written as letters that fold to it. A token that no text gives meets
nothing, and says so.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType

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
    Query,
    Term,
)
from tocsin.query.fields import KEYWORDS
from tocsin.query.limits import FUZZY_EXACT
from tocsin.text.spelling import spelling, unfolded

OPTIONS: Mapping[str, str | int | bool] = MappingProxyType(
    {
        "default_operator": "AND",
        "analyze_wildcard": False,
        "allow_leading_wildcard": False,
        "fuzzy_prefix_length": FUZZY_EXACT,
        "fuzzy_max_expansions": 1024,
        "lenient": False,
    }
)
"""How `query_string` has to read the text; Kibana takes them as `query:queryString:options`."""

NOTHING = "(*:* AND NOT *:*)"
"""What no article meets."""

_RESERVED = re.compile(r'[\s\x00-\x1f\u3000+\-=&|<>!(){}\[\]^"~*?:\\/]')
_OPERATORS = frozenset({"AND", "OR", "NOT", "TO"})
_DAY = timedelta(days=1)


def lucene(query: Query) -> str:
    """`query` in the syntax of Elasticsearch's `query_string`, to be read with `OPTIONS`.

    Never fails; a word can't leave its quotes, whatever stands in it. Times carry their zone, so that
    Kibana's own zone moves nothing. About three times as long as the query.
    """
    return _of(query.root)


def _of(node: Node) -> str:
    if isinstance(node, And):
        return f"({' AND '.join(map(_of, node.parts))})"
    if isinstance(node, Or):
        return f"({' OR '.join(map(_of, node.parts))})"
    if isinstance(node, Not):
        return f"NOT {_of(node.part)}"
    if isinstance(node, FigureRange):
        return _numbers(node.kind, node.low, node.high)
    if isinstance(node, OriginsRange):
        return _numbers("origins", node.low, node.high)
    if isinstance(node, DateRange):
        return _dates(node)
    if isinstance(node, InStory):
        return f"story:{_word(node.story_id)}" if node.story_id else NOTHING
    words = _keyword(node) if node.field in KEYWORDS else _words(node)
    if not words:
        return NOTHING
    if node.field:
        return f"{node.field}:{words}"
    return f"(title:{words} OR text:{words})"


def _keyword(node: Term | Phrase | Prefix | Fuzzy) -> str:
    """The whole folded value, which the node takes as it stands."""
    if isinstance(node, Prefix):
        return f"{_escaped(node.stem)}*"
    return _word(node.token) if isinstance(node, Term) and node.token else ""


def _words(node: Term | Phrase | Prefix | Fuzzy) -> str:
    """A part of title or text, in words that the analysis turns into the tokens; "" if none does."""
    if isinstance(node, Prefix):
        return f"{_escaped(unfolded(node.stem))}*"
    if isinstance(node, Fuzzy):
        return f"{_escaped(unfolded(node.token))}~1"
    if isinstance(node, Term):
        word = spelling(node.token)
        return _word(word) if word else ""
    words = [spelling(token) for token in node.tokens]
    if not all(words):
        return ""
    return f"{_quoted(' '.join(words))}{f'~{node.slop}' if node.slop else ''}"


def _word(text: str) -> str:
    return _quoted(text) if _RESERVED.search(text) or text in _OPERATORS else text


def _quoted(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _escaped(text: str) -> str:
    escaped = _RESERVED.sub(lambda sign: f"\\{sign.group()}", text)
    return f"\\{text}" if text in _OPERATORS else escaped


def _numbers(name: str, low: int | None, high: int | None) -> str:
    if low is not None and high is not None and low > high:
        return NOTHING
    return f"{name}:[{'*' if low is None else low} TO {'*' if high is None else high}]"


def _dates(node: DateRange) -> str:
    start, end = node.start, node.end
    if node.field == "event_date":  # whole days: those that begin within the range
        start, end = _next_day(start), _next_day(end)
    if start is not None and end is not None and start >= end:
        return NOTHING
    return f"{node.field}:[{_moment(start)} TO {_moment(end)}}}"


def _next_day(at: datetime | None) -> datetime | None:
    """`at` if a day begins with it, else the beginning of the next."""
    if at is None:
        return None
    midnight = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    return midnight if at == midnight else midnight + _DAY


def _moment(at: datetime | None) -> str:
    if at is None:
        return "*"
    text = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f'"{text}"'
