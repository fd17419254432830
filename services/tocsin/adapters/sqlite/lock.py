"""Who holds this data: an operating system lock on `desk.lock`, free the moment its process ends.

The file says which process, on which port, since when, for the how-many-th time; it is only believed
while the lock is held, so what a killed desk left behind misleads nobody. Children must be made by
spawn: a forked child would keep the lock (toolchain.md §2).
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import orjson

from tocsin.errors import StoreError, StoreLocked

LOCK_FILE = "desk.lock"
WANTED_FILE = "desk.wanted"
"""Locked by whoever must have the data next, so that a command at work lets go at once."""
_LOOK_S = 0.05
_GRACE_S = 0.25
"""Whoever asks for the holder touches the lock for a moment; an acquire outlasts that."""

_WIDTH = 512
"""Bytes of the note, always written whole in one call, so that no reader sees half of it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the data. `port` 0: it serves no page (a command, or a desk still starting)."""

    pid: int
    port: int
    started: datetime
    generation: int
    """Rises by one with every holder, so that a desk that came back is told from the one before."""


class DeskLock:
    """The lock of one data folder."""

    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / LOCK_FILE
        self._fd: int | None = None
        self._note: Holder | None = None

    def acquire(self, wait_s: float = 0.0, *, port: int = 0) -> Holder:
        """Hold the lock, waiting up to `wait_s` for another's. Raises StoreLocked naming its process
        and port; StoreError where the folder cannot be written.
        """
        if self._fd is not None:
            raise StoreLocked(f"{self.path}: this object holds the lock already")
        fd = self._open()
        deadline = monotonic() + max(wait_s, _GRACE_S)
        while not _locked(fd, fcntl.LOCK_EX):
            if monotonic() >= deadline:
                os.close(fd)
                raise self._held()
            sleep(_LOOK_S)
        before = _read(fd)
        self._fd = fd
        self._note = Holder(
            os.getpid(), port, datetime.now(UTC), before.generation + 1 if before else 1
        )
        self._write()
        return self._note

    @contextlib.contextmanager
    def wanting(self) -> Iterator[None]:
        """Say, for a block, that the lock is wanted: a desk that starts goes before a command's work."""
        path = self.path.with_name(WANTED_FILE)
        fd: int | None = None
        with contextlib.suppress(OSError):  # an unwritable folder is told by `acquire`
            path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            _locked(fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if fd is not None:
                os.close(fd)

    def wanted(self) -> bool:
        """Whether a desk waits for the lock right now."""
        try:
            fd = os.open(self.path.with_name(WANTED_FILE), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return not _locked(fd, fcntl.LOCK_SH)
        finally:
            os.close(fd)

    def announce(self, port: int) -> None:
        """Say on which port the desk listens, once that is known."""
        if self._note is None:
            raise StoreError(f"{self.path}: not held; acquire it first")
        self._note = Holder(self._note.pid, port, self._note.started, self._note.generation)
        self._write()

    def release(self) -> None:
        """Let go; idempotent."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = self._note = None

    @contextlib.contextmanager
    def held(self, wait_s: float = 0.0, *, port: int = 0) -> Iterator[Holder]:
        """Hold the lock for a block; raises as `acquire`."""
        note = self.acquire(wait_s, port=port)
        try:
            yield note
        finally:
            self.release()

    def holder(self) -> Holder | None:
        """Who holds the data now; null if nobody does, whatever the file says."""
        if self._note is not None:
            return self._note
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return None if _locked(fd, fcntl.LOCK_SH) else _read(fd)
        finally:
            os.close(fd)

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"{self.path}: cannot be written ({error.strerror}); name a data folder that you "
                "may write, with --data or TOCSIN_DATA"
            ) from error

    def _write(self) -> None:
        assert self._fd is not None
        assert self._note is not None
        note = self._note
        text = orjson.dumps(
            {
                "pid": note.pid,
                "port": note.port,
                "started": note.started,
                "generation": note.generation,
            }
        )
        # On a full disk the lock still holds; only its note is missing.
        with contextlib.suppress(OSError):
            os.pwrite(self._fd, text.ljust(_WIDTH - 1) + b"\n", 0)

    def _held(self) -> StoreLocked:
        other = self.holder()
        who = "another process" if other is None else f"process {other.pid}"
        where = f", its page is on port {other.port}" if other is not None and other.port else ""
        return StoreLocked(
            f"{self.path.parent}: {who} holds this data{where}; stop it, or name another folder "
            "with --data"
        )


def _locked(fd: int, mode: int) -> bool:
    try:
        fcntl.flock(fd, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(fd: int) -> Holder | None:
    """The note in the file; null for an empty or damaged one."""
    try:
        note = orjson.loads(os.pread(fd, _WIDTH, 0))
        return Holder(
            int(note["pid"]),
            int(note["port"]),
            datetime.fromisoformat(note["started"]),
            int(note["generation"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
