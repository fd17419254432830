"""What changed, as counts, told to an open page by server-sent events. Ids and counts, never markup.

Every message holds whole counts, so that a reader who missed some, or meets a restarted desk, is
right again at the next one and nothing is told twice.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from tocsin.api.display import iso
from tocsin.api.reading import Reading

STREAMS = 64
"""Open streams at once; a browser needs one, whatever the number of its tabs."""
LOOK_S = 0.5
HEARTBEAT_S = 15.0


class Live:
    """The streams of one app."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._closed = False
        self._held: tuple[float, dict[str, Any]] | None = None
        self.open = 0

    def close(self) -> None:
        """End all streams within `LOOK_S`; later ones end at once."""
        self._closed = True

    @property
    def full(self) -> bool:
        """Whether one more stream would be too many."""
        return self.open >= STREAMS

    def counts(self) -> dict[str, Any]:
        """What a page compares itself with; streams that look at one time share one look."""
        held, tick = self._held, time.monotonic()
        if held is not None and tick - held[0] < LOOK_S / 2:
            return held[1]
        made = self._count()
        self._held = (tick, made)
        return made

    def _count(self) -> dict[str, Any]:
        c = self._reading.coverage()
        newest = self._reading.desk.search.listing("articles", limit=1).documents
        return {
            "articles": c.articles,
            "newest": iso(c.newest) if c.newest else None,
            "newest_id": newest[0].id if newest else None,
            "alerts": self._reading.desk.search.count("alerts"),
            "open_alerts": c.open_alerts,
            "feeds": c.feeds,
            "feeds_not_ok": c.not_ok,
            "lag": c.lag,
            "problem": c.problem,
        }

    async def stream(self, request: Request) -> AsyncIterator[bytes]:
        """Events `counts`, one at once and one at each change, a comment every 15 s."""
        self.open += 1
        try:
            yield b"retry: 3000\n\n"
            last: dict[str, Any] | None = None
            quiet = 0.0
            while not self._closed and not await request.is_disconnected():
                counts = await run_in_threadpool(self.counts)
                # The lag moves all the time; it is told with the next change, not as one.
                if last is None or {**counts, "lag": 0} != {**last, "lag": 0}:
                    last, quiet = counts, 0.0
                    number = f"{counts['articles']}-{counts['alerts']}"
                    yield b"id: %s\nevent: counts\ndata: %s\n\n" % (
                        number.encode(),
                        orjson.dumps(counts),
                    )
                elif quiet >= HEARTBEAT_S:
                    quiet = 0.0
                    yield b": still here\n\n"
                await asyncio.sleep(LOOK_S)
                quiet += LOOK_S
        finally:
            self.open -= 1
