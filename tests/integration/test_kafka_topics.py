"""The broker's topics follow the table: what the embedded log does by itself, the broker is told to do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import monotonic, sleep

import pytest

from support.kafka_desk import Desks
from support.servers.fixtures import KafkaServer
from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.topics import (
    ConfigResource,
    ConfigResourceType,
    make_topics,
    missing_topics,
    settings_of,
    wait_for_broker,
)
from tocsin.errors import Retryable, TocsinError
from tocsin_schemas.topics import ACTS, FEEDS, ITEMS, TOPICS, Topic

pytestmark = pytest.mark.servers

FEW = {topic.name: topic for topic in (ACTS, FEEDS)}


@pytest.fixture
def servers(kafka_server: KafkaServer, prefix: str) -> Iterator[str]:
    """The broker's address; the topics under `prefix` are removed afterwards."""
    with Desks(kafka_server.servers, prefix) as desks:
        desks.remove(prefix)
        yield kafka_server.servers


@pytest.fixture
def admin(servers: str) -> Iterator[object]:
    made = client.admin(client.options(servers, "tocsin-tests"))
    yield made
    made.close()


def test_every_topic_on_the_broker_is_kept_as_the_table_says(servers, prefix, admin) -> None:
    made = make_topics(servers, prefix)
    assert len(made) == len(TOPICS)
    described = {t["name"]: t for t in admin.describe_topics([prefix + name for name in TOPICS])}
    for topic in TOPICS.values():
        assert len(described[prefix + topic.name]["partitions"]) == topic.partitions, topic.name
        held = held_by(admin, prefix + topic.name)
        forgets = topic.retention_s is not None
        assert held["retention.ms"] == (str(topic.retention_s * 1000) if forgets else "-1")
        assert set(held["cleanup.policy"].split(",")) == (
            {"compact", "delete"}
            if topic.compacted and forgets
            else {"compact"}
            if topic.compacted
            else {"delete"}
        )
        assert int(held["min.compaction.lag.ms"]) == topic.compaction_lag_s * 1000
        assert int(held["max.message.bytes"]) > topic.max_bytes
        assert held["compression.type"] == "gzip"


def test_making_topics_twice_changes_nothing(servers, prefix) -> None:
    assert missing_topics(servers, prefix, FEW) == [prefix + name for name in FEW]
    assert len(make_topics(servers, prefix, 1, FEW)) == len(FEW)
    assert missing_topics(servers, prefix, FEW) == []
    assert make_topics(servers, prefix, 1, FEW) == []


def test_a_setting_that_differs_is_mended_and_told_and_foreign_settings_stay(
    servers, prefix, admin
) -> None:
    make_topics(servers, prefix, 1, FEW)
    acts = prefix + ACTS.name
    other = {"retention.ms": "5000", "segment.bytes": "1048577"}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, acts, other)])
    until(lambda: held_by(admin, acts)["retention.ms"] == "5000")
    (told,) = make_topics(servers, prefix, 1, FEW)
    assert told == f"{acts}: retention.ms was 5000, is {ACTS.retention_s * 1000}"
    until(lambda: make_topics(servers, prefix, 1, FEW) == [])
    assert held_by(admin, acts)["segment.bytes"] == "1048577"


@pytest.mark.parametrize("partitions", [3, 12])
def test_another_number_of_partitions_is_refused_with_the_mend(
    servers, prefix, partitions, admin
) -> None:
    make_topics(servers, prefix, 1, {FEEDS.name: replace(FEEDS, partitions=partitions)})
    with pytest.raises(
        TocsinError, match=rf"{FEEDS.name} has {partitions} partitions, 6 are needed"
    ):
        make_topics(servers, prefix, 1, FEW)
    (found,) = admin.describe_topics([prefix + FEEDS.name])
    assert len(found["partitions"]) == partitions


def test_more_copies_than_brokers_are_refused_with_the_setting_to_mend(servers, prefix) -> None:
    with pytest.raises(TocsinError, match="TOCSIN_REPLICAS"):
        make_topics(servers, prefix, 5, FEW)


def test_topics_of_another_prefix_are_not_ours(servers, prefix) -> None:
    make_topics(servers, prefix, 1, {ITEMS.name: ITEMS})
    assert missing_topics(servers, f"{prefix}other-", {ITEMS.name: ITEMS}) == [
        f"{prefix}other-{ITEMS.name}"
    ]


def test_a_broker_that_answers_is_not_waited_for(servers) -> None:
    wait_for_broker(servers, 30.0)
    wait_for_broker(f"127.0.0.1:1, {servers}", 30.0)


def test_a_broker_that_is_away_is_waited_for_and_named(monkeypatch) -> None:
    monkeypatch.setattr(client, "BOOTSTRAP_S", 0.5)
    with pytest.raises(Retryable, match=r"127\.0\.0\.1:1"):
        wait_for_broker("127.0.0.1:1", 0.2)
    with pytest.raises(Retryable, match=r"127\.0\.0\.1:1"):
        missing_topics("127.0.0.1:1")


def until(holds: Callable[[], bool]) -> None:
    """The broker takes a setting over a moment after it has said so."""
    deadline = monotonic() + 30.0
    while not holds():
        assert monotonic() < deadline
        sleep(0.05)


def held_by(admin, name: str) -> dict[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, name)
    described = admin.describe_configs([resource], config_filter="all")["topic"][name]
    return {key: held["value"] for key, held in described.items()}


def test_the_settings_cover_all_that_the_table_says_of_keeping() -> None:
    plain = Topic("t", "e", "k", 1, (), ())
    for change in (
        {"compacted": True},
        {"retention_s": 5},
        {"max_bytes": 7},
        {"compacted": True, "compaction_lag_s": 9},
    ):
        assert settings_of(replace(plain, **change)) != settings_of(plain)
