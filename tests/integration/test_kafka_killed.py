"""A broker of one's own, killed (-9) and started again, and one that compacts while it is read."""

import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import pytest

from contract.bus_suite import all_of, drained, said
from support.kafka_desk import Desks
from support.servers.kafka_local import LocalKafka
from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.topics import ConfigResource, ConfigResourceType
from tocsin.errors import Retryable
from tocsin.ports.bus import Record
from tocsin_schemas.topics import ACTS, FEEDS, ITEMS

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SOON_S = 30.0


class TestKilledBroker:
    """The broker is killed (-9) and comes back on the same disk; the bus is never made again."""

    @pytest.fixture
    def broker(self, own_kafka: Callable[..., LocalKafka]) -> LocalKafka:
        return own_kafka()

    def test_nothing_acknowledged_is_lost_and_both_ends_go_on_by_themselves(
        self, broker, capfd
    ) -> None:
        topics = (ACTS, FEEDS, ITEMS)
        with Desks(broker.servers, "killed-", topics) as desks:
            prefix = desks.prefix()
            bus = desks.another(prefix)
            acknowledged: list[str] = []
            handled: list[Record] = []
            stop = threading.Event()

            def produce() -> None:
                number = 0
                while not stop.is_set():
                    batch = [str(number + i) for i in range(20)]
                    try:
                        bus.produce(said(ITEMS, f"feed-{n}", n) for n in batch)
                    except Retryable:
                        continue
                    acknowledged.extend(batch)
                    number += 20

            def consume() -> None:
                consumer = bus.consumer("g", [ITEMS.name])
                while not stop.is_set():
                    try:
                        records = consumer.poll(timeout_s=0.2)
                        consumer.confirm()
                        handled.extend(records)  # the effect comes before the commit
                        consumer.commit(records)
                    except Retryable:
                        with_retry(consumer.rewind)
                consumer.close()

            def with_retry(act: Callable[[], None]) -> None:
                while not stop.is_set():
                    with suppress(Retryable):
                        act()
                        break

            bus.latest(FEEDS.name)
            threads = [threading.Thread(target=work) for work in (produce, consume)]
            for thread in threads:
                thread.start()
            try:
                for _ in range(2):
                    _grown(acknowledged, 200)
                    _grown(handled, 200)
                    broker.kill()
                    broker.start()
                _grown(acknowledged, 200)
                _grown(handled, 200)
            finally:
                stop.set()
                for thread in threads:
                    thread.join(SOON_S)
            assert not any(thread.is_alive() for thread in threads)
            in_the_log = [r.value for r in bus.read(ITEMS.name)]
            assert {n.encode() for n in acknowledged} <= set(in_the_log)
            rest = drained(bus, "g", ITEMS, commit=True)
            seen = {(r.partition, r.offset) for r in [*handled, *rest]}
            assert seen == {(r.partition, r.offset) for r in bus.read(ITEMS.name)}
            assert list(bus.latest(FEEDS.name)) == []
        lines = [line for line in capfd.readouterr().err.splitlines() if "kafka-client" in line]
        assert len(lines) <= 60  # two kills; hundreds without the limit

    def test_reading_passes_what_compaction_took(self, own_kafka) -> None:
        broker = own_kafka(
            **{"log.cleaner.backoff.ms": "200", "log.segment.delete.delay.ms": "100"}
        )
        with Desks(broker.servers, "compacted-", (FEEDS,)) as desks:
            prefix = desks.prefix()
            bus = desks.another(prefix)
            topic = prefix + FEEDS.name
            eager = {"segment.ms": "200", "min.cleanable.dirty.ratio": "0.01"}
            asking = client.admin(client.options(broker.servers, "tocsin-tests"))
            asking.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, eager)])
            asking.close()

            def compacted() -> bool:
                bus.produce([said(FEEDS, "a x", "newest"), said(FEEDS, "a y", "newest")])
                return len(list(bus.read(FEEDS.name))) < sum(bus.ends(FEEDS.name).values()) - 10

            _until(compacted, 60.0)
            place = max(bus.ends(FEEDS.name), key=bus.ends(FEEDS.name).__getitem__)
            part = list(bus.read(FEEDS.name, {place: 1}, {place: 5}))
            assert all(1 <= r.offset < 5 for r in part)
            assert {r.key for r in bus.latest(FEEDS.name)} == {"a x", "a y"}
            assert {r.key for r in all_of(bus.consumer("g", [FEEDS.name]))} == {"a x", "a y"}


def _until(holds: Callable[[], bool], seconds: float = SOON_S) -> None:
    deadline = monotonic() + seconds
    pause = threading.Event()
    while not holds():
        assert monotonic() < deadline, "it never came"
        pause.wait(0.05)


def _grown(found: list, by: int) -> None:
    start = len(found)
    _until(lambda: len(found) >= start + by, 90.0)
