"""The tenures of a member: what may be committed, and when it is somebody else's by now."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.adapters.kafka.member import Tenures
from tocsin.adapters.kafka.names import Names, TopicPartition
from tocsin.errors import Retryable
from tocsin.ports.bus import Record
from tocsin_schemas.topics import ACTS, ITEMS, TOPICS

PLACE = (ACTS.name, 0)
PARTITION = TopicPartition(f"p-{ACTS.name}", 0)


def record(offset: int, partition: int = 0, topic: str = ACTS.name) -> Record:
    return Record(topic, partition, offset, "k", b"", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def tenures() -> Tenures:
    made = Tenures(Names("p-", TOPICS))
    made.on_partitions_assigned([PARTITION])
    return made


def test_the_last_record_commits_those_before_it(tenures) -> None:
    tenures.handed([record(5), record(6), record(9)])
    assert tenures.to_commit([record(6), record(5)]) == {PLACE: 7}


def test_what_the_group_has_passed_is_not_committed_again(tenures) -> None:
    tenures.handed([record(5), record(6)])
    tenures.committed(tenures.to_commit([record(6)]))
    assert tenures.to_commit([record(5)]) == {}
    assert tenures.to_commit([record(6)]) == {}


def test_partitions_are_committed_each_for_itself(tenures) -> None:
    handed = [record(1), record(4, 2, ITEMS.name), record(8, 3, ITEMS.name)]
    tenures.handed(handed)
    assert tenures.to_commit(handed) == {
        PLACE: 2,
        (ITEMS.name, 2): 5,
        (ITEMS.name, 3): 9,
    }


@pytest.mark.parametrize("how", ["on_partitions_revoked", "on_partitions_lost"])
def test_what_was_handed_out_before_the_partition_was_taken_is_not_ours_to_commit(
    tenures, how
) -> None:
    tenures.handed([record(5)])
    getattr(tenures, how)([PARTITION])
    with pytest.raises(Retryable, match="another member's"):
        tenures.to_commit([record(5)])


def test_a_partition_given_back_begins_a_new_tenure(tenures) -> None:
    tenures.handed([record(5), record(6)])
    old = tenures.held[PLACE]
    tenures.on_partitions_revoked([PARTITION])
    tenures.on_partitions_assigned([PARTITION])
    tenures.handed([record(5)])
    assert tenures.held[PLACE] is not old
    assert tenures.to_commit([record(5)]) == {PLACE: 6}
    with pytest.raises(Retryable):
        tenures.to_commit([record(6)])  # handed out in the tenure that is over


def test_a_rebalance_of_other_partitions_leaves_a_tenure_as_it_is(tenures) -> None:
    tenures.handed([record(5)])
    old = tenures.held[PLACE]
    tenures.on_partitions_revoked([TopicPartition(f"p-{ITEMS.name}", 1)])
    tenures.on_partitions_assigned([TopicPartition("foreign", 0)])
    assert tenures.held[PLACE] is old


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 20)), max_size=30))
def test_the_group_never_moves_back(steps) -> None:
    tenures = Tenures(Names("p-", TOPICS))
    at, top = 0, 0
    for grow, back in steps:
        tenures.handed([record(top + i) for i in range(grow)])
        top += grow
        positions = tenures.to_commit([record(max(0, top - 1 - back))])
        assert all(position > at for position in positions.values())
        tenures.committed(positions)
        at = max([at, *positions.values()])
