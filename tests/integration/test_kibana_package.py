"""What the Kibana file asks, asked of a real node: every saved search, every panel, every field, over documents of ours.

No Kibana takes part; the searches are those that it would send (`support.kibana_aggregations`).
"""

import json
import random
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from support import builders as b
from support.kibana_aggregations import query_of, search_of
from support.parity import Asker, random_articles
from support.servers import tidy
from tocsin.adapters.elasticsearch.client import client_of
from tocsin.adapters.elasticsearch.index import ElasticIndex
from tocsin.adapters.kibana.importer import LUCENE_OPTIONS
from tocsin.adapters.kibana.objects import ndjson
from tocsin.pipeline.index.document import documents
from tocsin.query.lucene import lucene
from tocsin.query.reader import Reader
from tocsin.query.view import view_of
from tocsin.settings import Settings
from tocsin_schemas.article import EventDate, Figure, Mention, Stamp
from tocsin_schemas.contract import Span
from tocsin_schemas.identity import alert_id, article_id
from tocsin_schemas.registry import event
from tocsin_schemas.story import OriginCount, StoryFigure

pytestmark = pytest.mark.servers

SINCE, UNTIL = "2008-09-01T00:00:00Z", "2008-09-10T00:00:00Z"
SPAN = Span(start=0, end=4)


@dataclass(frozen=True)
class Desk:
    """An index with a few of everything, and the Kibana objects over it, by id."""

    node: Elasticsearch
    prefix: str
    objects: dict[str, Any]
    ids: dict[str, str]
    """What a test calls a document → its id."""

    def named(self, hits):
        names = {i: n for n, i in self.ids.items()}
        return {names[h["_id"]] for h in hits["hits"]["hits"]}

    def view_of(self, o, name=""):
        (reference,) = [r for r in o["references"] if not name or r["name"] == name]
        return self.objects[reference["id"]]["attributes"]

    def panels(self):
        board = self.objects[f"tocsin-{self.prefix}monitoring"]["attributes"]
        return {p["title"]: p for p in json.loads(board["panelsJSON"]) if p["type"] == "lens"}

    def drawn(self, title):
        """The answer to the panel of this title, or the one whose title begins so."""
        panels = self.panels()
        panel = panels.get(title) or next(p for t, p in panels.items() if t.startswith(title))
        attributes = panel["embeddableConfig"]["attributes"]
        view = self.view_of(attributes)
        body = search_of(attributes, view.get("timeFieldName"), SINCE, UNTIL, LUCENE_OPTIONS)
        return dict(self.node.search(index=view["title"], **body))


def mention(value):
    return Mention(value=value, words=value, span=SPAN)


def killed(low, high):
    return Figure(kind="killed", min=low, max=high, words="killed", span=SPAN)


def an_item_of_news(number, source, country, *, days, figures=(), published=True, **over):
    url = f"http://{source.lower()}.example/{number}"
    article = b.an_article(
        f"Blast number {number}",
        f"A blast, number {number}, was heard.",
        url,
        source=b.a_source(source),
        published=Stamp(at=b.WHEN + timedelta(days=number)) if published else Stamp(),
        countries=(mention(country),),
        dates=tuple(EventDate(start=d, end=d, span=SPAN) for d in days),
        figures=figures,
    )
    return b.a_clustered(article, **over)


def a_story_of(number, origins, toll, country, **over):
    founder = article_id(f"http://story.example/{number}")
    figures = (
        StoryFigure(kind="killed", min=toll, max=toll + 2, held_min=toll, held_max=toll + 2),
    )
    return b.a_story(
        founder,
        title=f"Story number {number}",
        articles=origins + 1,
        copies=1,
        origins=tuple(
            OriginCount(name=f"Origin {n}", article_id=founder, originals=1) for n in range(origins)
        ),
        figures=figures if toll else (),
        countries=(country,),
        **over,
    )


def news():
    """Name → event body: four articles (one a copy, one without date), three stories, four alerts, three feeds."""
    third, fourth = date(2008, 9, 3), date(2008, 9, 4)
    stories = {
        "big story": a_story_of(1, 3, 20, "PK"),
        "small story": a_story_of(2, 1, 9, "AF"),
        "quiet story": a_story_of(3, 1, 0, "PK"),
    }
    first = an_item_of_news(
        1,
        "Dawn",
        "PK",
        days=(third,),
        figures=(killed(9, 9), killed(20, 22)),
        story=stories["big story"],
    )
    articles = {
        "toll": first,
        "calm": an_item_of_news(2, "Courier", "PK", days=(third, fourth)),
        "undated": an_item_of_news(
            3, "Dawn", "AF", days=(), figures=(killed(4, 4),), published=False
        ),
        "copy": an_item_of_news(
            4,
            "Gazette",
            "PK",
            days=(third,),
            relation="copy",
            copy_of=first.article_id,
        ),
    }
    alerts = {
        f"alert {reason}": b.an_alert(
            id=alert_id("subscription", "story", reason, ""),
            reason=reason,
            fact="killed:9-20" if reason == "toll" else "",
            rang=b.WHEN + timedelta(hours=5 * number),
        )
        for number, reason in enumerate(("first-match", "toll", "correction", "origins"))
    }
    states = ("ok", "silent", "not-a-feed")
    feeds = {s: b.a_feed_state(f"http://{s}.example/rss", state=s, reason=s) for s in states}
    return {**articles, **stories, **alerts, **feeds}


