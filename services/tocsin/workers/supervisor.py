"""All workers of the path in one process: a thread each, restarted after a fault, stopped together.

A passing fault (`Retryable`, a full disk) pauses its worker and is told in `problem`; nothing is read
meanwhile, so nothing is lost. Anything else is a bug: it is logged whole, and the worker starts again
from its last commit.
"""

import threading
from collections.abc import Callable, Sequence

from tocsin.errors import Retryable, StoreError, TocsinError
from tocsin.telemetry import logger
from tocsin.workers.runner import Steps

IDLE_S = 0.5
"""How long a worker waits for records before it looks whether to stop, seconds."""
PAUSES_S = (0.2, 1.0, 5.0, 15.0)
"""Pause after the first, second … failure in a row, seconds."""


class Supervisor:
    """Runs workers until told to stop."""

    def __init__(self, workers: Sequence[Steps]) -> None:
        self._workers = list(workers)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._problems: dict[str, str] = {}
        self._log = logger(worker="supervisor")

    @property
    def problem(self) -> str:
        """What keeps a worker from its work, in words; empty when all is well."""
        return "; ".join(sorted(set(self._problems.values())))

    def start(self) -> None:
        """Make every worker ready, then start the threads. Raises what a worker's start raises."""
        for worker in self._workers:
            worker.start()
        for worker in self._workers:
            thread = threading.Thread(
                target=self._run, args=(worker,), name=worker.name, daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _run(self, worker: Steps) -> None:
        failures, started = 0, True
        while not self._stop.is_set():
            try:
                if not started:
                    worker.start()
                    started = True
                worker.step(IDLE_S)
            except Exception as error:
                pause = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
                failures, started = failures + 1, False
                self._tell(worker.name, error, failures)
                self._stop.wait(getattr(error, "retry_after_s", None) or pause)
            else:
                failures = 0
                self._problems.pop(worker.name, None)
        worker.close()

    def _tell(self, name: str, error: Exception, failures: int) -> None:
        text = str(error) if isinstance(error, TocsinError) else f"{name} failed: {error!r}"
        self._problems[name] = text
        if isinstance(error, Retryable | StoreError):
            if failures == 1:  # once, not every pause: a full disk has better use for the room
                self._log.error("worker-paused", of=name, why=text)
        else:
            self._log.exception("worker-failed", of=name, failures=failures)

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
