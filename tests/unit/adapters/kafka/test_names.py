from types import SimpleNamespace

from tocsin.adapters.kafka.names import Names, TopicPartition
from tocsin_schemas.topics import ACTS, TOPICS

NAMES = Names("desk-", TOPICS)


def raw(**changed):
    record = {
        "topic": "desk-tocsin.acts",
        "partition": 0,
        "offset": 3,
        "key": "schlüssel".encode(),
        "value": b"v",
        "timestamp": 1_767_225_600_000,
        "headers": [("reason", b"cpu")],
    }
    return SimpleNamespace(**{**record, **changed})


def test_names_on_the_broker_carry_the_prefix_and_records_do_not() -> None:
    assert NAMES.physical("indexer") == "desk-indexer"
    assert NAMES.partition((ACTS.name, 0)) == TopicPartition("desk-tocsin.acts", 0)
    record = NAMES.record(raw())
    assert (record.topic, record.key, record.value) == (ACTS.name, "schlüssel", b"v")
    assert record.headers == {"reason": "cpu"}
    assert record.written.isoformat() == "2026-01-01T00:00:00+00:00"


def test_topics_of_others_are_no_places() -> None:
    foreign = [TopicPartition("tocsin.acts", 0), TopicPartition("other-tocsin.acts", 0)]
    assert NAMES.places([*foreign, TopicPartition("desk-tocsin.acts", 0)]) == {(ACTS.name, 0)}


def test_what_others_wrote_into_our_topic_is_still_a_record() -> None:
    record = NAMES.record(raw(key=None, value=None, timestamp=-1, headers=[("h", None)]))
    assert (record.key, record.value, record.headers) == ("", None, {"h": ""})
    assert NAMES.record(raw(key=b"\xff")).key == "\ufffd"
