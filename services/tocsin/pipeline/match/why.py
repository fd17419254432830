"""Why an alert rang, for a reader: the words that met the query, or that carry the new fact.

A snippet is cut from the article as it stands, ≤ 160 characters, with marks that count from its own
start. Never invents words.
"""

from collections.abc import Sequence

from tocsin.pipeline.match.decide import Ring
from tocsin_schemas.alert import Why
from tocsin_schemas.article import Article
from tocsin_schemas.contract import Span
from tocsin_schemas.story import ClusteredArticle

SNIPPET = 160
"""Characters of a snippet."""
_BEFORE = 60
"""Characters shown before the first marked word."""
SPANS = 32
"""Spans kept in an alert: enough to show, far from filling it."""
CLAUSES = 32
CLAUSE = 200
"""Characters kept of one clause."""


def why(
    ring: Ring, clustered: ClusteredArticle, clauses: Sequence[str], spans: Sequence[Span]
) -> Why:
    """The evidence of one ring: its own words where it has any in this article, else the query's."""
    own = _own_spans(ring, clustered)
    shown = own or list(spans)
    text, marks = snippet(clustered.article, shown)
    return Why(
        sentence=ring.sentence,
        clauses=tuple(c[:CLAUSE] for c in clauses[:CLAUSES]),
        spans=tuple(shown[:SPANS]),
        snippet=text,
        snippet_marks=marks,
    )


def _own_spans(ring: Ring, clustered: ClusteredArticle) -> list[Span]:
    if ring.statement is not None and ring.statement.article_id == clustered.article_id:
        return [ring.statement.span] if ring.statement.version == clustered.version else []
    if ring.change is not None and (words := ring.change.after.strip()):
        for field in ("text", "title"):
            at = (clustered.article.text if field == "text" else clustered.article.title).find(
                words
            )
            if at >= 0:
                return [
                    Span(
                        field="text" if field == "text" else "title", start=at, end=at + len(words)
                    )
                ]
    return []


def snippet(article: Article, spans: Sequence[Span]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Words around the first span of the text, else of the title, and the marks within them; the
    text's beginning where there is no span.
    """
    in_text = sorted((s.start, s.end) for s in spans if s.field == "text")
    in_title = sorted((s.start, s.end) for s in spans if s.field == "title")
    source = article.title if in_title and not in_text else article.text or article.title
    places = in_text or in_title
    first = places[0][0] if places else 0
    start = _word_start(source, max(0, first - _BEFORE)) if first > _BEFORE else 0
    end = min(len(source), start + SNIPPET)
    if end < len(source):
        blank = source.rfind(" ", start + SNIPPET - 30, end)
        # A word cut in half is ugly, a mark cut in half is wrong: keep the mark.
        if blank > start and not any(a < end and b > blank for a, b in places[:1]):
            end = blank
    words = source[start:end].replace("\n", " ").replace("\t", " ")
    marks: list[tuple[int, int]] = []
    for a, b in places:
        a, b = max(a, start), min(b, end)  # noqa: PLW2901  # clipped to what is shown
        if a < b and (not marks or a - start >= marks[-1][1]):
            marks.append((a - start, b - start))
    return words, tuple(marks)


def _word_start(text: str, at: int) -> int:
    """The start of a word at or after `at`, within 20 characters; `at` itself otherwise."""
    for sign in " \n":
        found = text.find(sign, at, at + 20)
        if found >= 0:
            return found + 1
    return at
