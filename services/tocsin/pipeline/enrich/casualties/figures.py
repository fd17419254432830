"""The casualty figures of an article: read sentence by sentence, told once each, with role and source.

A figure is an event's or background: what is told of "Tuesday's bombing", of 2014, of a war that is
over, is no news of this event. `lowered` says that the article takes an earlier toll back.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from tocsin.pipeline.enrich.casualties import lexicon as lex
from tocsin.pipeline.enrich.casualties import sentence, totals
from tocsin.pipeline.enrich.casualties.findings import Found
from tocsin.pipeline.enrich.casualties.telling import Role, attribution, lowered, role
from tocsin.pipeline.enrich.casualties.tokens import sentences
from tocsin.pipeline.enrich.casualties.totals import Telling
from tocsin_schemas.article import Figure
from tocsin_schemas.contract import Span

MOST = 100
"""Figures kept of one article."""
_PRONOUNS = frozenset(("pron", "he", "she", "him", "they", "them", "themselves"))


def read(title: str, text: str, ref: date | None) -> list[Figure]:
    """The figures of an article, title first, in order; spans are of `title` or `text`.

    `ref`: day of publication, for what is background; None where it is not known. A figure told
    again of the same victims is given once. Linear; raises nothing.
    """
    told: list[tuple[Telling, Role, Span]] = []
    seen: list[Found] = []
    for where, whole in (("title", title), ("text", text)):
        for words, base in _telling(whole):
            for found in sentence.read(words):
                if _again(found, seen):
                    continue
                seen.append(found)
                span = Span(
                    field="title" if where == "title" else "text",
                    start=base + found.start,
                    end=base + found.end,
                )
                part = role(words, found, ref, in_title=where == "title")
                marked = found._replace(lowered=lowered(words, found))
                told.append((Telling(marked, words, attribution(words, found)), part, span))
                if len(told) >= MOST:
                    return _figures(told, title, text)
    return _figures(told, title, text)


def _figures(told: Sequence[tuple[Telling, Role, Span]], title: str, text: str) -> list[Figure]:
    parts: set[int] = set()
    for kind in {t.found.kind for t, _, _ in told}:
        own = [n for n, (t, r, _) in enumerate(told) if r == "event" and t.found.kind == kind]
        parts |= {own[n] for n in totals.parts([told[n][0] for n in own])} if own else set()
    return [
        Figure(
            kind=found.kind,
            min=found.least,
            max=found.most,
            role="background" if n in parts else told_role,
            attribution=who,
            approximate=found.approximate,
            lowered=found.lowered,
            mixed=found.mixed,
            words=(title if span.field == "title" else text)[span.start : span.end],
            span=span,
            rule=f"casualties: {found.rule}{', a part' if n in parts else ''}",
        )
        for n, ((found, _, who), told_role, span) in enumerate(told)
    ]


def _telling(text: str) -> Iterator[tuple[str, int]]:
    """The sentences that may tell of a casualty."""
    hits = iter(_hits(text.lower()))
    hit = next(hits, None)
    for words, base in sentences(text):
        while hit is not None and hit < base:
            hit = next(hits, None)
        if hit is None:
            return
        if hit < base + len(words):
            yield words, base


def _hits(low: str) -> list[int]:
    """Where a stem stands: plain searches, which are faster together than one pattern of all."""
    found: list[int] = []
    for stem in lex.STEMS:
        at = low.find(stem)
        while at >= 0:
            found.append(at)
            at = low.find(stem, at + len(stem))
    return sorted(found)


def _again(found: Found, seen: list[Found]) -> bool:
    """Whether this tells of victims already told of: the same figure, or a pronoun for them."""
    vague = found.unit in _PRONOUNS
    last = seen[-1] if seen else None
    if (
        last is not None
        and last.indefinite
        and found.form == "name"
        and last.kind == found.kind
        and found.least == found.most == 1
    ):
        return True  # "A man has been shot dead. … Walid Saadi, 53, was killed"
    for earlier in seen:
        if earlier.kind != found.kind:
            continue
        same = (earlier.least, earlier.most) == (found.least, found.most)
        if same and (found.least != 1 or vague or earlier.unit == found.unit):
            return True
        if vague and (earlier.least == 1) == (found.least == 1):
            return True
    return False
