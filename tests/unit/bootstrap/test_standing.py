"""What a worker process waits for, and how far behind it says it is."""

import threading

import pytest

from tocsin.adapters.memory.bus import MemoryBus
from tocsin.bootstrap.standing import Standing, behind
from tocsin.errors import Retryable
from tocsin.ports.bus import Message
from tocsin_schemas.topics import ENRICHED, ITEMS


def test_a_process_is_not_ready_before_it_has_begun():
    assert Standing("indexer").condition().problem == "starting"


def test_it_waits_for_what_is_lacking_and_says_so(monkeypatch):
    monkeypatch.setattr("tocsin.bootstrap.standing.LOOK_AGAIN_S", 0.01)
    standing, told = Standing("indexer"), []
    answers = iter(["no broker", Retryable("still none"), ""])

    def lacking() -> str:
        told.append(standing.condition().problem)
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert standing.wait_until(lacking, threading.Event())
    assert told == ["starting", "no broker", "still none"]


def test_it_is_not_ready_while_it_waits_for_its_folder_and_loads_its_words():
    standing = Standing("indexer")
    standing.wait_until(str, threading.Event())
    assert standing.condition().problem == "starting"
    standing.watch(MemoryBus(), [ITEMS.name], str)
    assert standing.condition().problem == ""


def test_a_stop_ends_the_waiting():
    stop = threading.Event()
    stop.set()
    assert not Standing("indexer").wait_until(lambda: "no broker", stop)


def test_a_group_that_never_committed_is_behind_by_all_there_is():
    bus = MemoryBus()
    bus.produce([Message(ITEMS.name, f"feed-{n}", b"x") for n in range(20)])
    assert behind(bus, "enricher", [ITEMS.name, ENRICHED.name]) == 20
    consumer = bus.consumer("enricher", [ITEMS.name])
    consumer.commit(consumer.poll(max_records=15, timeout_s=0.0))
    assert behind(bus, "enricher", [ITEMS.name, ENRICHED.name]) == 5


def test_its_condition_counts_what_its_own_group_has_not_handled():
    bus, standing = MemoryBus(), Standing("enricher")
    bus.produce([Message(ITEMS.name, "feed", b"x")])
    standing.wait_until(str, threading.Event())
    standing.watch(bus, [ITEMS.name], str)
    assert standing.condition().lag == 1
    standing.watch(bus, [ITEMS.name], lambda: "disk full")
    assert standing.condition().problem == "disk full"


def test_a_log_that_does_not_answer_is_a_problem_within_the_probe_s_patience(monkeypatch):
    monkeypatch.setattr("tocsin.bootstrap.standing.ANSWER_S", 0.05)
    answered = threading.Event()

    class Slow(MemoryBus):
        def committed(self, group):
            answered.wait(10)
            return super().committed(group)

    bus, standing = Slow(), Standing("enricher")
    bus.produce([Message(ITEMS.name, "feed", b"x")])
    standing.wait_until(str, threading.Event())
    standing.watch(bus, [ITEMS.name], str)
    for _ in range(2):
        with pytest.raises(Retryable, match="not answered"):
            standing.condition()
    answered.set()
    monkeypatch.setattr("tocsin.bootstrap.standing.ANSWER_S", 10)
    assert standing.condition().lag == 1


def test_a_worker_that_handles_nothing_while_records_wait_is_not_ready(monkeypatch):
    monkeypatch.setattr("tocsin.bootstrap.standing.FRESH_S", -1.0)
    bus, standing = MemoryBus(), Standing("enricher")
    bus.produce([Message(ITEMS.name, "feed", b"x") for _ in range(3)])
    standing.watch(bus, [ITEMS.name], str)
    consumer = bus.consumer("enricher", [ITEMS.name])
    assert standing.condition().problem == ""
    monkeypatch.setattr("tocsin.bootstrap.standing.STUCK_S", 0.0)
    assert "3 records wait and none was handled" in standing.condition().problem
    consumer.commit(consumer.poll(max_records=1, timeout_s=0.0))
    assert standing.condition().problem == "", "something moves"
    consumer.commit(consumer.poll(timeout_s=0.0))
    standing.condition()
    assert standing.condition().problem == "", "nothing waits"
