"""Counts, once per article, what the clusterer will weigh: words, names, numbers, days, the toll.

Runs in the reading process, because it costs more than the clustering itself. Counts only: no
weight, no other article is known here, so the result never changes (reference/newness.md §2, §8).
"""

import re
from collections import Counter

from tocsin.pipeline.cluster.days import DATELINE, event_days
from tocsin.pipeline.cluster.words import Word, read
from tocsin_schemas.article import Article, Figure, Terms

TITLE_WORDS, BODY_WORDS, LEAD_WORDS = 60, 300, 60
"""Words looked at; the lead is the first kept words of the body (newness.md §2, §4: 300)."""
LEAD_CHARACTERS = 480
"""Text in which event days are looked for: a recap's day stands further down."""
TOLL_CHARACTERS = 700
"""Text in which the toll is looked for (near_facts.py)."""
MAX_DAYS, MAX_NAMED_DAYS = 3, 16
SHOUTING = 0.6
"""Share of capitalised title words above which capitals say nothing about names."""
_REVISED = re.compile(
    r"\b(?:revis|lowered|not \d|correct|fewer than|down from|earlier reports?)", re.IGNORECASE
)
_ENGLISH = frozenset({"en", "und"})


def terms(article: Article) -> Terms:
    """What the clusterer weighs of `article`. Uses its title, text, publication time, language and
    the figures already read. Pure; linear time.
    """
    english = article.language.code in _ENGLISH
    title = read(article.title, TITLE_WORDS, english=english)
    body = read(article.text, BODY_WORDS, english=english)
    published = article.published.at
    opening = article.text[:LEAD_CHARACTERS]
    undated = DATELINE.sub("", article.text[: LEAD_CHARACTERS + 80])[:LEAD_CHARACTERS]
    toll = _toll(article.figures)
    return Terms(
        body=dict(Counter(w.term for w in body)),
        title=dict(Counter(w.term for w in title)),
        lead=dict(Counter(w.term for w in body[:LEAD_WORDS])),
        names=tuple(sorted(_names(title, body))),
        numbers=tuple(sorted(_numbers(title, body))),
        days=tuple(event_days(f"{article.title} . {opening}", published)[:MAX_DAYS]),
        named_days=tuple(dict.fromkeys(event_days(f"{article.title} . {undated}", published)))[
            :MAX_NAMED_DAYS
        ],
        killed=None if toll is None else (toll.max or toll.min),
        killed_least=None if toll is None else (toll.min or toll.max),
        revised=bool(_REVISED.search(f"{article.title} {undated}"))
        or (toll is not None and toll.lowered),
    )


def _names(title: list[Word], body: list[Word]) -> set[str]:
    """Name-like terms: capitalised in at least half of the places where a capital says something."""
    inside = [w for w in body if not w.opens]
    seen = Counter(w.term for w in inside)
    capital = Counter(w.term for w in inside if w.capital)
    names = {t for t, n in capital.items() if 2 * n >= seen[t]}
    worded = [w for w in title if not w.number]
    if sum(w.capital for w in worded) <= SHOUTING * len(worded):
        names.update(w.term for w in title if w.capital and not w.opens)
    if not body:
        names.update(w.term for w in title if w.capital)
    return names


def _numbers(title: list[Word], body: list[Word]) -> set[str]:
    """Numbers of two digits and more in title and opening; years are no figures."""
    return {
        w.term
        for w in (*title, *body[: 2 * LEAD_WORDS])
        if w.number and not (len(w.term) == 4 and w.term[:2] in {"19", "20"})
    }


def _toll(figures: tuple[Figure, ...]) -> Figure | None:
    """The first figure of people killed in this event that stands in the title or the opening."""
    told = [
        f
        for f in figures
        if f.kind == "killed"
        and f.role == "event"
        and not f.mixed
        and (f.min or f.max)
        and (f.span.field == "title" or f.span.start < TOLL_CHARACTERS)
    ]
    told.sort(key=lambda f: (f.span.field != "title", f.span.start, f.span.end))
    return told[0] if told else None
