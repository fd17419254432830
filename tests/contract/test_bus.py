"""Every log keeps the same promises."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from contract.bus_suite import BusSuite, NewBus, Together
from contract.retention_suite import RetentionSuite
from support.kafka_desk import Desks
from support.servers.fixtures import KafkaServer
from tocsin.adapters.kafka.member import KafkaMember
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.bus import Bus, Consumer
from tocsin_schemas.topics import ACTS, ENRICHED, FEEDS, ITEMS, Topic


class TestMemoryBus(BusSuite, RetentionSuite):
    @pytest.fixture
    def new_bus(self) -> NewBus:
        return MemoryBus


class TestSqliteBus(BusSuite, RetentionSuite):
    @pytest.fixture
    def new_bus(self, tmp_path: Path) -> Iterator[NewBus]:
        numbers = count()
        stores: list[SqliteStore] = []

        def new() -> SqliteBus:
            stores.append(SqliteStore(tmp_path / str(next(numbers)), ballast_bytes=4096))
            return SqliteBus(stores[-1])

        yield new
        for store in stores:
            store.close()


@pytest.mark.servers
class TestKafkaBus(BusSuite):
    """Without the retention suite: the broker prunes (`integration/test_kafka_topics.py`)."""

    @pytest.fixture
    def new_bus(self, kafka_server: KafkaServer, prefix: str) -> Iterator[NewBus]:
        with Desks(kafka_server.servers, prefix, (ACTS, ENRICHED, FEEDS, ITEMS)) as desks:
            yield desks.new

    @pytest.fixture
    def together(self) -> Together:
        return both_in


def both_in(bus: Bus, group: str, topic: Topic) -> tuple[Consumer, Consumer]:
    """Two members that have shared out the partitions: each must be polled while the other joins."""
    shared = Event()
    members = [bus.consumer(group, [topic.name]) for _ in range(2)]

    def attend(member: Consumer) -> None:
        while not shared.is_set():
            assert member.poll(timeout_s=0.1) == []

    threads = [Thread(target=attend, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for _ in range(300):
        if all(_owned(member) == topic.partitions // 2 for member in members):
            break
        shared.wait(0.1)
    shared.set()
    for thread in threads:
        thread.join()
    assert [_owned(member) for member in members] == [topic.partitions // 2] * 2
    return members[0], members[1]


def _owned(member: Consumer) -> int:
    assert isinstance(member, KafkaMember)
    return len(member._consumer.assignment()) if member._consumer else 0
