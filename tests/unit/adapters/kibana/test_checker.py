"""The checker of the Kibana file catches each fault that an import would take without a word."""

import json

import pytest

from support.kibana_checker import faults
from tocsin.adapters.elasticsearch.mappings import FIELDS
from tocsin.adapters.elasticsearch.names import KINDS, index_pattern
from tocsin.adapters.kibana.objects import ndjson

MAPPINGS = {index_pattern("", kind): FIELDS[kind] for kind in KINDS}
QUERY = "kibanaSavedObjectMeta.searchSourceJSON"


class File:
    """The objects, taken apart, so that a test can spoil one thing; `text()` puts them together."""

    def __init__(self):
        self.objects = [json.loads(line) for line in ndjson().splitlines()]
        self.board = self["tocsin-monitoring"]
        self.panels = json.loads(self.board["attributes"]["panelsJSON"])

    def __getitem__(self, identity):
        return next(o for o in self.objects if o["id"] == identity)

    def titled(self, start):
        return next(p for p in self.panels if p["title"].startswith(start))

    def layer(self, start):
        drawn = self.titled(start)["embeddableConfig"]["attributes"]
        return drawn["state"]["datasourceStates"]["formBased"]["layers"]["L1"]

    def shown(self, start):
        return self.titled(start)["embeddableConfig"]["attributes"]["state"]["visualization"]

    def text(self):
        if isinstance(self.board["attributes"].get("panelsJSON"), str):
            self.board["attributes"]["panelsJSON"] = json.dumps(self.panels)
        return "".join(json.dumps(o) + "\n" for o in self.objects)


def inner(o, path, change):
    """Change the JSON inside the text at `path`."""
    *steps, last = path.split(".")
    holder = o["attributes"]
    for step in steps:
        holder = holder[step]
    value = json.loads(holder[last])
    change(value)
    holder[last] = json.dumps(value)


SEEDED = []


def seeded(words):
    """A way to spoil a `File`, and the words by which the checker has to tell it."""

    def kept(spoil):
        SEEDED.append(pytest.param(spoil, words, id=spoil.__name__))
        return spoil

    return kept


@seeded("leads to index-pattern tocsin-alerts, which is not in the file")
def a_view_is_gone(f):
    f.objects.remove(f["tocsin-alerts"])


@seeded("column killed_max is no field of tocsin-feeds")
def a_search_leads_to_another_view(f):
    f["tocsin-casualties"]["references"][0]["id"] = "tocsin-feeds"


@seeded("'p1:indexpattern-datasource-layer-L1' is given and not used")
def a_reference_is_off_by_a_letter(f):
    f.board["references"][0]["name"] = "p1:indexpattern-datasource-layer-L1"


@seeded("layer-L1 is missing inside it")
def a_references_inner_twin_is_missing(f):
    f.titled("Sources")["embeddableConfig"]["attributes"]["references"] = []


@seeded("leads to two data views")
def a_panel_reads_two_views(f):
    drawn = f.titled("Sources")["embeddableConfig"]["attributes"]
    drawn["references"][0]["id"] = "tocsin-stories"


@seeded("reference 'x' is given and not used")
def a_reference_is_used_by_nobody(f):
    f.board["references"].append({"name": "x", "type": "search", "id": "tocsin-casualties"})


@seeded("reference 'p14:panel_99' is used and not given")
def the_search_panels_reference_has_another_name(f):
    f.panels[-1]["panelRefName"] = "panel_99"


@seeded("'controlGroup_source:optionsListDataView' is used and not given")
def a_controls_reference_is_missing(f):
    f.board["references"] = [
        r for r in f.board["references"] if not r["name"].startswith("controlGroup_source")
    ]


@seeded("searchSourceJSON.index' is used and not given")
def an_index_reference_is_not_given(f):
    f["tocsin-casualties"]["references"] = []


@seeded("stands there 2 times")
def the_same_id_twice(f):
    f.objects.append(f["tocsin-casualties"])


@seeded("its id does not begin with tocsin-")
def an_id_that_is_not_ours(f):
    f["tocsin-casualties"]["id"] = "3f2c-casualties"


