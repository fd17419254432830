"""One entry of a feed as collected: raw evidence, before anything is understood."""

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, UtcTime
from tocsin_schemas.feed import Source


class RawEntry(Contract):
    """What the feed said, verbatim where it can be (decoded text, not interpreted)."""

    title: str = ""
    link: str = ""
    guid: str = ""
    summary: str = Field(default="", description="as given: HTML or text")
    content: str = Field(default="", description="fuller body, HTML or text")
    published: str = ""
    updated: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    source_title: str = Field(default="", description="RSS <source>: where an aggregator had it")
    source_url: str = ""


class Page(Contract):
    """The article's page, when the feed's policy asked for it."""

    url: str = Field(description="after redirects")
    html: str = Field(description="decoded; ≤ 3 MiB")
    fetched: UtcTime


class ItemCollected(Contract):
    """`item.collected`: the first event of every path. Key: feed id."""

    root_id: Id
    feed_id: Id
    source: Source
    item_key: str = Field(description="guid, else link, else hash of title and date")
    content_hash: Id = Field(description="of cleaned title, text and, where fetched, page text")
    entry: RawEntry
    page: Page | None = None
    page_note: str = Field(default="", description="why there is no page: `403`, `robots` …")
    collected: UtcTime
    base_url: str = Field(default="", description="what relative links are relative to")
    demo: bool = False
