"""How a stage's failures are met: the same thing again, after a pause, until it succeeds or is no longer ours.

It works in a thread of its own, so that the event loop goes on telling the group that this process
lives. Never skips anything.
"""

import asyncio
import threading
from collections.abc import Callable
from time import monotonic

from tocsin.adapters.faust.hand import Hand
from tocsin.errors import Retryable, Stopping, StoreError, TocsinError
from tocsin.telemetry import logger

PAUSES_S = (0.2, 1.0, 5.0, 15.0)
"""Before the second, third … try."""
STOP_S = 7.0
"""How long what is in hand may take once the process is to stop."""
_LOOK_S = 0.1
"""How often it is looked whether to stop."""


class Patience:
    """Tries for the worker called `name` until `stopping` is set."""

    def __init__(self, name: str, stopping: threading.Event) -> None:
        self.problem = ""
        """What keeps the worker from its work, in words; empty when all is well."""
        self._name = name
        self._stopping = stopping
        self._hand = Hand(name)
        self._retry_after_s: float | None = None
        self._log = logger(worker=name)

    async def persist(
        self, what: Callable[[], object], ours: Callable[[], bool] = lambda: True
    ) -> bool:
        """Do it until it succeeds: True. False where it is not `ours` any more, or to be stopped."""
        failures = 0
        while ours() and not (failures and self._stopping.is_set()):
            if await self.once(what, failures):
                return True
            failures += 1
            await self.pause(failures)
        return False

    async def once(self, what: Callable[[], object], failures: int = 0) -> bool:
        """Do it; whether it succeeded."""
        try:
            await self.do(what)
        except Exception as error:
            self.tell(error, failures)
            return False
        self.problem = ""
        return True

    async def do(self, what: Callable[[], object]) -> None:
        """Do it in the worker's thread; raises what it raises. Stopping, where it goes on for too long
        after the process was told to stop: it is left alone then.
        """
        call = asyncio.ensure_future(self._hand.call(what))
        last: float | None = None
        while not call.done():
            await asyncio.wait({call}, timeout=_LOOK_S)
            if self._stopping.is_set():
                last = last or monotonic() + STOP_S
                if not call.done() and monotonic() > last:
                    raise Stopping(f"the batch in hand did not end within {STOP_S:.0f} s")
        call.result()

    def tell(self, error: Exception, failures: int) -> None:
        """Note what went wrong, after so many failures before; it is logged at the first."""
        known = isinstance(error, TocsinError)
        self.problem = str(error) if known else f"{self._name} failed: {error!r}"
        self._retry_after_s = getattr(error, "retry_after_s", None)
        if isinstance(error, Retryable | StoreError | Stopping):
            if failures == 0:  # once, not at every try
                self._log.error("worker-paused", why=self.problem)
        else:
            self._log.error("worker-failed", failures=failures + 1, exc_info=error)

    async def pause(self, failures: int) -> None:
        """Wait as long as befits so many failures, or as the last one asked."""
        await self.rest(self._retry_after_s or PAUSES_S[min(failures, len(PAUSES_S)) - 1])

    async def rest(self, seconds: float) -> None:
        """Wait; not for long once the process is to stop."""
        until = monotonic() + seconds
        while not self._stopping.is_set() and (left := until - monotonic()) > 0:  # noqa: ASYNC110  # a signal's handler sets it
            await asyncio.sleep(min(left, _LOOK_S))

    def close(self) -> None:
        """Let go of the thread."""
        self._hand.close()