@seeded("typeMigrationVersion is 10.6.0")
def a_version_too_new(f):
    f["tocsin-casualties"]["typeMigrationVersion"] = "10.6.0"


@seeded("missing or too many: ['typeMigrationVersion']")
def a_version_missing(f):
    del f.board["typeMigrationVersion"]


@seeded("coreMigrationVersion is 9.9.9")
def a_core_version_too_new(f):
    f["tocsin-casualties"]["coreMigrationVersion"] = "9.9.9"


@seeded("missing or too many: ['updated_at']")
def a_key_of_a_running_kibana(f):
    f.board["updated_at"] = "2026-11-24T00:00:00Z"


@seeded("panelsJSON is no text but list")
def panels_as_an_object(f):
    f.board["attributes"]["panelsJSON"] = f.panels


@seeded("fieldFormatMap is no text but dict")
def formats_as_an_object(f):
    view = f["tocsin-stories"]["attributes"]
    view["fieldFormatMap"] = json.loads(view["fieldFormatMap"])


@seeded("optionsJSON is no JSON")
def an_inner_text_that_is_no_json(f):
    f.board["attributes"]["optionsJSON"] = "{useMargins: true}"


@seeded("does not know: ['sections']")
def an_attribute_that_the_version_does_not_know(f):
    f.board["attributes"]["sections"] = []


@seeded("does not know: ['tabs']")
def tabs_in_a_search(f):
    f["tocsin-casualties"]["attributes"]["tabs"] = []


@seeded("column dead is no field of tocsin-articles")
def a_column_that_is_no_field(f):
    f["tocsin-casualties"]["attributes"]["columns"].append("dead")


@seeded("sorted by title, which is no field that can be sorted by")
def sorted_by_text(f):
    f["tocsin-many-origins"]["attributes"]["sort"] = [["title", "asc"]]


@seeded("no index template of ours has the pattern tocsin-stories*")
def a_pattern_of_no_template(f):
    f["tocsin-stories"]["attributes"]["title"] = "tocsin-stories*"


@seeded("its time field event_date is no date")
def a_time_field_that_is_no_date(f):
    f["tocsin-articles"]["attributes"]["timeFieldName"] = "event_date"


@seeded("toll is labelled and no field")
def a_label_of_no_field(f):
    inner(f["tocsin-articles"], "fieldAttrs", lambda v: v.update(toll={"customLabel": "Toll"}))


@seeded("story_id is formatted and no field")
def a_format_of_no_field(f):
    inner(f["tocsin-articles"], "fieldFormatMap", lambda v: v.update(story_id=v["story"]))


@seeded("story links to 'http://localhost:8420/stories/'")
def a_link_without_a_value(f):
    def spoil(value):
        value["story"]["params"]["urlTemplate"] = "http://localhost:8420/stories/"

    inner(f["tocsin-articles"], "fieldFormatMap", spoil)


@seeded("story links to 'javascript:")
def a_link_that_runs_script(f):
    def spoil(value):
        value["story"]["params"]["urlTemplate"] = "javascript:{{value}}"

    inner(f["tocsin-articles"], "fieldFormatMap", spoil)


@seeded("its query asks dead")
def a_query_that_asks_no_field(f):
    spoil = {"query": "killed_max:1 AND dead:1", "language": "lucene"}
    inner(f["tocsin-casualties"], QUERY, lambda v: v.update(query=spoil))


@seeded("its query asks gone")
def a_query_for_a_field_that_no_document_has(f):
    spoil = {"query": "_exists_:gone", "language": "lucene"}
    inner(f["tocsin-casualties"], QUERY, lambda v: v.update(query=spoil))


@seeded("a query that is not Lucene")
def a_query_in_another_language(f):
    spoil = {"query": "killed_max >= 1", "language": "kuery"}
    inner(f["tocsin-casualties"], QUERY, lambda v: v.update(query=spoil))


@seeded("overlaps ['p01']")
def panels_overlap(f):
    f.panels[1]["gridData"]["x"] = 6


