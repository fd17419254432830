import threading

import pytest

from tocsin.adapters.groups import Bell
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.ports.bus import Message
from tocsin_schemas.topics import ACTS, ITEMS


def test_a_ring_between_looking_and_waiting_is_heard() -> None:
    bell = Bell()
    seen = bell.rung
    bell.ring()
    assert bell.wait_beyond(seen, 0)
    assert not bell.wait_beyond(bell.rung, 0)


def test_every_waiting_thread_hears_a_ring_once() -> None:
    bell = Bell()
    heard: list[tuple[bool, bool]] = []

    def listen() -> None:
        heard.append((bell.wait(30), bell.wait(0)))

    threads = [threading.Thread(target=listen) for _ in range(3)]
    for thread in threads:
        thread.start()
    bell.ring()
    for thread in threads:
        thread.join()
    assert heard == [(True, False)] * 3


def test_a_member_of_another_topic_takes_no_share() -> None:
    bus = MemoryBus()
    reader = bus.consumer("g", [ITEMS.name])
    bus.consumer("g", [ACTS.name])
    bus.produce(Message(ITEMS.name, f"feed-{n}", b"") for n in range(50))
    assert len(reader.poll(timeout_s=0)) == 50


def test_a_member_that_joins_later_takes_its_share_from_the_committed_position() -> None:
    bus = MemoryBus()
    first = bus.consumer("g", [ITEMS.name])
    bus.produce(Message(ITEMS.name, f"feed-{n}", b"") for n in range(50))
    records = first.poll(timeout_s=0)
    first.commit(records[:25])
    second = bus.consumer("g", [ITEMS.name])
    again = second.poll(timeout_s=0)
    committed = bus.committed("g")
    assert again
    assert all(r.offset >= committed.get((r.topic, r.partition), 0) for r in again)
    assert first.poll(timeout_s=0) == []


def test_a_closed_consumer_says_so() -> None:
    consumer = MemoryBus().consumer("g", [ACTS.name])
    consumer.close()
    with pytest.raises(ValueError, match="closed"):
        consumer.poll()


def test_a_group_subscribes_to_something() -> None:
    with pytest.raises(ValueError, match="no topic"):
        MemoryBus().consumer("g", [])
