"""A full disk: reading goes on, writes say what is missing, nothing is damaged, and it mends itself (F10)."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.room import BALLAST_FILE
from tocsin.adapters.sqlite.state import SqliteState
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.errors import DiskFull
from tocsin.ports.bus import Message
from tocsin_schemas.topics import ACTS, ENRICHED

MIB = 1 << 20
BALLAST = MIB


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mount.returncode:
        pytest.skip(f"mounting a small file system is not allowed here: {mount.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def fill(bus: SqliteBus, topic: str) -> int:
    """Produce until the disk is full; returns how many records were acknowledged."""
    acked = 0
    fault: DiskFull | None = None
    for _ in range(2000):
        try:
            acked += len(bus.produce(Message(topic, "k", b"x" * 3000) for _ in range(10)))
        except DiskFull as told:
            fault = told
            break
    assert fault is not None, "60 MB went onto a disk of 8 MiB"
    assert str(bus._store.folder) in str(fault)
    assert "MiB of room" in str(fault)
    assert bus._store.room.is_full
    return acked


def grow(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)


def test_a_full_disk_costs_nothing_but_time(small_disk: Path) -> None:
    store = SqliteStore(small_disk, ballast_bytes=BALLAST)
    bus, state = SqliteBus(store), SqliteState(store, "w")
    with state.begin() as tx:
        tx.put("t", "k", b"before")
    acked = fill(bus, ACTS.name)
    assert acked

    assert len(list(bus.read(ACTS.name))) == acked
    with pytest.raises(DiskFull):
        bus.produce([Message(ACTS.name, "k", b"x")])
    with pytest.raises(DiskFull), state.begin() as tx:
        tx.put("t", "k", b"lost")
    with state.begin() as tx:
        assert tx.get("t", "k") == b"before"

    grow(small_disk)
    bus.produce([Message(ACTS.name, "k", b"after")])
    assert not store.room.is_full
    assert (small_disk / BALLAST_FILE).stat().st_size == BALLAST
    assert len(list(bus.read(ACTS.name))) == acked + 1
    assert store.quick_check() == "ok"
    store.close()


def test_retention_makes_room_on_a_full_disk(small_disk: Path) -> None:
    store = SqliteStore(small_disk, ballast_bytes=BALLAST)
    bus = SqliteBus(store)
    acked = fill(bus, ENRICHED.name)
    consumer = bus.consumer("g", [ENRICHED.name])
    while records := consumer.poll(timeout_s=0):
        consumer.commit(records)
    consumer.close()

    assert bus.prune(datetime.now(UTC) + timedelta(days=8), 10_000) == acked
    assert len(bus.produce(Message(ENRICHED.name, "k", b"y" * 3000) for _ in range(10))) == 10
    assert store.quick_check() == "ok"
    store.close()


def test_a_store_opens_on_a_disk_that_was_filled_to_the_brim(small_disk: Path) -> None:
    store = SqliteStore(small_disk, ballast_bytes=BALLAST)
    SqliteBus(store).produce([Message(ACTS.name, "k", b"1")])
    store.close()
    _fill_to_the_brim(small_disk)

    store = SqliteStore(small_disk, ballast_bytes=BALLAST)
    assert len(list(SqliteBus(store).read(ACTS.name))) == 1
    assert store.quick_check() == "ok"
    grow(small_disk)
    SqliteBus(store).produce([Message(ACTS.name, "k", b"2")])
    store.close()


def test_a_store_that_finds_no_room_to_begin_says_so(small_disk: Path) -> None:
    _fill_to_the_brim(small_disk)
    with pytest.raises(DiskFull, match=str(small_disk)):
        SqliteStore(small_disk, ballast_bytes=BALLAST)


def test_a_transaction_that_hits_the_end_of_the_disk_is_undone_whole(small_disk: Path) -> None:
    store = SqliteStore(small_disk, ballast_bytes=BALLAST)
    bus = SqliteBus(store)
    with pytest.raises(DiskFull):
        bus.produce(Message(ACTS.name, "k", os.urandom(100_000)) for _ in range(200))
    assert list(bus.read(ACTS.name)) == []
    assert bus.ends(ACTS.name) == {(ACTS.name, 0): 0}
    grow(small_disk)
    assert bus.produce([Message(ACTS.name, "k", b"1")]) == [0]
    assert store.quick_check() == "ok"
    store.close()


def _fill_to_the_brim(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
