"""What a query demands of an article before it is worth reading: its requirements.

A requirement is a set of signs of which the article shows at least one. Tokens are signs; so are, made
by the article where some query asks for them, the value of a field, two words in a row, a prefix, a fuzzy
word, "has a figure of this kind". All requirements of a query are necessary; what they don't decide is
left as a rest for `Reader`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from sys import intern

from tocsin.query.ast import (
    And,
    FigureRange,
    Fuzzy,
    InStory,
    Node,
    Or,
    Phrase,
    Prefix,
    Term,
)

# None of these stands in a token (tokens hold no blank and no control character).
FIELD = "\x1f"
PREFIX = "\x1e"
FUZZY = "\x1d"
PAIR = " "

Requirement = tuple[str, ...]


def field_sign(name: str, value: str) -> str:
    """The article's field holds this token or value."""
    return f"{name}{FIELD}{value}"


def prefix_sign(name: str, stem: str) -> str:
    """A token (keyword fields: a value) starts with `stem`."""
    return f"{PREFIX}{field_sign(name, stem) if name else stem}"


def fuzzy_sign(token: str) -> str:
    """A token is alike `token`."""
    return f"{FUZZY}{token}"


def figure_sign(kind: str) -> str:
    """The article holds a figure of this kind."""
    return field_sign("figure", kind)


def story_sign(story_id: str) -> str:
    """The article belongs to this story."""
    return field_sign("story", story_id)


@dataclass(frozen=True, slots=True)
class Plan:
    """`requirements`, cheapest first, and `rest`: what is left to decide when all are met; null if
    nothing is.
    """

    requirements: tuple[Requirement, ...]
    rest: Node | None


def plan(root: Node, cost: Callable[[str], float]) -> Plan:
    """The plan of a query; `cost` is the share of articles that show a sign, as far as known."""
    requirements, rest = _Weigher(cost).demands(root)
    # One string for each sign, however many queries name it: less memory, fewer cache misses.
    shared = dict.fromkeys(tuple(map(intern, r)) for r in requirements)
    return Plan(by_cost(shared, cost), rest)


def by_cost(
    requirements: Iterable[Requirement], cost: Callable[[str], float]
) -> tuple[Requirement, ...]:
    """Cheapest first; equal ones by their signs, so that the order never hangs on a hash."""
    return tuple(sorted(requirements, key=lambda r: (sum(map(cost, r)), r)))


class _Weigher:
    def __init__(self, cost: Callable[[str], float]) -> None:
        self._cost = cost

    def cost(self, requirement: Iterable[str]) -> float:
        return sum(map(self._cost, requirement))

    def demands(self, node: Node) -> tuple[list[Requirement], Node | None]:
        """Requirements of `node`, and what they leave undecided."""
        if isinstance(node, And):
            found: list[Requirement] = []
            rests: list[Node] = []
            for part in node.parts:
                requirements, rest = self.demands(part)
                found.extend(requirements)
                if rest is not None:
                    rests.append(rest)
            if not rests:
                return found, None
            return found, rests[0] if len(rests) == 1 else And(tuple(rests))
        if isinstance(node, Or):
            return self._alternatives(node)
        return _leaf(node)

    def _alternatives(self, node: Or) -> tuple[list[Requirement], Node | None]:
        signs: dict[str, None] = {}
        decided = True
        for part in node.parts:
            requirements, rest = self.demands(part)
            if not requirements:
                return [], node
            decided = decided and rest is None and len(requirements) == 1
            signs.update(dict.fromkeys(min(requirements, key=lambda r: (self.cost(r), r))))
        return [tuple(signs)], None if decided else node


def _leaf(node: Node) -> tuple[list[Requirement], Node | None]:
    if isinstance(node, Term):
        return [(field_sign(node.field, node.token) if node.field else node.token,)], None
    if isinstance(node, Phrase):
        if node.slop == 0 and not node.field:
            pairs = zip(node.tokens, node.tokens[1:], strict=False)
            decided = len(node.tokens) == 2
            return [(f"{a}{PAIR}{b}",) for a, b in pairs], None if decided else node
        return [(token,) for token in dict.fromkeys(node.tokens)], node
    if isinstance(node, Prefix):
        if node.field in {"title", "text"}:
            return [(prefix_sign("", node.stem),)], node
        return [(prefix_sign(node.field, node.stem),)], None
    if isinstance(node, Fuzzy):
        return [(fuzzy_sign(node.token),)], node if node.field else None
    if isinstance(node, FigureRange):
        return [(figure_sign(node.kind),)], node
    if isinstance(node, InStory):
        return [(story_sign(node.story_id),)], None
    return [], node
