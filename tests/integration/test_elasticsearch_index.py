"""What the node makes of hard documents and hard days; whatever happens, only a document's own fault costs it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from elasticsearch import Elasticsearch

from support import builders as b
from support.servers.fixtures import ElasticServer
from tocsin.adapters.elasticsearch.client import client_of
from tocsin.adapters.elasticsearch.index import ElasticIndex
from tocsin.adapters.elasticsearch.search import ElasticSearch
from tocsin.adapters.elasticsearch.setup import make_templates
from tocsin.errors import Overloaded, Retryable, StoreError
from tocsin.ports.search import Document, Put
from tocsin.settings import Settings
from tocsin_schemas.article import Mention
from tocsin_schemas.contract import Span

pytestmark = pytest.mark.servers
HERE = Span(start=0, end=1)


@dataclass(frozen=True)
class Desk:
    """One desk's index on the shared node."""

    client: Elasticsearch
    prefix: str

    @property
    def index(self) -> ElasticIndex:
        return ElasticIndex(self.client, prefix=self.prefix)

    @property
    def search(self) -> ElasticSearch:
        self.client.indices.refresh(index=f"{self.prefix}*")
        return ElasticSearch(self.client, prefix=self.prefix)

    def set(self, name: str, value: object) -> None:
        self.client.indices.put_settings(index=f"{self.prefix}*", settings={name: value})


@pytest.fixture
def desk(elastic_server: ElasticServer, prefix: str) -> Iterator[Desk]:
    client = client_of(Settings(elasticsearch=elastic_server.url))
    yield Desk(client, prefix)
    for name in client.indices.get(index=f"{prefix}*", features="aliases", expand_wildcards="all"):
        client.indices.put_settings(
            index=name,
            settings={"index.blocks.write": None, "index.blocks.read_only_allow_delete": None},
        )
        client.indices.delete(index=name)
    client.close()


def _feed(name: str, version: int = 1, **keys: str) -> Document:
    held = {k: (v,) for k, v in keys.items()}
    return Document("feeds", name, version, b.WHEN, b.a_feed_state(), held)


def _results(puts: list[Put]) -> list[str]:
    return [put.result for put in puts]


def test_an_id_that_spoils_its_whole_request_costs_only_itself(desk: Desk) -> None:
    documents = [_feed(f"f{n}") for n in range(20)]
    documents[3:3] = [_feed("x" * 600)]
    documents[11:11] = [_feed("")]
    puts = desk.index.put(documents)
    assert [p.id for p in puts if p.result != "indexed"] == ["x" * 600, ""]
    assert "512" in puts[3].reason
    assert desk.search.count("feeds") == 20


def test_a_value_too_long_for_the_node_costs_only_its_document(desk: Desk) -> None:
    place = Mention(value="long " * 10_000, span=HERE)
    poison = b.a_clustered(b.an_article(places=(place,)))
    good = Document("articles", "good", 1, b.WHEN, b.a_clustered())
    puts = desk.index.put(
        [
            _feed("a", who="w" * 40_000),
            _feed("b"),
            Document("articles", "poison", 1, b.WHEN, poison),
            good,
        ]
    )
    assert _results(puts) == ["refused", "indexed", "refused", "indexed"]
    assert "32766" in puts[0].reason
    assert desk.search.get("articles", "good") == good


def test_a_version_no_node_can_hold_costs_only_its_document(desk: Desk) -> None:
    puts = desk.index.put([_feed("a", -1), _feed("b"), _feed("c", 2**63)])
    assert _results(puts) == ["refused", "indexed", "refused"]


def test_an_older_or_equal_version_is_stale_whoever_writes_it(desk: Desk) -> None:
    assert _results(desk.index.put([_feed("a", 5)])) == ["indexed"]
    other = desk.index
    assert _results(other.put([_feed("a", 4), _feed("a", 5), _feed("a", 6)])) == [
        "stale",
        "stale",
        "indexed",
    ]


