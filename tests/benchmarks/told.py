"""What the distributed benchmarks put into a desk: invented news, subscriptions, and the way in."""

import json
from collections.abc import Sequence

import bench_path

from support.builders import a_subscription
from support.corpus import Corpus
from support.processes import Processes
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.state import MemoryState
from tocsin.bootstrap.servers import Servers as Connections
from tocsin.bootstrap.servers import connect
from tocsin.pipeline.clusterer import Clusterer
from tocsin.pipeline.collect.ingest import message_of, parse_line
from tocsin.pipeline.topology import worker
from tocsin.ports.bus import Message, Record
from tocsin.ports.clock import SystemClock
from tocsin.ports.registers import Registers
from tocsin.settings import Settings
from tocsin.workers.child import read
from tocsin.workers.host import Host
from tocsin.workers.supervisor import drain
from tocsin_schemas.topics import CLUSTERED, ENRICHED, STORIES

CHUNK = 250
"""Records produced in one call."""


def news(count: int, seed: int = 11, mark: str = "") -> list[Message]:
    """Collected items, as many words each as `bench_path` has. With a `mark`, the title of the n-th has
    the word mark + n, spelt out in letters, and an address of its own: no two are one article.
    """
    now = SystemClock().now()
    lines = []
    for n, line in enumerate(Corpus(seed, words=bench_path.WORDS).lines(count)):
        if mark:
            line |= {
                "title": f"{line['title']} {marked(mark, n)}",
                "url": f"{line['url']}-{marked(mark, n)}",
            }
        lines.append(json.dumps(line).encode())
    return [message_of(parse_line(line, n, now), "live") for n, line in enumerate(lines, 1)]


def marked(mark: str, number: int) -> str:
    """A word that no corpus has."""
    return mark + "".join(chr(ord("a") + int(d)) for d in f"{number:06d}")


def clustered(count: int) -> list[Record]:
    """What the clusterer makes of `count` items: articles and stories, in the order of its decisions."""
    bus = MemoryBus()
    bus.produce(Message(ENRICHED.name, m.key, read(m.value or b"")) for m in news(count))
    w = worker("clusterer")
    host = Host(
        "clusterer", Clusterer(), bus=bus, state=MemoryState(), reads=w.reads, folds=w.folds
    )
    host.start()
    drain([host])
    host.close()
    made = [r for topic in (CLUSTERED, STORIES) for r in bus.read(topic.name)]
    return sorted(made, key=lambda r: (r.written, r.topic, r.offset))


def connections(desk: Processes) -> Connections:
    """This process's own connections to the desk's servers."""
    return connect(
        Settings(
            kafka=desk.values["TOCSIN_KAFKA"],
            elasticsearch=desk.values["TOCSIN_ELASTICSEARCH"],
            prefix=desk.values["TOCSIN_PREFIX"],
        )
    )


def save(registers: Registers, queries: Sequence[str] = bench_path.QUERIES) -> dict[str, str]:
    """Subscriptions in force from now; returns query → id."""
    now = SystemClock().now()
    made = [a_subscription(q, name=q, created=now, effective_from=now) for q in queries]
    for i in range(0, len(made), CHUNK):
        registers.put_subscription(*made[i : i + CHUNK], at=now)
    return {s.query: s.id for s in made}


def produce(held: Connections, messages: Sequence[Message]) -> None:
    """Append all, some at a time."""
    for i in range(0, len(messages), CHUNK):
        held.bus.produce(messages[i : i + CHUNK])
