"""Random articles and queries over few words, so that they often meet; and a second, naive reading of
the query language, written apart from the product's, to be compared with it.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

from tocsin.query.ast import (
    And,
    DateRange,
    FigureKind,
    FigureRange,
    Fuzzy,
    InStory,
    Leaf,
    Node,
    Not,
    Or,
    OriginsRange,
    Phrase,
    Prefix,
    Term,
)
from tocsin.query.view import View

WORDS = (
    "aaaaa",
    "aaaab",
    "aaaba",
    "aabaa",
    "abbbb",
    "bbbba",
    "cabab",
    "cac",
    "cacb",
    "title:aab",
    '"*"',
)
VALUES = ("swat", "swat valley", "south waziristan", "south", "pk", "cac")
KEYWORDS = ("place", "source", "tag", "country")
KINDS: tuple[FigureKind, ...] = ("killed", "wounded")
STORIES = ("a" * 26, "b" * 26)
DAY = date(2008, 9, 1)


def random_view(rnd: random.Random) -> View:
    """An article of up to 3 + 12 words."""
    figures = []
    for _ in range(rnd.choice((0, 0, 1, 2))):
        low = rnd.randint(0, 20)
        figures.append((rnd.choice(KINDS), low, low + rnd.choice((0, 0, 3, 11))))
    first = DAY + timedelta(days=rnd.randint(0, 9))
    return View(
        title=tuple(rnd.choices(WORDS, k=rnd.randint(0, 3))),
        text=tuple(rnd.choices(WORDS, k=rnd.randint(0, 12))),
        keywords={
            name: frozenset(rnd.sample(VALUES, rnd.randint(0, 2)))
            for name in KEYWORDS
            if rnd.random() < 0.7
        },
        figures=tuple(figures),
        published=None if rnd.random() < 0.2 else moment(rnd),
        event_days=((first, first + timedelta(days=rnd.randint(0, 3))),)
        if rnd.random() < 0.5
        else (),
        story_id=rnd.choice(STORIES),
        origins=rnd.randint(0, 4),
    )


def moment(rnd: random.Random) -> datetime:
    return datetime.combine(DAY, time(), UTC) + timedelta(seconds=rnd.randint(0, 10 * 86_400))


def random_leaf(rnd: random.Random) -> Leaf:
    kind = rnd.random()
    name = rnd.choice(("", "", "", "title", "text"))
    word = rnd.choice(WORDS)
    if kind < 0.3:
        return Term(name, word)
    if kind < 0.4:
        return Phrase(name, tuple(rnd.choices(WORDS, k=rnd.randint(2, 3))))
    if kind < 0.55:
        return Phrase(name, tuple(rnd.choices(WORDS, k=rnd.randint(2, 4))), rnd.randint(1, 5))
    if kind < 0.62:
        return Prefix(name, rnd.choice(("aaa", "aab", "aaaa", "cac", "cab", "zzz")))
    if kind < 0.69:
        return Fuzzy(name, rnd.choice(("aaaaa", "aaabb", "aaaba", "abbb" + "a", "cabba", "aabab")))
    if kind < 0.77:
        return Term(rnd.choice(KEYWORDS), rnd.choice(VALUES))
    if kind < 0.82:
        return Prefix(rnd.choice(KEYWORDS), rnd.choice(("swa", "swat v", "sou", "south w")))
    if kind < 0.92:
        low = rnd.choice((None, rnd.randint(0, 20)))
        high = None if low is not None and rnd.random() < 0.4 else (low or 0) + rnd.randint(0, 9)
        return FigureRange(rnd.choice(KINDS), low, high)
    if rnd.random() < 0.5:
        start = moment(rnd)
        return DateRange("published", start, start + timedelta(seconds=rnd.randint(1, 400_000)))
    first = datetime.combine(DAY + timedelta(days=rnd.randint(0, 9)), time(), UTC)
    return DateRange("event_date", first, first + timedelta(days=rnd.randint(1, 4)))


def random_root(rnd: random.Random, depth: int = 3) -> Node:
    """A query as the parser makes them: flat, each AND and each branch of OR with a positive clause."""
    root = _node(rnd, depth, parent="")
    conditions: list[Node] = []
    if rnd.random() < 0.1:
        conditions.append(InStory(rnd.choice(STORIES)))
    if rnd.random() < 0.1:
        conditions.append(OriginsRange(rnd.randint(0, 3), rnd.choice((None, 3))))
    if conditions:
        parts = root.parts if isinstance(root, And) else (root,)
        return And((*parts, *conditions))
    return root


def _node(rnd: random.Random, depth: int, parent: str) -> Node:
    shape = rnd.random()
    if depth == 0 or shape < 0.25:
        return random_leaf(rnd)
    if (shape < 0.6 or parent == "or") and parent != "and":
        parts: list[Node] = [_node(rnd, depth - 1, "and") for _ in range(rnd.randint(1, 3))]
        while len(parts) < 2 or rnd.random() < 0.3:
            # excluded groups are seldom met: the set must notice when they are read as required
            parts.insert(rnd.randint(0, len(parts)), Not(_node(rnd, depth - 1, "not")))
        return And(tuple(parts))
    if parent == "or":
        return random_leaf(rnd)
    return Or(tuple(_node(rnd, depth - 1, "or") for _ in range(rnd.randint(2, 3))))


@dataclass
class Naive:
    """The query language read the long way: no sets, no positions, every choice tried."""

    view: View
    fields: dict[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.fields = {"title": self.view.title, "text": self.view.text}

    def meets(self, node: Node) -> bool:
        if isinstance(node, And):
            return all(self.meets(part) for part in node.parts)
        if isinstance(node, Or):
            return any(self.meets(part) for part in node.parts)
        if isinstance(node, Not):
            return not self.meets(node.part)
        if isinstance(node, FigureRange):
            return any(
                kind == node.kind
                and any(
                    (node.low is None or n >= node.low) and (node.high is None or n <= node.high)
                    for n in range(low, high + 1)
                )
                for kind, low, high in self.view.figures
            )
        if isinstance(node, DateRange):
            return any(
                (node.start is None or node.start <= at) and (node.end is None or at < node.end)
                for at in self._moments(node.field)
            )
        if isinstance(node, InStory):
            return node.story_id == self.view.story_id
        if isinstance(node, OriginsRange):
            high = 10**9 if node.high is None else node.high
            return (node.low or 0) <= self.view.origins <= high
        return any(self._words(node, words) for words in self._lists(node.field))

    def _lists(self, name: str) -> list[tuple[str, ...]]:
        if not name:
            return [self.fields["title"], self.fields["text"]]
        return [self.fields.get(name, tuple(self.view.keywords.get(name, ())))]

    def _moments(self, name: str) -> list[datetime]:
        if name == "published":
            return [] if self.view.published is None else [self.view.published]
        return [
            datetime.combine(first + timedelta(days=n), time(), UTC)
            for first, last in self.view.event_days
            for n in range((last - first).days + 1)
        ]

    def _words(self, node: Term | Phrase | Prefix | Fuzzy, words: tuple[str, ...]) -> bool:
        if isinstance(node, Term):
            return any(word == node.token for word in words)
        if isinstance(node, Prefix):
            return any(word[: len(node.stem)] == node.stem for word in words)
        if isinstance(node, Fuzzy):
            return any(
                word[:2] == node.token[:2] and distance(word, node.token) <= 1 for word in words
            )
        held = [[at for at, word in enumerate(words) if word == token] for token in node.tokens]
        for choice in product(*held):
            moved = [at - place for place, at in enumerate(choice)]
            if len(set(choice)) == len(choice) and max(moved) - min(moved) <= node.slop:
                return True
        return False


def distance(a: str, b: str) -> int:
    """Optimal string alignment, by the whole table."""
    table = [[i + j if not i or not j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            best = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, table[i - 2][j - 2] + 1)
            table[i][j] = best
    return table[len(a)][len(b)]
