"""The desk's one file: opened, checked, migrated, and written through one connection only.

All writes and all checkpoints of a process pass through one writer under one lock; every thread reads
through a connection of its own that cannot write (reliability.md §7). A write that returned is on the
disk (`synchronous=FULL`). Never opened with the standard library's SQLite, which has the WAL-reset bug.
"""

import contextlib
import errno
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import apsw

from tocsin.adapters.sqlite.room import BALLAST_BYTES, Room
from tocsin.adapters.sqlite.schema import APPLICATION_ID, MIGRATIONS
from tocsin.errors import Retryable, Stopping, StoreError

STORE_FILE = "tocsin.db"
OLDEST_SQLITE = (3, 51, 3)
"""Older ones can corrupt the file when two connections write and checkpoint at once."""

PAGE_BYTES = 8192
BUSY_MS = 10_000
_MAGIC = b"SQLite format 3\x00"


class Unmade(StoreError):
    """There is a file, and nothing in it yet: its maker is at work, or was killed at it."""


class SqliteStore:
    """The file `tocsin.db` in `folder`. Thread-safe.

    `read_only` opens an existing store beside a running desk and never writes. Raises Unmade for one
    that was only begun (who may write makes it), StoreError
    (naming file and mend) for a folder that cannot be written, a file that is no store of ours or
    of a newer release, an unsafe SQLite; DiskFull where there is no room to begin.
    """

    def __init__(
        self, folder: Path, *, read_only: bool = False, ballast_bytes: int = BALLAST_BYTES
    ) -> None:
        self.folder = Path(folder)
        self.path = self.folder / STORE_FILE
        self.read_only = read_only
        self.room = Room(self.folder, ballast_bytes)
        self._lock = threading.RLock()
        self._local = threading.local()
        self._readers: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()
        self._writer: apsw.Connection | None = None
        self._closed = False
        _check_library()
        self._check_file()
        try:
            self._open()
        except (apsw.FullError, apsw.IOError, apsw.CantOpenError) as error:
            # A disk filled to the brim has no room even for the WAL's index: that is what the
            # ballast is for.
            if read_only or not self.room.release():
                self._tell(error)
            try:
                self._open()
            except apsw.Error as again:
                self._tell(again)
        except apsw.Error as error:
            self._tell(error)

    @contextlib.contextmanager
    def write(self, *, frees: bool = False) -> Iterator[apsw.Connection]:
        """One transaction on the writer, durable when the block ends, undone if it raises.

        `frees` marks a write that makes room (deletes): it may use the room that the ballast left.
        Raises DiskFull, StoreError, Retryable (another process is writing), Stopping (closed).
        Not to be nested.
        """
        with self._lock:
            db = self._writer
            if db is None:
                raise self._unwritable()
            if db.in_transaction:
                raise RuntimeError("a write inside a write of the same thread")
            self.room.check(db, frees=frees)
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            except BaseException as error:
                # SQLite may have undone it already; the fault itself is what to tell.
                with contextlib.suppress(apsw.Error):
                    db.execute("ROLLBACK")
                if isinstance(error, apsw.Error):
                    self._tell(error)
                raise

    def reader(self) -> apsw.Connection:
        """This thread's reading connection. Finish each statement: an open one holds back the
        checkpoint. Raises Stopping once closed.
        """
        if self._closed:
            raise Stopping("the store is closed")
        db: apsw.Connection | None = getattr(self._local, "reader", None)
        if db is None:
            try:
                db = self._open_reader()
            except apsw.Error as error:
                self._tell(error)
            self._local.reader = db
            self._readers.add(db)
        return db

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one reading statement. Raises StoreError, Retryable, Stopping."""
        db = self.reader()
        try:
            return db.execute(sql, parameters).fetchall()
        except apsw.Error as error:
            self._tell(error)

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of one reading statement, as they come. To be read, or dropped, without pause:
        an open statement holds back the checkpoint. Raises as `rows`.
        """
        db = self.reader()
        try:
            yield from db.execute(sql, parameters)
        except apsw.Error as error:
            self._tell(error)

    def quick_check(self) -> str:
        """`ok`, or what SQLite finds wrong with the file. Reads all of it: seconds per GiB."""
        return str(self.rows("PRAGMA quick_check")[0][0])

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file and cut it."""
        with self._lock:
            if self._writer is not None:
                self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def close(self) -> None:
        """Close all connections; idempotent. Reading threads should have stopped."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for reader in list(self._readers):
                # One that is just reading is closed with its thread.
                with contextlib.suppress(apsw.Error):
                    reader.close()
            if self._writer is not None:
                with contextlib.suppress(apsw.Error):  # a full disk: the next start does it
                    self.checkpoint()
                self._writer.close()
                self._writer = None

    def _check_file(self) -> None:
        if self.read_only:
            if not self.path.is_file():
                raise StoreError(
                    f"{self.path}: there is no store here; start the desk on this folder first, "
                    "or name another with --data"
                )
        else:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"{self.folder}: the data folder cannot be made ({error.strerror}); "
                    "name a folder that you may write, with --data or TOCSIN_DATA"
                ) from error
        try:
            if self.path.exists():
                with self.path.open("rb") as file:
                    head = file.read(len(_MAGIC))
                if head and head != _MAGIC:
                    raise self._foreign("it is not a database")
        except OSError as error:
            raise StoreError(
                f"{self.path}: cannot be read ({error.strerror}); mend its owner and mode"
            ) from error

    def _open(self) -> None:
        if self.read_only:
            self._check_version(self.reader())
            return
        db = apsw.Connection(str(self.path))
        try:
            db.set_busy_timeout(BUSY_MS)
            self._check_version(db)
            db.execute(f"PRAGMA page_size={PAGE_BYTES}")
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA mmap_size=0")
            db.execute("PRAGMA cache_size=-65536")  # KiB
            db.execute("PRAGMA temp_store=MEMORY")
            db.execute("PRAGMA journal_size_limit=67108864")
            db.execute("PRAGMA wal_autocheckpoint=2000")  # 16 MiB
            self._migrate(db)
        except BaseException:
            db.close()
            raise
        self._writer = db
        self.room.keep_ballast()

    def _open_reader(self) -> apsw.Connection:
        db = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE)
        db.set_busy_timeout(BUSY_MS)
        db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        db.execute("PRAGMA query_only=1")
        db.execute("PRAGMA wal_autocheckpoint=0")
        db.execute("PRAGMA mmap_size=0")
        db.execute("PRAGMA cache_size=-4096")
        db.execute("PRAGMA temp_store=MEMORY")
        return db

    def _check_version(self, db: apsw.Connection) -> None:
        ours = db.pragma("application_id") == APPLICATION_ID
        tables = db.execute("SELECT count(*) FROM sqlite_schema").get
        if not ours and tables:
            raise self._foreign("it is a database, but not a store of Tocsin's")
        if not ours and self.read_only:
            raise Unmade(f"{self.path}: the store is not made yet; start the desk, or tocsin setup")
        version = db.pragma("user_version")
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{self.path}: written by a newer release (store version {version}, this one knows "
                f"{len(MIGRATIONS)}); run that release, or restore an older backup"
            )

    def _migrate(self, db: apsw.Connection) -> None:
        for step in range(db.pragma("user_version"), len(MIGRATIONS)):
            db.execute("BEGIN IMMEDIATE")
            try:
                if db.pragma("user_version") == step:  # else another process was first
                    db.execute(MIGRATIONS[step])
                    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
                    db.execute(f"PRAGMA user_version={step + 1}")
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def _foreign(self, what: str) -> StoreError:
        return StoreError(
            f"{self.path}: {what}; move it away, or restore it from a backup, and start again"
        )

    def _unwritable(self) -> Exception:
        if self._closed:
            return Stopping("the store is closed")
        return StoreError(f"{self.path}: opened for reading only; write through the running desk")

    def _tell(self, error: apsw.Error) -> NoReturn:
        """Raise what a fault of SQLite's means to a person; one of our own making stays as it is."""
        told = self._meaning(error)
        if told is None:
            raise error
        raise told from error

    def _meaning(self, error: apsw.Error) -> Exception | None:
        if isinstance(error, apsw.FullError) or self._out_of_room(error):
            return self.room.full()
        if isinstance(error, apsw.ConnectionClosedError):
            return Stopping("the store is closed")
        if isinstance(error, apsw.BusyError | apsw.LockedError):
            return Retryable(f"{self.path}: another process is writing; try again")
        if isinstance(error, apsw.NotADBError | apsw.CorruptError):
            return self._foreign(f"it is damaged ({error})")
        if isinstance(error, apsw.CantOpenError | apsw.ReadOnlyError | apsw.PermissionsError):
            return StoreError(
                f"{self.path}: cannot be written ({error}); mend the folder's owner and mode, or "
                "name another with --data or TOCSIN_DATA"
            )
        if isinstance(error, apsw.IOError):
            return StoreError(
                f"{self.path}: the disk fails ({error}); check it, then restore from a backup if "
                "`tocsin doctor` finds the store damaged"
            )
        return None

    def _out_of_room(self, error: apsw.Error) -> bool:
        """True where a disk without room shows itself as another fault (the WAL's index, say)."""
        if not isinstance(error, apsw.IOError | apsw.CantOpenError):
            return False
        system = self._writer.system_errno if self._writer is not None else 0
        return system in {errno.ENOSPC, errno.EDQUOT} or self.room.free() < PAGE_BYTES


def _check_library() -> None:
    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST_SQLITE:
        least = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            f"SQLite {version} can damage a store in WAL mode; install an apsw built with SQLite "
            f"{least} or newer"
        )
