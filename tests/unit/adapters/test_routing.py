import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.adapters.routing import admit, kept_s, named, partition_of, places_of
from tocsin.errors import UsageError
from tocsin.ports.bus import Message
from tocsin_schemas.topics import ACTS, CLUSTERED, FEEDS, ITEMS, TOPICS

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT.filter(lambda t: " " not in t), TEXT, st.integers(1, 12))
def test_what_follows_the_first_space_does_not_move_a_key(
    host: str, rest: str, partitions: int
) -> None:
    assert partition_of(f"{host} {rest}", partitions) == partition_of(host, partitions)
    assert 0 <= partition_of(host, partitions) < partitions


def test_the_partition_of_a_key_is_fixed_for_ever() -> None:
    # Records already written stand where this put them: a change here would part a host's feeds.
    assert [partition_of(k, 6) for k in ("dawn.example", "a", "b", "ü")] == [0, 3, 5, 1]


def test_a_message_is_admitted_to_its_place() -> None:
    assert admit(TOPICS, Message(ACTS.name, "k", None)) == (ACTS.name, 0)
    with pytest.raises(ValueError, match="nowhere"):
        admit(TOPICS, Message("nowhere", "k", b""))
    with pytest.raises(UsageError, match="1,048,577 bytes"):
        admit(TOPICS, Message(ACTS.name, "k", b"x" * 1_048_577))


def test_places_and_names_come_from_the_table_of_topics() -> None:
    assert places_of(FEEDS) == [(FEEDS.name, n) for n in range(6)]
    assert named(TOPICS, ITEMS.name) is ITEMS
    with pytest.raises(ValueError, match="known are"):
        named(TOPICS, "nowhere")


def test_the_embedded_log_may_keep_less_than_the_broker() -> None:
    assert kept_s(ITEMS) == 7 * 86_400
    assert kept_s(CLUSTERED) == 400 * 86_400
    assert kept_s(FEEDS) is None
