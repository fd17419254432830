"""Walks a query over one article. The one meaning of every clause: the live matcher checks with it
what its presearcher proposes, the search decides with it what the index proposes.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

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
from tocsin.query.positions import in_a_row, near
from tocsin.query.view import View

_DAY = timedelta(days=1)


class Reader:
    """One article, asked by many queries: sets and positions are made at the first need and kept."""

    __slots__ = ("_at", "_tokens", "view")

    def __init__(self, view: View) -> None:
        self.view = view
        self._tokens: dict[str, frozenset[str]] = {}
        self._at: dict[tuple[str, str], list[int]] = {}

    def meets(self, node: Node) -> bool:
        """Whether the article meets `node`."""
        if isinstance(node, Term):
            return any(node.token in self.tokens(name) for name in _names(node.field))
        if isinstance(node, And):
            return all(self.meets(part) for part in node.parts)
        if isinstance(node, Or):
            return any(self.meets(part) for part in node.parts)
        if isinstance(node, Not):
            return not self.meets(node.part)
        if isinstance(node, Phrase):
            return any(self._phrase(node, name) for name in _names(node.field))
        if isinstance(node, Prefix):
            return any(
                token.startswith(node.stem)
                for name in _names(node.field)
                for token in self.tokens(name)
            )
        if isinstance(node, Fuzzy):
            return any(
                alike(node.token, token)
                for name in _names(node.field)
                for token in self.tokens(name)
            )
        if isinstance(node, FigureRange):
            return any(
                kind == node.kind and figure_meets(low, high, node)
                for kind, low, high in self.view.figures
            )
        if isinstance(node, DateRange):
            return self._date(node)
        if isinstance(node, InStory):
            return bool(node.story_id) and self.view.story_id == node.story_id
        return number_meets(self.view.origins, node)

    def tokens(self, name: str) -> frozenset[str]:
        """The distinct tokens of title or text, or the folded values of a keyword field."""
        found = self._tokens.get(name)
        if found is None:
            words = self._words(name)
            found = self.view.keywords.get(name, frozenset()) if words is None else frozenset(words)
            self._tokens[name] = found
        return found

    def _words(self, name: str) -> tuple[str, ...] | None:
        if name == "title":
            return self.view.title
        return self.view.text if name == "text" else None

    def _phrase(self, node: Phrase, name: str) -> bool:
        if not self.tokens(name).issuperset(node.tokens):
            return False
        words = self._words(name) or ()
        lists = [self._positions(name, words, token) for token in node.tokens]
        if node.slop == 0:
            return next(in_a_row(lists), None) is not None
        return next(near(node.tokens, lists, node.slop), None) is not None

    def _positions(self, name: str, words: tuple[str, ...], token: str) -> list[int]:
        found = self._at.get((name, token))
        if found is None:
            found = self._at[name, token] = []
            at = -1
            for _ in range(words.count(token)):
                at = words.index(token, at + 1)
                found.append(at)
        return found

    def _date(self, node: DateRange) -> bool:
        if node.field == "published":
            at = self.view.published
            return at is not None and moment_meets(at, node)
        return any(days_meet(first, last, node) for first, last in self.view.event_days)


def figure_meets(low: int, high: int, node: FigureRange) -> bool:
    """Whether a figure `low`–`high` lies, with some part, within the range."""
    return (node.low is None or high >= node.low) and (node.high is None or low <= node.high)


def number_meets(count: int, node: OriginsRange) -> bool:
    """Whether `count` origins lie within the range."""
    return (node.low is None or count >= node.low) and (node.high is None or count <= node.high)


def moment_meets(at: datetime, node: DateRange) -> bool:
    """Whether `at` lies within [start, end)."""
    return (node.start is None or at >= node.start) and (node.end is None or at < node.end)


def days_meet(first: date, last: date, node: DateRange) -> bool:
    """Whether any day of `first`–`last` (UTC, inclusive) begins within [start, end)."""
    start = None if node.start is None else node.start.date()
    if start is not None and node.start != datetime.combine(start, time(), UTC):
        start += _DAY  # that day began before `start`
    if start is not None and last < start:
        return False
    return node.end is None or datetime.combine(first, time(), UTC) < node.end


def alike(word: str, other: str) -> bool:
    """Within distance 1: one letter more, less or other, or two neighbours swapped; the first
    `FUZZY_EXACT` letters equal (optimal string alignment, as Lucene's fuzzy automaton).
    """
    if word == other:
        return True
    if abs(len(word) - len(other)) > 1 or word[:FUZZY_EXACT] != other[:FUZZY_EXACT]:
        return False
    at = FUZZY_EXACT
    end = min(len(word), len(other))
    while at < end and word[at] == other[at]:
        at += 1
    if len(word) < len(other):
        return word[at:] == other[at + 1 :]
    if len(word) > len(other):
        return word[at + 1 :] == other[at:]
    if word[at + 1 :] == other[at + 1 :]:
        return True
    swapped = other[at + 1 : at + 2] + other[at : at + 1]
    return word[at : at + 2] == swapped and word[at + 2 :] == other[at + 2 :]


def _names(name: str) -> Sequence[str]:
    return (name,) if name else ("title", "text")
