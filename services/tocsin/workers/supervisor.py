"""All workers of the path in one process, in lanes: a thread each, its workers stepped in turn.

Workers that compute share a lane: two computing threads of one Python process only take the lock from
each other, at every statement of the store. A worker that waits for others (children, receivers) has a
lane of its own.

A passing fault (`Retryable`, a full disk) pauses its worker and is told in `problem`; nothing is read
meanwhile, so nothing is lost. Anything else is a bug: it is logged whole, and the worker starts again
from its last commit. Neither stops the other workers of the lane.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.errors import Retryable, StoreError, TocsinError
from tocsin.telemetry import logger
from tocsin.workers.runner import Steps

IDLE_S = 0.5
"""How long a lane without work waits for news before it looks whether to stop, seconds."""
PAUSES_S = (0.2, 1.0, 5.0, 15.0)
"""Pause after the first, second … failure in a row, seconds."""


@dataclass(slots=True)
class _Seat:
    """A worker in its lane."""

    worker: Steps
    started: bool = True
    failures: int = 0
    resume_at: float = 0.0


class Supervisor:
    """Runs workers until told to stop. `wait` blocks until there may be news, or its timeout."""

    def __init__(
        self, lanes: Sequence[Sequence[Steps]], wait: Callable[[float], object] = time.sleep
    ) -> None:
        self._lanes = [[_Seat(worker) for worker in lane] for lane in lanes]
        self._wait = wait
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._problems: dict[str, str] = {}
        self._log = logger(worker="supervisor")

    @property
    def problem(self) -> str:
        """What keeps a worker from its work, in words; empty when all is well."""
        return "; ".join(sorted(set(self._problems.values())))

    def start(self, *, at_once: bool = True) -> None:
        """Make every worker ready, then start the lanes. Raises what a worker's start raises; unless
        `at_once`, a start that fails is tried again like a step that fails.
        """
        for lane in self._lanes:
            for seat in lane:
                seat.started = at_once
                if at_once:
                    seat.worker.start()
                else:
                    self._problems[seat.worker.name] = f"{seat.worker.name} is starting"
        for lane in self._lanes:
            name = "+".join(seat.worker.name for seat in lane)
            thread = threading.Thread(target=self._run, args=(lane,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self, lane: list[_Seat]) -> None:
        alone = len(lane) == 1
        while not self._stop.is_set():
            done = sum(self._step(seat, IDLE_S if alone else 0.0) for seat in lane)
            if done == 0 and not self._stop.is_set():
                resting = any(seat.failures for seat in lane)
                if resting:
                    self._stop.wait(PAUSES_S[0])
                elif not alone:
                    self._wait(IDLE_S)
        for seat in lane:
            try:
                seat.worker.close()
            except Exception:  # the next worker of the lane has something to close as well
                self._log.exception("not-closed", of=seat.worker.name)

    def _step(self, seat: _Seat, timeout_s: float) -> int:
        if self._stop.is_set() or time.monotonic() < seat.resume_at:
            return 0
        try:
            if not seat.started:
                seat.worker.start()
                seat.started = True
            done = seat.worker.step(timeout_s)
        except Exception as error:
            pause = PAUSES_S[min(seat.failures, len(PAUSES_S) - 1)]
            seat.failures += 1
            seat.started = False
            seat.resume_at = time.monotonic() + (getattr(error, "retry_after_s", None) or pause)
            self._tell(seat, error)
            return 0
        seat.failures = 0
        self._problems.pop(seat.worker.name, None)
        return done

    def _tell(self, seat: _Seat, error: Exception) -> None:
        name = seat.worker.name
        text = str(error) if isinstance(error, TocsinError) else f"{name} failed: {error!r}"
        self._problems[name] = text
        if isinstance(error, Retryable | StoreError):
            if seat.failures == 1:  # once, not every pause: a full disk has better use for the room
                self._log.error("worker-paused", of=name, why=text)
        else:
            self._log.exception("worker-failed", of=name, failures=seat.failures)

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Ask all to stop after the batch in hand; True if all did within `timeout_s`."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout_s)
        return not any(t.is_alive() for t in self._threads)


def drain(workers: Sequence[Steps], *, stop: Callable[[], bool] = lambda: False) -> bool:
    """Step all workers in turn, in this thread, until a whole round handles nothing (True), or `stop`
    says so between two batches (False). For commands that work without a desk, and for tests.
    """
    while True:
        done = 0
        for worker in workers:
            if stop():
                return False
            done += worker.step(0.0)
        if done == 0:
            return True
