"""The file for Kibana is sound, is the committed one, and belongs to one desk."""

import json
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from support.kibana_checker import faults
from tocsin.adapters.elasticsearch.mappings import FIELDS
from tocsin.adapters.elasticsearch.names import KINDS, index_name, index_pattern
from tocsin.adapters.kibana.objects import ndjson, package
from tocsin.adapters.kibana.views import VIEWS
from tocsin.settings import Settings
from tocsin_schemas.feed import NOT_OK

COMMITTED = Path(__file__).parents[4] / "deploy" / "kibana" / "tocsin.ndjson"


def mappings(prefix=""):
    return {index_pattern(prefix, kind): FIELDS[kind] for kind in KINDS}


def objects(text):
    return {o["id"]: o for o in map(json.loads, text.splitlines())}


def test_the_committed_file_is_the_generated_one():
    assert COMMITTED.read_text("utf-8") == ndjson(), "run `make kibana`"


def test_the_committed_file_is_sound():
    assert faults(COMMITTED.read_text("utf-8"), mappings()) == []


def test_a_desk_with_a_prefix_has_a_sound_file_of_its_own():
    text = package(Settings(prefix="t3-", page_url="https://desk.example/"))

    assert faults(text, mappings("t3-")) == []
    assert not set(objects(text)) & set(objects(ndjson()))
    titles = {o["attributes"]["title"] for o in objects(text).values()}
    assert all("t3" in title for title in titles)


def test_links_lead_to_the_page_that_the_settings_name():
    text = package(Settings(page_url="https://desk.example/"))

    view = objects(text)["tocsin-alerts"]["attributes"]
    links = json.loads(view["fieldFormatMap"])
    assert {n: f["params"]["urlTemplate"] for n, f in links.items()} == {
        "id": "https://desk.example/alerts/{{value}}",
        "article": "https://desk.example/articles/{{value}}",
        "story": "https://desk.example/stories/{{value}}",
        "subscription": "https://desk.example/subscriptions/{{value}}",
        "url": "{{rawValue}}",
    }
    assert "localhost" not in text


def test_without_a_page_address_links_lead_to_this_machine():
    assert package(Settings()) == ndjson()
    assert "http://localhost:8420/stories/{{value}}" in ndjson()


@pytest.mark.parametrize("prefix", ["", "t3-"])
@pytest.mark.parametrize("view", VIEWS, ids=lambda v: v.key)
def test_a_view_shows_its_own_kind_of_its_own_desk_alone(view, prefix):
    month = datetime(2026, 11, 24, tzinfo=UTC)
    pattern = objects(ndjson(prefix))[f"tocsin-{prefix}{view.key}"]["attributes"]["title"]

    shown = {
        (desk, kind)
        for desk in ("", "t3-", "t3-x-")
        for kind in KINDS
        if fnmatchcase(index_name(desk, kind, month), pattern)
    }
    assert shown == {(prefix, view.kind)}


def test_articles_go_by_a_clock_that_every_article_has_and_feeds_by_none():
    found = objects(ndjson())

    clocks = {i: o["attributes"].get("timeFieldName") for i, o in found.items()}
    assert clocks["tocsin-articles"] == "collected"
    assert clocks["tocsin-articles-published"] == "published"
    assert clocks["tocsin-feeds"] is None


def test_a_panel_over_a_view_without_the_filtered_fields_is_left_alone_by_them():
    dashboard = objects(ndjson())["tocsin-monitoring"]["attributes"]
    controls = json.loads(dashboard["controlGroupInput"]["panelsJSON"])
    filtered = {c["explicitInput"]["fieldName"] for c in controls.values()}
    kind_of = {f"tocsin-{v.key}": v.kind for v in VIEWS}

    for panel in json.loads(dashboard["panelsJSON"]):
        if panel["type"] == "search":
            continue
        drawn = panel["embeddableConfig"]["attributes"]
        layer = drawn["state"]["datasourceStates"]["formBased"]["layers"]["L1"]
        (reference,) = drawn["references"]
        lacks = not filtered <= set(FIELDS[kind_of[reference["id"]]])
        assert layer.get("ignoreGlobalFilters", False) == lacks, panel["title"]


def test_feeds_not_ok_are_those_that_the_desk_calls_so():
    search = objects(ndjson())["tocsin-feeds-not-ok"]["attributes"]
    query = json.loads(search["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"]

    assert {w.strip('"') for w in query.removeprefix("state:(").rstrip(")").split(" OR ")} == NOT_OK
