"""Turns a query into an FTS5 expression that proposes articles: all that meet it, and some that don't.

The matcher decides afterwards. What FTS5 can't say (figures, dates, NOT) is left out of the AND, never
guessed. Hands no text of a person to FTS5: only our own tokens, each in quotes. The table is
`article_fts(title, body, kw)` of tokens joined by blanks; `kw` holds `field=value` for each folded
keyword value, its blanks as `▁`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.query.ast import And, Fuzzy, InStory, Node, Or, Phrase, Prefix, Term
from tocsin.query.limits import FUZZY_EXACT

_BLANK = "\u2581"
_COLUMNS = {"": "{title body}", "title": "title", "text": "body"}


@dataclass(frozen=True, slots=True)
class Candidates:
    """`match` is the MATCH expression, null if nothing positive can be said: then all articles are
    candidates. `where` are exact keys (`story_id`) that an article has to have.
    """

    match: str | None
    where: Mapping[str, str] = field(default_factory=dict)


def compile(root: Node) -> Candidates:  # noqa: A001  # the name the search calls it by
    """The candidates of a query."""
    parts = root.parts if isinstance(root, And) else (root,)
    where: dict[str, str] = {}
    for part in parts:
        if isinstance(part, InStory):
            where["story_id"] = part.story_id
    return Candidates(_expression(root), where)


def keyword(name: str, value: str) -> str:
    """The token of a folded keyword value."""
    return f"{name}={value.replace(' ', _BLANK)}"


def _expression(node: Node) -> str | None:
    if isinstance(node, And):
        return _joined([e for e in map(_expression, node.parts) if e is not None], " AND ")
    if isinstance(node, Or):
        parts = [_expression(part) for part in node.parts]
        said = [part for part in parts if part is not None]
        return _joined(said, " OR ") if len(said) == len(parts) else None
    if isinstance(node, Term):
        if node.field in _COLUMNS:
            return f"{_COLUMNS[node.field]} : {_quoted(node.token)}"
        return f"kw : {_quoted(keyword(node.field, node.token))}"
    if isinstance(node, Prefix):
        if node.field in _COLUMNS:
            return f"{_COLUMNS[node.field]} : {_quoted(node.stem)} *"
        return f"kw : {_quoted(keyword(node.field, node.stem))} *"
    if isinstance(node, Fuzzy):
        return f"{_COLUMNS[node.field]} : {_quoted(node.token[:FUZZY_EXACT])} *"
    if isinstance(node, Phrase):
        return f"{_COLUMNS[node.field]} : {_phrase(node)}"
    return None


def _phrase(node: Phrase) -> str:
    if node.slop == 0:
        return _quoted(" ".join(node.tokens))
    distinct = list(dict.fromkeys(node.tokens))
    if len(distinct) == 1:
        return _quoted(distinct[0])
    # NEAR counts the tokens between the first and the last; slop counts moves from the places in the
    # phrase: a phrase of k words moved by s spans at most s + k - 1 positions.
    between = node.slop + len(node.tokens)
    return f"NEAR({' '.join(map(_quoted, distinct))}, {between})"


def _joined(parts: list[str], operator: str) -> str | None:
    if not parts:
        return None
    unique = list(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else f"({operator.join(unique)})"


def _quoted(token: str) -> str:
    inner = token.replace('"', '""')
    return f'"{inner}"'
