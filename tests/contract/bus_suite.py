"""What every log promises (ports/bus.py). An adapter joins by a class with a `new_bus` fixture.

What Kafka's broker does by itself stands in `retention_suite`.
"""

import threading
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.errors import Retryable, UsageError
from tocsin.ports.bus import Bus, Consumer, Message, Record
from tocsin_schemas.topics import ACTS, ENRICHED, FEEDS, ITEMS, Topic

NewBus = Callable[[], Bus]
Together = Callable[[Bus, str, Topic], tuple[Consumer, Consumer]]
# One body runs for several adapters, each with its own fixture: that is what a suite is for.
ANY_ADAPTER = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
WAKE_S = 30.0
"""Long enough for a loaded machine; a test that waits it out has failed."""


def said(topic: Topic, key: str, value: str | None = "", **headers: str) -> Message:
    return Message(topic.name, key, None if value is None else value.encode(), headers)


def values(records: Sequence[Record]) -> list[str]:
    return [(r.value or b"").decode() for r in records]


def polled(consumer: Consumer) -> list[Record]:
    """What the first poll that brings anything brings: a group needs a moment to form."""
    for _ in range(100):
        if records := consumer.poll(timeout_s=0.3):
            return records
    pytest.fail("nothing was handed out")


def all_of(consumer: Consumer) -> list[Record]:
    """All that stands in the log for a member; one poll may bring a part of it."""
    found = polled(consumer)
    while records := consumer.poll(timeout_s=0.0):
        found += records
    return found


def drained(bus: Bus, group: str, *topics: Topic, commit: bool = False) -> list[Record]:
    consumer = bus.consumer(group, [t.name for t in topics])
    found: list[Record] = []
    while records := consumer.poll(timeout_s=0.0):
        found += records
    if commit:
        consumer.commit(found)
    consumer.close()
    return found


