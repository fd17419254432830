"""Lists of feeds come in as other readers write them, and go out so that they can be read again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import a_feed, a_source
from tocsin.errors import UsageError
from tocsin.pipeline.collect.opml import read_opml, write_opml
from tocsin_schemas.identity import feed_id

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def read(text: str) -> tuple[list[str], list[str]]:
    feeds, warnings = read_opml(text.encode(), NOW)
    return [f.url for f in feeds], warnings


def test_nested_folders_are_flattened_and_each_address_comes_once() -> None:
    feeds, warnings = read_opml(
        b"""<?xml version="1.0"?><opml version="2.0"><head><title>x</title></head><body>
        <outline text="Asia"><outline text="Pakistan"><outline type="rss" text="Dawn &amp; Co"
        xmlUrl="http://dawn.example/rss" htmlUrl="http://dawn.example/"/></outline></outline>
        <outline XMLURL=" http://bbc.example/rss "/><outline xmlUrl="http://dawn.example/rss"/>
        <outline text="no feed"/></body></opml>""",
        NOW,
    )
    assert [f.url for f in feeds] == ["http://dawn.example/rss", "http://bbc.example/rss"]
    assert [f.title for f in feeds] == ["Dawn & Co", ""]
    assert [f.source.name for f in feeds] == ["Dawn & Co", "bbc.example"]
    assert feeds[0].id == feed_id("http://dawn.example/rss")
    assert feeds[0].added == NOW
    assert warnings == []


def test_what_cannot_be_polled_is_left_out_and_told() -> None:
    urls, warnings = read(
        """<opml><body><outline xmlUrl="ftp://x.example/"/><outline xmlUrl="http://u:p@x.example/"/>
        <outline xmlUrl="http:///x"/><outline xmlUrl="http://[x/"/><outline xmlUrl="http://ok.example/"
        /><outline xmlUrl="http://bad.example/" sourceKind="odd"/></body></opml>"""
    )
    assert urls == ["http://ok.example/"]
    assert len(warnings) == 5


@pytest.mark.parametrize(
    "text",
    [
        '<opml><body><outline text="AT&T" xmlUrl="http://x.example/?a=1&b=2"/></body></opml>',
        'junk <opml><body><outline xmlUrl="http://x.example/?a=1&amp;b=2"/>',
    ],
)
def test_malformed_lists_are_tolerated(text: str) -> None:
    urls, warnings = read(text)
    assert urls == ["http://x.example/?a=1&b=2"]
    assert warnings


@pytest.mark.parametrize("text", ["", "hello", "<rss/>", "<html><body>x", "{}"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="OPML"):
        read(text)


def test_hostile_xml_is_harmless() -> None:
    bomb = '<!DOCTYPE o [<!ENTITY a "aaaa"><!ENTITY f SYSTEM "file:///etc/hosts">]>'
    urls, _ = read(
        bomb + '<opml><body><outline text="&a;&f;" xmlUrl="http://x.example/"/></body></opml>'
    )
    assert urls == ["http://x.example/"]
    assert read("<opml>" + "<outline>" * 100_000)[0] == []
    with pytest.raises(UsageError, match="MiB"):
        read_opml(b"x" * (11 << 20), NOW)


def test_what_is_written_is_read_back() -> None:
    source = a_source("Dawn", kind="agency", country="PK", owner="Herald", family="H")
    feeds = [
        a_feed("http://x.example/?a=1&b=2", source=source, title="A < B"),
        a_feed("http://y.example/"),
    ]
    again, warnings = read_opml(write_opml(feeds), NOW)
    assert warnings == []
    assert [(f.url, f.source.name, f.source.kind) for f in again] == [
        (f.url, f.source.name, f.source.kind) for f in feeds
    ]
    assert again[0].title == "A < B"
    assert (again[0].source.owner, again[0].source.country) == ("Herald", "PK")


@given(st.text(max_size=50), st.text(min_size=1, max_size=50))
def test_any_title_can_be_written(title: str, name: str) -> None:
    written = write_opml([a_feed("http://x.example/", title=title, source=a_source(name))])
    assert [f.url for f in read_opml(written, NOW)[0]] == ["http://x.example/"]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_refused(data: bytes) -> None:
    try:
        read_opml(b"<opml>" + data, NOW)
    except UsageError:
        return
