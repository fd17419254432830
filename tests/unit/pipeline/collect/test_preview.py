"""What a preview shows of a feed."""

import json

import pytest

from tocsin.pipeline.collect.parse import NotAFeedError
from tocsin.pipeline.collect.preview import preview


def test_a_preview_tells_the_feed_its_items_and_what_was_odd() -> None:
    found = preview(
        b"""<rss version="2.0"><channel><title>Paper</title><item><title>A &amp;amp; &lt;b&gt;B&lt;/b&gt;
        </title><link>/1</link><guid>g1</guid><pubDate>Mon, 23 Nov 2026 10:00:00 +0500</pubDate>
        <description>Text.</description></item><item><guid>g2</guid></item></channel></rss>""",
        "text/xml",
        "http://paper.example/feed",
    )
    assert found["feed"]["title"] == "Paper"
    assert found["feed"]["format"] == "rss20"
    first, second = found["items"]
    assert first["id"] == "g1"
    assert first["title"] == "A &amp; <b>B</b>"
    assert first["headline"] == "A & B"
    assert first["url"] == "http://paper.example/1"
    assert first["published"] == "2026-11-23T05:00:00Z"
    assert (second["title"], second["published"]) == ("", None)
    assert found["warnings"] == ["1 of 2 entries have neither title nor text: not collected"]
    json.dumps(found)


def test_what_is_no_feed_is_refused_with_the_feeds_on_the_page() -> None:
    with pytest.raises(NotAFeedError) as caught:
        preview(
            b"<html><link rel=alternate type=application/rss+xml href=/f>", "", "http://x.example/"
        )
    assert caught.value.alternatives == ("http://x.example/f",)
