"""The log on a real broker: what the contract suite cannot ask of an adapter that lives in one process."""

import threading
from collections.abc import Callable, Iterator
from random import Random
from time import monotonic
from types import SimpleNamespace

import pytest

from contract.bus_suite import drained, polled, said, values
from support.kafka_desk import Desks
from support.servers.fixtures import KafkaServer
from tocsin.adapters.kafka import client, member, questions
from tocsin.adapters.kafka.bus import KafkaBus
from tocsin.adapters.kafka.names import TopicPartition
from tocsin.adapters.kafka.topics import ConfigResource, ConfigResourceType, make_topics
from tocsin.errors import Retryable, Stopping, TocsinError, UsageError
from tocsin.ports.bus import Message, Record
from tocsin_schemas.topics import ACTS, CLUSTERED, FEEDS, ITEMS

pytestmark = pytest.mark.servers

NOWHERE = "127.0.0.1:1"
LARGE = Random(1).randbytes(100_000)
"""What no packing makes smaller."""
SOON_S = 30.0


@pytest.fixture
def desks(kafka_server: KafkaServer, prefix: str) -> Iterator[Desks]:
    with Desks(kafka_server.servers, prefix, (ACTS, CLUSTERED, FEEDS, ITEMS)) as made:
        yield made


@pytest.fixture
def admin(kafka_server: KafkaServer) -> Iterator[object]:
    made = client.admin(client.options(kafka_server.servers, "tocsin-tests"))
    yield made
    made.close()


class TestGroups:
    def test_a_member_that_was_replaced_may_neither_confirm_nor_commit(self, desks, admin) -> None:
        prefix = desks.prefix()
        slept, successor = desks.another(prefix), desks.another(prefix)
        slept.produce(said(ACTS, "k", str(n)) for n in range(4))
        old = slept.consumer("g", [ACTS.name])
        records = polled(old)
        old.confirm()
        _throw_out(admin, f"{prefix}g", old)
        with pytest.raises(Retryable):
            old.confirm()
        with pytest.raises(Retryable):
            old.commit(records)
        new = successor.consumer("g", [ACTS.name])
        assert values(polled(new)) == values(records)

    def test_what_was_handed_out_before_a_partition_was_taken_and_given_back_is_not_confirmed(
        self, desks, admin
    ) -> None:
        prefix = desks.prefix()
        bus = desks.another(prefix)
        bus.produce(said(ACTS, "k", str(n)) for n in range(4))
        consumer = bus.consumer("g", [ACTS.name])
        records = polled(consumer)
        _throw_out(admin, f"{prefix}g", consumer)
        with pytest.raises(Retryable):
            consumer.commit(records)
        assert values(polled(consumer)) == values(records)
        consumer.confirm()
        consumer.commit(records)

    def test_a_late_commit_of_a_record_from_an_earlier_tenure_does_not_move_the_group_back(
        self, desks, admin
    ) -> None:
        prefix = desks.prefix()
        bus, other = desks.another(prefix), desks.another(prefix)
        bus.produce(said(ACTS, "k", str(n)) for n in range(6))
        consumer = bus.consumer("g", [ACTS.name])
        records = polled(consumer)
        _throw_out(admin, f"{prefix}g", consumer)
        assert len(drained(other, "g", ACTS, commit=True)) == 6
        assert consumer.poll(timeout_s=2.0) == []
        with pytest.raises(Retryable):
            consumer.commit(records[:3])
        assert bus.committed("g") == {(ACTS.name, 0): 6}

    def test_a_member_that_leaves_is_followed_at_once(self, desks) -> None:
        prefix = desks.prefix()
        bus, other = desks.another(prefix), desks.another(prefix, session_s=30.0)
        bus.produce([said(ACTS, "k", "1")])
        one, two = other.consumer("g", [ACTS.name]), bus.consumer("g", [ACTS.name])
        polled(one)
        one.close()
        started = monotonic()
        assert values(polled(two)) == ["1"]
        assert monotonic() - started < 15.0  # half the session that the one who left would have had

    def test_a_poll_that_may_not_wait_hands_out_what_stands_in_the_log(self, desks) -> None:
        bus = desks.new()
        consumer = bus.consumer("g", [ACTS.name])
        assert consumer.poll(timeout_s=0.0) == []
        for n in range(20):
            bus.produce([said(ACTS, "k", str(n))])
            assert values(consumer.poll(timeout_s=0.0)) == [str(n)]

    def test_a_client_that_hands_out_nothing_while_the_log_goes_on_is_made_anew(
        self, desks, monkeypatch
    ) -> None:
        monkeypatch.setattr(member, "STALL_S", 0.2)
        bus = desks.new()
        bus.produce([said(ACTS, "k", "0")])
        consumer = bus.consumer("g", [ACTS.name])
        consumer.commit(polled(consumer))
        stuck = consumer._consumer
        stuck.pause(*stuck.assignment())  # as the library's fault looks from outside
        bus.produce([said(ACTS, "k", "1")])
        assert values(polled(consumer)) == ["1"]
        assert consumer._consumer is not stuck

    def test_only_the_groups_of_this_desk_are_listed_by_their_logical_names(self, desks) -> None:
        bus, other = desks.new(), desks.new()
        bus.produce([said(ACTS, "k", "1")])
        other.produce([said(ACTS, "k", "1")])
        drained(bus, "mine", ACTS, commit=True)
        drained(other, "theirs", ACTS, commit=True)
        assert bus.groups() == ["mine"]
        assert bus.committed("mine") == {(ACTS.name, 0): 1}
        assert bus.committed("theirs") == {}


