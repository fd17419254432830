"""How long after kill -9 until the desk handles records again: each worker, the broker, the node.

The victim is killed and started again at once, as compose does; right after, a burst of items is sent, in
feeds enough to reach every partition. Told is the time from the kill until all of them have been handled by
every worker up to the one killed (broker and node: by all). Beside it, a burst when nobody was killed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from draining import MAIN, settled, until
from servers import Servers
from told import connections, news, produce, save

from support.processes import Process, Processes
from tocsin.bootstrap.servers import Servers as Connections
from tocsin.errors import TocsinError
from tocsin.ports.bus import Message
from tocsin.ports.clock import SystemClock
from tocsin_schemas.feed import Feed, Source
from tocsin_schemas.identity import feed_id, source_id

BURST = 36
PATIENCE_S = 180.0
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Post</title>
<item><title>Ferry capsizes off Kilbaran</title><link>http://harbour.example/1</link></item>
</channel></rss>"""


def run(servers: Servers) -> list[dict[str, Any]]:
    """One figure each, seconds."""
    with (
        _feed() as port,
        servers.desk(TOCSIN_ALLOW_PRIVATE="127.0.0.0/8", TOCSIN_ALLOW_PORTS=str(port)) as desk,
    ):
        held = connections(desk)
        save(held.registers)
        for member in desk.members.values():
            member.start()
        desk.wait_ready()
        feed = _follow(held, f"http://127.0.0.1:{port}/feed")
        try:
            return list(_figures(servers, desk, held, feed))
        finally:
            held.close()


def _figures(
    servers: Servers, desk: Processes, held: Connections, feed: Feed
) -> Iterator[dict[str, Any]]:
    bursts = Bursts(held)
    bursts.send()
    until(lambda: settled(held.bus, "notifier"), PATIENCE_S)  # every cache and connection is there
    undisturbed = {name: bursts.handled(name) for name in MAIN}
    yield from (
        _row(f"a burst of {BURST} up to the {name}, nobody killed", seconds)
        for name, seconds in undisturbed.items()
    )
    for name in MAIN:
        victim = _active(desk, name)
        began = time.perf_counter()
        victim.kill()
        victim.start()
        bursts.send()
        until(lambda name=name: settled(held.bus, name), PATIENCE_S)
        yield _row(f"kill -9 of {victim.name}", time.perf_counter() - began, undisturbed[name])
        _calm(desk, held)
    desk["collector"].kill()
    began = time.perf_counter()
    desk["collector"].start()
    until(_polled(held, feed), PATIENCE_S)
    yield _row(
        "kill -9 of collector, until a feed asked for is polled", time.perf_counter() - began
    )
    desk["api"].kill()
    began = time.perf_counter()
    desk["api"].start()
    until(lambda: bool(desk["api"].ready()), PATIENCE_S)
    yield _row("kill -9 of api, until it is ready", time.perf_counter() - began)
    for what, server, last in (
        ("Kafka", servers.broker, ("notifier", "indexer")),
        ("Elasticsearch", servers.node, ("indexer",)),
    ):
        if server is None:
            yield {"what": f"kill -9 of {what}: left out, it is lent to this run"}
            continue
        _calm(desk, held)
        began = time.perf_counter()
        server.kill()
        server.start()
        back = time.perf_counter() - began
        _again(bursts.send)
        until(lambda last=last: all(_asked(held, name) for name in last), PATIENCE_S)
        yield _row(
            f"kill -9 of {what}, which answers itself after {back:.1f}", time.perf_counter() - began
        )


class Bursts:
    """Bursts of items that no one has seen, from a dozen feeds."""

    def __init__(self, held: Connections) -> None:
        self._held = held
        self._items = iter(news(BURST * 20, seed=3, mark="zqb"))

    def send(self) -> None:
        """Send one."""
        made = [next(self._items) for _ in range(BURST)]
        produce(
            self._held,
            [
                Message(m.topic, feed_id(f"burst {n % 12}"), m.value, m.headers)
                for n, m in enumerate(made)
            ],
        )

    def handled(self, last: str) -> float:
        """Seconds from sending one until the workers up to `last` have handled it."""
        began = time.perf_counter()
        self.send()
        until(lambda: settled(self._held.bus, last), PATIENCE_S)
        return time.perf_counter() - began


def _active(desk: Processes, name: str) -> Process:
    """The process that has the work: of two clusterers, the one that was given the partitions last."""
    found = [m for m in desk.members.values() if m.service.removesuffix("-spare") == name]
    return max(found, key=lambda m: _given(m) if len(found) > 1 else "")


def _given(member: Process) -> str:
    lines = member.log.read_text("utf-8", "replace").splitlines()
    times = [
        line.partition('"timestamp": "')[2][:27] for line in lines if "partitions-given" in line
    ]
    return times[-1] if times else ""


def _calm(desk: Processes, held: Connections) -> None:
    """Until all is handled and everyone is ready again."""
    until(lambda: _asked(held, "notifier") and _asked(held, "indexer"), PATIENCE_S)
    desk.wait_ready()


def _asked(held: Connections, last: str) -> bool:
    try:
        return settled(held.bus, last)
    except TocsinError:
        return False


def _again(work: Callable[[], None]) -> None:
    """Until the broker takes it."""
    deadline = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < deadline:
        try:
            work()
        except TocsinError:
            time.sleep(0.1)
        else:
            return


def _row(what: str, seconds: float, beside: float | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what, "figure": seconds, "unit": "s"}
    if beside is not None:
        row |= {"beside": "nobody killed", "ratio": seconds / beside}
    return row


# A feed, for the collector.


@contextmanager
def _feed() -> Iterator[int]:
    """The port of a server that has one feed."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            self.send_response(200)
            self.send_header("content-type", "application/rss+xml")
            self.send_header("content-length", str(len(FEED)))
            self.end_headers()
            self.wfile.write(FEED)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield int(server.server_address[1])
    server.shutdown()
    server.server_close()


def _follow(held: Connections, url: str) -> Feed:
    """Have the collector poll it once."""
    source = Source(id=source_id("Harbour Post"), name="Harbour Post")
    now = SystemClock().now()
    feed = Feed(id=feed_id(url), url=url, source=source, added=now)
    held.registers.put_feed(feed, at=now)
    until(_polled(held, feed), PATIENCE_S)
    return feed


def _polled(held: Connections, feed: Feed) -> Callable[[], bool]:
    """Asks for a poll; tells whether it has been."""
    asked = SystemClock().now()
    held.registers.put_feed(feed.model_copy(update={"asked": asked}), at=asked)

    def done() -> bool:
        state = held.registers.feed_states().get(feed.id)
        return bool(state and state.polled and state.polled >= asked)

    return done
