"""The distributed desk: each worker of `pipeline/topology.py` as a process of its own, and the page.

Read top to bottom, this is what one such process is: its health door, the wait for its servers, its
connections, then the one worker it was asked to be. It ends on SIGTERM, within ten seconds, with what it
had in hand either handled and acknowledged or left to its successor.
"""

import asyncio
import gc
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from tocsin.adapters.elasticsearch.setup import check as check_index
from tocsin.adapters.faust.shell import FaustShell
from tocsin.adapters.http_fetcher import HttpFetcher
from tocsin.adapters.kafka.share import KafkaShare
from tocsin.adapters.kafka.topics import missing_topics, wait_for_broker
from tocsin.adapters.notifiers.webhook import WebhookNotifier
from tocsin.adapters.sqlite.lock import DeskLock
from tocsin.adapters.sqlite.state import SqliteState
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.api.app import create_app
from tocsin.api.desk import Desk
from tocsin.bootstrap.page import PageServer, address_of, listen
from tocsin.bootstrap.path import INDEX_BATCH, Reading
from tocsin.bootstrap.press import start_press
from tocsin.bootstrap.progress import Watch
from tocsin.bootstrap.servers import Servers, connect, distributed
from tocsin.bootstrap.standing import Standing, behind
from tocsin.bootstrap.starter import add_starter_feeds
from tocsin.errors import UsageError
from tocsin.pipeline.clusterer import Clusterer
from tocsin.pipeline.handler import Handler
from tocsin.pipeline.match.alerter import Alerter
from tocsin.pipeline.notify.notifier import Notifier
from tocsin.pipeline.topology import WORKERS, worker
from tocsin.ports.clock import SystemClock
from tocsin.settings import Settings
from tocsin.telemetry import logger
from tocsin.workers.alerter import AlerterLoop
from tocsin.workers.collector import Collector
from tocsin.workers.enricher import Enricher
from tocsin.workers.health import HealthDoor
from tocsin.workers.host import Host
from tocsin.workers.indexer import Indexer
from tocsin.workers.notifier import NotifierLoop
from tocsin.workers.runner import Pipe, Steps
from tocsin.workers.supervisor import Supervisor
from tocsin_schemas.topics import ENRICHED, FEEDS, ITEMS

BROKER_S = 2.0
"""How long one look waits for the broker to answer, seconds."""
WAIT_FOR_STATE_S = 10.0
"""How long a worker waits for its state folder, which the one before it may still hold, seconds."""
PRESS_S = 5.0
"""Time between two looks for the demo press, seconds."""
STOP_S = 8.0
"""Time for work in hand when the process is told to stop, seconds."""
LAST_RESORT_S = 9.5
"""After so long a stop the process ends at once, seconds: nothing unacknowledged is lost."""


@dataclass(frozen=True, slots=True)
class Process:
    """What every worker is made from."""

    settings: Settings
    servers: Servers
    standing: Standing
    stop: threading.Event
    held: ExitStack
    """What is released when the process ends, last first."""


def run_worker(settings: Settings, name: str) -> None:
    """Be the worker `name` until SIGTERM or Ctrl-C. Raises UsageError for an unknown name or an
    embedded desk's settings, TocsinError for a port or folder in use, each with its mend.
    """
    if name not in BE:
        raise UsageError(f"there is no worker {name!r}; there are {', '.join(BE)}")
    if not distributed(settings):
        raise UsageError(
            "a worker belongs to the distributed desk: set TOCSIN_KAFKA and TOCSIN_ELASTICSEARCH "
            "(on one machine, `tocsin run` is the whole desk in one process)"
        )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_at_last, args=(stop, name), name="last-resort", daemon=True).start()
    with ExitStack() as held:
        standing = Standing(name)
        door = HealthDoor(
            settings.health_host,
            settings.health_port,
            standing.condition,
            ready_lag=settings.ready_lag,
        )
        held.callback(door.close)
        log = logger(worker=name)
        log.info("started", health=f"http://{settings.health_host}:{door.port}/readyz")
        servers = connect(settings, client_id=f"tocsin-{name}-{os.getpid()}")
        held.callback(servers.close)
        if standing.wait_until(lambda: _lacking(settings, servers), stop):
            BE[name](Process(settings, servers, standing, stop, held))
        log.info("stopped")


