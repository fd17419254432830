"""What a log without a broker does itself: retention and compaction (ports/bus.py, `prune`)."""

from datetime import UTC, datetime, timedelta

import pytest

from contract.bus_suite import NewBus, drained, said, values
from tocsin.ports.bus import Bus
from tocsin_schemas.topics import ACTS, CLUSTERED, ENRICHED, FEEDS, ITEMS, OUTCOMES


class RetentionSuite:
    @pytest.fixture
    def bus(self, new_bus: NewBus) -> Bus:
        return new_bus()

    def test_records_go_when_their_retention_is_over(self, bus: Bus) -> None:
        bus.produce([said(OUTCOMES, "a", "1"), said(ACTS, "a", "1")])
        assert bus.prune(_in(days=6)) == 0
        assert bus.prune(_in(days=8)) == 1
        assert list(bus.read(OUTCOMES.name)) == []
        assert len(list(bus.read(ACTS.name))) == 1

    def test_offsets_go_on_after_everything_went(self, bus: Bus) -> None:
        bus.produce([said(ENRICHED, "a", "1"), said(ENRICHED, "a", "2")])
        assert bus.prune(_in(days=8)) == 2
        assert bus.produce([said(ENRICHED, "a", "3")]) == [2]
        assert values(drained(bus, "g", ENRICHED)) == ["3"]

    def test_what_a_group_has_not_committed_stays_however_old(self, bus: Bus) -> None:
        bus.produce(said(ENRICHED, "a", str(n)) for n in range(4))
        drained(bus, "fast", ENRICHED, commit=True)
        consumer = bus.consumer("slow", [ENRICHED.name])
        consumer.commit(consumer.poll(timeout_s=5.0)[:3])
        consumer.close()
        assert bus.prune(_in(days=800)) == 3
        assert values(drained(bus, "slow", ENRICHED)) == ["3"]

    def test_a_group_that_lives_but_never_committed_keeps_its_records(self, bus: Bus) -> None:
        bus.produce([said(ENRICHED, "a", "1")])
        consumer = bus.consumer("new", [ENRICHED.name])
        assert bus.prune(_in(days=800)) == 0
        consumer.close()
        assert bus.prune(_in(days=800)) == 1

    def test_a_partition_that_a_known_group_never_read_is_kept(self, bus: Bus) -> None:
        bus.produce(said(ITEMS, f"feed-{n}", str(n)) for n in range(60))
        consumer = bus.consumer("g", [ITEMS.name])
        records = consumer.poll(timeout_s=5.0)
        consumer.commit([r for r in records if r.partition == 0])
        consumer.close()
        gone = bus.prune(_in(days=800))
        assert gone == sum(r.partition == 0 for r in records)
        assert {r.partition for r in bus.read(ITEMS.name)} == set(range(1, ITEMS.partitions))

    def test_superseded_records_go_after_the_lag_and_the_latest_stays(self, bus: Bus) -> None:
        bus.produce([said(CLUSTERED, "a", "1"), said(CLUSTERED, "b", "2")])
        bus.produce([said(CLUSTERED, "a", "3")])
        assert bus.prune(_in(days=6)) == 0
        assert bus.prune(_in(days=8)) == 1
        assert values(list(bus.read(CLUSTERED.name))) == ["2", "3"]
        assert values(list(bus.latest(CLUSTERED.name))) == ["2", "3"]
        assert bus.prune(_in(days=8)) == 0

    def test_compaction_never_passes_a_group(self, bus: Bus) -> None:
        bus.produce(said(CLUSTERED, "a", str(n)) for n in range(3))
        consumer = bus.consumer("g", [CLUSTERED.name])
        consumer.commit(consumer.poll(timeout_s=5.0)[:1])
        assert bus.prune(_in(days=8)) == 1
        consumer.rewind()
        assert values(consumer.poll(timeout_s=5.0)) == ["1", "2"]

    def test_a_compacted_topic_with_retention_forgets_the_latest_too(self, bus: Bus) -> None:
        bus.produce([said(CLUSTERED, "a", "1"), said(FEEDS, "a 1", "1")])
        assert bus.prune(_in(days=401)) == 1
        assert list(bus.latest(CLUSTERED.name)) == []
        assert values(list(bus.latest(FEEDS.name))) == ["1"]
        bus.produce([said(CLUSTERED, "a", "2")])
        assert values(list(bus.latest(CLUSTERED.name))) == ["2"]

    def test_a_tombstone_goes_a_day_after_what_it_buried(self, bus: Bus) -> None:
        bus.produce([said(FEEDS, "a 1", "x"), said(FEEDS, "a 1", None)])
        assert bus.prune(_in(hours=1)) == 1
        assert [r.value for r in bus.read(FEEDS.name)] == [None]
        assert bus.prune(_in(days=2)) == 1
        assert list(bus.latest(FEEDS.name)) == []

    def test_one_call_removes_no_more_than_it_may(self, bus: Bus) -> None:
        bus.produce(said(ENRICHED, "a", str(n)) for n in range(250))
        assert [bus.prune(_in(days=8), max_records=120) for _ in range(4)] == [120, 120, 10, 0]

    def test_a_consumer_that_stands_before_the_oldest_goes_on_at_the_oldest(self, bus: Bus) -> None:
        consumer = bus.consumer("g", [ENRICHED.name])
        bus.produce([said(ENRICHED, "a", "1"), said(ENRICHED, "a", "2")])
        other = bus.consumer("g2", [ENRICHED.name])
        consumer.commit(consumer.poll(max_records=1, timeout_s=5.0))
        other.commit(other.poll(timeout_s=5.0))
        assert bus.prune(_in(days=8)) == 1
        late = bus.consumer("late", [ENRICHED.name])
        assert values(late.poll(timeout_s=5.0)) == ["2"]


def _in(**span: float) -> datetime:
    return datetime.now(UTC) + timedelta(**span)
