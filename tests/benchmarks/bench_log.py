"""The log: appending and consuming, SQLite against memory, in one run.

Records are 5 kB, the size of a collected item. On SQLite a call is on the disk before it returns.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.bus import Bus, Message
from tocsin_schemas.topics import CLUSTERED, ENRICHED, Topic

RECORD_BYTES = 5_000
SECONDS = 1.5
"""Of appending, per batch size."""

BATCHES = (1, 10, 100, 500)


def run() -> list[dict[str, object]]:
    """One row for each adapter and figure: `{what, adapter, batch, records, per_s}`."""
    value = os.urandom(RECORD_BYTES)
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder))
        buses: dict[str, Bus] = {"sqlite": SqliteBus(store), "memory": MemoryBus()}
        for adapter, bus in buses.items():
            rows.extend(
                _row("append", adapter, batch, *_append(bus, ENRICHED, batch, value))
                for batch in BATCHES
            )
            rows.append(
                _row("append compacted", adapter, 100, *_append(bus, CLUSTERED, 100, value))
            )
            rows.append(_row("consume and commit", adapter, 500, *_consume(bus)))
        store.close()
    return rows


def _append(bus: Bus, topic: Topic, batch: int, value: bytes) -> tuple[int, float]:
    records = 0

    def once() -> int:
        bus.produce(Message(topic.name, f"key-{records + n}", value) for n in range(batch))
        return batch

    started = perf_counter()
    while perf_counter() - started < SECONDS and records < 100_000:
        records += once()
    return records, perf_counter() - started


def _consume(bus: Bus) -> tuple[int, float]:
    consumer = bus.consumer("bench", [ENRICHED.name])
    records = 0
    started = perf_counter()
    while found := consumer.poll(500, 0):
        records += len(found)
        consumer.commit(found)
    took = perf_counter() - started
    consumer.close()
    return records, took


def _row(what: str, adapter: str, batch: int, records: int, took: float) -> dict[str, object]:
    return {
        "what": what,
        "adapter": adapter,
        "batch": batch,
        "records": records,
        "per_s": round(records / took),
    }


def main(show: Callable[[str], None] = print) -> None:
    """Print the rows."""
    for row in run():
        show(f"{row['what']:<20}{row['adapter']:<8}{row['batch']:>5}{row['per_s']:>12,} records/s")


if __name__ == "__main__":
    main()
