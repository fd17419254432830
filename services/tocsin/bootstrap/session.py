"""What a command stands on: the store to read, and a way to write, whether a desk runs or not.

On the distributed desk that is its servers, whatever runs beside. On the embedded one, reading opens the file with a connection that cannot write. Writing goes through the running desk's
door; without a desk the command takes the lock itself, batch by batch, and works the path off before
it lets go. When the desk vanishes in the middle, the batch is handed over again to whoever comes:
ids of content make that harmless.
"""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from tocsin.adapters.door import DoorBusy, DoorClosed, push
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.search import MemorySearch
from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.lock import DeskLock, Holder
from tocsin.adapters.sqlite.search import SqliteSearch
from tocsin.adapters.sqlite.store import STORE_FILE, SqliteStore, Unmade
from tocsin.api.desk import Desk, Progress
from tocsin.api.reading import Reading as Front
from tocsin.bootstrap.path import EmbeddedPath
from tocsin.bootstrap.servers import connect, distributed
from tocsin.errors import StoreError, StoreLocked, UsageError
from tocsin.ports.bus import Bus, Message
from tocsin.ports.clock import SystemClock
from tocsin.ports.registers import Registers
from tocsin.ports.search import Search
from tocsin.settings import Settings
from tocsin.telemetry import configure, logger
from tocsin.workers.runner import lag
from tocsin.workers.supervisor import drain
from tocsin_schemas.topics import TOPICS

LOOK_AGAIN_S = 0.2
"""Pause before looking again who holds the store, seconds."""
TELL_AFTER_S = 5.0
"""A command that has waited this long says so, once."""
GIVE_UP_S = 15.0
"""A desk that answers for so long that it cannot take records now is believed, seconds."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A store opened for reading."""

    bus: Bus
    search: Search
    registers: Registers
    front: Front
    """What the page's routes read and change through: a command does it by the same functions."""
    integrity: Callable[[], str]
    """Empty, or what is wrong with the file (reads all of it)."""


@dataclass(frozen=True, slots=True)
class Writing(Reading):
    """The same, and records can be written: `bus.produce` returns when they are durable."""

    settle: Callable[[], None]
    """Without a desk: work off all that was written, then let the store go. Beside one: nothing."""


def store_path(settings: Settings) -> Path:
    """The one file."""
    return settings.data / STORE_FILE


@contextlib.contextmanager
def reading(settings: Settings) -> Iterator[Reading]:
    """Open the store for reading; a folder without one reads as an empty desk. Raises StoreError; on
    the distributed desk UsageError and Retryable.
    """
    if distributed(settings):
        with _servers(settings) as (bus, search):
            yield Reading(bus, search, Registers(bus), _front(settings, bus, search), str)
        return
    store = _opened(settings)
    if store is None:
        empty, nothing = MemoryBus(), MemorySearch()
        yield Reading(empty, nothing, Registers(empty), _front(settings, empty, nothing), str)
        return
    try:
        bus, search = SqliteBus(store), SqliteSearch(store)
        front = _front(settings, bus, search)
        yield Reading(bus, search, Registers(bus), front, lambda: _integrity(store))
    finally:
        store.close()


@contextlib.contextmanager
def _servers(settings: Settings) -> Iterator[tuple[Bus, Search]]:
    """Bus and search of the distributed desk. Raises TocsinError where it was never set up: an empty
    answer would read as silence.
    """
    configure("error")  # the clients' own warnings are for workers' logs
    servers = connect(settings, client_id="tocsin-command")
    try:
        servers.bus.identities([t.name for t in TOPICS.values()])
        yield servers.bus, servers.search
    finally:
        servers.close()


def _embedded(settings: Settings, what: str) -> None:
    """Raises UsageError on the distributed desk, which has no store of its own."""
    if distributed(settings):
        raise UsageError(
            f"{what} is of the embedded desk's file; the distributed desk's log is in Kafka and its "
            "index in Elasticsearch: docs/operations/backup.md"
        )


def _opened(settings: Settings) -> SqliteStore | None:
    """The store for reading; null where there is none, or only the beginning of one."""
    if not store_path(settings).exists():
        return None
    try:
        return SqliteStore(settings.data, read_only=True)
    except Unmade:
        return None


def _front(settings: Settings, bus: Bus, search: Search) -> Front:
    clock = SystemClock()
    began = clock.now()
    desk = Desk(
        settings=settings,
        bus=bus,
        search=search,
        registers=Registers(bus),
        clock=clock,
        progress=lambda: Progress(sum(lag(bus).values()), None, began),
        poll_now=lambda _: None,
    )
    return Front(desk)


def _integrity(store: SqliteStore) -> str:
    found = store.quick_check()
    return "" if found == "ok" else found


@contextlib.contextmanager
def writing(settings: Settings) -> Iterator[Writing]:
    """Open for reading and writing. Raises StoreError; never StoreLocked: it waits."""
    if distributed(settings):
        with _servers(settings) as (log, index):
            front = _front(settings, log, index)
            yield Writing(log, index, Registers(log), front, str, settle=lambda: None)
        return
    hand = _Hand(settings)
    try:
        hand.make()
        with reading(settings) as read:
            bus: Any = _ThroughHand(read.bus, hand.produce)
            front = _front(settings, bus, read.search)
            yield Writing(bus, read.search, Registers(bus), front, read.integrity, hand.settle)
    finally:
        hand.close()


