"""The embedded desk: every worker in one process over one SQLite file, and the page on loopback.

Read top to bottom, this is its deployment diagram: the lock, the port, the store, the workers of
`pipeline/topology.py`, then on one event loop the collector, the deliveries, the demo press, the page.
"""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from tocsin.adapters.http_fetcher import HttpFetcher
from tocsin.adapters.sqlite.lock import DeskLock
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.api.app import create_app
from tocsin.api.desk import Desk
from tocsin.bootstrap.path import EmbeddedPath
from tocsin.bootstrap.progress import Watch
from tocsin.bootstrap.starter import add_starter_feeds
from tocsin.demo.press import Press
from tocsin.errors import TocsinError
from tocsin.ports.clock import SystemClock
from tocsin.ports.search import Search
from tocsin.settings import Settings
from tocsin.telemetry import logger
from tocsin.workers.collector import Collector
from tocsin.workers.supervisor import Supervisor
from tocsin_schemas.identity import article_id
from tocsin_schemas.story import ClusteredArticle

WAIT_FOR_COMMAND_S = 10.0
"""How long a starting desk waits for a command that holds the store, seconds."""
STOP_S = 8.0
"""Time for work in hand when the desk is told to stop, seconds."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What `_serve` runs on the event loop."""

    settings: Settings
    path: EmbeddedPath
    supervisor: Supervisor
    door: socket.socket


def serve(settings: Settings) -> None:
    """Run the desk until SIGTERM or Ctrl-C. Raises StoreLocked (another desk), StoreError (folder,
    disk, file), TocsinError (port in use), each with its mend.
    """
    with contextlib.ExitStack() as stack:
        lock = DeskLock(settings.data)
        with lock.wanting():
            lock.acquire(WAIT_FOR_COMMAND_S)
        stack.callback(lock.release)
        door = _listen(settings)
        stack.callback(door.close)
        store = SqliteStore(settings.data)
        stack.callback(store.close)
        path = EmbeddedPath(settings, store, page_url=_page(door))
        stack.callback(path.close)
        supervisor = Supervisor(path.lanes, path.bus.wait)
        supervisor.start()
        gc.collect()
        gc.freeze()  # what was loaded stays: no later collection need look at it again
        gc.set_threshold(50_000, 20, 50)  # news makes many short-lived objects and hardly a cycle
        stack.callback(supervisor.stop, STOP_S)
        asyncio.run(_serve(Machine(settings, path, supervisor, door), lock))


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host, settings.port))
        door.listen(128)
    except OSError as error:
        door.close()
        raise TocsinError(
            f"{settings.host}:{settings.port} cannot be listened on ({error.strerror}): choose "
            "another port with --port N (make run PORT=N), 0 for any free one"
        ) from error
    return door


def _page(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


async def _serve(machine: Machine, lock: DeskLock) -> None:
    settings, path, clock = machine.settings, machine.path, SystemClock()
    stop = asyncio.Event()
    fetcher = HttpFetcher(settings)
    collector = Collector(
        bus=path.bus, fetcher=fetcher, clock=clock, settings=settings, registers=path.registers
    )
    press = await _press(settings, path, fetcher) if settings.demo else None
    if settings.starter_feeds:
        await add_starter_feeds(path.registers, clock.now())
    watch = Watch(path, machine.supervisor, collector, clock)
    desk = Desk(
        settings=settings,
        bus=path.bus,
        search=path.search,
        registers=path.registers,
        clock=clock,
        progress=watch.progress,
        poll_now=collector.poll_now,
        press_url=press.base if press else "",
    )
    app = create_app(desk)
    server = _Server(app, stop)
    running = [
        asyncio.create_task(_forever(name, work))
        for name, work in (
            ("collector", collector.run(stop) if settings.collect else stop.wait()),
            ("watch", watch.run(stop)),
        )
    ]
    lock.announce(machine.door.getsockname()[1])
    sys.stdout.write(f"Tocsin desk: {_page(machine.door)}  (data: {settings.data})\n")
    sys.stdout.flush()
    await server.serve(sockets=[machine.door])
    stop.set()
    await asyncio.wait(running, timeout=STOP_S)
    for task in running:
        task.cancel()
    if press is not None:
        await press.stop()
    await fetcher.close()


async def _forever(name: str, work: Coroutine[Any, Any, Any]) -> None:
    """A part that ends by a fault must be seen, and must not take the desk with it."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except Exception:
        logger(part=name).exception("part-failed")


async def _press(settings: Settings, path: EmbeddedPath, fetcher: HttpFetcher) -> Press:
    press = Press(lambda url: _versions(path.search, url), speed=settings.demo_speed)
    await press.start()
    fetcher.allow_press("127.0.0.1", urlsplit(press.base).port or 0)
    now = SystemClock().now()
    known = await asyncio.to_thread(path.registers.subscriptions)
    new = [s for s in press.subscriptions(now) if s.id not in known]
    if new:
        await asyncio.to_thread(path.registers.put_subscription, *new, at=now)
    await asyncio.to_thread(path.registers.put_feed, *press.feeds(now), at=now)
    return press


def _versions(search: Search, url: str) -> int:
    """How many versions of the article at `url` stand in the index (0: none yet)."""
    document = search.get("articles", article_id(url))
    body = document.body if document else None
    return body.version if isinstance(body, ClusteredArticle) else 0


class _Server(uvicorn.Server):
    """Ends live streams before it waits for connections to close."""

    def __init__(self, app: Any, stop: asyncio.Event) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=3,
                server_header=False,
            )
        )
        self._live = app.state.live
        self._stop = stop

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Our own handlers: uvicorn's raise the signal again afterwards, which would end the process
        before the workers have finished what they hold.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the live streams, then everything else."""
        self._stop.set()
        self._live.close()
        await super().shutdown(sockets)
