"""An article as a query sees it: token lists, folded keyword values, figures, days. Made once, read by
the live matcher and by the search's recheck alike, so that they cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tocsin.text.tokens import fold_keyword, tokenize
from tocsin_schemas.article import Article, Figure
from tocsin_schemas.story import ClusteredArticle


@dataclass(frozen=True, slots=True)
class View:
    """What `evaluate` reads. `keywords` holds folded values of source, family, country, lang, tag,
    place, person, actor, cites. `figures` holds (kind, min, max), open ends already filled.
    """

    title: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    keywords: Mapping[str, frozenset[str]] = field(default_factory=dict)
    figures: tuple[tuple[str, int, int], ...] = ()
    published: datetime | None = None
    event_days: tuple[tuple[date, date], ...] = ()
    story_id: str = ""
    origins: int = 0


def view_of(clustered: ClusteredArticle) -> View:
    """The view of a clustered article: what the live matcher and the search's recheck read.

    `source` is the source's name, `family` its family (its name where it has none), `cites` the
    outlets cited. Figures with role background are left out: they are of another event.
    """
    return view_of_article(
        clustered.article, story_id=clustered.story_id, origins=len(clustered.story.origins)
    )


def view_of_article(article: Article, *, story_id: str = "", origins: int = 0) -> View:
    """The view of an article alone; without a story, `story:` and `origins:` are met by none."""
    return replace(_alone(article), story_id=story_id, origins=origins)


_HELD = 512
_held: dict[tuple[str, str], tuple[Article, View]] = {}
"""Views of the newest articles: an article is met by indexer and alerter, and again whenever its story
changes. Keyed by item and content; an equal key with other readings (a newer release) is made anew.
"""


def _alone(article: Article) -> View:
    key = (article.root_id, article.content_hash)
    held = _held.get(key)
    if held is not None and _same_readings(held[0], article):
        return held[1]
    made = _made(article)
    while len(_held) >= _HELD:
        try:
            _held.pop(next(iter(_held)), None)
        except (StopIteration, RuntimeError):  # another thread was at it
            break
    _held[key] = (article, made)
    return made


def _same_readings(a: Article, b: Article) -> bool:
    return a is b or (
        a.title == b.title
        and a.text == b.text
        and all(getattr(a, name) == getattr(b, name) for name in _READ)
    )


_READ = (
    "source", "countries", "language", "tags", "places", "persons", "actors", "cites", "figures",
    "published", "dates",
)  # fmt: skip


def _made(article: Article) -> View:
    return View(
        title=tuple(tokenize(article.title)),
        text=tuple(tokenize(article.text)),
        keywords=keywords_of(article),
        figures=ranges_of(article),
        published=article.published.at,
        event_days=tuple((told.start, told.end) for told in article.dates),
    )


def keywords_of(article: Article) -> dict[str, frozenset[str]]:
    """Folded values by keyword field; fields without any are left out."""
    source = article.source
    keywords = {
        "source": (source.name,),
        "family": (source.family or source.name,),
        "country": tuple(m.value for m in article.countries),
        "lang": (article.language.code,),
        "tag": tuple(m.value for m in article.tags),
        "place": tuple(m.value for m in article.places),
        "person": tuple(m.value for m in article.persons),
        "actor": tuple(m.value for m in article.actors),
        "cites": tuple(c.outlet for c in article.cites),
    }
    return {
        name: frozenset(filter(None, map(fold_keyword, values)))
        for name, values in keywords.items()
        if values
    }


def ranges_of(article: Article) -> tuple[tuple[str, int, int], ...]:
    """(kind, min, max) of the figures of the event, open ends filled."""
    return tuple(
        (figure.kind, *ends)
        for figure in article.figures
        if figure.role == "event" and (ends := filled(figure)) is not None
    )


def filled(figure: Figure) -> tuple[int, int] | None:
    """(min, max) for queries: the known end stands for the missing one; null where neither is known."""
    low = figure.max if figure.min is None else figure.min
    high = figure.min if figure.max is None else figure.max
    return None if low is None or high is None else (low, high)