def _at_last(stop: threading.Event, name: str) -> None:
    """A server that does not answer keeps no process from ending, whatever it was asked."""
    stop.wait()
    time.sleep(LAST_RESORT_S)  # a process that has ended by then is not there to hear
    logger(worker=name).error("ended-at-once", after_s=LAST_RESORT_S)
    os._exit(0)


def _lacking(settings: Settings, servers: Servers) -> str:
    """What this process still waits for; empty when it can begin. Raises TocsinError alike."""
    wait_for_broker(settings.kafka, BROKER_S)
    if missing := missing_topics(settings.kafka, settings.prefix):
        return f"Kafka has no topic {missing[0]} (and {len(missing) - 1} more): run `tocsin setup`"
    problems = check_index(servers.client, settings.prefix)
    return "; ".join(problems)


# The workers.


def _collector(p: Process) -> None:
    asyncio.run(_collecting(p))


async def _collecting(p: Process) -> None:
    stop = _heard(p)
    fetcher = HttpFetcher(p.settings)
    finding = asyncio.create_task(_find_press(p.settings.press, fetcher))
    share = KafkaShare(p.servers.bus)
    collector = Collector(
        bus=p.servers.bus,
        fetcher=fetcher,
        clock=SystemClock(),
        settings=p.settings,
        registers=p.servers.registers,
        share=share,
    )
    p.standing.watch(p.servers.bus, [FEEDS.name], lambda: share.problem or collector.problem)
    share.start()
    try:
        await (collector.run(stop) if p.settings.collect else stop.wait())
    finally:
        finding.cancel()
        await asyncio.to_thread(share.close)
        await fetcher.close()


def _enricher(p: Process) -> None:
    read = Reading(p.settings)
    p.held.callback(read.close)
    _faust(p, Pipe("enricher", Enricher(read), bus=p.servers.bus, reads=worker("enricher").reads))


def _clusterer(p: Process) -> None:
    _faust(p, _host(p, "clusterer", Clusterer(), _state(p, "clusterer")))


def _faust(p: Process, hosted: Pipe | Host) -> None:
    shell = FaustShell(hosted, servers=p.settings.kafka, prefix=p.settings.prefix)
    p.standing.watch(p.servers.bus, hosted.reads, lambda: shell.problem)
    shell.run(p.stop)


def _indexer(p: Process) -> None:
    w = worker("indexer")
    effect = Indexer(p.servers.index)
    pipe = Pipe("indexer", effect, bus=p.servers.bus, reads=w.reads, batch=INDEX_BATCH)
    _steps(p, pipe, pipe.reads)


def _alerter(p: Process) -> None:
    handler, state = Alerter(), _state(p, "alerter")
    host = _host(p, "alerter", handler, state)

    def quiet() -> bool:
        bus = p.servers.bus
        return not (
            behind(bus, "enricher", [ITEMS.name]) or behind(bus, "clusterer", [ENRICHED.name])
        )

    _steps(p, AlerterLoop(host, handler, state=state, quiet=quiet), host.reads)


def _notifier(p: Process) -> None:
    state = _state(p, "notifier")
    host = _host(p, "notifier", Notifier(), state)
    page = p.settings.page_url or f"http://{p.settings.host}:{p.settings.port}/"
    ways = {"webhook": WebhookNotifier(p.settings, base_url=page)}
    _steps(p, NotifierLoop(host, ways, state=state), host.reads)


def _steps(p: Process, steps: Steps, reads: Sequence[str]) -> None:
    supervisor = Supervisor([[steps]])
    p.standing.watch(p.servers.bus, reads, lambda: supervisor.problem)
    gc.collect()
    gc.freeze()
    supervisor.start(at_once=False)
    p.stop.wait()
    supervisor.stop(STOP_S)


def _state(p: Process, name: str) -> SqliteState:
    """The worker's state file, ours alone: a folder of its own, beside that of other workers and of an
    embedded desk.
    """
    folder = p.settings.data / name
    lock = DeskLock(folder)
    lock.acquire(WAIT_FOR_STATE_S)
    p.held.callback(lock.release)
    store = SqliteStore(folder)
    p.held.callback(store.close)
    return SqliteState(store, name)


