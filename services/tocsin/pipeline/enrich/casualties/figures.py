"""The casualty figures of an article: read sentence by sentence, told once each, with role and source.

A figure is an event's or background: what is told of "Tuesday's bombing", of 2014, of a war that is
over, is no news of this event. `lowered` says that the article takes an earlier toll back.
"""

from collections.abc import Iterator
from datetime import date

from tocsin.pipeline.enrich.casualties import lexicon as lex
from tocsin.pipeline.enrich.casualties import sentence
from tocsin.pipeline.enrich.casualties.findings import Found
from tocsin.pipeline.enrich.casualties.telling import attribution, lowered, role
from tocsin.pipeline.enrich.casualties.tokens import sentences
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
    out: list[Figure] = []
    seen: list[Found] = []
    for where in ("title", "text"):
        whole = title if where == "title" else text
        for words, base in _telling(whole):
            for found in sentence.read(words):
                if len(out) >= MOST:
                    return out
                if _again(found, seen):
                    continue
                seen.append(found)
                start, end = base + found.start, base + found.end
                out.append(
                    Figure(
                        kind=found.kind,
                        min=found.least,
                        max=found.most,
                        role=role(words, found, ref, in_title=where == "title"),
                        attribution=attribution(words),
                        approximate=found.approximate,
                        lowered=lowered(words, found),
                        mixed=found.mixed,
                        words=whole[start:end],
                        span=Span(
                            field="title" if where == "title" else "text", start=start, end=end
                        ),
                        rule=f"casualties: {found.rule}",
                    )
                )
    return out


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
