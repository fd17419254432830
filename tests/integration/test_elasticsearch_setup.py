"""`setup` makes the node ready, again and again; `check` finds what is not."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from support import builders as b
from support.servers.fixtures import ElasticServer
from tocsin.adapters.elasticsearch.client import client_of, wait_for_elasticsearch
from tocsin.adapters.elasticsearch.index import ElasticIndex
from tocsin.adapters.elasticsearch.names import KINDS
from tocsin.adapters.elasticsearch.setup import check, make_templates
from tocsin.errors import Retryable, StoreError
from tocsin.ports.search import Document
from tocsin.settings import Settings
from tocsin.text.tokens import tokenize

pytestmark = pytest.mark.servers


class _March:
    def now(self) -> datetime:
        return datetime(2026, 3, 31, 23, tzinfo=UTC)


@pytest.fixture
def client(elastic_server: ElasticServer, prefix: str) -> Iterator[Elasticsearch]:
    client = client_of(Settings(elasticsearch=elastic_server.url))
    wait_for_elasticsearch(client, 60)
    yield client
    if made := list(client.indices.get(index=f"{prefix}*", features="aliases")):
        client.indices.delete(index=made)
    with suppress(NotFoundError):
        client.indices.delete_index_template(name=f"{prefix}*")
    client.close()


def _made(client: Elasticsearch, prefix: str) -> list[str]:
    return make_templates(client, prefix, replicas=0, clock=_March())


def test_a_fresh_cluster_is_made_ready_and_a_second_time_changes_nothing(
    client: Elasticsearch, prefix: str
) -> None:
    problems = check(client, prefix)
    assert len(problems) == len(KINDS)
    assert all("tocsin setup" in problem for problem in problems)
    made = _made(client, prefix)
    assert f"{prefix}tocsin-articles-2026.03" in made
    assert len(made) == len(KINDS)
    assert check(client, prefix) == []
    before = client.indices.get(index=f"{prefix}*").body
    assert _made(client, prefix) == []
    assert client.indices.get(index=f"{prefix}*").body == before


def test_an_indexer_that_comes_before_setup_leaves_nothing_for_it_to_mend_but_the_templates(
    client: Elasticsearch, prefix: str
) -> None:
    ElasticIndex(client, prefix=prefix).put(
        [
            Document("articles", "a", 1, b.WHEN, b.a_clustered()),
            Document("feeds", "f", 1, b.WHEN, b.a_feed_state()),
        ]
    )
    assert all("template" in problem for problem in check(client, prefix))
    _made(client, prefix)
    assert check(client, prefix) == []


def test_an_index_that_could_lose_what_it_acknowledged_is_refused_with_the_mend(
    client: Elasticsearch, prefix: str
) -> None:
    _made(client, prefix)
    name = f"{prefix}tocsin-alerts"
    client.indices.put_settings(index=name, settings={"index.translog.durability": "async"})
    (problem,) = check(client, prefix)
    assert name in problem
    assert "refuses" in problem
    assert f"PUT /{name}/_settings" in problem
    _made(client, prefix)
    assert check(client, prefix) == [problem], "a person's setting is not overruled in silence"


def test_a_lost_alias_is_told_and_set_again(client: Elasticsearch, prefix: str) -> None:
    _made(client, prefix)
    client.indices.delete_alias(
        index=f"{prefix}tocsin-articles-2026.03", name=f"{prefix}tocsin-articles"
    )
    (problem,) = check(client, prefix)
    assert "alias" in problem
    _made(client, prefix)
    assert check(client, prefix) == []


def test_a_field_that_an_older_release_did_not_have_is_added(
    client: Elasticsearch, prefix: str
) -> None:
    _made(client, prefix)
    name = f"{prefix}tocsin-feeds"
    held = client.indices.get(index=name)[name]
    fields = {k: v for k, v in held["mappings"]["properties"].items() if k != "host"}
    client.indices.delete(index=name)
    client.indices.delete_index_template(name=name)
    analysis = {"analysis": held["settings"]["index"]["analysis"]}
    client.indices.create(
        index=name, settings=analysis, mappings={"dynamic": "strict", "properties": fields}
    )
    assert any(f"{name} lacks the fields host" in problem for problem in check(client, prefix))
    _made(client, prefix)
    assert check(client, prefix) == []


def test_a_field_of_another_type_is_told_with_the_mend_and_the_rest_is_done(
    client: Elasticsearch, prefix: str
) -> None:
    name = f"{prefix}tocsin-stories"
    client.indices.create(index=name, mappings={"properties": {"articles": {"type": "keyword"}}})
    with pytest.raises(StoreError, match=r"tocsin-stories.*reindex"):
        _made(client, prefix)
    problems = check(client, prefix)
    assert problems
    assert all(name in problem and "reindex" in problem for problem in problems)


def test_a_changed_template_is_told(client: Elasticsearch, prefix: str) -> None:
    _made(client, prefix)
    name = f"{prefix}tocsin-acts"
    client.indices.put_index_template(name=name, index_patterns=[name], template={})
    (problem,) = check(client, prefix)
    assert f"template {name} is another" in problem


def test_an_index_that_takes_no_writes_is_told(client: Elasticsearch, prefix: str) -> None:
    _made(client, prefix)
    name = f"{prefix}tocsin-acts"
    client.indices.put_settings(index=name, settings={"index.blocks.write": True})
    (problem,) = check(client, prefix)
    client.indices.put_settings(index=name, settings={"index.blocks.write": None})
    assert f"{name} takes no writes" in problem


def test_an_index_in_the_aliass_place_is_told(client: Elasticsearch, prefix: str) -> None:
    client.indices.create(index=f"{prefix}tocsin-versions")
    with pytest.raises(StoreError, match="must be an alias"):
        _made(client, prefix)
    assert any("must be an alias" in problem for problem in check(client, prefix))


def test_a_mistyped_month_does_not_become_an_index(client: Elasticsearch, prefix: str) -> None:
    _made(client, prefix)
    with pytest.raises(NotFoundError, match="index_not_found"):
        client.index(index=f"{prefix}tocsin-articles-2O26.03", document={"any": "thing"})


def test_an_unknown_field_is_refused_by_every_kind(client: Elasticsearch, prefix: str) -> None:
    for name in _made(client, prefix):
        with pytest.raises(BadRequestError, match="strict_dynamic_mapping"):
            client.index(index=name, document={"no_such_field": 1})


def test_the_node_cuts_words_as_the_matcher_does(client: Elasticsearch, prefix: str) -> None:
    _made(client, prefix)
    text = "O'Neil's U.S. café—naïve 3.14 Вана 東京 straße İstanbul x_y"
    name = f"{prefix}tocsin-articles-2026.03"
    told = client.indices.analyze(index=name, field="title", text=text)
    assert [token["token"] for token in told["tokens"]] == tokenize(text)
    kept = client.indices.analyze(index=name, analyzer="tocsin_tokens", text="O'Neil II x_y")
    assert [token["token"] for token in kept["tokens"]] == ["O'Neil", "II", "x_y"]


def test_a_cluster_out_of_reach_is_one_problem_with_its_address() -> None:
    client = client_of(Settings(elasticsearch="http://127.0.0.1:9"))
    (problem,) = check(client, "")
    assert "http://127.0.0.1:9 cannot be reached" in problem
    with pytest.raises(Retryable, match="cannot be reached"):
        wait_for_elasticsearch(client, 0)
    client.close()
