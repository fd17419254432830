from pathlib import Path

import apsw
import pytest

from tocsin.adapters.sqlite.room import BALLAST_FILE, Room
from tocsin.errors import DiskFull

MIB = 1 << 20


class Disk(Room):
    """A room whose free space the test decides."""

    def __init__(self, folder: Path, free_mib: int) -> None:
        super().__init__(folder, MIB)
        self.free_mib = free_mib

    def free(self) -> int:
        return self.free_mib * MIB


@pytest.fixture
def db() -> apsw.Connection:
    return apsw.Connection(":memory:")


def test_the_ballast_is_laid_down_where_there_is_room_for_two(tmp_path: Path) -> None:
    room = Disk(tmp_path, 1)
    assert not room.keep_ballast()
    room.free_mib = 2
    assert room.keep_ballast()
    assert (tmp_path / BALLAST_FILE).stat().st_size == MIB
    assert room.keep_ballast()


def test_a_ballast_of_another_size_is_laid_down_again(tmp_path: Path) -> None:
    (tmp_path / BALLAST_FILE).write_bytes(b"short")
    assert Disk(tmp_path, 100).keep_ballast()
    assert (tmp_path / BALLAST_FILE).stat().st_size == MIB


def test_a_full_disk_gives_up_the_ballast_and_names_what_is_missing(tmp_path: Path) -> None:
    room = Disk(tmp_path, 100)
    room.keep_ballast()
    room.free_mib = 0
    fault = room.full()
    assert isinstance(fault, DiskFull)
    assert str(tmp_path) in str(fault)
    assert "make 2 MiB of room" in str(fault)
    assert not (tmp_path / BALLAST_FILE).exists()
    assert not room.release()


def test_only_writes_that_make_room_may_use_the_ballasts(
    tmp_path: Path, db: apsw.Connection
) -> None:
    room = Disk(tmp_path, 0)
    room.check(db, frees=False)
    room.full()
    with pytest.raises(DiskFull):
        room.check(db, frees=False)
    room.check(db, frees=True)
    assert room.is_full


def test_room_on_the_disk_ends_the_fault_and_lays_the_ballast_down(
    tmp_path: Path, db: apsw.Connection
) -> None:
    room = Disk(tmp_path, 0)
    room.full()
    room.free_mib = 2
    room.check(db, frees=False)
    assert not room.is_full
    assert (tmp_path / BALLAST_FILE).exists()


def test_room_inside_the_file_ends_the_fault_too(tmp_path: Path, db: apsw.Connection) -> None:
    room = Disk(tmp_path, 0)
    room.full()
    db.execute("CREATE TABLE t(x); INSERT INTO t VALUES(zeroblob(2000000)); DELETE FROM t")
    room.check(db, frees=False)
    assert not room.is_full
    assert not (tmp_path / BALLAST_FILE).exists()
