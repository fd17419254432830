"""What is generated stays in step with the contracts, and the topics are complete."""

from pathlib import Path

from tocsin.pipeline.topology import WORKERS
from tocsin_schemas.catalogue import files
from tocsin_schemas.registry import EVENTS
from tocsin_schemas.topics import TOPICS

SCHEMAS = Path(__file__).parents[3] / "schemas"


def test_schemas_and_catalogue_are_in_step_with_the_contracts():
    stale = [n for n, content in files() if (SCHEMAS / n).read_text("utf-8") != content]

    assert stale == [], "run `make schemas`"


def test_no_schema_is_left_over_from_an_event_that_is_gone():
    assert {p.name for p in (SCHEMAS / "json").glob("*.json")} == {
        Path(n).name for n, _ in files() if n.startswith("json/")
    }


def test_every_event_travels_on_exactly_one_topic():
    assert sorted(t.event for t in TOPICS.values()) == sorted(EVENTS)


def test_the_topology_writes_and_reads_what_the_topics_say():
    workers = {w.name for w in WORKERS}
    for topic in TOPICS.values():
        writers = {w.name for w in WORKERS if topic in w.writes}
        readers = {w.name for w in WORKERS if topic in w.reads + w.folds}

        assert writers == set(topic.writers) & workers, topic.name
        assert readers == set(topic.readers) & workers, topic.name
