"""How far the desk is: lag, newest article, faults; and the housekeeping that goes on meanwhile."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from tocsin.api.desk import Progress
from tocsin.errors import TocsinError
from tocsin.ports.bus import Bus
from tocsin.ports.clock import Clock
from tocsin.ports.registers import Registers
from tocsin.ports.search import Search
from tocsin.telemetry import FEEDS, LAG, logger
from tocsin.workers.runner import lag
from tocsin_schemas.topics import ALERTS, CLUSTERED, ENRICHED, ITEMS, STORIES

ARTICLES_PATH = frozenset(t.name for t in (ITEMS, ENRICHED, CLUSTERED, STORIES, ALERTS))
"""What "behind" means to a reader: news under way, not the feed states that every poll writes."""
FRESH_S = 0.5
"""How long an answer is good for: pages and doors ask often, the log is asked seldom."""
HOUSEKEEPING_S = 60.0
"""Time between two rounds of retention, seconds."""
PRUNE_ROUNDS = 20
"""Small deletes of one round, so that retention never holds the writer for long."""


class Watch:
    """Watches one desk. `problem` says what keeps its workers from their work; empty: nothing."""

    def __init__(
        self, bus: Bus, search: Search, clock: Clock, *, problem: Callable[[], str] = str
    ) -> None:
        self._bus = bus
        self._search = search
        self._registers = Registers(bus)
        self._problem = problem
        self._clock = clock
        self._started = clock.now()
        self._held: tuple[float, Progress] | None = None
        self._log = logger(part="watch")

    def progress(self) -> Progress:
        """The present state, at most `FRESH_S` old. Thread-safe."""
        held = self._held
        if held is not None and time.monotonic() - held[0] < FRESH_S:
            return held[1]
        groups = lag(self._bus, ARTICLES_PATH)
        for group, behind in groups.items():
            LAG.labels(group).set(behind)
        made = Progress(sum(groups.values()), self._newest(), self._started, self._problem())
        self._held = (time.monotonic(), made)
        return made

    def _newest(self) -> datetime | None:
        found = self._search.listing("articles", limit=1).documents
        return found[0].at if found else None

    async def run(self, stop: asyncio.Event) -> None:
        """Retention and gauges until told to stop."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self._keep)
            except TocsinError as error:
                self._log.error("housekeeping-failed", why=str(error))
            try:
                await asyncio.wait_for(stop.wait(), HOUSEKEEPING_S)
            except TimeoutError:
                continue

    def _keep(self) -> None:
        for _ in range(PRUNE_ROUNDS):
            if self._bus.prune(self._clock.now()) == 0:
                break
        counts: dict[str, int] = {}
        for state in self._registers.feed_states().values():
            counts[state.state] = counts.get(state.state, 0) + 1
        for name, count in counts.items():
            FEEDS.labels(name).set(count)