@seeded("stands outside the 48 columns")
def a_panel_leaves_the_grid(f):
    f.panels[3]["gridData"]["w"] = 13


@seeded("its index is not its own")
def two_panels_of_one_index(f):
    f.panels[1]["panelIndex"] = f.panels[0]["panelIndex"]


@seeded("accessor n is no column")
def an_accessor_that_is_no_column(f):
    f.shown("Sources")["layers"][0]["accessors"] = ["n"]


@seeded("column origins is not shown")
def a_column_that_is_not_shown(f):
    f.shown("Tolls")["columns"].pop()


@seeded("what is drawn is of layer L2")
def a_drawing_of_another_layer(f):
    f.shown("Sources")["layers"][0]["layerId"] = "L2"


@seeded("columnOrder ['x'] is not its columns")
def an_order_of_columns_that_misses_one(f):
    f.layer("Sources")["columnOrder"].remove("y")


@seeded("measured before one that buckets")
def a_measure_before_a_bucket(f):
    f.layer("Sources")["columnOrder"].reverse()


@seeded("column y counts id")
def a_count_of_a_field(f):
    f.layer("Articles")["columns"]["y"]["sourceField"] = "id"


@seeded("does terms on title, a text")
def terms_of_text(f):
    f.layer("Tolls")["columns"]["x"]["sourceField"] = "title"


@seeded("does terms on killed, a integer_range")
def terms_of_a_range(f):
    f.layer("Countries")["columns"]["x"]["sourceField"] = "killed"


@seeded("does date_histogram on killed_max, a integer")
def days_of_a_number(f):
    f.layer("Articles by day of the event")["columns"]["x"]["sourceField"] = "killed_max"


@seeded("does max on country_code, a keyword")
def the_highest_of_a_word(f):
    f.layer("Highest")["columns"]["y"]["sourceField"] = "country_code"


@seeded("asks country_iso, which is no field")
def a_chart_of_no_field(f):
    f.layer("Countries")["columns"]["x"]["sourceField"] = "country_iso"


@seeded("says that origins is a string")
def a_type_that_the_field_has_not(f):
    f.layer("Stories by")["columns"]["x"]["dataType"] = "string"


@seeded("is ordered by c, which measures nothing")
def ordered_by_no_column(f):
    f.layer("Sources")["columns"]["x"]["params"]["orderBy"]["columnId"] = "c"


@seeded("is ordered by x, which measures nothing")
def ordered_by_a_bucket(f):
    f.layer("Sources")["columns"]["x"]["params"]["orderBy"]["columnId"] = "x"


@seeded("is last by origins, which is no date")
def the_newest_by_no_date(f):
    f.layer("Tolls")["columns"]["title"]["params"]["sortField"] = "origins"


@seeded("asks a doc value of title")
def the_newest_text_as_a_doc_value(f):
    f.layer("Tolls")["columns"]["title"]["params"]["showArrayValues"] = False


@seeded("its query asks status")
def a_charts_query_that_asks_no_field(f):
    state = f.titled("Feeds that")["embeddableConfig"]["attributes"]["state"]
    state["query"]["query"] = "status:ok"


@seeded("control source lists title, which is no keyword")
def a_control_over_text(f):
    path = "controlGroupInput.panelsJSON"
    inner(f.board, path, lambda v: v["source"]["explicitInput"].update(fieldName="title"))


@seeded("control source is not the list that it says")
def a_control_with_the_id_of_another(f):
    path = "controlGroupInput.panelsJSON"
    inner(f.board, path, lambda v: v["source"]["explicitInput"].update(id="country"))


def test_a_file_taken_apart_and_put_together_is_still_sound():
    assert faults(File().text(), MAPPINGS) == []


@pytest.mark.parametrize(("spoil", "words"), SEEDED)
def test_a_seeded_fault_is_caught_by_its_name(spoil, words):
    spoilt = File()
    spoil(spoilt)

    assert words in "\n".join(faults(spoilt.text(), MAPPINGS))


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t.replace("{", "", 1)])
def test_a_broken_line_is_caught(spoil):
    assert faults(spoil(ndjson()), MAPPINGS)
