"""Why an article meets a query: which clauses, and where their words stand. For highlights, for an
alert's "why", and for "hits per clause" when nothing is found.
"""

from collections.abc import Iterator
from dataclasses import dataclass

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
from tocsin.query.canonical import text_of
from tocsin.query.positions import in_a_row, near
from tocsin.query.reader import Reader, alike, days_meet, figure_meets
from tocsin.query.view import View, filled, view_of_article
from tocsin.text.tokens import analyze, fold_keyword
from tocsin_schemas.article import Article
from tocsin_schemas.contract import Span, TextField

_FIELDS: tuple[TextField, ...] = ("title", "text")


@dataclass(frozen=True, slots=True)
class Clause:
    """One leaf of a query as written out (`NOT …` where excluded), whether the article meets it, and
    the spans of the words that do.
    """

    text: str
    met: bool
    spans: tuple[Span, ...] = ()


def clauses(root: Node) -> tuple[Node, ...]:
    """The conjuncts of a query: the parts whose hits, counted one by one, show which one kills it."""
    return root.parts if isinstance(root, And) else (root,)


def spans(root: Node, article: Article, view: View | None = None) -> tuple[Span, ...]:
    """Where the words stand that meet the positive clauses: title before text, in the order of the
    text, none overlapping another. Branches of OR that are not met give none; figures, places,
    persons, actors, tags, countries, citations and event days give the words they were read from.

    `view` is the article's (made from it where null; `story:` and `origins:` then count as met).
    """
    reading = _Reading(article, view)
    return _merged(list(reading.of(root)))


def explain(root: Node, article: Article, view: View | None = None) -> tuple[Clause, ...]:
    """Each leaf of the query in the order written, and how the article meets it."""
    reading = _Reading(article, view)
    return tuple(
        Clause(
            text_of(leaf),
            reading.meets(leaf),
            () if isinstance(leaf, Not) else _merged(list(reading.of(leaf))),
        )
        for leaf in _leaves(root)
    )


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, (And, Or)):
        for part in node.parts:
            yield from _leaves(part)
    else:
        yield node


class _Reading:
    """An article with its tokens' places."""

    def __init__(self, article: Article, view: View | None) -> None:
        self._article = article
        self._storyless = view is None
        self._reader = Reader(view_of_article(article) if view is None else view)
        self._analysed: dict[TextField, list[tuple[str, int, int]]] = {}

    def meets(self, node: Node) -> bool:
        if self._storyless and isinstance(node, (InStory, OriginsRange)):
            return True
        if isinstance(node, And):
            return all(self.meets(part) for part in node.parts)
        return self._reader.meets(node)

    def of(self, node: Node) -> Iterator[Span]:
        """The spans of a node that is met; none of one that isn't."""
        if isinstance(node, Not) or not self.meets(node):
            return
        if isinstance(node, (And, Or)):
            for part in node.parts:
                yield from self.of(part)
        elif isinstance(node, (FigureRange, DateRange)):
            yield from self._facts(node)
        elif isinstance(node, (Term, Prefix, Fuzzy, Phrase)):
            if node.field in {"", "title", "text"}:
                for name in _FIELDS:
                    if node.field in {"", name}:
                        yield from self._words(node, name)
            elif isinstance(node, (Term, Prefix)):
                yield from self._mentions(node)

    def _tokens(self, name: TextField) -> list[tuple[str, int, int]]:
        found = self._analysed.get(name)
        if found is None:
            text = self._article.title if name == "title" else self._article.text
            found = self._analysed[name] = analyze(text)
        return found

    def _words(self, node: Term | Prefix | Fuzzy | Phrase, name: TextField) -> Iterator[Span]:
        tokens = self._tokens(name)
        if isinstance(node, Phrase):
            yield from self._phrase(node, name)
            return
        for token, start, end in tokens:
            if (
                (isinstance(node, Term) and token == node.token)
                or (isinstance(node, Prefix) and token.startswith(node.stem))
                or (isinstance(node, Fuzzy) and alike(node.token, token))
            ):
                yield Span(field=name, start=start, end=end)

    def _phrase(self, node: Phrase, name: TextField) -> Iterator[Span]:
        tokens = self._tokens(name)
        held: dict[str, list[int]] = {}
        for at, (token, _, _) in enumerate(tokens):
            held.setdefault(token, []).append(at)
        if not held.keys() >= set(node.tokens):
            return
        lists = [held[token] for token in node.tokens]
        if node.slop == 0:
            for first in in_a_row(lists):
                last = first + len(node.tokens) - 1
                yield Span(field=name, start=tokens[first][1], end=tokens[last][2])
        else:
            for chosen in near(node.tokens, lists, node.slop):
                for at in chosen:
                    yield Span(field=name, start=tokens[at][1], end=tokens[at][2])

    def _facts(self, node: FigureRange | DateRange) -> Iterator[Span]:
        if isinstance(node, FigureRange):
            for figure in self._article.figures:
                ends = filled(figure)
                event = figure.kind == node.kind and figure.role == "event"
                if event and ends is not None and figure_meets(*ends, node):
                    yield figure.span
        elif node.field == "event_date":
            for told in self._article.dates:
                if days_meet(told.start, told.end, node):
                    yield told.span

    def _mentions(self, node: Term | Prefix) -> Iterator[Span]:
        article = self._article
        held = {
            "country": article.countries,
            "tag": article.tags,
            "place": article.places,
            "person": article.persons,
            "actor": article.actors,
        }
        said = [(m.value, m.span) for m in held.get(node.field, ())]
        if node.field == "cites":
            said = [(c.outlet, c.span) for c in article.cites]
        for value, span in said:
            folded = fold_keyword(value)
            if folded == node.token if isinstance(node, Term) else folded.startswith(node.stem):
                yield span


def _merged(found: list[Span]) -> tuple[Span, ...]:
    out: list[Span] = []
    for span in sorted(found, key=lambda s: (s.field != "title", s.start, s.end)):
        if span.end <= span.start:
            continue
        last = out[-1] if out else None
        if last is not None and last.field == span.field and span.start < last.end:
            if span.end > last.end:
                out[-1] = Span(field=last.field, start=last.start, end=span.end)
        else:
            out.append(span)
    return tuple(out)
