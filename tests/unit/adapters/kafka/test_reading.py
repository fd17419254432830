"""A register in memory: the newest record of each key, and how far it was read."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tocsin.adapters.kafka.reading import Register, held_in_memory
from tocsin.ports.bus import Record
from tocsin_schemas.topics import TOPICS


def record(offset: int, key: str, value: bytes | None = b"v", partition: int = 0) -> Record:
    return Record("t", partition, offset, key, value, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_registers_are_those_compacted_topics_that_nothing_leaves_with_age() -> None:
    assert [name for name, topic in TOPICS.items() if held_in_memory(topic)] == [
        "tocsin.feeds",
        "tocsin.feed-states",
        "tocsin.lists",
        "tocsin.subscriptions",
    ]


def test_the_newest_of_a_key_takes_its_place_at_the_end() -> None:
    register = Register()
    for one in (record(0, "a"), record(1, "b"), record(2, "a", b"new")):
        register.take(one)
    assert [(r.key, r.value) for r in register.records.values()] == [("b", b"v"), ("a", b"new")]


def test_a_log_shorter_than_what_was_read_was_made_anew() -> None:
    register = Register()
    register.take(record(7, "a"))
    register.agree({("t", 0): 8})
    assert register.records
    register.agree({("t", 0): 7})
    assert (register.records, register.read_to) == ({}, {})


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.binary(max_size=2)), max_size=30))
def test_taking_records_one_by_one_gives_what_the_whole_log_says(log) -> None:
    register = Register()
    for offset, (key, value) in enumerate(log):
        register.take(record(offset, key, value))
    expected = {key: value for key, value in dict(log).items() if value is not None}
    assert {key: r.value for key, r in register.records.items()} == expected
