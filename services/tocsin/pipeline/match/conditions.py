"""Parts a query into what an article must meet and what its story must meet.

`story:` and `origins:` stand only as top-level AND conjuncts (design §5), so that the article's part
can be matched once and the story's part be tested again on every snapshot.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from tocsin.query.ast import And, FigureRange, InStory, Node, Not, Or, OriginsRange
from tocsin_schemas.contract import Kind
from tocsin_schemas.story import Story

Condition: TypeAlias = InStory | OriginsRange


def part(root: Node) -> tuple[tuple[Node, ...], tuple[Condition, ...]]:
    """The conjuncts an article must meet, and the conditions its story must meet."""
    parts = root.parts if isinstance(root, And) else (root,)
    own = tuple(p for p in parts if not isinstance(p, InStory | OriginsRange))
    return own, tuple(p for p in parts if isinstance(p, InStory | OriginsRange))


def article_root(own: Sequence[Node]) -> Node | None:
    """One node of the article's conjuncts; null where the query asks nothing of the article, or only
    what it must not hold (`story:x NOT y`): such a query can't be looked up by its words.
    """
    if not any(not isinstance(p, Not) for p in own):
        return None
    return own[0] if len(own) == 1 else And(tuple(own))


def names_its_story(conditions: Sequence[Condition], story: Story) -> bool:
    """Whether every `story:` condition means this story, under any id it has answered to."""
    ids = {story.id, *story.lineage.ancestors}
    return all(c.story_id in ids for c in conditions if isinstance(c, InStory))


def met(conditions: Sequence[Condition], story: Story) -> bool:
    """Whether the story, as this snapshot shows it, meets all conditions."""
    n = len(story.origins)
    return names_its_story(conditions, story) and all(
        (c.low is None or n >= c.low) and (c.high is None or n <= c.high)
        for c in conditions
        if isinstance(c, OriginsRange)
    )


def kinds_named(root: Node) -> frozenset[Kind]:
    """Kinds of figures that the query names: `wounded` rings only where asked for (design §6)."""
    return frozenset(n.kind for n in leaves([root]) if isinstance(n, FigureRange))


def leaves(nodes: Iterable[Node]) -> Iterator[Node]:
    """What stands in a query without NOT, in the order written."""
    for node in nodes:
        if isinstance(node, And | Or):
            yield from leaves(node.parts)
        elif not isinstance(node, Not):
            yield node
