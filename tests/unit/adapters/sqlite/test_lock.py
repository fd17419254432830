import os
from pathlib import Path

import pytest

from tocsin.adapters.sqlite.lock import LOCK_FILE, DeskLock
from tocsin.errors import StoreError, StoreLocked


def test_the_holder_is_named_with_process_port_and_generation(tmp_path: Path) -> None:
    lock = DeskLock(tmp_path / "new")
    assert lock.holder() is None
    mine = lock.acquire()
    assert (mine.pid, mine.port, mine.generation) == (os.getpid(), 0, 1)
    lock.announce(8421)
    seen = DeskLock(tmp_path / "new").holder()
    assert seen is not None
    assert seen == lock.holder()
    assert (seen.port, seen.started) == (8421, mine.started)
    lock.release()
    lock.release()
    assert DeskLock(tmp_path / "new").holder() is None


def test_a_second_desk_is_told_who_holds_the_data(tmp_path: Path) -> None:
    told = rf"process {os.getpid()} .*port 8420.*--data"
    with DeskLock(tmp_path).held(port=8420), pytest.raises(StoreLocked, match=told):
        DeskLock(tmp_path).acquire()
    told = r"process \d+ holds this data;"
    with DeskLock(tmp_path).held(), pytest.raises(StoreLocked, match=told):
        DeskLock(tmp_path).acquire()


def test_a_lock_is_not_taken_twice_by_one_object(tmp_path: Path) -> None:
    lock = DeskLock(tmp_path)
    with lock.held(), pytest.raises(StoreLocked, match="already"):
        lock.acquire()


def test_a_block_that_raises_lets_go(tmp_path: Path) -> None:
    def fail() -> None:
        with DeskLock(tmp_path).held():
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    DeskLock(tmp_path).acquire()


@pytest.mark.parametrize("left", [b"", b"not json", b'{"pid": 1}', b"[]", b'{"pid":"x"}' * 9])
def test_a_damaged_note_hinders_nobody(tmp_path: Path, left: bytes) -> None:
    (tmp_path / LOCK_FILE).write_bytes(left)
    lock = DeskLock(tmp_path)
    assert lock.holder() is None
    assert lock.acquire().generation == 1
    lock.release()


def test_what_is_not_held_cannot_be_announced(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="acquire it first"):
        DeskLock(tmp_path).announce(1)


def test_a_folder_that_cannot_be_written_is_named_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"desk\.lock: cannot be written .*--data"):
        DeskLock(tmp_path / "file").acquire()
