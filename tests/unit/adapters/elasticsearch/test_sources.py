import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from contract.queries import articles
from support import builders as b
from tocsin.adapters.elasticsearch.mappings import FIELDS
from tocsin.adapters.elasticsearch.sources import document_of, source_of
from tocsin.ports.search import Document
from tocsin.query.view import view_of
from tocsin_schemas.article import EventDate, Figure, Mention
from tocsin_schemas.contract import Contract, Span
from tocsin_schemas.identity import story_id
from tocsin_schemas.story import ClusteredArticle, Lineage

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HERE = Span(start=0, end=1)
BODIES: dict[str, Contract] = {
    "articles": b.a_clustered(),
    "versions": b.a_clustered(),
    "stories": b.a_story(),
    "alerts": b.an_alert(),
    "notifications": b.a_notification(),
    "feeds": b.a_feed_state(),
    "subscriptions": b.a_subscription(),
    "acts": b.one_of_each()["act.done"],
    "dead-letters": b.one_of_each()["event.died"],
}


def _document(kind: str, body: Contract, **over: Any) -> Document:
    at = b.WHEN + timedelta(microseconds=7)
    return Document(**({"kind": kind, "id": "x", "version": 3, "at": at, "body": body} | over))


def _article(**over: Any) -> dict[str, Any]:
    clustered = b.a_clustered(b.an_article(**over))
    return _fields(_document("articles", clustered))


def _fields(document: Document) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(source_of(document, NOW))
    return fields


@pytest.mark.parametrize("kind", BODIES)
def test_a_document_comes_back_as_it_went_in(kind: str) -> None:
    keys = {"state": ("open",), "who": ("ü", "a=b", ""), "copy_of": ()}
    document = _document(kind, BODIES[kind], keys=keys)
    assert document_of(_fields(document)) == document


@pytest.mark.parametrize("kind", BODIES)
def test_no_field_is_written_that_the_strict_mapping_refuses(kind: str) -> None:
    assert _fields(_document(kind, BODIES[kind])).keys() <= FIELDS[kind].keys()  # type: ignore[index]  # kinds as text


@given(articles())
@settings(max_examples=50, deadline=None)
def test_an_article_is_indexed_by_the_very_values_that_the_matcher_sees(
    clustered: ClusteredArticle,
) -> None:
    fields = _fields(_document("articles", clustered))
    view = view_of(clustered)
    assert fields.keys() <= FIELDS["articles"].keys()
    for name in ("source", "family", "country", "lang", "tag", "place", "person", "actor", "cites"):
        assert fields.get(name, []) == sorted(view.keywords.get(name, ()))
    for kind in ("killed", "wounded", "missing", "kidnapped"):
        held = [(r["gte"], r["lte"]) for r in fields.get(kind, [])]
        assert held == [(low, high) for k, low, high in view.figures if k == kind]
        if held:
            assert fields[f"{kind}_min"] == min(low for low, _ in held)
            assert fields[f"{kind}_max"] == max(high for _, high in held)
    assert fields["origins"] == view.origins
    assert ("published" in fields) == (view.published is not None)


def test_a_key_name_with_an_equals_sign_cannot_be_held() -> None:
    with pytest.raises(ValueError, match="equals"):
        source_of(_document("feeds", BODIES["feeds"], keys={"a=b": ("c",)}), NOW)


def test_display_values_keep_their_spelling() -> None:
    place = Mention(value="São Paulo", span=HERE)
    fields = _article(places=(place, place), countries=(Mention(value="BR", span=HERE),))
    assert (fields["places"], fields["place"]) == (["São Paulo"], ["sao paulo"])
    assert (fields["country_code"], fields["country"]) == (["BR"], ["br"])


def test_a_told_day_ends_with_the_next() -> None:
    dates = (EventDate(start=date(2008, 9, 3), end=date(2008, 9, 5), span=HERE),)
    fields = _article(dates=dates)
    assert fields["event_date"] == [{"gte": "2008-09-03", "lt": "2008-09-06"}]
    assert fields["event_day"] == ["2008-09-03"]


def test_the_last_day_of_the_calendar_has_no_next() -> None:
    fields = _article(dates=(EventDate(start=date.max, end=date.max, span=HERE),))
    assert fields["event_date"] == [{"gte": "9999-12-31", "lte": "9999-12-31"}]


def test_a_figure_larger_than_the_index_holds_is_held_as_the_largest() -> None:
    fields = _article(figures=(Figure(kind="killed", min=3, max=2**40, span=HERE),))
    assert fields["killed"] == [{"gte": 3, "lte": 2**31 - 1}]


def test_a_merged_story_is_no_open_one() -> None:
    merged = b.a_story(lineage=Lineage(merged_into=story_id("other")))
    assert _fields(_document("stories", merged))["state"] == "merged"
    assert _fields(_document("stories", b.a_story()))["state"] == "open"


def test_a_dead_letters_payload_stands_in_the_body_alone() -> None:
    fields = _fields(_document("dead-letters", BODIES["dead-letters"]))
    assert "payload" in fields.pop("body")
    assert "e30=" not in json.dumps(fields)


def test_a_feed_whose_address_is_broken_is_indexed_without_its_host() -> None:
    fields = _fields(_document("feeds", b.a_feed_state("http://[broken/")))
    assert fields["url"] == "http://[broken/"
    assert "host" not in fields
