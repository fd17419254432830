"""What the clusterer remembers of a story's articles: who said what, in whose voice, without texts.

A book is the working copy behind the snapshots. Each member is one row, and the book's head another,
so that a new article writes two small rows, however big its story.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.pipeline.cluster.ledger import Told as ToldFigure
from tocsin.pipeline.cluster.ledger import plausible
from tocsin_schemas.article import Article, Relation
from tocsin_schemas.contract import Kind, Span
from tocsin_schemas.story import Origin, Statement, Told

DATES = 24
"""Dated happenings taken from one article."""
MENTIONS = 24
"""Countries, places, persons taken from one article, each."""
CLAUSE, SHORT, SEEN = 120, 40, 130
"""Characters kept of the clause that tells a date, below which its neighbours are taken with it, and
looked at on either side.
"""
CITED = "days: report date"
"""Rule of a day that stands in a citation: when a paper came out, not when something happened."""
_MARK = re.compile(
    r"(?=[.!?,;:()“”\"–—\n-])"  # a look at the letter first: most are none of these
    r"(?:(?P<end>[.!?][\"”’)]*(?=\s+[^\sa-z\d]|\s*$)|\n)|[,;:–—-](?=\s)|[()“”\"])"
)
"""Ends of clauses, and of sentences."""


@dataclass(slots=True)
class Member:
    """One article in a story. `number` is the order of arrival in the whole stream."""

    article_id: str
    story: str
    number: int
    outlet: str
    relation: Relation = "original"
    copy_of: str | None = None
    origin: Origin | None = None
    proof: int = 0
    """How strongly the origin is shown: `dedup.origin.Proof`."""
    own_origin: Origin | None = None
    own_proof: int = 0
    """What the article alone shows."""
    statements: list[Statement] = field(default_factory=list)
    """All that count, of every version, in the order in which they came."""
    told: list[ToldFigure] = field(default_factory=list)
    """Every figure that any version told, counted as a statement or not."""
    countries: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    dates: list[Told] = field(default_factory=list)
    feeds: list[str] = field(default_factory=list)

    def read(self, article: Article) -> None:
        """Take over what the newest version mentions."""
        self.countries = _values(article.countries)
        self.places = _values(article.places)
        self.persons = _values(article.persons)
        copied = self.relation != "original"  # a copy's dates are its original's
        self.dates = [] if copied else dated(article, self.article_id, self.dates)
        if article.feed_id not in self.feeds:
            self.feeds.append(article.feed_id)

    def row(self) -> dict[str, Any]:
        """As JSON."""
        held = {name: getattr(self, name) for name in self.__slots__}
        for name in ("origin", "own_origin"):
            held[name] = held[name] and held[name].model_dump(mode="json")
        for name in ("statements", "dates"):
            held[name] = [x.model_dump(mode="json") for x in held[name]]
        return held

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Member":
        """The inverse of `row`."""
        held = dict(row)
        for name in ("origin", "own_origin"):
            held[name] = held[name] and Origin.model_validate(held[name])
        held["statements"] = [Statement.model_validate(x) for x in held["statements"]]
        held["dates"] = [Told.model_validate(x) for x in held["dates"]]
        held["told"] = [tuple(x) for x in held["told"]]
        return cls(**held)


@dataclass(slots=True)
class Book:
    """One open story: its head, and its members in order of arrival."""

    id: str
    language: str
    title: str
    first_seen: datetime
    last_seen: datetime
    last_change: datetime
    revision: int = 0
    sightings: int = 0
    told_origins: int = 0
    """Number of origins in the newest snapshot that went out."""
    ancestors: list[str] = field(default_factory=list)
    split_from: str | None = None
    acts: list[str] = field(default_factory=list)
    """Acts that formed it, oldest first."""
    moved: dict[Kind, datetime] = field(default_factory=dict)
    ranges: dict[Kind, tuple[int | None, int | None]] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """The head, as JSON; members have rows of their own."""
        held = {name: getattr(self, name) for name in self.__slots__ if name != "members"}
        for name in ("first_seen", "last_seen", "last_change"):
            held[name] = held[name].isoformat()
        held["moved"] = {k: v.isoformat() for k, v in self.moved.items()}
        return held

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Book":
        """The inverse of `row`, without members."""
        held = dict(row)
        for name in ("first_seen", "last_seen", "last_change"):
            held[name] = datetime.fromisoformat(held[name])
        held["moved"] = {k: datetime.fromisoformat(v) for k, v in held["moved"].items()}
        held["ranges"] = {k: tuple(v) for k, v in held["ranges"].items()}
        return cls(**held)

    def swallow(self, young: "Book") -> None:
        """Take in the members of a younger story; the older title, id and first sight stay."""
        self.ancestors += [a for a in (young.id, *young.ancestors) if a not in self.ancestors]
        self.acts += [a for a in young.acts if a not in self.acts]
        self.first_seen = min(self.first_seen, young.first_seen)
        self.last_seen = max(self.last_seen, young.last_seen)
        self.sightings += young.sightings
        for member in young.members.values():
            member.story = self.id
        both = (*self.members.values(), *young.members.values())
        self.members = {m.article_id: m for m in sorted(both, key=lambda m: m.number)}


def _values(mentions: Any) -> list[str]:
    return list(dict.fromkeys(m.value[:120] for m in mentions))[:MENTIONS]


def dated(article: Article, article_id: str, before: Sequence[Told] = ()) -> list[Told]:
    """The dated happenings that an article tells, each with its clause; days of citations are when
    papers came out, and no happenings. `before`: what its former version told, first reported then.
    """
    first = {(t.start, t.end): t.first_reported for t in reversed(before)}
    published = article.published.at
    at = published if plausible(published, article) else article.collected
    happened = [d for d in article.dates if d.rule != CITED]
    return [
        Told.model_construct(
            start=d.start,
            end=d.end,
            words=clause(article.title if d.span.field == "title" else article.text, d.span),
            article_id=article_id,
            outlet=article.source.name,
            span=d.span,
            first_reported=min(at, first.get((d.start, d.end), at)),
        )
        for d in happened[:DATES]
    ]


def clause(text: str, span: Span) -> str:
    """The clause around a dated phrase, with its neighbours in the sentence while it is short; at
    most `CLAUSE` characters.
    """
    low, high = max(0, span.start - SEEN), min(len(text), span.end + SEEN)
    clauses: list[tuple[int, int]] = []
    start = low
    for mark in _MARK.finditer(text, low, high):
        if span.start < mark.end() and mark.start() < span.end:
            continue  # "September 3, 2008" is one phrase
        if mark["end"] is None or mark.end() > span.start:
            clauses.append((start, mark.start()))
        else:
            clauses.clear()
        start = mark.end()
        if mark["end"] is not None and mark.start() >= span.end:
            break
    else:
        clauses.append((start, high))
    first = last = next(i for i, (_, b) in enumerate(clauses) if b >= span.end)
    while clauses[last][1] - clauses[first][0] < SHORT and (last + 1 < len(clauses) or first):
        if last + 1 < len(clauses):
            last += 1
        else:
            first -= 1
    return _cut(text, clauses[first][0], clauses[last][1], span)


def _cut(text: str, start: int, end: int, span: Span) -> str:
    """Whole words of `text[start:end]` in at most `CLAUSE` characters, the phrase among them."""
    if span.end - start > CLAUSE:
        before = text.find(" ", span.end - CLAUSE, span.start)
        start = span.start if before < 0 else before
    words = " ".join(text[start:end].split())
    if len(words) > CLAUSE:
        kept = words[:CLAUSE]
        words = kept if words[CLAUSE] == " " else kept.rpartition(" ")[0] or kept
    return words
