"""All readers over one article, in the order in which they need one another."""

from collections.abc import Iterable

from tocsin.pipeline.enrich import citations, credit_lines, people, tags
from tocsin.pipeline.enrich.casualties import figures
from tocsin.pipeline.enrich.days import told
from tocsin.pipeline.enrich.places import decide, gazetteer
from tocsin_schemas.article import Article, EventDate, Mention
from tocsin_schemas.contract import Span

ENGLISH = frozenset(("en", "und"))
"""Languages that the English readers read: `und` is mostly a short English title."""
MOST = 100
"""Places kept of one article."""


def enrich(article: Article) -> Article:
    """`article` with countries, places, persons, actors, tags, figures, days, citations and credit.

    Every span holds: `text[start:end] == words`, in code points. In other languages than English
    only countries and places (by dictionary), actors and credits are read. Days without a year are
    placed by the day of publication; where that is null, only days with a year are. Pure and
    deterministic; linear in the text; raises nothing.
    """
    title, text = article.title, article.text
    english = article.language.code in ENGLISH
    about, places = decide.Reader(gazetteer.load()).read(title, text, article.source.country)
    if not english:
        places = [p for p in places if p.kind in ("country", "region") or p.weight >= 1.0]
        about = [code for code in about if any(p.country == code for p in places)]
    offset = len(title) + 1 if title else 0
    update: dict[str, object] = {
        "countries": _countries(about, places, f"{title}\n{text}" if title else text, offset),
        "places": _places(places, f"{title}\n{text}" if title else text, offset),
        "actors": tuple(people.actors(title, text)),
        "credit": credit_lines.read(text, article.authors),
    }
    if english:
        ref = article.published.at.date() if article.published.at else None
        names = frozenset(p.name for p in places)
        cites = tuple(citations.read(text, ref, names))
        days = told.read(text, ref, [(c.span.start, c.span.end) for c in cites])
        update |= {
            "cites": cites,
            "dates": tuple(_days(days, text)),
            "figures": tuple(figures.read(title, text, ref)),
            "persons": tuple(people.persons(title, text)),
            "tags": tuple(tags.read(title, text)),
        }
    return article.model_copy(update=update)


def _countries(
    about: list[str], places: list[decide.Place], full: str, offset: int
) -> tuple[Mention, ...]:
    """One mention a country, at its first name, the main country first."""
    first: dict[str, decide.Place] = {}
    for place in places:
        if place.country not in first or _plainer(place, first[place.country]):
            first[place.country] = place
    return tuple(_mention(code, first[code], full, offset) for code in about if code in first)


def _plainer(place: decide.Place, held: decide.Place) -> bool:
    """A country's own name is better evidence than the adjective that stood before it."""
    return place.kind == "country" and held.kind != "country"


def _places(places: Iterable[decide.Place], full: str, offset: int) -> tuple[Mention, ...]:
    out: dict[str, Mention] = {}
    for place in places:
        if place.kind in ("region", "city", "macro") and place.name not in out and len(out) < MOST:
            out[place.name] = _mention(place.name, place, full, offset)
    return tuple(out.values())


def _mention(value: str, place: decide.Place, full: str, offset: int) -> Mention:
    in_title = place.start < offset
    base = 0 if in_title else offset
    span = Span(
        field="title" if in_title else "text", start=place.start - base, end=place.end - base
    )
    return Mention(
        value=value, words=full[place.start : place.end], span=span, rule=f"places: {place.kind}"
    )


def _days(days: Iterable[told.Told], text: str) -> Iterable[EventDate]:
    for day in days:
        span = Span(start=day.start, end=day.end)
        yield EventDate(
            start=day.first,
            end=day.last,
            words=text[day.start : day.end],
            span=span,
            rule=f"days: {day.rule}",
        )
