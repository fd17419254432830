"""The workers of the path over one store, as `pipeline/topology.py` lays them out. No page, no collector:
what a command needs to work off what it wrote, and what the embedded desk runs.
"""

import os
import threading
from typing import TYPE_CHECKING

from tocsin.adapters.notifiers.webhook import WebhookNotifier
from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.index import SqliteIndex
from tocsin.adapters.sqlite.search import SqliteSearch
from tocsin.adapters.sqlite.state import SqliteState
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.errors import Rejected
from tocsin.pipeline.clusterer import Clusterer
from tocsin.pipeline.handler import Handler
from tocsin.pipeline.match.alerter import Alerter
from tocsin.pipeline.notify.notifier import Notifier
from tocsin.pipeline.topology import worker
from tocsin.ports.registers import Registers
from tocsin.settings import Settings
from tocsin.workers.alerter import AlerterLoop
from tocsin.workers.enricher import Enricher
from tocsin.workers.host import Host
from tocsin.workers.indexer import Indexer
from tocsin.workers.notifier import NotifierLoop
from tocsin.workers.runner import Pipe, Steps, lag

INDEX_BATCH = 384
"""Records the indexer takes at once: an article brings about three (itself, members, its story)."""

if TYPE_CHECKING:
    from tocsin.workers.pool import ChildPool


class Reading:
    """The killable child pool, started when the first item needs it: a command that only changes a
    register should not pay for dictionaries.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: ChildPool | None = None
        self._lock = threading.Lock()

    def __call__(self, values: list[bytes]) -> list[bytes | Rejected]:
        """Read items in order (`ChildPool.map`)."""
        with self._lock:
            if self._pool is None:
                # Brings dictionaries and extractors with it: seconds that most commands don't need.
                from tocsin.workers.pool import ChildPool  # noqa: PLC0415  # see above

                size = self._settings.children or max(1, (os.cpu_count() or 2) - 1)
                self._pool = ChildPool(
                    size,
                    memory_mb=self._settings.child_memory_mb,
                    item_seconds=self._settings.item_seconds,
                )
        return self._pool.map(values)

    def close(self) -> None:
        """End the children. What they have in hand is acknowledged by no one and is read again."""
        if self._pool is not None:
            self._pool.close(at_once=True)


class EmbeddedPath:
    """The workers over `store`, ready to be stepped or supervised. `page_url` is the desk's address, for
    the links in what is delivered.
    """

    def __init__(self, settings: Settings, store: SqliteStore, *, page_url: str = "") -> None:
        self.bus = SqliteBus(store)
        self.search = SqliteSearch(store)
        self.registers = Registers(self.bus)
        self.read = Reading(settings)
        self._store = store
        webhooks = WebhookNotifier(settings, base_url=page_url)
        enricher = Pipe(
            "enricher", Enricher(self.read), bus=self.bus, reads=worker("enricher").reads
        )
        indexer = Pipe(
            "indexer",
            Indexer(SqliteIndex(store)),
            bus=self.bus,
            reads=worker("indexer").reads,
            batch=INDEX_BATCH,
        )
        alerts = AlerterLoop(
            self._host("alerter", alerter := Alerter()),
            alerter,
            state=self._state("alerter"),
            quiet=self._nothing_under_way,
        )
        deliveries = NotifierLoop(
            self._host("notifier", Notifier()),
            {"webhook": webhooks},
            state=self._state("notifier"),
        )
        self.lanes: list[list[Steps]] = [
            [enricher],
            [self._host("clusterer", Clusterer()), indexer, alerts],
            [deliveries],
        ]
        self.workers = [w for lane in self.lanes for w in lane]

    def _nothing_under_way(self) -> bool:
        behind = lag(self.bus)
        return behind.get("enricher", 0) == behind.get("clusterer", 0) == 0

    def _state(self, name: str) -> SqliteState:
        return SqliteState(self._store, name)

    def _host(self, name: str, handler: Handler) -> Host:
        return Host.of(worker(name), handler, bus=self.bus, state=self._state(name))

    def close(self) -> None:
        """Leave the groups and end the children; the store stays open."""
        for w in self.workers:
            w.close()
        self.read.close()
        self.bus.close()
