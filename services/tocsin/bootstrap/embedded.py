"""The embedded desk: every worker in one process over one SQLite file, and the page on loopback.

Read top to bottom, this is its deployment diagram: the lock, the port, the store, the workers of
`pipeline/topology.py`, then on one event loop the collector, the deliveries, the demo press, the page.
"""

import asyncio
import contextlib
import gc
import socket
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tocsin.adapters.http_fetcher import HttpFetcher
from tocsin.adapters.sqlite.lock import DeskLock
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.api.app import create_app
from tocsin.api.desk import Desk
from tocsin.bootstrap.page import PageServer, address_of, listen
from tocsin.bootstrap.path import EmbeddedPath
from tocsin.bootstrap.press import start_press
from tocsin.bootstrap.progress import Watch
from tocsin.bootstrap.starter import add_starter_feeds
from tocsin.ports.clock import SystemClock
from tocsin.settings import Settings
from tocsin.telemetry import logger
from tocsin.workers.collector import Collector
from tocsin.workers.supervisor import Supervisor

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
        door = listen(settings)
        stack.callback(door.close)
        store = SqliteStore(settings.data)
        stack.callback(store.close)
        path = EmbeddedPath(settings, store, page_url=address_of(door))
        stack.callback(path.close)
        supervisor = Supervisor(path.lanes, path.bus.wait)
        supervisor.start()
        gc.collect()
        gc.freeze()  # what was loaded stays: no later collection need look at it again
        gc.set_threshold(50_000, 20, 50)  # news makes many short-lived objects and hardly a cycle
        stack.callback(supervisor.stop, STOP_S)
        asyncio.run(_serve(Machine(settings, path, supervisor, door), lock))


async def _serve(machine: Machine, lock: DeskLock) -> None:
    settings, path, clock = machine.settings, machine.path, SystemClock()
    stop = asyncio.Event()
    fetcher = HttpFetcher(settings)
    collector = Collector(
        bus=path.bus, fetcher=fetcher, clock=clock, settings=settings, registers=path.registers
    )
    press = None
    if settings.demo:
        press = await start_press(path.registers, path.search, settings.demo_speed)
        fetcher.allow_press("127.0.0.1", urlsplit(press.base).port or 0)
    if settings.starter_feeds:
        await add_starter_feeds(path.registers, clock.now())
    watch = Watch(
        path.bus,
        path.search,
        clock,
        problem=lambda: "; ".join(p for p in (machine.supervisor.problem, collector.problem) if p),
    )
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
    server = PageServer(app, stop)
    running = [
        asyncio.create_task(_forever(name, work))
        for name, work in (
            ("collector", collector.run(stop) if settings.collect else stop.wait()),
            ("watch", watch.run(stop)),
        )
    ]
    lock.announce(machine.door.getsockname()[1])
    sys.stdout.write(f"Tocsin desk: {address_of(machine.door)}  (data: {settings.data})\n")
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
