"""Room on the disk: a ballast file is given up when the disk is full, and laid down again afterwards.

A full SQLite cannot even delete (reliability.md §7). The room that the ballast leaves is kept for
writes that make room; every other write is refused, with what is missing, until the disk or the file
itself has room again. Never deletes news.
"""

import os
from pathlib import Path

import apsw

from tocsin.errors import DiskFull

MIB = 1 << 20
BALLAST_BYTES = 32 * MIB
BALLAST_FILE = "ballast"


class Room:
    """The room in `folder`. Used under the store's write lock."""

    def __init__(self, folder: Path, ballast_bytes: int = BALLAST_BYTES) -> None:
        self._folder = folder
        self._ballast = folder / BALLAST_FILE
        self._bytes = ballast_bytes
        self.is_full = False
        """True from the first write that found no room until there is room again."""

    def free(self) -> int:
        """Bytes that we may still write in this folder."""
        stat = os.statvfs(self._folder)
        return stat.f_bavail * stat.f_frsize

    def check(self, db: apsw.Connection, *, frees: bool) -> None:
        """Raise DiskFull for a write that would find no room; costs nothing while all is well."""
        if not self.is_full:
            return
        if self.free() >= 2 * self._bytes:
            self.keep_ballast()
            self.is_full = False
        elif db.pragma("freelist_count") * db.pragma("page_size") >= self._bytes:
            self.is_full = False  # deletes made room inside the file
        elif not frees:
            raise self._fault()

    def full(self) -> DiskFull:
        """Note that a write found no room: give up the ballast; returns what to raise."""
        self.is_full = True
        fault = self._fault()
        self.release()
        return fault

    def release(self) -> bool:
        """Give up the ballast; True if there was one."""
        try:
            self._ballast.unlink()
        except OSError:
            return False
        return True

    def keep_ballast(self) -> bool:
        """Lay the ballast down if it is missing and twice its room is free; True if it is there."""
        try:
            if self._ballast.stat().st_size == self._bytes:
                return True
        except OSError:
            pass
        if self.free() < 2 * self._bytes:
            return False
        try:
            fd = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.posix_fallocate(fd, 0, self._bytes)
            finally:
                os.close(fd)
        except OSError:
            self.release()
            return False
        return True

    def _fault(self) -> DiskFull:
        free = self.free()
        missing = max(MIB, 2 * self._bytes - free)
        return DiskFull(
            f"{self._folder}: the disk is full ({free / MIB:.0f} MiB free); make {missing / MIB:.0f}"
            " MiB of room there, and writing goes on by itself. Reading still works"
        )
