"""All workers in one process: a fault pauses one of them, is told, and mends itself."""

import threading

import pytest

from support.desk import wait_until
from tocsin.errors import DiskFull
from tocsin.workers.supervisor import Supervisor, drain


class Worker:
    name = "indexer"

    def __init__(self, faults=(), records=0):
        self.faults = list(faults)
        self.records = records
        self.started = self.closed = self.steps = 0
        self.idle = threading.Event()

    def start(self):
        self.started += 1

    def step(self, timeout_s):
        self.steps += 1
        if self.faults:
            raise self.faults.pop(0)
        if self.records:
            self.records -= 1
            return 1
        self.idle.set()
        self.idle.wait(0.01)
        return 0

    def close(self):
        self.closed += 1


def test_a_passing_fault_is_told_then_forgotten_and_the_worker_starts_again():
    worker = Worker([DiskFull("no room on the disk")])
    supervisor = Supervisor([[worker]])
    supervisor.start()

    wait_until(lambda: supervisor.problem, 10)
    told = supervisor.problem
    wait_until(lambda: worker.idle.is_set() and not supervisor.problem, 10)

    assert told == "no room on the disk"
    assert worker.started == 2
    assert supervisor.stop()
    assert worker.closed == 1


def test_a_worker_that_takes_its_time_to_start_is_told_as_starting():
    may = threading.Event()

    class Slow(Worker):
        def start(self):
            super().start()
            may.wait(30)

    worker = Slow()
    supervisor = Supervisor([[worker]])
    supervisor.start(at_once=False)
    told = supervisor.problem
    may.set()
    wait_until(lambda: not supervisor.problem, 10)

    assert told == "indexer is starting"
    assert supervisor.stop()


@pytest.mark.parametrize(
    "lanes", [lambda a, b: [[a], [b]], lambda a, b: [[a, b]]], ids=["two lanes", "one lane"]
)
def test_a_bug_restarts_only_the_worker_that_has_it(lanes):
    sick, well = Worker([ValueError("a bug")]), Worker(records=3)
    supervisor = Supervisor(lanes(sick, well))
    supervisor.start()

    wait_until(lambda: sick.idle.is_set() and well.idle.is_set(), 10)

    assert (sick.started, well.started) == (2, 1)
    assert supervisor.stop()


def test_draining_goes_on_until_a_whole_round_is_quiet():
    first, second = Worker(records=2), Worker(records=5)

    assert drain([first, second])

    assert first.records == second.records == 0


def test_draining_stops_between_two_batches_when_asked():
    worker = Worker(records=10)
    left = iter([False, False, True])

    assert not drain([worker], stop=lambda: next(left))

    assert worker.records == 8
