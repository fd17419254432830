"""What the outlets print is read back whole by the desk's own parser."""

from html.parser import HTMLParser

import pytest

from tocsin.demo import formats
from tocsin.demo.script import Dispatch, Outlet, dispatches, outlets
from tocsin.pipeline.collect.items import item_key, text_of
from tocsin.pipeline.collect.parse import parse_feed
from tocsin.pipeline.collect.times import parse_time

EVERY = pytest.mark.parametrize("outlet", outlets().values(), ids=outlets())


def newest(outlet: Outlet) -> list[Dispatch]:
    """The outlet's items at the end of the script, newest version of each."""
    return list({d.id: d for d in dispatches() if d.outlet == outlet}.values())


@EVERY
def test_an_empty_feed_parses_to_no_entries(outlet: Outlet) -> None:
    assert parse_feed(formats.feed(outlet, [])).entries == ()


@EVERY
def test_every_item_comes_back_with_title_words_key_and_clocks(outlet: Outlet) -> None:
    items = newest(outlet)
    parsed = parse_feed(formats.feed(outlet, items), formats.MEDIA[outlet.format])
    assert parsed.title == outlet.source.name
    assert not parsed.warnings
    assert len(parsed.entries) == len(items)
    for entry, item in zip(parsed.entries, items, strict=True):
        assert (entry.title, entry.link, item_key(entry)) == (item.title, item.url, item.guid)
        assert text_of(entry) == "\n".join(item.paragraphs)
        assert parse_time(entry.published) == item.published
        assert list(entry.authors) == ([item.author] if item.author else [])


@EVERY
def test_a_later_version_tells_when_it_was_made(outlet: Outlet) -> None:
    items = [d for d in newest(outlet) if d.version > 1]
    parsed = parse_feed(formats.feed(outlet, items))
    assert [parse_time(e.updated) for e in parsed.entries] == [d.updated for d in items]


@EVERY
def test_the_same_items_are_the_same_bytes(outlet: Outlet) -> None:
    assert formats.feed(outlet, newest(outlet)) == formats.feed(outlet, newest(outlet))
    assert b"127.0.0.1" not in formats.feed(outlet, newest(outlet))


class Articles(HTMLParser):
    """The words inside and outside <article>."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.outside: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._depth += tag == "article"

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "article"

    def handle_data(self, data: str) -> None:
        (self.inside if self._depth else self.outside).append(data)


def test_a_page_holds_the_article_amid_navigation_and_says_who_wrote_it() -> None:
    for item in dispatches():
        reader = Articles()
        reader.feed(formats.page(item).decode())
        assert set(item.paragraphs) <= set(reader.inside)
        assert {"Home", "Most read", "Terms"} <= set(reader.outside)
        assert "Written for the demo press of Tocsin." in " ".join(reader.outside)
