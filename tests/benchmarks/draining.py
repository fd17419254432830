"""How fast a worker's group works a topic off, seen from outside: its positions over time.

Nothing is asked of the worker itself. What it needs to start, and the records up to the first commit that
is seen, do not count.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import family

from support.processes import Process
from tocsin.bootstrap.standing import behind
from tocsin.ports.bus import Bus
from tocsin_schemas.topics import ALERTS, CLUSTERED, ENRICHED, ITEMS, STORIES

MAIN: dict[str, tuple[str, ...]] = {
    "enricher": (ITEMS.name,),
    "clusterer": (ENRICHED.name,),
    "indexer": (CLUSTERED.name, STORIES.name),
    "alerter": (CLUSTERED.name, STORIES.name),
    "notifier": (ALERTS.name,),
}
"""The news among what each worker reads, in the order in which the news meets them."""
LOOK_S = 0.1


@dataclass(frozen=True)
class Drain:
    """`share` of what was there was handled in `seconds`, which took `spent_s` of processor time."""

    share: float
    seconds: float
    spent_s: float

    def rate(self, things: int) -> float:
        """Of `things` that were there, how many a second."""
        return things * self.share / self.seconds

    def ms_each(self, things: int) -> float:
        """Processor time for each of `things`, milliseconds."""
        return self.spent_s * 1000 / (things * self.share)


def drain(bus: Bus, member: Process, timeout_s: float = 600.0) -> Drain:
    """Watch `member` work off what stands in its topics now. Raises AssertionError after `timeout_s`, or
    where it ends.
    """
    worker, pid = member.service, member.pid
    topics = MAIN[worker]
    records = left = behind(bus, worker, topics)
    deadline = time.perf_counter() + timeout_s

    def look() -> int:
        assert time.perf_counter() < deadline, f"{worker}: {left} of {records} records are left"
        assert member.running, member.tail()
        time.sleep(LOOK_S)
        return behind(bus, worker, topics)

    while left == records:
        left = look()
    first, began, spent = left, time.perf_counter(), family.processor_s([pid])
    while left:
        left = look()
    seconds = time.perf_counter() - began
    return Drain(first / records, seconds, family.processor_s([pid]) - spent)


def settled(bus: Bus, last: str) -> bool:
    """Whether all that was collected has been handled by every worker up to `last`: looked at in the
    news's own order, so that nothing slips past.
    """
    names = list(MAIN)
    wanted = names[: min(names.index(last), 2)] + (["alerter"] if last == "notifier" else [])
    return all(behind(bus, name, MAIN[name]) == 0 for name in dict.fromkeys([*wanted, last]))


def until(check: Callable[[], bool], timeout_s: float, pause_s: float = LOOK_S) -> float:
    """Seconds until `check` holds; AssertionError after `timeout_s`."""
    began = time.perf_counter()
    while not check():
        assert time.perf_counter() - began < timeout_s, f"waited {timeout_s} s in vain"
        time.sleep(pause_s)
    return time.perf_counter() - began


def drained(bus: Bus, workers: Sequence[str]) -> bool:
    """Whether none of `workers` has anything left."""
    return all(behind(bus, name, MAIN[name]) == 0 for name in workers)
