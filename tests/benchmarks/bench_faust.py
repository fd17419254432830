"""The Faust shell beside a plain consumer: items of 2 kB forwarded to one output each, in one run.

Both host the same `Pipe`, publish through the same bus and wait for every acknowledgement; what differs
is who polls and commits. By turns, in this process, each from the start of the same full topic.
"""

import os
import secrets
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep

from support.kafka_desk import Desks
from support.servers.kafka_local import LocalKafka
from tocsin.adapters.faust.shell import FaustShell
from tocsin.adapters.kafka.bus import KafkaBus
from tocsin.ports.bus import Message, Record
from tocsin.workers.runner import Pipe
from tocsin_schemas.topics import ENRICHED, ITEMS

RECORD_BYTES = 2_000
RECORDS = 20_000
ROUNDS = 2
"""Each, by turns; the better one counts."""


def run(servers: str = "") -> list[dict[str, object]]:
    """`servers`: a running broker; default: the setting TOCSIN_KAFKA, else one of our own."""
    given = servers or os.environ.get("TESTS_KAFKA") or os.environ.get("TOCSIN_KAFKA", "")
    if given:
        return _measured(given)
    with tempfile.TemporaryDirectory() as folder, LocalKafka(Path(folder)) as broker:
        return _measured(broker.servers)


def _measured(servers: str) -> list[dict[str, object]]:
    with Desks(servers, f"b{secrets.token_hex(4)}-", [ITEMS, ENRICHED]) as desks:
        prefix = desks.prefix()
        value = os.urandom(RECORD_BYTES // 2).hex().encode()
        bus = desks.another(prefix)
        for first in range(0, RECORDS, 1000):
            bus.produce(Message(ITEMS.name, f"key-{n}", value) for n in range(first, first + 1000))
        plain: list[float] = []
        faust: list[float] = []
        for number in range(ROUNDS):
            plain.append(_plain(desks.another(prefix), f"plain{number}"))
            faust.append(_faust(desks.another(prefix), servers, prefix, f"faust{number}"))
    ratio = max(faust) / max(plain)
    return [
        _row("plain consumer, forwarded and acknowledged", max(plain)),
        _row("Faust shell, the same", max(faust))
        | {"beside": "the plain consumer", "ratio": ratio},
    ]


class _Count:
    """The effect: one output for each record; knows when the last came."""

    def __init__(self) -> None:
        self.done = 0
        self.first = 0.0

    def __call__(self, records: Sequence[Record]) -> list[Message]:
        self.first = self.first or monotonic()
        self.done += len(records)
        return [Message(ENRICHED.name, r.key, r.value) for r in records]


def _plain(bus: KafkaBus, group: str) -> float:
    count = _Count()
    pipe = Pipe(group, count, bus=bus, reads=[ITEMS])
    pipe.start()
    while count.done < RECORDS:
        pipe.step(1.0)
    took = monotonic() - count.first
    pipe.close()
    return RECORDS / took


def _faust(bus: KafkaBus, servers: str, prefix: str, group: str) -> float:
    count = _Count()
    shell = FaustShell(Pipe(group, count, bus=bus, reads=[ITEMS]), servers=servers, prefix=prefix)
    thread = threading.Thread(target=shell.run)
    thread.start()
    while count.done < RECORDS:  # read, not yet published: the last batch is missed on either side
        sleep(0.02)
    took = monotonic() - count.first
    shell.stop()
    thread.join()
    return RECORDS / took


def _row(what: str, figure: float) -> dict[str, object]:
    return {"what": what, "figure": figure, "unit": "records/s"}


def main() -> None:
    """Print the rows."""
    for row in run():
        print(row)


if __name__ == "__main__":
    main()
