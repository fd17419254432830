"""The starter list of public feeds is read whole, each publisher with its country and kind."""

from datetime import UTC, datetime
from importlib.resources import files

from tocsin.pipeline.collect.opml import read_opml

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIST = (files("tocsin") / "data" / "starter.opml").read_bytes()


def test_it_is_read_without_a_warning() -> None:
    feeds, warnings = read_opml(LIST, NOW)
    assert warnings == []
    assert len(feeds) == LIST.count(b"xmlUrl=") >= 25


def test_every_feed_is_encrypted_and_named_once() -> None:
    feeds, _ = read_opml(LIST, NOW)
    assert all(f.url.startswith("https://") for f in feeds)
    assert len({f.url for f in feeds}) == len({f.source.name for f in feeds}) == len(feeds)


def test_outlets_have_a_country_and_others_say_what_they_are() -> None:
    feeds, _ = read_opml(LIST, NOW)
    assert all(f.source.country for f in feeds if f.source.kind == "outlet")
    assert {f.source.kind for f in feeds} == {"outlet", "official", "aggregator"}


def test_houses_that_share_an_owner_say_so() -> None:
    feeds, _ = read_opml(LIST, NOW)
    family = {f.source.name: f.source.family for f in feeds}
    assert family["The News"] == family["Geo News"] == "Jang"