def test_indexers_that_race_for_a_new_month_all_write_to_it(desk: Desk) -> None:
    def write(n: int) -> list[str]:
        at = datetime(2031, 5, 1, tzinfo=UTC) + timedelta(seconds=n)
        return _results(desk.index.put([Document("articles", f"a{n}", 1, at, b.a_clustered())]))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(write, range(8))) == [["indexed"]] * 8
    assert desk.search.count("articles") == 8
    (made,) = desk.client.indices.get(index=f"{desk.prefix}*")
    assert made == f"{desk.prefix}tocsin-articles-2031.05"


def test_an_index_removed_under_a_running_indexer_is_made_again_with_its_mapping(
    desk: Desk,
) -> None:
    make_templates(desk.client, desk.prefix, replicas=0)
    try:
        index = desk.index
        index.put([_feed("a")])
        desk.client.indices.delete(index=f"{desk.prefix}tocsin-feeds")
        assert _results(index.put([_feed("b"), _feed("c")])) == ["indexed", "indexed"]
        held = desk.client.indices.get_mapping(index=f"{desk.prefix}tocsin-feeds")
        (mapping,) = (entry["mappings"] for entry in held.values())
        assert mapping["dynamic"] == "strict"
    finally:
        desk.client.indices.delete_index_template(name=f"{desk.prefix}*")


def test_a_node_short_of_disk_is_overloaded_and_takes_writes_again_afterwards(desk: Desk) -> None:
    index = desk.index
    index.put([_feed("a")])
    desk.set("index.blocks.read_only_allow_delete", value=True)
    with pytest.raises(Overloaded, match="disk"):
        index.put([_feed("b")])
    desk.set("index.blocks.read_only_allow_delete", value=None)
    assert _results(index.put([_feed("b")])) == ["indexed"]


def test_an_index_under_maintenance_is_waited_for(desk: Desk) -> None:
    index = desk.index
    index.put([_feed("a")])
    desk.set("index.blocks.write", value=True)
    with pytest.raises(Retryable, match="maintenance"):
        index.put([_feed("b")])
    desk.set("index.blocks.write", value=None)
    name = f"{desk.prefix}tocsin-feeds"
    desk.client.indices.close(index=name)
    with pytest.raises(Retryable, match="closed"):
        index.put([_feed("b")])
    desk.client.indices.open(index=name)
    assert _results(index.put([_feed("b")])) == ["indexed"]


def test_a_mapping_older_than_the_release_stops_the_writer_and_drops_nothing(desk: Desk) -> None:
    desk.client.indices.create(
        index=f"{desk.prefix}tocsin-feeds",
        mappings={"dynamic": "strict", "properties": {"id": {"type": "keyword"}}},
    )
    with pytest.raises(StoreError, match="tocsin setup"):
        desk.index.put([_feed("a")])


def test_an_index_that_sits_in_the_aliass_place_is_named(desk: Desk) -> None:
    desk.client.indices.create(index=f"{desk.prefix}tocsin-articles")
    with pytest.raises(StoreError, match="must be an alias"):
        desk.index.put([Document("articles", "a", 1, b.WHEN, b.a_clustered())])


def test_documents_of_several_requests_are_all_written(desk: Desk) -> None:
    letter = b.one_of_each()["event.died"]
    large = letter.model_copy(update={"payload": "x" * 2_000_000})
    documents = [Document("dead-letters", f"d{n}", 1, b.WHEN, large) for n in range(6)]
    documents += [_feed(f"f{n}") for n in range(700)]
    assert set(_results(desk.index.put(documents))) == {"indexed"}
    assert desk.search.count("dead-letters") == 6
    assert desk.search.count("feeds") == 700
    held = desk.search.get("dead-letters", "d5")
    assert held == documents[5]


def test_nobody_there_is_told_with_the_address() -> None:
    client = client_of(Settings(elasticsearch="http://127.0.0.1:9"))
    with pytest.raises(Retryable, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        ElasticIndex(client).put([_feed("a")])
    with pytest.raises(Retryable, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        ElasticSearch(client).get("feeds", "a")
    client.close()
