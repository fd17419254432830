"""How a worker process stands: what it waits for, what stands in its way, how far behind it is."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from tocsin.errors import Retryable, TocsinError
from tocsin.ports.bus import Bus
from tocsin.telemetry import LAG, logger
from tocsin.workers.health import Condition

LOOK_AGAIN_S = 1.0
"""Time between two looks at what is waited for, seconds."""
ANSWER_S = 2.0
"""How long a prober waits for the lag, seconds; compose's gives up after four."""
STARTING = "starting"
STUCK_S = 600.0
"""With records waiting and none handled for so long, a worker's thread hangs, seconds."""
FRESH_S = 1.0
"""How long a measured lag is good for, seconds: probes and metrics ask often."""


class Standing:
    """Of one worker. Thread-safe. It is not ready before `watch`."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._waiting = STARTING
        self._problem: Callable[[], str] = str
        self._bus: Bus | None = None
        self._topics: Sequence[str] = ()
        self._measured = (0.0, Progress(0, 0))
        self._measuring: Future[Progress] | None = None
        self._moved = (time.monotonic(), -1)
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="lag")
        self._log = logger(worker=worker)

    def wait_until(self, lacking: Callable[[], str], stop: threading.Event) -> bool:
        """Block until `lacking` names nothing, told in one line per reason; False when stopped."""
        while not stop.is_set():
            try:
                why = lacking()
            except TocsinError as error:
                why = str(error)
            if not why:
                self._waiting = STARTING
                return True
            if why != self._waiting:
                self._log.warning("waiting", why=why)
                self._waiting = why
            stop.wait(LOOK_AGAIN_S)
        return False

    def watch(self, bus: Bus, topics: Sequence[str], problem: Callable[[], str]) -> None:
        """It begins: measure how far the group of this worker is behind on `topics`; ask `problem` for
        faults.
        """
        self._bus, self._topics, self._problem = bus, topics, problem
        self._waiting = ""

    def condition(self) -> Condition:
        """The present condition, within `ANSWER_S`. Raises TocsinError where the log does not answer."""
        problem = self._waiting or self._problem()
        if problem or self._bus is None or not self._topics:
            return Condition(self._worker, problem)
        progress = self._progress(self._bus)
        return Condition(self._worker, self._stuck(progress), progress.lag)

    def _stuck(self, progress: "Progress") -> str:
        """Why nothing moves; empty while something does, or nothing waits."""
        since, handled = self._moved
        if progress.handled != handled or not progress.lag:
            self._moved = (time.monotonic(), progress.handled)
            return ""
        stood = time.monotonic() - since
        if stood < STUCK_S:
            return ""
        return f"{progress.lag} records wait and none was handled for {stood:.0f} s: restart it"

    def _progress(self, bus: Bus) -> "Progress":
        measured, progress = self._measured
        if time.monotonic() - measured > FRESH_S:
            # One question at a time, and none of a prober's waits longer than it would.
            if self._measuring is None:
                self._measuring = self._asker.submit(progress_of, bus, self._worker, self._topics)
            try:
                progress = self._measuring.result(ANSWER_S)
            except TimeoutError:
                raise Retryable(f"Kafka has not answered for {ANSWER_S:g} s") from None
            finally:
                if self._measuring is not None and self._measuring.done():
                    self._measuring = None
            LAG.labels(self._worker).set(progress.lag)
            self._measured = (time.monotonic(), progress)
        return progress


class Progress(NamedTuple):
    """Of one group: records not yet handled; and a number that rises with each that is."""

    lag: int
    handled: int


def progress_of(bus: Bus, group: str, topics: Sequence[str]) -> Progress:
    """How far `group` is on `topics`. Where it never committed, all records count as waiting."""
    committed = bus.committed(group)
    ends = {place: end for topic in topics for place, end in bus.ends(topic).items()}
    return Progress(
        sum(max(0, end - committed.get(place, 0)) for place, end in ends.items()),
        sum(at for place, at in committed.items() if place in ends),
    )


def behind(bus: Bus, group: str, topics: Sequence[str]) -> int:
    """Records of `topics` that `group` has not handled."""
    return progress_of(bus, group, topics).lag