def _host(p: Process, name: str, handler: Handler, state: SqliteState) -> Host:
    return Host.of(worker(name), handler, bus=p.servers.bus, state=state)


# The page, and the demo's press.


def _api(p: Process) -> None:
    door = listen(p.settings)
    p.held.callback(door.close)
    asyncio.run(_serving(p, door))


async def _serving(p: Process, door: socket.socket) -> None:
    stop, clock = asyncio.Event(), SystemClock()
    if p.settings.starter_feeds:
        await add_starter_feeds(p.servers.registers, clock.now())
    watch = Watch(p.servers.bus, p.servers.search, clock)

    def poll_now(feed_id: str) -> None:
        """The collector is elsewhere: it reads the wish in the register."""
        feed, now = p.servers.registers.feeds().get(feed_id), clock.now()
        if feed is not None:
            p.servers.registers.put_feed(feed.model_copy(update={"asked": now}), at=now)

    desk = Desk(
        settings=p.settings,
        bus=p.servers.bus,
        search=p.servers.search,
        registers=p.servers.registers,
        clock=clock,
        progress=watch.progress,
        poll_now=poll_now,
        press_url=p.settings.press if _on_this_machine(p.settings.press) else "",
    )
    server = PageServer(create_app(desk), stop, signals=False)
    _when_stopped(p, partial(server.handle_exit, signal.SIGTERM, None))
    p.standing.watch(p.servers.bus, (), lambda: watch.progress().problem)
    watching = asyncio.create_task(watch.run(stop))
    logger(worker="api").info("page", address=address_of(door))
    if not p.stop.is_set():
        await server.serve(sockets=[door])
    stop.set()
    await watching


def _press(p: Process) -> None:
    if not p.settings.press:
        raise UsageError(
            "set TOCSIN_PRESS to where the collectors reach the press, http://host:port"
        )
    asyncio.run(_telling(p))


async def _telling(p: Process) -> None:
    stop = _heard(p)
    press = await start_press(
        p.servers.registers,
        p.servers.search,
        p.settings.demo_speed,
        base=p.settings.press.rstrip("/"),
        host=p.settings.host,
        port=urlsplit(p.settings.press).port or 80,
    )
    p.standing.watch(p.servers.bus, (), lambda: _answers(p))
    await stop.wait()
    await press.stop()


def _answers(p: Process) -> str:
    """Empty while the log answers; raises TocsinError otherwise."""
    p.servers.bus.ends(FEEDS.name)
    return ""


BE: dict[str, Callable[[Process], None]] = {
    "collector": _collector,
    "enricher": _enricher,
    "clusterer": _clusterer,
    "indexer": _indexer,
    "alerter": _alerter,
    "notifier": _notifier,
    "api": _api,
    "press": _press,
}
"""By name: the workers of the topology, the page, and the demo's press."""
assert {w.name for w in WORKERS} <= BE.keys()


def _heard(p: Process) -> asyncio.Event:
    """An event of the running loop that is set when the process is told to stop, be it already."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    _when_stopped(p, lambda: loop.call_soon_threadsafe(event.set))
    return event


def _when_stopped(p: Process, do: Callable[[], object]) -> None:
    """Call `do` once the process is told to stop: a signal may have come before anyone listened."""

    def wait() -> None:
        p.stop.wait()
        with suppress(RuntimeError):  # the loop has ended by itself
            do()

    threading.Thread(target=wait, name="stop", daemon=True).start()


def _on_this_machine(url: str) -> bool:
    """Whether a browser beside us can open it: a name inside a network of containers it cannot."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost"}


async def _find_press(url: str, fetcher: HttpFetcher) -> None:
    """Allow the demo press to demo feeds, once its name has an address: it may be started later, or
    never.
    """
    parts = urlsplit(url)
    port = parts.port or 80
    while parts.hostname:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname, port, family=socket.AF_INET, type=socket.SOCK_STREAM
            )
        except OSError:
            await asyncio.sleep(PRESS_S)
        else:
            fetcher.allow_press(str(found[0][4][0]), port)
            return