@pytest.fixture(scope="module")
def desk(elastic_server):
    """Read only, so one for all tests; gone after them."""
    prefix = f"t{secrets.token_hex(4)}-"
    node = client_of(Settings(elasticsearch=elastic_server.url))
    bodies = news()
    made = {n: documents(event(body, root_id=n, at=b.WHEN)) for n, body in bodies.items()}
    puts = ElasticIndex(node, prefix=prefix).put([d for ds in made.values() for d in ds])
    assert {p.result for p in puts} == {"indexed"}, puts
    node.indices.refresh(index=f"{prefix}*")
    objects = {o["id"]: o for o in map(json.loads, ndjson(prefix).splitlines())}
    yield Desk(node, prefix, objects, {n: ds[0].id for n, ds in made.items()})
    node.close()
    tidy.forget_indices(elastic_server.url, prefix)


SEARCHES = {
    "newest-articles": {"toll", "calm", "undated"},
    "casualties": {"toll", "undated"},
    "many-origins": {"big story"},
    "all-alerts": {f"alert {r}" for r in ("first-match", "toll", "correction", "origins")},
    "feeds-not-ok": {"silent", "not-a-feed"},
}


@pytest.mark.parametrize(("key", "names"), SEARCHES.items())
def test_a_saved_search_finds_what_its_title_says(desk, key, names):
    o = desk.objects[f"tocsin-{desk.prefix}{key}"]
    source = json.loads(o["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    query = query_of(source["query"], LUCENE_OPTIONS)
    view, columns = desk.view_of(o), o["attributes"]["columns"]

    said = desk.node.indices.validate_query(index=view["title"], query=query, explain=True)
    found = desk.node.search(
        index=view["title"],
        query=query,
        sort=[{name: {"order": order}} for name, order in o["attributes"]["sort"]],
        fields=columns,
        source=False,
    )

    assert said["valid"], said
    assert "unmapped" not in str(said["explanations"])
    assert desk.named(found) == names
    assert found["_shards"]["failed"] == 0
    shown = {name for hit in found["hits"]["hits"] for name in hit["fields"]}
    missing = {
        "wounded_max",
        "missing_max",
        "kidnapped_max",
        "last_item",
    }  # nothing of it in `news`
    assert set(columns) - shown <= missing


def test_every_saved_search_is_tried_above():
    tried = {f"tocsin-{key}" for key in SEARCHES}

    held = map(json.loads, ndjson().splitlines())
    assert {o["id"] for o in held if o["type"] == "search"} == tried


TITLES = [
    p["title"]
    for o in map(json.loads, ndjson().splitlines())
    if o["type"] == "dashboard"
    for p in json.loads(o["attributes"]["panelsJSON"])
    if p["type"] == "lens"
]


@pytest.mark.parametrize("title", TITLES)
def test_a_panel_asks_what_the_node_can_answer_and_is_not_empty(desk, title):
    attributes = desk.panels()[title]["embeddableConfig"]["attributes"]
    found = desk.drawn(title)

    assert found["_shards"]["failed"] == 0, found["_shards"]
    assert found["hits"]["total"]["value"] > 0
    (layer,) = attributes["state"]["datasourceStates"]["formBased"]["layers"].values()
    within = [found.get("aggregations", {})]
    for name in layer["columnOrder"]:
        if layer["columns"][name]["isBucketed"]:
            within = [bucket for level in within for bucket in level[name]["buckets"]]
            assert within, f"{title}: no bucket of {name}"
        elif name in within[0]:
            assert any(level[name].get("value") != 0 for level in within)
    query = query_of(attributes["state"]["query"], LUCENE_OPTIONS)
    said = desk.node.indices.validate_query(
        index=desk.view_of(attributes)["title"], query=query, explain=True
    )
    assert said["valid"], said
    assert "unmapped" not in str(said["explanations"])


def values(found, column):
    """Key → count of the outermost buckets that hold anything."""
    buckets = found["aggregations"][column]["buckets"]
    return {b.get("key_as_string", b["key"]): b["doc_count"] for b in buckets if b["doc_count"]}


def test_panels_show_what_the_documents_say(desk):
    assert desk.drawn("Articles")["hits"]["total"]["value"] == 4
    assert values(desk.drawn("Articles by day of publication"), "split") == {
        "original": 3,
        "copy": 1,
    }
    assert values(desk.drawn("Sources"), "x") == {"Dawn": 2, "Courier": 1, "Gazette": 1}
    assert values(desk.drawn("Countries"), "x") == {"PK": 3, "AF": 1}
    assert values(desk.drawn("Stories by"), "x") == {1: 2, 3: 1}
    assert values(desk.drawn("Alerts by reason"), "split").keys() == {
        "first-match",
        "toll",
        "correction",
        "origins",
    }
    assert values(desk.drawn("Feeds by state"), "x") == {"ok": 1, "silent": 1, "not-a-feed": 1}
    assert desk.drawn("Feeds that are not ok")["hits"]["total"]["value"] == 2


def test_the_toll_tables_first_row_is_the_story_with_the_highest_toll_and_its_title(desk):
    buckets = desk.drawn("Tolls now held")["aggregations"]["x"]["buckets"]

    rows = [
        (
            bucket["key"],
            bucket["title"]["last"]["hits"]["hits"][0]["fields"]["title"],
            bucket["y"]["value"],
            bucket["origins"]["value"],
        )
        for bucket in buckets
    ]
    assert rows == [
        (desk.ids["big story"], ["Story number 1"], 22, 3),
        (desk.ids["small story"], ["Story number 2"], 11, 1),
    ]


def test_an_article_without_a_date_of_publication_is_in_the_view_by_collection_alone(desk):
    counts = {}
    for key in ("articles", "articles-published"):
        view = desk.objects[f"tocsin-{desk.prefix}{key}"]["attributes"]
        within = {"range": {view["timeFieldName"]: {"gte": SINCE, "lte": UNTIL}}}
        counts[key] = desk.node.count(index=view["title"], query=within)["count"]

    assert counts == {"articles": 4, "articles-published": 3}


def test_a_view_shows_documents_of_its_kind_alone(desk):
    kinds = {}
    for o in desk.objects.values():
        if o["type"] == "index-pattern":
            found = desk.node.search(index=o["attributes"]["title"], size=100, source=["kind"])
            key = o["id"].removeprefix(f"tocsin-{desk.prefix}")
            kinds[key] = {h["_source"]["kind"] for h in found["hits"]["hits"]}

    assert kinds == {
        "articles": {"articles"},
        "articles-published": {"articles"},
        "stories": {"stories"},
        "alerts": {"alerts"},
        "feeds": {"feeds"},
    }


def test_the_node_holds_every_field_that_a_view_names_and_can_list_what_a_control_lists(desk):
    board = desk.objects[f"tocsin-{desk.prefix}monitoring"]
    controls = json.loads(board["attributes"]["controlGroupInput"]["panelsJSON"])
    listed = {c["explicitInput"]["fieldName"] for c in controls.values()}
    for o in desk.objects.values():
        if o["type"] != "index-pattern":
            continue
        view = o["attributes"]
        held = desk.node.field_caps(index=view["title"], fields="*")["fields"]
        named = {
            *json.loads(view["fieldAttrs"]),
            *json.loads(view["fieldFormatMap"]),
            *filter(None, [view.get("timeFieldName")]),
        }
        assert named <= set(held), o["id"]
        if o["id"] == f"tocsin-{desk.prefix}articles":
            assert all(held[name]["keyword"]["aggregatable"] for name in listed)


def test_a_bare_word_in_kibanas_search_bar_finds_articles_under_the_options_that_it_gets(desk):
    view = desk.objects[f"tocsin-{desk.prefix}articles"]["attributes"]["title"]

    both = query_of({"language": "lucene", "query": "blast heard"}, LUCENE_OPTIONS)
    one = query_of({"language": "lucene", "query": "blast nowhere"}, LUCENE_OPTIONS)

    assert desk.named(desk.node.search(index=view, query=both)) == {
        "toll",
        "calm",
        "undated",
        "copy",
    }
    assert desk.named(desk.node.search(index=view, query=one)) == set()


def test_a_query_of_the_desk_as_lucene_text_finds_in_kibana_what_the_matcher_finds(elastic_server):
    seed = 20261124
    print(f"seed {seed}")
    rnd = random.Random(seed)
    articles = random_articles(rnd, 200)
    queries = list(Asker(rnd, articles).queries(200))
    readers = {a.article_id: Reader(view_of(a)) for a in articles}
    prefix = f"t{secrets.token_hex(4)}-"
    node = client_of(Settings(elasticsearch=elastic_server.url))
    made = [d for a in articles for d in documents(event(a, root_id="parity", at=b.WHEN))]
    assert {p.result for p in ElasticIndex(node, prefix=prefix).put(made)} == {"indexed"}
    node.indices.refresh(index=f"{prefix}*")
    (pattern,) = {
        o["attributes"]["title"]
        for o in map(json.loads, ndjson(prefix).splitlines())
        if o["id"] == f"tocsin-{prefix}articles"
    }
    texts = [lucene(query) for query in queries]
    lines = []
    for text in texts:
        asked = query_of({"language": "lucene", "query": text}, LUCENE_OPTIONS)
        lines += [{}, {"query": asked, "size": 1000, "_source": False}]
    said = node.msearch(index=pattern, searches=lines)["responses"]
    found = [{hit["_id"] for hit in answer["hits"]["hits"]} for answer in said]
    wanted = [
        {identity for identity, reader in readers.items() if reader.meets(query.root)}
        for query in queries
    ]
    node.close()
    tidy.forget_indices(elastic_server.url, prefix)

    assert [x for x in zip(texts, wanted, found, strict=True) if x[1] != x[2]] == []
    assert sum(map(bool, wanted)) > 50, "queries that nothing meets prove little"
