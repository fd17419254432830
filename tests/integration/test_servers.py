"""The servers that the other tests stand on: they fail as real ones do, and a run without them says so."""

import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import elasticsearch
import pytest

from support.servers import cache, elastic_home, kafka_jars, maven, tidy
from support.servers.choice import give_up
from support.servers.process import free_port

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python's own, at import
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

TESTS = Path(__file__).resolve().parents[1]
LINE = "mvn is not installed; install a JDK and Maven: apt-get install default-jre-headless maven"


@pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("1", "1 error")])
def test_a_run_without_maven_says_so_once_per_test(ci, outcome, tmp_path):
    (tmp_path / "test_one.py").write_text("def test_one(kafka_server): pass\n")
    bare = {"PATH": str(tmp_path), "JAVA_HOME": "", "TOCSIN_SERVERS": str(tmp_path / "cache")}
    asked = {"CI": ci, "TESTS_NO_DOCKER": "1", "TESTS_KAFKA": "", "PYTHONPATH": str(TESTS)}
    plugins = ["-p", "support.servers.fixtures", "-p", "no:cacheprovider"]
    places = ["-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *places, "-rsE"],
        env=os.environ | bare | asked,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert outcome in done.stdout
    assert LINE in done.stdout
    assert done.returncode == (1 if ci else 0)


def test_a_failing_fetch_gives_mavens_own_complaint(tmp_path):
    if reason := maven.lacking():
        give_up(reason)
    with pytest.raises(cache.Unavailable, match=r"mvn get failed: .*ERROR"):
        maven.run("get", "-o", "-Dartifact=no.such:thing:1", repository=tmp_path, seconds=60)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.servers
class TestKafka:
    def test_a_record_of_seven_mebibytes_passes(self, kafka_server, prefix):
        make_topic(kafka_server.servers, f"{prefix}big", {"max.message.bytes": str(8 << 20)})
        big = os.urandom(7 << 20)
        produce(kafka_server.servers, f"{prefix}big", [big])
        assert consume(kafka_server.servers, f"{prefix}big", 1) == [big]

    def test_a_topic_is_never_made_by_asking_for_it(self, kafka_server, prefix):
        consumer = KafkaConsumer(bootstrap_servers=kafka_server.servers)
        try:
            assert not consumer.partitions_for_topic(f"{prefix}misspelt")
            assert f"{prefix}misspelt" not in consumer.topics()
        finally:
            consumer.close()

    def test_names_are_taken_off_a_server_that_was_lent(self, kafka_server, prefix):
        for name in (f"{prefix}mine", f"other-{prefix}"):
            make_topic(kafka_server.servers, name, {})
        tidy.forget_topics(kafka_server.servers, prefix)
        consumer = KafkaConsumer(bootstrap_servers=kafka_server.servers)
        try:
            topics = consumer.topics()
        finally:
            consumer.close()
        assert f"{prefix}mine" not in topics
        assert f"other-{prefix}" in topics

    @pytest.mark.slow
    def test_what_it_acknowledged_survives_kill_9(self, own_kafka):
        broker = own_kafka()
        make_topic(broker.servers, "kept", {})
        records = [b"%d" % number for number in range(100)]
        produce(broker.servers, "kept", records)
        first = broker.pid
        broker.kill()
        assert not alive(first)
        assert not broker.ready()
        broker.start()
        assert broker.pid != first
        assert consume(broker.servers, "kept", 100) == records


def make_topic(servers: str, name: str, settings: dict[str, str]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=servers)
    try:
        topic = {"num_partitions": 1, "replication_factor": 1, "configs": settings}
        admin.create_topics({name: topic})
    finally:
        admin.close()


def produce(servers: str, topic: str, values: list[bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=servers, acks="all", max_request_size=8 << 20)
    try:
        for sent in [producer.send(topic, value) for value in values]:
            sent.get(30)
    finally:
        producer.close()


def consume(servers: str, topic: str, count: int) -> list[bytes]:
    """The topic's records from its beginning: `count`, or what came within a minute."""
    consumer = KafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest")
    values: list[bytes] = []
    try:
        consumer.assign([TopicPartition(topic, 0)])
        deadline = time.monotonic() + 60
        while len(values) < count and time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=500).values():
                values += [record.value for record in records]
    finally:
        consumer.close()
    return values


@pytest.mark.servers
class TestElasticsearch:
    def test_it_has_the_analysers_that_users_have(self, elastic_server):
        with elasticsearch.Elasticsearch(elastic_server.url) as client:
            answer = client.indices.analyze(
                tokenizer="standard",
                char_filter=["html_strip"],
                filter=["lowercase", "asciifolding", {"type": "stemmer", "language": "english"}],
                text="<b>Café</b> protests",
            )
            assert [token["token"] for token in answer["tokens"]] == ["cafe", "protest"]

    def test_names_are_taken_off_a_server_that_was_lent(self, elastic_server, prefix):
        with elasticsearch.Elasticsearch(elastic_server.url) as client:
            client.indices.put_index_template(
                name=f"{prefix}articles", index_patterns=[f"{prefix}articles-*"], priority=500
            )
            for name in (f"{prefix}articles-2026-11", f"other-{prefix}"):
                client.indices.create(index=name)
            tidy.forget_indices(elastic_server.url, prefix)
            assert not client.indices.exists(index=f"{prefix}articles-2026-11")
            assert not client.indices.exists_index_template(name=f"{prefix}articles")
            assert client.indices.exists(index=f"other-{prefix}")

    @pytest.mark.slow
    def test_what_it_acknowledged_survives_kill_9(self, own_elastic):
        node = own_elastic(**{"indexing_pressure.memory.limit": "20mb"})
        with elasticsearch.Elasticsearch(node.url) as client:
            client.index(index="kept", id="1", document={"title": "kept"})
            first = node.pid
            node.kill()
            assert not alive(first)
            assert not node.ready()
            node.start()
            assert node.pid != first
            assert client.get(index="kept", id="1")["_source"] == {"title": "kept"}
            told = client.nodes.info(filter_path="nodes.*.settings.indexing_pressure")
            assert "20mb" in str(told)


@pytest.mark.servers
@pytest.mark.slow
def test_servers_for_people_outlive_their_shell_and_are_found_again(tmp_path):
    if reason := kafka_jars.lacking() or elastic_home.lacking():
        give_up(reason)
    environment = os.environ | {
        "PYTHONPATH": str(TESTS),
        "TOCSIN_SERVERS_DATA": str(tmp_path),
        "TOCSIN_SERVERS_KAFKA_PORT": str(free_port()),
        "TOCSIN_SERVERS_ELASTICSEARCH_PORT": str(free_port()),
    }

    def order(word: str) -> subprocess.CompletedProcess[str]:
        # In a shell of its own session, which is gone when this returns.
        return subprocess.run(
            ["sh", "-c", f"{sys.executable} -m support.servers {word}; exit $?"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )

    try:
        started = order("start")
        assert started.returncode == 0, started.stderr
        lines = dict(ln.removeprefix("export ").split("=") for ln in started.stdout.splitlines())
        assert sorted(lines) == ["TOCSIN_ELASTICSEARCH", "TOCSIN_KAFKA"]
        make_topic(lines["TOCSIN_KAFKA"], "kept", {})
        produce(lines["TOCSIN_KAFKA"], "kept", [b"one"])
        again = order("start")
        assert again.stdout == started.stdout
        assert again.stderr.count("runs already") == 2
        stopped = order("stop")
        assert stopped.stderr.count("has ended") == 2
        assert order("start").returncode == 0
        assert consume(lines["TOCSIN_KAFKA"], "kept", 1) == [b"one"]
    finally:
        order("stop")
    assert order("stop").stderr.count("did not run") == 2
