"""Articles about one event, what they state, and the clustered article that every later stage reads."""

from datetime import date
from typing import Literal

from pydantic import Field

from tocsin_schemas.article import Article, Relation
from tocsin_schemas.contract import Contract, Id, Kind, Mode, Span, UtcTime


class Origin(Contract):
    """The independent voice behind an article. Unknown (null on the article) adds no independence."""

    name: str = Field(description="`AFP`, `Dawn`: agencies by name, outlets by family or name")
    why: str = Field(description="credit line, dateline, copy chain, own byline …")


class Statement(Contract):
    """One figure of one version of one article; the ledger's row (design §6)."""

    kind: Kind
    min: int | None = None
    max: int | None = None
    words: str = ""
    attribution: str = ""
    lowered: bool = False
    article_id: Id
    version: int = Field(ge=1)
    span: Span
    outlet: str
    url: str = ""
    origin: str | None = None
    copy_of: Id | None = Field(default=None, description="a copy with a changed figure")
    at: UtcTime | None = Field(default=None, description="time of the statement, null if unknown")
    collected: UtcTime
    retracted: UtcTime | None = Field(default=None, description="a later version dropped it")
    revision: int = Field(default=0, description="story revision at which it came")
    range_min: int | None = Field(default=None, description="the story's range after it")
    range_max: int | None = None


class StoryFigure(Contract):
    """What a story holds of one kind."""

    kind: Kind
    min: int | None = Field(default=None, description="current range")
    max: int | None = None
    held_min: int | None = Field(default=None, description="span of all statements not retracted")
    held_max: int | None = None
    newest: UtcTime | None = Field(default=None, description="time of the newest statement")
    moved: UtcTime | None = Field(default=None, description="when the current range last moved")


class OriginCount(Contract):
    """One voice in a story: its original and who repeats it."""

    name: str
    why: str = ""
    article_id: Id = Field(description="its first article")
    originals: int = 0
    copies: int = 0
    shortened: int = 0


class Told(Contract):
    """A dated happening told in a story, for its chronology."""

    start: date
    end: date
    words: str
    article_id: Id
    outlet: str
    span: Span
    first_reported: UtcTime


class Lineage(Contract):
    """Ids a story has answered to. The older story survives a merge; ids are never reused."""

    ancestors: tuple[str, ...] = Field(default=(), description="every id merged into this one")
    merged_into: Id | None = None
    split_from: Id | None = Field(default=None, description="taken out of this story by a person")
    acts: tuple[str, ...] = Field(
        default=(), description="ids of the newest 100 acts (merge, split, undo) that formed it"
    )


class Story(Contract):
    """`story.changed`: the snapshot after a change. The higher revision wins, always.

    ≤ 64 KiB: `statements` and `chronology` are cut (first and last kept), counts are not.
    """

    id: Id
    revision: int = Field(ge=1)
    title: str
    language: str = "und"
    first_seen: UtcTime
    last_seen: UtcTime
    last_change: UtcTime
    articles: int = Field(ge=0, description="documents, copies included")
    copies: int = Field(ge=0)
    sightings: int = Field(default=0, ge=0, description="seen again elsewhere; no documents")
    origins: tuple[OriginCount, ...] = ()
    unknown: int = Field(default=0, description="articles of unknown origin")
    figures: tuple[StoryFigure, ...] = ()
    countries: tuple[str, ...] = Field(default=(), description="most told first")
    places: tuple[str, ...] = Field(default=(), description="most told first")
    persons: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = Field(default=(), description="oldest first")
    statements_total: int = 0
    chronology: tuple[Told, ...] = ()
    feeds: tuple[str, ...] = Field(default=(), description="feed ids that carried it")
    lineage: Lineage = Lineage()


class Change(Contract):
    """A figure, name or quote of the former version which the new version replaces."""

    field: Literal["killed", "wounded", "missing", "kidnapped", "name", "quote"]
    before: str
    after: str
    rises: bool = Field(default=False, description="a figure that only rises is `toll`'s affair")


class VersionNote(Contract):
    """A version of an article that was seen, so that it can be listed and compared."""

    version: int = Field(ge=1)
    content_hash: Id
    title: str
    collected: UtcTime
    updated: UtcTime | None = None


class ClusteredArticle(Contract):
    """`article.clustered`: the decision of the clusterer. Key: article id; the newest revision wins.

    Holds all that the clusterer needs to rebuild itself by folding its own decisions: content
    hashes, fingerprints (in `article`), term vectors, numbers and days.
    """

    article_id: Id
    version: int = Field(ge=1)
    revision: int = Field(ge=1, description="version of the document everywhere")
    story_id: Id
    relation: Relation = "original"
    copy_of: Id | None = None
    share: float = Field(default=0.0, ge=0, le=1, description="of the smaller text held in common")
    origin: Origin | None = None
    sightings: int = Field(default=0, ge=0)
    first_collected: UtcTime = Field(description="fixes the index month for ever")
    content_hashes: tuple[str, ...] = Field(description="every hash known, in order of version")
    roots: dict[str, str] = Field(
        default_factory=dict,
        description="root id → how it ended here: `indexed`, `sighting`, `merged`",
    )
    addresses: tuple[str, ...] = Field(
        default=(), description="other addresses (identity form) that the article answers to"
    )
    versions: tuple[VersionNote, ...] = ()
    changes: tuple[Change, ...] = ()
    statements: tuple[Statement, ...] = Field(default=(), description="of this version")
    article: Article
    story: Story
    vectors: dict[str, dict[str, float]] = Field(
        default_factory=dict, description="unit vectors `all`, `ttl`, `ent`: what a fold adds up"
    )
    mode: Mode = "live"