class TestReading:
    def test_a_range_that_begins_before_the_oldest_kept_begins_at_the_oldest(
        self, desks, admin
    ) -> None:
        prefix = desks.prefix()
        bus = desks.another(prefix)
        bus.produce(said(ACTS, "k", str(n)) for n in range(6))
        admin.delete_records({TopicPartition(prefix + ACTS.name, 0): 4})
        assert values(list(bus.read(ACTS.name))) == ["4", "5"]
        assert values(list(bus.read(ACTS.name, {(ACTS.name, 0): 1}, {(ACTS.name, 0): 5}))) == ["4"]
        assert list(bus.read(ACTS.name, None, {(ACTS.name, 0): 3})) == []
        assert values(drained(bus, "g", ACTS)) == ["4", "5"]

    def test_a_range_asked_for_beyond_the_end_ends_at_the_end(self, desks) -> None:
        bus = desks.new()
        bus.produce([said(ACTS, "k", "0")])
        assert values(list(bus.read(ACTS.name, None, {(ACTS.name, 0): 1000}))) == ["0"]
        assert list(bus.read(ACTS.name, {(ACTS.name, 0): 1000})) == []

    def test_reading_passes_marks_that_are_no_records(self, kafka_server, desks) -> None:
        prefix = desks.prefix()
        bus = desks.another(prefix)
        foreign = client.KafkaProducer(
            bootstrap_servers=kafka_server.servers, transactional_id=prefix, acks="all"
        )
        foreign.init_transactions()
        foreign.begin_transaction()
        foreign.send(prefix + ACTS.name, key=b"k", value=b"0", partition=0)
        foreign.commit_transaction()
        foreign.close()
        _until(lambda: bus.ends(ACTS.name) == {(ACTS.name, 0): 2})  # the record, and the mark
        assert values(list(bus.read(ACTS.name))) == ["0"]
        assert values(list(bus.latest(ACTS.name))) == ["0"]
        assert values(drained(bus, "g", ACTS, commit=True)) == ["0"]

    def test_a_register_is_seen_by_another_process_as_soon_as_it_was_written(self, desks) -> None:
        prefix = desks.prefix()
        here, there = desks.another(prefix), desks.another(prefix)
        assert list(there.latest(FEEDS.name)) == []
        for n in range(10):
            here.produce([said(FEEDS, f"host-{n} x", str(n)), said(FEEDS, "moving x", str(n))])
            found = {r.key: (r.value or b"").decode() for r in there.latest(FEEDS.name)}
            assert found["moving x"] == str(n)
            assert len(found) == n + 2
        here.produce([said(FEEDS, "moving x", None)])
        assert "moving x" not in {r.key for r in there.latest(FEEDS.name)}

    def test_an_unchanged_register_is_read_from_memory(self, desks, monkeypatch) -> None:
        bus = desks.new()
        bus.produce(said(FEEDS, f"host-{n} x", str(n)) for n in range(50))
        first = list(bus.latest(FEEDS.name))
        monkeypatch.setattr(bus._reader, "read", None)  # would be called to read the log
        assert list(bus.latest(FEEDS.name)) == first

    def test_a_register_that_was_made_anew_starts_over(self, desks, admin) -> None:
        prefix = desks.prefix()
        bus = desks.another(prefix)
        bus.produce(said(FEEDS, "a x", str(n)) for n in range(5))
        assert len(list(bus.latest(FEEDS.name))) == 1
        before = bus.identities([FEEDS.name])
        admin.delete_topics([prefix + FEEDS.name])
        _until(lambda: make_topics(desks.servers, prefix, 1, {FEEDS.name: FEEDS}) != [])
        _until(lambda: bus.identities([FEEDS.name]) != before)
        _until(lambda: _safely(lambda: bus.latest(FEEDS.name)) == [])
        bus.produce([said(FEEDS, "b x", "new")])
        assert [r.key for r in bus.latest(FEEDS.name)] == ["b x"]

    def test_readers_in_many_threads_do_not_disturb_each_other(self, desks) -> None:
        bus = desks.new()
        bus.produce(said(ITEMS, f"feed-{n}", str(n)) for n in range(300))
        found: list[int] = []

        def read() -> None:
            found.append(len(list(bus.read(ITEMS.name))))
            found.append(len(list(bus.latest(ITEMS.name))))

        threads = [threading.Thread(target=read) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [300] * 10


class TestRefusals:
    def test_a_topic_that_the_broker_does_not_have_is_named_with_the_command_that_makes_it(
        self, kafka_server, prefix
    ) -> None:
        bus = KafkaBus(kafka_server.servers, prefix=prefix)
        consumer = bus.consumer("g", [ACTS.name])
        for ask in (
            lambda: bus.produce([said(ACTS, "k", "1")]),
            lambda: bus.ends(ACTS.name),
            lambda: bus.read(ACTS.name),
            lambda: bus.latest(FEEDS.name),
            consumer.poll,
        ):
            with pytest.raises(TocsinError, match=rf"{prefix}.*run `tocsin setup`") as raised:
                ask()
            assert not isinstance(raised.value, Retryable)
        bus.close()

    def test_a_record_that_only_the_broker_finds_too_large_is_a_persons_affair(
        self, desks, admin
    ) -> None:
        prefix = desks.prefix()
        bus = desks.another(prefix)
        _limit(admin, prefix + ACTS.name, bus)
        with pytest.raises(UsageError, match=r"too large.*tocsin setup"):
            bus.produce([said(ACTS, "k", "small"), Message(ACTS.name, "k", LARGE)])
        bus.produce([said(ACTS, "k", "small")])

    def test_one_callers_record_too_large_is_not_held_against_the_others(
        self, desks, admin
    ) -> None:
        prefix = desks.prefix()
        bus = desks.another(prefix)
        _limit(admin, prefix + ACTS.name, bus)
        wrong: list[Exception] = []
        written: list[str] = []

        def innocent(name: str) -> None:
            for n in range(40):
                while True:
                    try:
                        bus.produce([said(ACTS, name, f"{name}{n}")])
                        written.append(f"{name}{n}")
                        break
                    except Retryable:
                        continue
                    except TocsinError as error:
                        wrong.append(error)
                        return

        threads = [threading.Thread(target=innocent, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for _ in range(4):
            with pytest.raises((UsageError, Retryable)):
                bus.produce([Message(ACTS.name, "k", LARGE)])
        for thread in threads:
            thread.join()
        assert wrong == []
        assert len(written) == 80
        assert {n.encode() for n in written} <= {r.value for r in bus.read(ACTS.name)}

    def test_a_broker_that_is_not_there_is_a_passing_fault_and_leaves_nothing_running(
        self, monkeypatch
    ) -> None:
        monkeypatch.setattr(client, "BOOTSTRAP_S", 0.5)
        monkeypatch.setattr(questions, "PATIENCE_S", 0.5)
        before = threading.active_count()
        bus = KafkaBus(NOWHERE)
        for ask in (
            lambda: bus.produce([said(ACTS, "k", "1")]),
            lambda: bus.ends(ACTS.name),
            lambda: bus.consumer("g", [ACTS.name]).poll(timeout_s=0.1),
        ):
            with pytest.raises(Retryable, match=NOWHERE):
                ask()
        bus.close()
        _until(lambda: threading.active_count() <= before)

    def test_a_producer_that_cannot_go_on_is_replaced(self, desks) -> None:
        bus = desks.new()
        bus.produce([said(ACTS, "k", "0")])
        bus._writer._producer.close()
        with pytest.raises(Retryable):
            bus.produce([said(ACTS, "k", "1")])
        assert bus.produce([said(ACTS, "k", "1")]) == [1]

    def test_a_closed_bus_is_closed_and_may_be_closed_again(self, desks) -> None:
        bus = desks.new()
        bus.produce([said(ACTS, "k", "1")])
        consumer = bus.consumer("g", [ACTS.name])
        polled(consumer)
        bus.close()
        bus.close()
        with pytest.raises(ValueError, match="closed"):
            consumer.poll()
        for ask in (lambda: bus.produce([said(ACTS, "k")]), lambda: bus.ends(ACTS.name)):
            with pytest.raises(Stopping):
                ask()


def _throw_out(admin: object, group: str, consumer: member.KafkaMember) -> None:
    """As when a session runs out: the group goes on without this member, which does not know."""
    held = consumer._consumer.group_metadata().member_id
    admin.remove_group_members(
        group, [SimpleNamespace(member_id=held, group_instance_id=None, reason=None)]
    )


def _limit(admin: object, topic: str, bus: KafkaBus) -> None:
    """Lower the broker's limit to 1,000 bytes, and wait until it is felt."""
    limit = {"max.message.bytes": "1000"}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, limit)])

    def felt() -> bool:
        try:
            bus.produce([Message(ACTS.name, "k", LARGE)])
        except UsageError:
            return True
        return False

    _until(felt)


def _until(holds: Callable[[], bool], seconds: float = SOON_S) -> None:
    deadline = monotonic() + seconds
    pause = threading.Event()
    while not holds():
        assert monotonic() < deadline, "it never came"
        pause.wait(0.05)


def _safely(ask: Callable[[], Iterator[Record]]) -> list[Record] | None:
    try:
        return list(ask())
    except TocsinError:
        return None
