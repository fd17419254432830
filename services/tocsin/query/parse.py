"""Reads a query into its tree, or says where it is wrong, why, and what may be meant.

Plain Boolean algebra, never Lucene's: a clause is required, an alternative, or excluded by what is
written, and a text that could be read in two ways is refused with both readings. One pass, linear;
nothing here knows an index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal, NoReturn, cast

from tocsin.query import limits, repairs
from tocsin.query.ast import (
    And,
    DateRange,
    FigureKind,
    FigureRange,
    InStory,
    Node,
    Not,
    Or,
    OriginsRange,
    Query,
)
from tocsin.query.canonical import text_of
from tocsin.query.errors import QueryError
from tocsin.query.fields import FIELDS, nearest_field
from tocsin.query.ranges import Unreadable, dates, numbers
from tocsin.query.scan import Lexeme, scan
from tocsin.query.words import Words, in_story
from tocsin.text.clean import clean

Lists = Mapping[str, Sequence[str]]

_NO_LISTS: Lists = {}
_RANGED = frozenset(k for k, kind in FIELDS.items() if kind in {"figure", "date", "origins"})
_MAX_RAW = 16 * limits.MAX_BYTES


def parse(text: str, lists: Lists = _NO_LISTS) -> Query:
    """The query that `text` says; `lists` are the words of the reusable lists by name.

    Raises QueryError for anything else, within about a millisecond per KiB; each of its
    `corrections` parses.
    """
    try:
        return _parse(text, lists)
    except QueryError as error:
        if not error.corrections:
            raise
        raise error.corrected(repairs.that_parse(error, lambda t: _parse(t, lists))) from None


def _parse(text: str, lists: Lists) -> Query:
    query = clean(text) if len(text) <= _MAX_RAW else text[:_MAX_RAW]
    size = len(query.encode("utf-8", "replace"))
    if size > limits.MAX_BYTES:
        kept = query.encode("utf-8", "replace")[: limits.MAX_BYTES].decode("utf-8", "ignore")
        raise QueryError(
            f"The query is {size} bytes long; {limits.MAX_BYTES} is the limit.",
            query=query,
            start=len(kept),
            suggestion="Cut it into several queries.",
        )
    return _Parser(query, text, lists).run()


@dataclass(frozen=True, slots=True)
class _Clause:
    """A part of the tree and where it is written."""

    node: Node
    start: int
    end: int


@dataclass(slots=True)
class _Level:
    """The clauses of one level, and the operator before each but the first (" " where implied)."""

    clauses: list[_Clause] = field(default_factory=list)
    joints: list[Literal["and", "or", " "]] = field(default_factory=list)
    required: Lexeme | None = None


class _Parser:
    """One query. Recursive descent over lexemes: level → clause → word, group, range."""

    def __init__(self, query: str, text: str, lists: Lists) -> None:
        self._query = query
        self._text = text
        self._lists = lists
        self._lexemes = scan(query, _RANGED)
        self._at = 0
        self._words = Words(query)
        self._lists_used: list[str] = []
        self._leaves = 0

    def run(self) -> Query:
        if self._peek().kind == "end":
            self._fail("The query is empty.", 0, 0, 'Write a word, a "phrase" or a field.')
        found = None if self._peek().kind == ")" else self._level("", 0)
        last = self._peek()
        if found is None or last.kind != "end":
            raise self._error(
                "This `)` closes nothing.",
                last.start,
                last.end,
                "Remove it.",
                f"{self._query[: last.start]}{self._query[last.end :]}",
            )
        self._need_positive(found, "The query only excludes: nothing says what to look for.")
        root = found.node
        self._check_story(root)
        if _depth(root) > limits.MAX_DEPTH:
            self._fail(f"Groups stand more than {limits.MAX_DEPTH} deep.", found.start, found.end)
        canonical = text_of(root, self._words.spellings)
        size = len(canonical.encode())
        if size > limits.MAX_BYTES:
            self._fail(
                f"Written out, the query is {size} bytes long; {limits.MAX_BYTES} is the limit.",
                0,
                len(self._query),
                "Cut it into several queries.",
            )
        return Query(root, self._text, canonical, tuple(dict.fromkeys(self._lists_used)))

    # --- levels -------------------------------------------------------------------------------------

    def _level(self, name: str, depth: int) -> _Clause:
        level = _Level()
        while (lexeme := self._peek()).kind not in {"end", ")"}:
            joint: Literal["and", "or", " "] = " "
            if lexeme.kind in {"and", "or"}:
                self._take()
                joint = "and" if lexeme.kind == "and" else "or"
                self._need_sides(lexeme, first=not level.clauses)
            clause = self._clause(name, depth, level)
            if level.clauses:
                level.joints.append(joint)
            level.clauses.append(clause)
        return self._joined(level)

    def _joined(self, level: _Level) -> _Clause:
        clauses, joints = level.clauses, level.joints
        start, end = clauses[0].start, clauses[-1].end
        if len(clauses) == 1:
            return clauses[0]
        if "or" not in joints:
            return _Clause(_flat_and([c.node for c in clauses]), start, end)
        if set(joints) != {"or"}:
            at = next(i for i, joint in enumerate(joints) if (joint == "or") != (joints[0] == "or"))
            between = self._query[clauses[at].end : clauses[at + 1].start]
            word = between.strip() or between  # a blank that means AND is shown as it stands
            start = clauses[at].end + between.index(word)
            raise QueryError(
                "AND and OR are mixed without parentheses.",
                query=self._query,
                start=start,
                end=start + len(word),
                suggestion="A blank means AND. Say which is meant:",
                corrections=repairs.readings(
                    self._query, [(c.start, c.end) for c in clauses], [j == "or" for j in joints]
                ),
            )
        if level.required is not None:
            sign = level.required
            self._fail(
                "`+` requires a clause, OR makes it optional.",
                sign.start,
                sign.end,
                "Remove the `+`, or write AND.",
                f"{self._query[: sign.start]}{self._query[sign.end :]}",
            )
        for clause in clauses:
            self._need_positive(
                clause, "This branch of OR only excludes: it would match nearly all."
            )
        parts: list[Node] = []
        for clause in clauses:
            parts.extend(clause.node.parts if isinstance(clause.node, Or) else (clause.node,))
        return _Clause(Or(tuple(parts)), start, end)

    def _need_sides(self, lexeme: Lexeme, *, first: bool) -> None:
        following = self._peek()
        word = self._query[lexeme.start : lexeme.end]
        if first or following.kind in {"end", ")", "and", "or"}:
            self._fail(
                f"Nothing stands {'before' if first else 'after'} `{word}`.",
                lexeme.start,
                lexeme.end,
                "It joins two clauses; quote it to look for the word.",
                f"{self._query[: lexeme.start].rstrip()} {self._query[lexeme.end :].lstrip()}".strip(),
                f'{self._query[: lexeme.start]}"{word}"{self._query[lexeme.end :]}',
            )

    # --- clauses ------------------------------------------------------------------------------------

    def _clause(self, name: str, depth: int, level: _Level) -> _Clause:
        lexeme = self._take()
        if lexeme.kind == "not":
            return self._excluded(lexeme, name, depth, level)
        if lexeme.kind == "+":
            level.required = lexeme
            if self._peek().kind in {"+", "not", "and", "or", ")", "end"}:
                self._dangling(lexeme)
            return self._clause(name, depth, level)
        if lexeme.kind == "(":
            return self._group(lexeme, name, depth)
        if lexeme.kind == "field":
            return self._fielded(lexeme, name, depth)
        if lexeme.kind in {"word", "quoted", "list"}:
            return self._word(lexeme, name, lexeme.start)
        raise self._error(
            f"`{self._query[lexeme.start : lexeme.end] or 'The end'}` can't stand here.",
            lexeme.start,
            lexeme.end,
        )

    def _excluded(self, sign: Lexeme, name: str, depth: int, level: _Level) -> _Clause:
        following = self._peek()
        if following.kind in {"and", "or", ")", "end", "+"}:
            self._dangling(sign)
        if following.kind == "not":
            rest = self._query[following.end :].lstrip()
            self._fail(
                "NOT stands twice.",
                sign.start,
                following.end,
                "Two exclusions cancel each other out: write neither.",
                f"{self._query[: sign.start]}{rest}",
            )
        part = self._clause(name, depth, level)
        self._need_positive(part, "NOT of exclusions: say it without the double NOT.")
        return _Clause(Not(part.node), sign.start, part.end)

    def _dangling(self, sign: Lexeme) -> NoReturn:
        word = self._query[sign.start : sign.end]
        self._fail(
            f"Nothing stands after `{word}`.",
            sign.start,
            sign.end,
            "It takes the clause that follows; quote it to look for the word.",
            f"{self._query[: sign.start].rstrip()} {self._query[sign.end :].lstrip()}".strip(),
            f'{self._query[: sign.start]}"{word}"{self._query[sign.end :]}',
        )

    def _group(self, opening: Lexeme, name: str, depth: int) -> _Clause:
        if depth >= limits.MAX_DEPTH:
            self._fail(
                f"Parentheses stand more than {limits.MAX_DEPTH} deep.", opening.start, opening.end
            )
        if self._peek().kind == ")":
            end = self._peek().end
            self._fail(
                "Nothing stands between these parentheses.",
                opening.start,
                end,
                "Remove them.",
                f"{self._query[: opening.start]}{self._query[end:]}",
            )
        if self._peek().kind != "end":
            inner = self._level(name, depth + 1)
            closing = self._take()
            if closing.kind == ")":
                return _Clause(inner.node, opening.start, closing.end)
        raise self._error(
            "This `(` is never closed.",
            opening.start,
            opening.end,
            "Add a closing `)`.",
            f"{self._query.rstrip()})",
            f"{self._query[: opening.start]}{self._query[opening.end :]}",
        )

    def _fielded(self, lexeme: Lexeme, outer: str, depth: int) -> _Clause:
        name, kind = lexeme.value, FIELDS.get(lexeme.value)
        following = self._peek()
        if kind is None:
            self._unknown_field(lexeme)
        if outer:
            self._fail(
                f"The field `{name}:` stands inside the field `{outer}:`.",
                lexeme.start,
                lexeme.end,
                f"Take it out of `{outer}:(…)`.",
            )
        if following.start != lexeme.end:
            gap = f"{self._query[: lexeme.end]}{self._query[following.start :]}"
            quoted = f'{self._query[: lexeme.start]}"{name}"{self._query[lexeme.end :]}'
            self._fail(
                f"Nothing stands directly after `{name}:`.",
                lexeme.start,
                lexeme.end,
                "Write the value without a blank; quote the word if no field is meant.",
                gap,
                quoted,
            )
        if name in _RANGED:
            return self._range(lexeme, self._take())
        if following.kind == "(" and kind in {"text", "keyword"}:
            group = self._group(self._take(), name, depth)
            return _Clause(group.node, lexeme.start, group.end)
        if following.kind not in {"word", "quoted", "list"} or (
            kind == "story" and following.kind != "word"
        ):
            self._fail(f"`{name}:` takes a word here.", following.start, following.end)
        if kind == "story":
            word = self._take()
            self._count(1, word)
            return _Clause(in_story(word, self._query), lexeme.start, word.end)
        return self._word(self._take(), name, lexeme.start)

    def _unknown_field(self, lexeme: Lexeme) -> NoReturn:
        name = lexeme.value
        near = nearest_field(name)
        before, after = self._query[: lexeme.start], self._query[lexeme.end :]
        word = after.split(maxsplit=1)[0] if after[:1].strip() else ""
        quoted = f'{before}"{name}{":" if word else ""}{word}"{after[len(word) :]}'
        self._fail(
            f"There is no field `{name}`.",
            lexeme.start,
            lexeme.end - 1,
            (f"Did you mean `{near}`?" if near else f"Fields are {', '.join(FIELDS)}."),
            *([f"{before}{near}:{after}"] if near else []),
            quoted if '"' not in word else f"{before}{name} {after}",
        )

    def _range(self, name: Lexeme, lexeme: Lexeme) -> _Clause:
        if lexeme.kind != "range" or lexeme.match is None:
            self._fail(
                f"`{name.value}:` takes one number or date, or one range.",
                lexeme.start,
                lexeme.end,
                "Write `>=5`, `<=20`, `9` or `[9 TO 20]`; join several by AND or OR.",
            )
        self._count(1, lexeme)
        node: Node
        try:
            if FIELDS[name.value] == "date":
                start, end = dates(lexeme.match, days_only=name.value == "event_date")
                node = DateRange(cast("Literal['published', 'event_date']", name.value), start, end)
            else:
                low, high = numbers(lexeme.match)
                node = (
                    OriginsRange(low, high)
                    if name.value == "origins"
                    else FigureRange(cast("FigureKind", name.value), low, high)
                )
        except Unreadable as error:
            self._fail(error.message, lexeme.start, lexeme.end, error.suggestion)
        return _Clause(node, name.start, lexeme.end)

    def _word(self, lexeme: Lexeme, name: str, start: int) -> _Clause:
        if lexeme.kind == "list":
            words = self._list(lexeme)
            nodes = self._words.of_list(lexeme, words, name)
            self._count(len(nodes), lexeme)
            return _Clause(nodes[0] if len(nodes) == 1 else Or(tuple(nodes)), start, lexeme.end)
        nodes = self._words.of(lexeme, name)
        self._count(len(nodes), lexeme)
        return _Clause(_flat_and(nodes), start, lexeme.end)

    def _list(self, lexeme: Lexeme) -> Sequence[str]:
        name = lexeme.value
        words = self._lists.get(name)
        if words is None:
            near = get_close_matches(name[:64], list(self._lists), n=1)
            self._fail(
                f"There is no list `{name}`.",
                lexeme.start,
                lexeme.end,
                f"Did you mean `@list:{near[0]}`?" if near else "See `tocsin lists`.",
                *(
                    f"{self._query[: lexeme.start]}@list:{n}{self._query[lexeme.end :]}"
                    for n in near
                ),
            )
        self._lists_used.append(name)
        return words

    # --- checks -------------------------------------------------------------------------------------

    def _count(self, leaves: int, lexeme: Lexeme) -> None:
        self._leaves += leaves
        if self._leaves > limits.MAX_LEAVES:
            self._fail(
                f"The query has more than {limits.MAX_LEAVES} words and conditions.",
                lexeme.start,
                lexeme.end,
                "Cut it into several queries.",
            )

    def _need_positive(self, clause: _Clause, message: str) -> None:
        if not _positive(clause.node):
            self._fail(
                message,
                clause.start,
                clause.end,
                "Add a word to look for: `swat AND NOT cricket`.",
            )

    def _check_story(self, root: Node) -> None:
        """`story:` and `origins:` only as conjuncts of the whole query."""
        top = root.parts if isinstance(root, And) else (root,)
        inner = {leaf for part in top for leaf in _inner_leaves(part)}
        if not inner:
            return
        for lexeme in self._lexemes:
            if lexeme.kind == "field" and lexeme.value in inner:
                self._fail(
                    f"`{lexeme.value}:` stands inside OR or NOT.",
                    lexeme.start,
                    lexeme.end - 1,
                    "It is a condition of the whole query: join it by AND outside all groups.",
                )

    def _peek(self) -> Lexeme:
        return self._lexemes[self._at]

    def _take(self) -> Lexeme:
        lexeme = self._lexemes[self._at]
        if lexeme.kind != "end":
            self._at += 1
        return lexeme

    def _fail(
        self, message: str, start: int, end: int, suggestion: str = "", *corrections: str
    ) -> NoReturn:
        raise self._error(message, start, end, suggestion, *corrections)

    def _error(
        self, message: str, start: int, end: int, suggestion: str = "", *corrections: str
    ) -> QueryError:
        return QueryError(
            message,
            query=self._query,
            start=start,
            end=end,
            suggestion=suggestion,
            corrections=corrections,
        )


def _flat_and(nodes: Sequence[Node]) -> Node:
    parts: list[Node] = []
    for node in nodes:
        parts.extend(node.parts if isinstance(node, And) else (node,))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _positive(node: Node) -> bool:
    if isinstance(node, And):
        return any(not isinstance(part, Not) for part in node.parts)
    return not isinstance(node, Not)


def _depth(node: Node) -> int:
    if isinstance(node, (And, Or)):
        return 1 + max(_depth(part) for part in node.parts)
    return _depth(node.part) if isinstance(node, Not) else 0


def _inner_leaves(node: Node, *, top: bool = True) -> set[str]:
    """Names of the story fields below `node`, a conjunct of the query; the conjunct itself is fine."""
    if isinstance(node, (And, Or)):
        return {name for part in node.parts for name in _inner_leaves(part, top=False)}
    if isinstance(node, Not):
        return _inner_leaves(node.part, top=False)
    if top:
        return set()
    return {"story"} if isinstance(node, InStory) else {"origins"} & {_name(node)}


def _name(node: Node) -> str:
    return "origins" if isinstance(node, OriginsRange) else ""
