"""Cuts a query into lexemes, each with its place. Linear in the query; knows words, not meaning."""

import re
from dataclasses import dataclass
from typing import Literal

from tocsin.query.errors import QueryError
from tocsin.query.ranges import RANGE

Kind = Literal["(", ")", "and", "or", "not", "+", "word", "quoted", "field", "range", "list", "end"]

_BLANK = re.compile(r"[ \t\n\u00a0\u1680\u2000-\u200a\u2028\u2029\u205f\u3000]*")
_QUOTES = '"“”„‟'
_QUOTED = re.compile(rf"[{_QUOTES}]((?:[^\\{_QUOTES}]|\\.)*)[{_QUOTES}]", re.DOTALL)
_STOPS = rf"\s(){_QUOTES}:\[\]{{}}~^*?\\"
_WORD = re.compile(rf"(?:[^{_STOPS}&|]|\\.|&(?!&)|\|(?!\|))+", re.DOTALL)
_TAIL = re.compile(r"(\*+)|(~)([0-9.]*)")
_BOOST = re.compile(r"\^[0-9]+(?:\.[0-9]+)?")
_LIST = re.compile(r"@list:([A-Za-z0-9_-]*)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_OPERATORS: dict[str, Kind] = {"AND": "and", "OR": "or", "NOT": "not"}
_SIGNS: dict[str, Kind] = {"&&": "and", "||": "or"}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of a query. `value` is unescaped; `tail` is `*`, `~` or `~n`; a range keeps its match."""

    kind: Kind
    start: int
    end: int
    value: str = ""
    tail: str = ""
    match: re.Match[str] | None = None


def scan(query: str, ranged: frozenset[str]) -> list[Lexeme]:
    """The lexemes of a cleaned query, the last of kind `end`. `ranged` are the fields whose value is
    read as a range or a single word up to the next blank. Raises QueryError.
    """
    out: list[Lexeme] = []
    at = 0
    while True:
        at = _skip(query, at)
        if at >= len(query):
            out.append(Lexeme("end", len(query), len(query)))
            return out
        lexeme = _next(query, at, out, ranged)
        out.append(lexeme)
        at = lexeme.end


def _skip(query: str, at: int) -> int:
    found = _BLANK.match(query, at)
    return found.end() if found else at


def _next(query: str, at: int, before: list[Lexeme], ranged: frozenset[str]) -> Lexeme:
    char = query[at]
    fielded = bool(before) and before[-1].kind == "field" and before[-1].end == at
    if fielded and before[-1].value in ranged and char not in "(@":
        found = RANGE.match(query, at)
        if found is None:
            raise QueryError(
                f"`{before[-1].value}:` can't be read.",
                query=query,
                start=at,
                suggestion="Write `>=5`, `<=20`, `9` or `[9 TO 20]`; dates as `2008-09-05`.",
            )
        return Lexeme("range", at, found.end(), match=found)
    if char in "()":
        end = at + 1
        if char == ")" and (boost := _BOOST.match(query, end)):
            end = boost.end()
        return Lexeme("(" if char == "(" else ")", at, end)
    if query[at : at + 2] in _SIGNS:
        return Lexeme(_SIGNS[query[at : at + 2]], at, at + 2)
    if char in "!+-":
        if fielded:
            raise _sign_inside(query, before[-1].start, at)
        return _sign(query, at)
    if char in _QUOTES:
        return _quoted(query, at)
    if found := _LIST.match(query, at):
        return Lexeme("list", at, found.end(), found[1])
    return _word(query, at, fielded=fielded)


def _sign(query: str, at: int) -> Lexeme:
    end = at + 1
    if _skip(query, end) != end or end >= len(query):
        lone = f"{query[:at].rstrip()} {query[end:].lstrip()}".strip()
        raise QueryError(
            f"`{query[at]}` stands alone.",
            query=query,
            start=at,
            suggestion="It belongs directly before the clause it requires or excludes.",
            corrections=(lone, f"{query[:at]}{query[at]}{query[end:].lstrip()}"),
        )
    return Lexeme("+" if query[at] == "+" else "not", at, end)


def _sign_inside(query: str, field: int, at: int) -> QueryError:
    moved = f"{query[:field]}{query[at]}{query[field:at]}{query[at + 1 :]}"
    return QueryError(
        f"`{query[at]}` belongs before the field.",
        query=query,
        start=at,
        suggestion=f"Write `{query[at]}{query[field:at]}…`.",
        corrections=(moved,),
    )


def _quoted(query: str, at: int) -> Lexeme:
    found = _QUOTED.match(query, at)
    if found is None:
        raise QueryError(
            "This quote is never closed.",
            query=query,
            start=at,
            suggestion='Add a closing `"`.',
            corrections=(f'{query.rstrip()}"', f"{query[:at]}{query[at + 1 :]}"),
        )
    tail, end = _tail(query, found.end())
    return Lexeme("quoted", at, end, _ESCAPE.sub(r"\1", found[1]), tail)


def _word(query: str, at: int, *, fielded: bool) -> Lexeme:
    found = _WORD.match(query, at)
    if found is None:
        raise _unexpected(query, at)
    raw, end = found.group(), found.end()
    following = query[end : end + 1]
    if following == ":" and not fielded:
        return Lexeme("field", at, end + 1, raw)
    if following == "?" or (following == "*" and _WORD.match(query, end + 1)):
        raise _unexpected(query, end)
    if raw in _OPERATORS and not fielded and following not in {"*", "~"}:
        return Lexeme(_OPERATORS[raw], at, end)
    if len(raw) > 1 and raw[0] == raw[-1] == "/" and not fielded:
        raise QueryError(
            "Regular expressions are not in the language.",
            query=query,
            start=at,
            end=end,
            suggestion="Use a prefix (`milit*`) or a fuzzy word (`peshawer~1`).",
            corrections=(f"{query[:at]}{raw.strip('/')}{query[end:]}",),
        )
    tail, end = _tail(query, end)
    return Lexeme("word", at, end, _ESCAPE.sub(r"\1", raw), tail)


def _tail(query: str, end: int) -> tuple[str, int]:
    """`*`, `~`, `~n` behind a word or phrase; a boost (`^2`) has no meaning here and is passed over."""
    tail = ""
    if found := _TAIL.match(query, end):
        tail = "*" if found[1] else f"~{found[3]}"
        end = found.end()
    if boost := _BOOST.match(query, end):
        end = boost.end()
    return tail, end


def _unexpected(query: str, at: int) -> QueryError:
    char = query[at]
    dropped = f"{query[:at]}{query[at + 1 :]}"
    spaced = f"{query[:at]} {query[at + 1 :]}"
    escaped = f"{query[:at]}\\{query[at:]}"
    words: dict[str, tuple[str, tuple[str, ...]]] = {
        "*": ("`*` stands only at the end of a word, after 3 letters or more.", (dropped,)),
        "?": ("`?` is no placeholder here.", (dropped, escaped)),
        "~": ("`~` stands directly behind a word or a phrase.", (dropped,)),
        "^": ("`^` has no meaning here.", (dropped,)),
        "\\": ("A `\\` at the end of the query escapes nothing.", (dropped,)),
        ":": ("No field stands before this `:`.", (spaced, escaped)),
    }
    suggestion, corrections = words.get(
        char, (f'Quote it if it is part of a phrase: `"{char}"`.', (spaced,))
    )
    return QueryError(
        f"`{char}` can't stand here.",
        query=query,
        start=at,
        suggestion=suggestion,
        corrections=corrections,
    )
