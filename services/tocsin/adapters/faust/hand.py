"""One thread in which a stage works, while the event loop keeps the group and its heartbeats.

A daemon: a batch that never returns does not keep the process from ending.
"""

import asyncio
import queue
import threading
from collections.abc import Callable

Task = tuple[Callable[[], object], asyncio.Future[None]]


class Hand:
    """Calls functions one after the other in one thread."""

    def __init__(self, name: str) -> None:
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    async def call(self, what: Callable[[], object]) -> None:
        """Returns when it has; raises what it raises."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks.put((what, future))
        await future

    def close(self) -> None:
        """End the thread when it has nothing in hand."""
        self._tasks.put(None)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            what, future = task
            error: Exception | None = None
            try:
                what()
            except Exception as raised:  # it is told to whoever waits
                error = raised
            loop = future.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, future, error)


def _settle(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():  # nobody waits any more
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