class BusSuite:
    @pytest.fixture
    def bus(self, new_bus: NewBus) -> Bus:
        return new_bus()

    @pytest.fixture
    def together(self) -> Together:
        """Makes two members that share a topic. An adapter whose groups need time waits for it here."""
        return lambda bus, group, topic: (
            bus.consumer(group, [topic.name]),
            bus.consumer(group, [topic.name]),
        )

    def test_offsets_of_a_partition_rise_from_zero_in_the_order_of_producing(
        self, bus: Bus
    ) -> None:
        first = bus.produce([said(ENRICHED, "a", "1"), said(ENRICHED, "b", "2")])
        second = bus.produce([said(ENRICHED, "a", "3")])
        assert first[0] == 0
        assert first[0] < first[1] < second[0]
        assert values(list(bus.read(ENRICHED.name))) == ["1", "2", "3"]
        assert bus.ends(ENRICHED.name)[ENRICHED.name, 0] > second[0]

    def test_a_record_is_what_was_said(self, bus: Bus) -> None:
        bus.produce([said(ITEMS, "fééd", "wörds", reason="cpu")])
        (record,) = bus.read(ITEMS.name)
        assert (record.topic, record.key, record.value) == (ITEMS.name, "fééd", "wörds".encode())
        assert dict(record.headers) == {"reason": "cpu"}
        assert record.written.tzinfo is not None

    def test_producing_nothing_is_no_fault(self, bus: Bus) -> None:
        assert bus.produce([]) == []

    def test_a_host_keeps_its_partition_whatever_the_feed(self, bus: Bus) -> None:
        bus.produce(said(FEEDS, f"news.example {n}", str(n)) for n in range(20))
        records = list(bus.read(FEEDS.name))
        assert len({r.partition for r in records}) == 1
        assert values(records) == [str(n) for n in range(20)]

    def test_keys_spread_over_the_partitions(self, bus: Bus) -> None:
        bus.produce(said(ITEMS, f"feed-{n}") for n in range(200))
        assert {r.partition for r in bus.read(ITEMS.name)} == set(range(ITEMS.partitions))

    def test_an_unknown_topic_is_a_fault_of_the_program(self, bus: Bus) -> None:
        with pytest.raises(ValueError, match=r"no topic 'tocsin\.fedes'"):
            bus.produce([Message("tocsin.fedes", "k", b"")])
        with pytest.raises(ValueError, match=r"no topic 'tocsin\.fedes'"):
            bus.consumer("g", ["tocsin.fedes"])

    def test_a_record_above_the_limit_is_refused_with_its_place_and_mend(self, bus: Bus) -> None:
        with pytest.raises(UsageError, match=r"acts.*some-key"):
            bus.produce([Message(ACTS.name, "some-key", b"x" * (ACTS.max_bytes + 1))])
        bus.produce([Message(ACTS.name, "some-key", b"x" * ACTS.max_bytes)])

    def test_a_call_is_visible_whole_or_not_at_all(self, bus: Bus) -> None:
        with pytest.raises(UsageError):
            bus.produce(
                [said(ACTS, "a", "1"), Message(ACTS.name, "b", b"x" * (ACTS.max_bytes + 1))]
            )
        assert list(bus.read(ACTS.name)) == []

    def test_a_key_that_is_no_text_is_refused(self, bus: Bus) -> None:
        with pytest.raises(UsageError, match="surrogate"):
            bus.produce([said(ACTS, "\ud800")])

    def test_a_consumer_sees_each_record_once(self, bus: Bus) -> None:
        bus.produce(said(ACTS, "k", str(n)) for n in range(7))
        consumer = bus.consumer("g", [ACTS.name])
        polled = [values(consumer.poll(max_records=3, timeout_s=5.0)) for _ in range(3)]
        assert [v for batch in polled for v in batch] == [str(n) for n in range(7)]
        assert all(len(batch) <= 3 for batch in polled)
        assert consumer.poll(timeout_s=0.05) == []

    def test_a_consumer_reads_all_its_topics_in_order_within_each_partition(self, bus: Bus) -> None:
        bus.produce(said(topic, f"k{n % 4}", f"{n}") for n in range(40) for topic in (ITEMS, ACTS))
        for place_records in _by_place(drained(bus, "g", ITEMS, ACTS)).values():
            numbers = [int(v) for v in values(place_records)]
            assert numbers == sorted(numbers)
            assert [r.offset for r in place_records] == sorted({r.offset for r in place_records})
        assert len(drained(bus, "h", ITEMS, ACTS)) == 80

    def test_groups_do_not_disturb_each_other(self, bus: Bus) -> None:
        bus.produce(said(ACTS, "k", str(n)) for n in range(3))
        assert values(drained(bus, "one", ACTS, commit=True)) == ["0", "1", "2"]
        assert values(drained(bus, "two", ACTS)) == ["0", "1", "2"]
        assert drained(bus, "one", ACTS) == []

    def test_what_was_not_committed_comes_again(self, bus: Bus) -> None:
        bus.produce(said(ACTS, "k", str(n)) for n in range(4))
        consumer = bus.consumer("g", [ACTS.name])
        records = consumer.poll(timeout_s=5.0)
        consumer.commit(records[:2])
        consumer.close()
        assert values(drained(bus, "g", ACTS)) == ["2", "3"]

    def test_closing_commits_nothing_and_twice_is_once(self, bus: Bus) -> None:
        bus.produce([said(ACTS, "k", "1")])
        consumer = bus.consumer("g", [ACTS.name])
        consumer.poll(timeout_s=5.0)
        consumer.close()
        consumer.close()
        assert bus.committed("g") == {}

    def test_committing_a_record_commits_those_before_it_in_its_partition(self, bus: Bus) -> None:
        bus.produce(said(ACTS, "k", str(n)) for n in range(4))
        consumer = bus.consumer("g", [ACTS.name])
        records = consumer.poll(timeout_s=5.0)
        consumer.commit([records[2]])
        assert bus.committed("g") == {(ACTS.name, 0): records[2].offset + 1}

    def test_committing_nothing_changes_nothing(self, bus: Bus) -> None:
        bus.consumer("g", [ACTS.name]).commit([])
        assert bus.committed("g") == {}

    def test_a_late_commit_of_an_earlier_record_does_not_move_the_group_back(
        self, bus: Bus
    ) -> None:
        bus.produce(said(ACTS, "k", str(n)) for n in range(4))
        consumer = bus.consumer("g", [ACTS.name])
        records = consumer.poll(timeout_s=5.0)
        consumer.commit(records)
        consumer.commit(records[:1])
        assert bus.committed("g") == {(ACTS.name, 0): records[-1].offset + 1}

    def test_rewinding_stands_at_the_committed_position_again(self, bus: Bus) -> None:
        bus.produce(said(ACTS, "k", str(n)) for n in range(4))
        consumer = bus.consumer("g", [ACTS.name])
        records = consumer.poll(timeout_s=5.0)
        consumer.commit(records[:1])
        consumer.rewind()
        assert values(consumer.poll(timeout_s=5.0)) == ["1", "2", "3"]

    def test_a_poll_without_news_ends_empty(self, bus: Bus) -> None:
        assert bus.consumer("g", [ACTS.name]).poll(timeout_s=0.01) == []

    def test_a_waiting_poll_wakes_when_something_is_produced(self, bus: Bus) -> None:
        consumer = bus.consumer("g", [ACTS.name])
        assert consumer.poll(timeout_s=0.01) == []
        threading.Timer(0.05, lambda: bus.produce([said(ACTS, "k", "news")])).start()
        assert values(consumer.poll(timeout_s=WAKE_S)) == ["news"]

    def test_waiting_is_told_whether_something_was_produced(self, bus: Bus) -> None:
        assert not bus.wait(0.01)
        threading.Timer(0.05, lambda: bus.produce([said(ACTS, "k")])).start()
        assert bus.wait(WAKE_S)
        assert not bus.wait(0.01)

    def test_what_was_produced_between_looking_and_waiting_is_not_slept_through(
        self, bus: Bus
    ) -> None:
        bus.wait(0.0)
        bus.produce([said(ACTS, "k")])
        assert bus.wait(WAKE_S)

    def test_two_members_share_the_partitions_and_no_record_goes_to_both(
        self, bus: Bus, together: Together
    ) -> None:
        one, two = together(bus, "g", ITEMS)
        bus.produce(said(ITEMS, f"feed-{n}", str(n)) for n in range(100))
        mine, theirs = all_of(one), all_of(two)
        assert sorted(values([*mine, *theirs]), key=int) == [str(n) for n in range(100)]
        assert {r.partition for r in mine}.isdisjoint(r.partition for r in theirs)

    def test_what_a_leaving_member_had_not_committed_goes_to_the_one_that_stays(
        self, bus: Bus, together: Together
    ) -> None:
        one, two = together(bus, "g", ITEMS)
        bus.produce(said(ITEMS, f"feed-{n}", str(n)) for n in range(100))
        mine, theirs = all_of(one), all_of(two)
        two.commit(theirs)
        one.close()
        assert sorted(values(all_of(two))) == sorted(values(mine))

    def test_a_member_owns_what_it_was_handed_until_it_leaves(self, bus: Bus) -> None:
        bus.produce([said(ENRICHED, "a", "1")])
        consumer = bus.consumer("g", [ENRICHED.name])
        records = polled(consumer)
        consumer.confirm()
        consumer.commit(records)
        consumer.confirm()
        consumer.close()
        with pytest.raises(Retryable):
            consumer.confirm()

    def test_reading_a_range_belongs_to_no_group(self, bus: Bus) -> None:
        offsets = bus.produce(said(ACTS, "k", str(n)) for n in range(6))
        place = ACTS.name, 0
        found = bus.read(ACTS.name, {place: offsets[2]}, {place: offsets[4]})
        assert values(list(found)) == ["2", "3"]
        assert values(list(bus.read(ACTS.name, {place: offsets[5]}))) == ["5"]
        assert values(list(bus.read(ACTS.name, None, {place: offsets[1]}))) == ["0"]
        assert bus.groups() == []

    def test_reading_ends_where_the_log_ended_when_it_began(self, bus: Bus) -> None:
        bus.produce([said(ACTS, "k", "0")])
        seen: list[str] = []
        for number, record in enumerate(bus.read(ACTS.name)):
            seen += values([record])
            bus.produce([said(ACTS, "k", str(number + 1))])
        assert seen == ["0"]

    def test_the_latest_of_each_key_is_a_topics_content(self, bus: Bus) -> None:
        bus.produce([said(FEEDS, "a 1", "old"), said(FEEDS, "b 2", "kept")])
        bus.produce([said(FEEDS, "a 1", "new")])
        assert {r.key: r.value for r in bus.latest(FEEDS.name)} == {"a 1": b"new", "b 2": b"kept"}

    def test_the_latest_holds_for_topics_that_are_not_compacted(self, bus: Bus) -> None:
        bus.produce([said(ACTS, "a", "1"), said(ACTS, "b", "2"), said(ACTS, "a", "3")])
        assert {r.key: r.value for r in bus.latest(ACTS.name)} == {"a": b"3", "b": b"2"}

    def test_a_tombstone_hides_its_key_and_is_handed_to_consumers(self, bus: Bus) -> None:
        bus.produce([said(FEEDS, "a 1", "x"), said(FEEDS, "a 1", None)])
        assert list(bus.latest(FEEDS.name)) == []
        assert [r.value for r in drained(bus, "g", FEEDS)] == [b"x", None]
        bus.produce([said(FEEDS, "a 1", "again")])
        assert values(list(bus.latest(FEEDS.name))) == ["again"]

    def test_an_empty_topic_has_ends_and_no_content(self, bus: Bus) -> None:
        assert bus.ends(ITEMS.name) == {(ITEMS.name, n): 0 for n in range(ITEMS.partitions)}
        assert list(bus.latest(FEEDS.name)) == []
        assert list(bus.read(ITEMS.name)) == []

    def test_groups_are_those_that_committed(self, bus: Bus) -> None:
        bus.produce([said(ACTS, "k", "1")])
        drained(bus, "looked", ACTS)
        drained(bus, "done", ACTS, commit=True)
        assert bus.groups() == ["done"]
        assert bus.committed("nobody") == {}

    def test_a_topic_keeps_its_identity(self, bus: Bus) -> None:
        names = ITEMS.name, ACTS.name
        before = bus.identities(names)
        bus.produce([said(ITEMS, "a"), said(ACTS, "b")])
        assert before.keys() == set(names)
        assert bus.identities(names) == before

    def test_threads_that_produce_at_once_lose_nothing(self, bus: Bus) -> None:
        def produce(name: str) -> None:
            for n in range(20):
                bus.produce([said(ACTS, name, f"{name}{n}"), said(ACTS, name, f"{name}{n}+")])

        threads = [threading.Thread(target=produce, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = list(bus.read(ACTS.name))
        assert len(found) == 120
        for name in "abc":
            expected = [f"{name}{n}{s}" for n in range(20) for s in ("", "+")]
            assert values([r for r in found if r.key == name]) == expected

    @given(st.data())
    @settings(ANY_ADAPTER, max_examples=25)
    def test_at_least_once_holds_for_any_course_of_events(
        self, new_bus: NewBus, data: st.DataObject
    ) -> None:
        """Produce, poll, commit, rewind and restart in any order: nothing is skipped, what was
        committed does not come again, order holds.
        """
        bus = new_bus()
        consumer = bus.consumer("g", [ACTS.name])
        said_so_far, committed, position = 0, 0, 0
        held: list[Record] = []
        steps = st.sampled_from(["produce", "poll", "commit", "rewind", "restart"])
        for step in data.draw(st.lists(steps, max_size=25)):
            if step == "produce":
                n = data.draw(st.integers(1, 4))
                bus.produce(said(ACTS, "k", str(said_so_far + i)) for i in range(n))
                said_so_far += n
            elif step == "poll":
                if position == said_so_far:
                    continue
                got = consumer.poll(data.draw(st.integers(1, 5)), timeout_s=WAKE_S)
                assert values(got) == [str(position + i) for i in range(len(got))]
                assert got
                position += len(got)
                held += got
            elif step == "commit" and held:
                n = data.draw(st.integers(1, len(held)))
                consumer.commit(held[:n])
                committed += n
                held = held[n:]
            elif step == "rewind":
                consumer.rewind()
                position, held = committed, []
            elif step == "restart":
                consumer.close()
                consumer = bus.consumer("g", [ACTS.name])
                position, held = committed, []
        consumer.close()
        assert values(drained(bus, "g", ACTS)) == [str(n) for n in range(committed, said_so_far)]
        bus.close()


def _by_place(records: Sequence[Record]) -> dict[tuple[str, int], list[Record]]:
    found: dict[tuple[str, int], list[Record]] = {}
    for record in records:
        found.setdefault((record.topic, record.partition), []).append(record)
    return found
