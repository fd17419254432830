"""A query written out: fully parenthesised, every operator said, so that it re-parses to the same tree."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from tocsin.query.ast import (
    And,
    DateRange,
    FigureRange,
    Fuzzy,
    Node,
    Not,
    Or,
    OriginsRange,
    Phrase,
    Prefix,
    Term,
)

_PLAIN = re.compile(r"[\w.',]+")
_OPERATORS = frozenset({"and", "or", "not"})
_NO_SPELLINGS: Mapping[str, str] = {}
_SPECIAL = re.compile(r"[^\w.',]")

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def text_of(node: Node, spellings: Mapping[str, str] = _NO_SPELLINGS) -> str:
    """`node` as query text. `spellings` gives the written form of tokens that, as they stand in the
    tree, would be read differently (folding made them so); the parser knows them.
    """
    if isinstance(node, And):
        return f"({' AND '.join(text_of(part, spellings) for part in node.parts)})"
    if isinstance(node, Or):
        return f"({' OR '.join(text_of(part, spellings) for part in node.parts)})"
    if isinstance(node, Not):
        return f"NOT {text_of(node.part, spellings)}"
    if isinstance(node, Term):
        word = _written(node.token, spellings)
        return f"{_field(node.field)}{_quoted_if_needed(word, fielded=bool(node.field))}"
    if isinstance(node, Phrase):
        words = _quoted(_written(" ".join(node.tokens), spellings))
        return f"{_field(node.field)}{words}{f'~{node.slop}' if node.slop else ''}"
    if isinstance(node, Prefix):
        return f"{_field(node.field)}{_escaped(_written(node.stem, spellings))}*"
    if isinstance(node, Fuzzy):
        return f"{_field(node.field)}{_escaped(_written(node.token, spellings))}~1"
    if isinstance(node, FigureRange):
        return f"{node.kind}:{_numbers(node.low, node.high)}"
    if isinstance(node, OriginsRange):
        return f"origins:{_numbers(node.low, node.high)}"
    if isinstance(node, DateRange):
        return f"{node.field}:{_dates(node.start, node.end)}"
    return f"story:{node.story_id}"


def _written(words: str, spellings: Mapping[str, str]) -> str:
    if not spellings:
        return words
    return " ".join(spellings.get(word, word) for word in words.split(" "))


def _field(name: str) -> str:
    return f"{name}:" if name else ""


def _quoted(words: str) -> str:
    inner = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _quoted_if_needed(word: str, *, fielded: bool) -> str:
    plain = _PLAIN.fullmatch(word) and (fielded or word.lower() not in _OPERATORS)
    return word if plain else _quoted(word)


def _escaped(word: str) -> str:
    return _SPECIAL.sub(lambda m: f"\\{m.group()}", word)


def _numbers(low: int | None, high: int | None) -> str:
    if low is None:
        return ">=0" if high is None else f"<={high}"
    if high is None:
        return f">={low}"
    return str(low) if low == high else f"[{low} TO {high}]"


def _dates(start: datetime | None, end: datetime | None) -> str:
    if start is None:
        return "[* TO *]" if end is None else f"<{_moment(end)}"
    if end is None:
        return f">={_moment(start)}"
    if _is_day(start) and _is_day(end):
        last = end - DAY
        return _moment(start) if last == start else f"[{_moment(start)} TO {_moment(last)}]"
    return f"[{_second(start)} TO {_second(end - SECOND)}]"


def _is_day(at: datetime) -> bool:
    return (at.hour, at.minute, at.second) == (0, 0, 0)


def _moment(at: datetime) -> str:
    return at.date().isoformat() if _is_day(at) else _second(at)


def _second(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