class _ThroughHand:
    """A bus that reads here and produces through `produce`."""

    def __init__(self, bus: Bus, produce: Callable[[Iterable[Message]], list[int]]) -> None:
        self._bus = bus
        self.produce = produce

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


class _Hand:
    """Gets records into the log by whichever way is open."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = DeskLock(settings.data)
        self._held: Holder | None = None
        self._last = 0
        self._store: SqliteStore | None = None
        self._path: EmbeddedPath | None = None
        self._log = logger(command="write")

    def make(self) -> None:
        """Make the store if it is not there, or wait for a starting desk that does."""
        while (store := _opened(self._settings)) is None:
            if self._take():
                SqliteStore(self._settings.data).close()
                self._let_go()
            else:
                time.sleep(LOOK_AGAIN_S)
        store.close()

    def produce(self, messages: Iterable[Message]) -> list[int]:
        """Durable on return, through the desk or by our own hand. Raises StoreError where the desk can
        take nothing (a full disk), with its words.
        """
        batch = list(messages)
        began, told, busy_since = time.monotonic(), False, 0.0
        while True:
            if self._held is not None or self._take():
                return self._open().bus.produce(batch)
            holder = self._lock.holder()
            if holder is not None and holder.port:
                try:
                    return push(holder.port, batch)
                except DoorBusy as error:
                    busy_since = busy_since or time.monotonic()
                    if time.monotonic() - busy_since > GIVE_UP_S:
                        raise StoreError(str(error)) from error
                except DoorClosed:
                    busy_since = 0.0
            if not told and time.monotonic() - began > TELL_AFTER_S:
                told = True
                self._log.warning(
                    "waiting", why="another process holds the store and does not answer yet"
                )
            time.sleep(LOOK_AGAIN_S)

    def settle(self) -> None:
        """Work off what was written by our own hand, or leave it to a desk that wants to start; then
        let go.
        """
        if self._held is not None:
            if not drain(self._open().workers, stop=self._lock.wanted):
                self._discard()  # close the store while it is still ours
            self._let_go()

    def close(self) -> None:
        """Settle nothing more; let go of everything."""
        self._discard()
        self._let_go()

    def _take(self) -> bool:
        try:
            self._held = self._lock.acquire(0.0)
        except StoreLocked:
            return False
        if self._held.generation != self._last + 1:
            self._discard()  # somebody else wrote meanwhile: what we remember may be stale
        self._last = self._held.generation
        return True

    def _let_go(self) -> None:
        self._lock.release()
        self._held = None

    def _open(self) -> EmbeddedPath:
        if self._path is None:
            self._store = SqliteStore(self._settings.data)
            self._path = EmbeddedPath(self._settings, self._store)
            for worker in self._path.workers:
                worker.start()
        return self._path

    def _discard(self) -> None:
        if self._path is not None:
            self._path.close()
        if self._store is not None:
            self._store.close()
        self._path = self._store = None


def back_up(settings: Settings, file: Path) -> int:
    """Copy the store to `file` (must not exist), consistent also beside a running desk, and check the
    copy; returns its bytes. Raises UsageError, StoreError.
    """
    _embedded(settings, "a backup")
    source_path = store_path(settings)
    if not source_path.exists():
        raise UsageError(f"{source_path}: there is no store to back up")
    if file.exists():
        raise UsageError(f"{file} exists already; name a new file")
    partial = file.with_name(file.name + ".partial")
    partial.unlink(missing_ok=True)
    store = SqliteStore(settings.data, read_only=True)
    try:
        target = apsw.Connection(str(partial))
        with target.backup("main", store.reader(), "main") as copy:
            copy.step()
        target.execute("PRAGMA journal_mode=DELETE")
        problem = str(target.execute("PRAGMA quick_check").get)
        target.close()
    except (apsw.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        raise StoreError(f"{file}: cannot be written ({error})") from error
    finally:
        store.close()
    if problem != "ok":
        partial.unlink(missing_ok=True)
        raise StoreError(f"{source_path}: the copy is damaged ({problem}); run `tocsin doctor`")
    partial.rename(file)
    return file.stat().st_size


def put_back(settings: Settings, file: Path) -> Path | None:
    """Put the backup `file` in the place of the store, which is kept beside it; returns where. Raises
    StoreLocked while a desk runs, UsageError for a file that is no backup.
    """
    _embedded(settings, "restoring a backup")
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    lock = DeskLock(settings.data)
    with lock.held(0.0):
        trial = settings.data / "restoring"
        shutil.rmtree(trial, ignore_errors=True)
        trial.mkdir(parents=True)
        shutil.copyfile(file, trial / STORE_FILE)
        try:
            store = SqliteStore(trial, ballast_bytes=0)
            problem = _integrity(store)
            store.close()
            if problem:
                raise UsageError(f"{file}: damaged ({problem}); the store was left as it was")
            kept = _set_aside(settings)
            (trial / STORE_FILE).rename(store_path(settings))
        finally:
            shutil.rmtree(trial, ignore_errors=True)
    return kept


def _set_aside(settings: Settings) -> Path | None:
    path = store_path(settings)
    if not path.exists():
        return None
    SqliteStore(settings.data).close()  # fold the write-ahead log into the file
    kept = path.with_name(f"{path.name}.{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    path.rename(kept)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return kept
