"""From an item's arrival to its alert, at ten items a second, on both desks, through the same door.

Every item holds a word of its own that a subscription of its own asks for, so every one must ring. Told
from the moment before the item is handed to the door (`POST /api/v1/items`, one item a request) to the time
written on its record in `news.alerts.raised`; on the distributed desk also to the moment when the node's
own search finds the article, looked at every tenth of a second.
"""

import http.client
import json
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bench_path
from servers import Servers
from told import connections, marked, save

from support.corpus import Corpus
from support.desk import Desk
from tocsin.adapters.elasticsearch.names import reading_name
from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.bootstrap.servers import Servers as Connections
from tocsin.ports.bus import Bus
from tocsin.ports.registers import Registers
from tocsin_schemas.alert import Alert
from tocsin_schemas.registry import body_of, decode
from tocsin_schemas.topics import ALERTS

MARK = "zqx"
A_SECOND = 10
SECONDS = 60
WARM = 20
"""Items before those that count: caches, connections, dictionaries."""
LOOK_S = 0.1
PATIENCE_S = 60.0

Times = dict[int, float]
"""Number of the item → seconds since 1970."""


def run(servers: Servers, seconds: int = SECONDS) -> list[dict[str, Any]]:
    """Quantiles of both desks."""
    count = WARM + seconds * A_SECOND
    return _embedded(count) + _distributed(servers, count)


def _embedded(count: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        data = Path(folder) / "data"
        store = SqliteStore(data)
        owners = _subscribe(Registers(SqliteBus(store)), count)
        store.close()
        with Desk(data) as desk:
            sent = _send(desk.url, count)
            store = SqliteStore(data, read_only=True)
            rang = _rang(SqliteBus(store), owners, count)
            store.close()
    return _rows("embedded, item in → alert", sent, rang)


def _distributed(servers: Servers, count: int) -> list[dict[str, Any]]:
    with servers.desk() as desk:
        held = connections(desk)
        owners = _subscribe(held.registers, count)
        for member in desk.members.values():
            member.start()
        desk.wait_ready()
        stop = threading.Event()
        found: Times = {}
        alias = reading_name(desk.values["TOCSIN_PREFIX"], "articles")
        watching = threading.Thread(target=_watch, args=(held, alias, found, stop))
        watching.start()
        try:
            sent = _send(desk.url, count)
            rang = _rang(held.bus, owners, count)
            _until(lambda: len(found) >= count)
        finally:
            stop.set()
            watching.join()
        held.close()
    return _rows("distributed, item in → alert", sent, rang) + _rows(
        "distributed, item in → found by search", sent, found
    )


def _subscribe(registers: Registers, count: int) -> dict[str, int]:
    """A subscription for each item; its id → the item's number."""
    saved = save(registers, [marked(MARK, n) for n in range(count)])
    return {saved[marked(MARK, n)]: n for n in range(count)}


def _send(url: str, count: int) -> Times:
    """Hand over the items, evenly; when each was."""
    parts = urlsplit(url)
    door = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    corpus = Corpus(5, words=bench_path.WORDS).lines(count)
    sent: Times = {}
    began = time.monotonic()
    for n, line in enumerate(corpus):
        line |= {
            "title": f"{line['title']} {marked(MARK, n)}",
            "url": f"{line['url']}-{marked(MARK, n)}",
        }
        time.sleep(max(0.0, began + n / A_SECOND - time.monotonic()))
        sent[n] = time.time()
        door.request(
            "POST", "/api/v1/items", json.dumps(line), {"Content-Type": "application/x-ndjson"}
        )
        answer = door.getresponse()
        told = answer.read()
        assert answer.status == http.client.OK, told[:300]
    door.close()
    return sent


def _rang(bus: Bus, owners: Mapping[str, int], count: int) -> Times:
    """When each item's alert was written; waits for those that are not yet there."""
    rang: Times = {}

    def all_there() -> bool:
        for record in bus.read(ALERTS.name):
            alert = body_of(decode(record.value or b""), Alert)
            rang.setdefault(owners[alert.subscription_id], record.written.timestamp())
        return len(rang) >= count

    _until(all_there)
    return rang


def _watch(held: Connections, alias: str, found: Times, stop: threading.Event) -> None:
    """Note when the node's search first finds each article."""
    known: list[str] = []
    while not stop.wait(LOOK_S):
        told = held.client.search(
            index=alias,
            query={"bool": {"must_not": {"ids": {"values": known}}}},
            source=["url"],
            size=200,
        )
        now = time.time()
        for hit in told["hits"]["hits"]:
            known.append(hit["_id"])
            word = hit["_source"]["url"].rpartition("-")[2].removeprefix(MARK)
            found.setdefault(int("".join(str(ord(c) - ord("a")) for c in word)), now)


def _until(check: Callable[[], bool]) -> None:
    """Until `check` holds, or patience ends: then the figures say how many there were."""
    deadline = time.monotonic() + PATIENCE_S
    while not check() and time.monotonic() < deadline:
        time.sleep(0.5)


def _rows(what: str, sent: Mapping[int, float], came: Mapping[int, float]) -> list[dict[str, Any]]:
    counted = [n for n in sent if n >= WARM]
    took = sorted((came[n] - sent[n]) * 1000 for n in counted if n in came)
    share = f"{len(took)} of {len(counted)}"
    return [
        {
            "what": f"{what}, p{p} ({share})",
            "figure": took[min(len(took) - 1, len(took) * p // 100)],
            "unit": "ms",
        }
        for p in (50, 95, 99)
    ]
