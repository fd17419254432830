"""Lines of JSON become items, or are refused with number, field and mend."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import UsageError
from tocsin.pipeline.collect.ingest import message_of, parse_line
from tocsin.text.html import html_to_text
from tocsin_schemas.identity import feed_id, source_id
from tocsin_schemas.item import ItemCollected
from tocsin_schemas.registry import decode

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def item(**fields: Any) -> ItemCollected:
    return parse_line(json.dumps(fields).encode(), 1, NOW)


def test_a_line_becomes_an_item() -> None:
    made = item(
        url="http://dawn.example/1",
        title="Nine killed",
        text="Nine < ten & <b>bold</b>.",
        published="2008-09-03T14:05:00Z",
        updated=1_220_450_700,
        source={"name": "Dawn", "country": "PK", "kind": "outlet", "owner": "Herald"},
        feed="http://dawn.example/rss",
    )
    assert made.source.id == source_id("Dawn")
    assert (made.source.country, made.source.owner) == ("PK", "Herald")
    assert made.feed_id == feed_id("http://dawn.example/rss")
    assert (made.item_key, made.entry.link) == ("http://dawn.example/1", "http://dawn.example/1")
    assert html_to_text(made.entry.content) == "Nine < ten & <b>bold</b>."
    assert made.entry.published == "2008-09-03T14:05:00Z"
    assert made.entry.updated == "2008-09-03T14:05:00+00:00"
    assert made.collected == NOW


def test_html_is_kept_as_html_and_a_name_is_enough_of_a_source() -> None:
    made = item(html="<p>Nine died.</p>", source="Dawn")
    assert made.entry.content == "<p>Nine died.</p>"
    assert made.feed_id == feed_id("Dawn")
    assert made.source.name == "Dawn"


def test_the_same_line_is_the_same_event_whenever_it_is_given() -> None:
    line = b'{"title": "T", "text": "x", "url": "http://x.example/"}'
    first = parse_line(line, 1, NOW)
    second = parse_line(line, 99, datetime(2030, 1, 1, tzinfo=UTC))
    assert first.root_id == second.root_id
    changed = parse_line(line.replace(b'"x"', b'"y"'), 1, NOW)
    assert (changed.item_key, changed.root_id != first.root_id) == (first.item_key, True)


def test_the_record_carries_root_id_mode_and_the_feed_as_key() -> None:
    made = item(title="T")
    message = message_of(made, "backfill")
    assert (message.topic, message.key) == ("news.items.collected", made.feed_id)
    assert message.headers["root_id"] == made.root_id
    assert message.value is not None
    event = decode(message.value)
    assert (event.mode, event.root_id, event.at, event.body) == (
        "backfill",
        made.root_id,
        NOW,
        made,
    )
    again = message_of(item(title="T"), "backfill").value
    assert again is not None
    assert decode(again).id == event.id


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{broken", ["line 7", "not JSON at column"]),
        (b"", ["line 7", "blank"]),
        (b'"text"', ["line 7", "a string"]),
        (b"[1]", ["line 7", "array"]),
        (b"{}", ["line 7", '"title"', '"text" or "html"']),
        (b'{"title": "<p> </p>", "text": "  "}', ["line 7", '"title"']),
        (b'{"title": 5}', ["line 7", '"title"', "not a string"]),
        (b'{"title": "T", "url": "ftp://x/"}', ["line 7", '"url"', "https://"]),
        (b'{"title": "T", "url": "http://x/a b"}', ["line 7", '"url"', "%20"]),
        (b'{"title": "T", "source": 5}', ["line 7", '"source"']),
        (b'{"title": "T", "source": {"kind": "x"}}', ["line 7", '"source.name"']),
        (b'{"title": "T", "source": {"name": "D", "kind": "x"}}', ["line 7", '"source.kind"', "agency"]),
        (b'{"title": "T", "source": {"name": "D", "country": "Pakistan"}}', ["line 7", '"source.country"']),
        (b'{"title": "T", "published": 1e300}', ["line 7", '"published"']),
        (b'{"title": "T", "published": [1]}', ["line 7", '"published"']),
        (b'{"title": "\xff"}', ["line 7", "UTF-8 at byte 12"]),
        (b'{"title": "' + b"x" * 9000 + b'"}', ["line 7", '"title"', "characters"]),
        (b"[" * 100_000, ["line 7", "JSON"]),
        (b'{"title": ' + b"1" * 10_000 + b"}", ["line 7"]),
        (b'{"title": "' + b"x" * (4 << 20) + b'"}', ["line 7", "MiB"]),
    ],
)  # fmt: skip
def test_a_bad_line_is_refused_with_number_field_and_mend(line: bytes, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse_line(line, 7, NOW)
    for word in words:
        assert word in str(caught.value)


def test_odd_text_is_taken_as_far_as_it_can_be() -> None:
    made = parse_line(b'\xef\xbb\xbf{"title": "a\\u0000b \\ud800", "text": "x"}\r\n', 1, NOW)
    assert made.entry.title == "ab \ufffd"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
names = st.sampled_from(
    ["url", "title", "text", "html", "published", "updated", "source", "feed", "id"]
)


@given(st.dictionaries(names, values, max_size=9))
def test_any_object_is_an_item_or_refused(fields: dict[str, Any]) -> None:
    line = json.dumps(fields).encode()
    try:
        made = parse_line(line, 3, NOW)
    except UsageError as error:
        refused = str(error)
    else:
        refused = "line 3: "
        assert made == parse_line(line, 3, NOW)
        assert decode(message_of(made, "live").value or b"").body == made
    assert refused.startswith("line 3: ")


@given(st.binary(max_size=60))
def test_any_bytes_are_an_item_or_refused(line: bytes) -> None:
    with contextlib.suppress(UsageError):
        parse_line(line, 3, NOW)
