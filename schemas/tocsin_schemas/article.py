"""A normalised item, read: its words, its clocks, and what stands in it, each with its place."""

from datetime import date
from typing import Literal

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, Kind, Span, UtcTime
from tocsin_schemas.feed import Source

DateOrigin = Literal["feed", "page", "url", "text", "ingest", "none"]
Relation = Literal["original", "copy", "shortened", "extended", "partial"]


class Stamp(Contract):
    """One of the clocks. Missing or implausible is `at: null`, never "now"; `raw` keeps what stood."""

    at: UtcTime | None = None
    origin: DateOrigin = "none"
    confidence: float = Field(default=0.0, ge=0, le=1)
    raw: str = ""


class Mention(Contract):
    """A value found in the words: a country (`value` ISO2), place, person, actor or tag.

    `rule` names what found it (dictionary, pattern); `words` are the words as they stand.
    """

    value: str
    words: str = ""
    span: Span
    rule: str = ""


class Figure(Contract):
    """People killed, wounded, missing or kidnapped, as told: `min`–`max`, null where a side is open."""

    kind: Kind
    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    role: Literal["event", "background"] = "event"
    attribution: str = Field(default="", description="who says so: `officials`, `residents`")
    approximate: bool = False
    lowered: bool = Field(default=False, description="`revised down to 25`, `25, not 40`")
    mixed: bool = Field(default=False, description="dead and wounded undivided")
    words: str = ""
    span: Span
    rule: str = ""


class EventDate(Contract):
    """A day, or days, told in the text, resolved against publication; both ends inclusive."""

    start: date
    end: date
    words: str = ""
    span: Span
    rule: str = ""


class Citation(Contract):
    """A print-style citation: (Dawn [Karachi], September 20)."""

    outlet: str
    place: str = ""
    day: date | None = None
    words: str = ""
    span: Span


class Credit(Contract):
    """Whose words these are: an agency's credit line, and what it proves."""

    role: Literal["whole", "contributed", "none"] = "none"
    agencies: tuple[str, ...] = ()
    words: str = ""
    rule: str = ""


class Language(Contract):
    """ISO 639-1, or `und` where the readers disagree or there are too few words."""

    code: str = "und"
    confidence: float = Field(default=0.0, ge=0, le=1)


class Terms(Contract):
    """What the clusterer weighs, counted once by the enricher (reference/newness.md §2)."""

    body: dict[str, int] = Field(default_factory=dict)
    title: dict[str, int] = Field(default_factory=dict)
    lead: dict[str, int] = Field(default_factory=dict)
    names: tuple[str, ...] = Field(default=(), description="name-like terms, sorted")
    numbers: tuple[str, ...] = Field(default=(), description="figures of the lead, sorted")
    days: tuple[int, ...] = Field(default=(), description="event days as ordinals, ≤ 3")
    named_days: tuple[int, ...] = Field(default=(), description="days without the dateline's")
    killed: int | None = None
    killed_least: int | None = None
    revised: bool = False


class Article(Contract):
    """`article.enriched`: everything that can be known of an item alone. Key: feed id."""

    root_id: Id
    feed_id: Id
    item_key: str
    source: Source
    url: str = Field(description="address to open; empty when the feed gave none")
    url_key: str = Field(description="identity form of the address (no tracking parameters)")
    title: str = Field(max_length=1000)
    text: str = Field(description="cleaned plain text, ≤ 200,000 characters")
    content_hash: Id
    text_origin: Literal["feed", "page"] = "feed"
    page_note: str = ""
    language: Language = Language()
    published: Stamp = Stamp()
    updated: Stamp = Stamp()
    collected: UtcTime
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    countries: tuple[Mention, ...] = ()
    places: tuple[Mention, ...] = ()
    persons: tuple[Mention, ...] = ()
    actors: tuple[Mention, ...] = ()
    tags: tuple[Mention, ...] = ()
    figures: tuple[Figure, ...] = ()
    dates: tuple[EventDate, ...] = ()
    cites: tuple[Citation, ...] = ()
    credit: Credit = Credit()
    fingerprints: str = Field(
        default="", description="winnowed 64-bit hashes: base64 of little-endian unsigned longs"
    )
    terms: Terms = Terms()
    demo: bool = False
