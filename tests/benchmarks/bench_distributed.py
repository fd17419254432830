"""The whole path, distributed: items in Kafka to documents in Elasticsearch; and each worker alone.

The processes are those of docker-compose.yml, with its replicas, on the machine of their broker and node,
on the articles, queries and volume of `bench_path`, which runs beside. Then every worker alone works off a
full topic, the others stopped. Processor time is of the processes named and their children.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import bench_path
import family
import kept
from draining import drain, drained, settled, until
from servers import Servers
from told import connections, news, produce, save

from support.processes import Processes
from tocsin.bootstrap.servers import Servers as Connections
from tocsin.ports.bus import Message

ITEMS = bench_path.ITEMS
ALONE = ("enricher", "clusterer", "indexer", "alerter")
STATEFUL = ("clusterer", "clusterer-spare", "alerter", "notifier")
SETTLE_S = 8
"""The spare takes in what was published every five seconds."""
IDLE_S = 10
MOST_MIB = {
    "collector": 300,
    "enricher": 300,
    "enricher child": 400,
    "indexer": 300,
    "alerter": 500,
    "notifier": 300,
}
"""Invariant I7 (design §7). The alerter's is meant at 100,000 subscriptions: `bench_alerter`."""


def run(servers: Servers, items: int = ITEMS) -> Iterator[dict[str, Any]]:
    """Whole path, memory, bytes kept; each worker alone."""
    embedded = next(r["figure"] for r in bench_path.run() if r["what"].startswith("whole path"))
    messages = news(items)
    with servers.desk() as desk:
        yield from _whole(servers, desk, messages, embedded)
    with servers.desk(services=ALONE, replicas={"enricher": 1}) as desk:
        yield from _alone(desk, messages)


def _whole(
    servers: Servers, desk: Processes, messages: Sequence[Message], embedded: float
) -> list[dict[str, Any]]:
    held, count = connections(desk), len(messages)
    save(held.registers)
    for member in desk.members.values():
        member.start()
    desk.wait_ready()
    before = _spent(servers, desk)
    began = time.perf_counter()
    produce(held, messages)
    until(lambda: settled(held.bus, "indexer") and drained(held.bus, ["alerter"]), 600, 0.25)
    rate = count / (time.perf_counter() - began)
    after = _spent(servers, desk)
    rows: list[dict[str, Any]] = [
        {
            "what": f"whole path, distributed, {count} articles of {bench_path.WORDS} words",
            "figure": rate,
            "unit": "articles/s",
            "beside": "the embedded whole path",
            "ratio": rate / embedded,
        }
    ]
    rows += [
        {
            "what": f"whole path, distributed: processor time of {who}",
            "figure": (after[who] - before[who]) * 1000 / count,
            "unit": "ms/article",
        }
        for who in before
    ]
    rows += _memory(desk) + _idle(servers, desk)
    for name in STATEFUL:
        desk[name].stop()  # what is on its way into the file is in it then
    rows += _kept(held, desk, count)
    held.close()
    return rows


def _idle(servers: Servers, desk: Processes) -> list[dict[str, Any]]:
    """What the desk costs while there is no news."""
    time.sleep(SETTLE_S)
    before = _spent(servers, desk)
    time.sleep(IDLE_S)
    after = _spent(servers, desk)
    return [
        {
            "what": f"idle: processor time of {who}",
            "figure": (after[who] - before[who]) * 1000 / IDLE_S,
            "unit": "ms/s",
        }
        for who in before
    ]


def _spent(servers: Servers, desk: Processes) -> dict[str, float]:
    """Processor seconds till now, by service and of the servers."""
    spent: dict[str, float] = {}
    for member in desk.members.values():
        service = member.service
        spent[service] = spent.get(service, 0.0) + family.processor_s([member.pid])
    if servers.broker:
        spent["Kafka"] = family.processor_s([servers.broker.pid])
    if servers.node:
        spent["Elasticsearch"] = family.processor_s([servers.node.pid])
    return spent


def _alone(desk: Processes, messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    held = connections(desk)
    save(held.registers)
    produce(held, messages)
    for name in ALONE:
        member = desk[name].start()
        seen = drain(held.bus, member)
        member.stop()
        what = f"{name} alone" + (", one process, one child" if name == "enricher" else "")
        yield {"what": what, "figure": seen.rate(len(messages)), "unit": "articles/s"}
        yield {
            "what": f"{what}: its processor time",
            "figure": seen.ms_each(len(messages)),
            "unit": "ms/article",
        }
    held.close()


def _memory(desk: Processes) -> list[dict[str, Any]]:
    """Of each process and each child, after the run."""
    rows: list[dict[str, Any]] = []
    for member in desk.members.values():
        found = [(member.name, member.service, member.pid)]
        found += [
            (f"{member.name}, child", f"{member.service} child", child)
            for child in family.children(member.pid)
        ]
        for name, kind, pid in found:
            used = family.memory(pid)
            row = {
                "what": f"memory of {name}, peak {used.peak:.0f}",
                "figure": used.resident,
                "unit": "MiB",
            }
            rows.append(row | ({"at_most": MOST_MIB[kind]} if kind in MOST_MIB else {}))
    return rows


def _kept(held: Connections, desk: Processes, count: int) -> list[dict[str, Any]]:
    """What an article leaves behind."""
    found = [(f"topic {topic}", size) for topic, size in sorted(kept.in_topics(desk).items())]
    found += [(f"index {kind}", size) for kind, size in sorted(kept.in_indices(held, desk).items())]
    found += [(f"state of {name}", kept.in_state(desk.folder / name)) for name in STATEFUL]
    return [
        {"what": f"kept on disk, {what}", "figure": size / count, "unit": "bytes/article"}
        for what, size in found
        if size
    ]
