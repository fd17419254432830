import sqlite3
import threading
from pathlib import Path

import apsw
import pytest

from tocsin.adapters.sqlite import store as module
from tocsin.adapters.sqlite.room import BALLAST_FILE
from tocsin.adapters.sqlite.schema import APPLICATION_ID, MIGRATIONS
from tocsin.adapters.sqlite.store import STORE_FILE, SqliteStore
from tocsin.errors import Retryable, Stopping, StoreError

SMALL = 4096


def opened(folder: Path, **over: bool) -> SqliteStore:
    return SqliteStore(folder, ballast_bytes=SMALL, **over)


def test_a_new_store_is_durable_and_ours(tmp_path: Path) -> None:
    store = opened(tmp_path / "deep" / "down")
    assert store.path == tmp_path / "deep" / "down" / STORE_FILE
    with store.write() as db:
        assert db.pragma("journal_mode") == "wal"
        assert db.pragma("synchronous") == 2
        assert db.pragma("page_size") == 8192
        assert db.pragma("user_version") == len(MIGRATIONS)
        assert db.pragma("application_id") == APPLICATION_ID
    assert (store.folder / BALLAST_FILE).stat().st_size == SMALL
    assert store.quick_check() == "ok"
    store.close()


def test_a_reading_connection_cannot_write_and_never_checkpoints(tmp_path: Path) -> None:
    store = opened(tmp_path)
    db = store.reader()
    with pytest.raises(apsw.ReadOnlyError):
        db.execute("DELETE FROM log")
    assert db.pragma("query_only") == 1
    assert db.pragma("wal_autocheckpoint") == 0
    assert db.pragma("mmap_size") == 0
    store.close()


def test_every_thread_has_its_own_reading_connection(tmp_path: Path) -> None:
    store = opened(tmp_path)
    found = [store.reader(), store.reader()]
    thread = threading.Thread(target=lambda: found.append(store.reader()))
    thread.start()
    thread.join()
    assert found[0] is found[1]
    assert found[2] is not found[0]
    store.close()


def test_a_write_that_raises_is_undone_and_the_next_one_goes_on(tmp_path: Path) -> None:
    store = opened(tmp_path)

    def fail() -> None:
        with store.write() as db:
            db.execute("INSERT INTO committed VALUES('g', 1, 1)")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert store.rows("SELECT * FROM committed") == []
    with store.write() as db:
        db.execute("INSERT INTO committed VALUES('g', 1, 2)")
    assert store.rows("SELECT off FROM committed") == [(2,)]
    store.close()


def test_a_mistake_in_our_sql_stays_a_bug(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with pytest.raises(apsw.SQLError):
        store.rows("SELECT nonsense")
    store.close()


def test_a_file_that_is_no_database_is_named_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / STORE_FILE).write_text("Dear diary, today the desk would not start.")
    with pytest.raises(StoreError, match=rf"{STORE_FILE}: it is not a database; move it away"):
        opened(tmp_path)


def test_a_database_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / STORE_FILE
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE recipes(name)")
    db.commit()
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a store of Tocsin's"):
        opened(tmp_path)
    assert path.read_bytes() == before


def test_a_damaged_store_is_named_with_its_mend(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = tmp_path / STORE_FILE
    path.write_bytes(path.read_bytes()[:16] + b"\x07" * 4000)
    with pytest.raises(StoreError, match="backup"):
        opened(tmp_path)


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / STORE_FILE).touch()
    store = opened(tmp_path)
    assert store.quick_check() == "ok"
    store.close()


def test_a_store_of_a_newer_release_is_not_touched(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with store.write() as db:
        db.execute("PRAGMA user_version=99")
    store.close()
    with pytest.raises(StoreError, match=r"newer release \(store version 99"):
        opened(tmp_path)


def test_an_older_store_is_brought_up_to_date_with_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(tmp_path)
    with store.write() as db:
        db.execute("INSERT INTO committed VALUES('g', 1, 2)")
    store.close()
    step = "CREATE TABLE later(x); INSERT INTO later SELECT off FROM committed;"
    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, step))
    store = opened(tmp_path)
    assert store.rows("SELECT x FROM later") == [(2,)]
    store.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tmp_path).close()
    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE later(x); nonsense;"))
    with pytest.raises(apsw.SQLError):
        opened(tmp_path)
    monkeypatch.undo()
    store = opened(tmp_path)
    assert store.rows("SELECT name FROM sqlite_schema WHERE name='later'") == []
    store.close()


def test_a_folder_that_cannot_be_made_is_named_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file.deeper: the data folder cannot be made.*--data"):
        opened(tmp_path / "file" / "deeper")


def test_a_path_that_is_a_folder_is_named_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / STORE_FILE).mkdir()
    with pytest.raises(StoreError, match=STORE_FILE):
        opened(tmp_path)


def test_an_unsafe_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    with pytest.raises(StoreError, match=r"SQLite 3\.51\.2 can damage .* 3\.51\.3 or newer"):
        opened(tmp_path)


def test_a_store_is_read_beside_a_running_desk(tmp_path: Path) -> None:
    desk = opened(tmp_path)
    with desk.write() as db:
        db.execute("INSERT INTO committed VALUES('g', 1, 2)")
    beside = opened(tmp_path, read_only=True)
    assert beside.rows("SELECT off FROM committed") == [(2,)]

    def write() -> None:
        with beside.write():
            pass

    with pytest.raises(StoreError, match="for reading only"):
        write()
    beside.close()
    desk.close()


def test_a_store_is_read_without_a_desk_and_not_written_by_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store here"):
        opened(tmp_path, read_only=True)
    opened(tmp_path).close()
    beside = opened(tmp_path, read_only=True)
    assert beside.quick_check() == "ok"
    beside.close()


def test_a_closed_store_says_that_the_desk_is_stopping(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.rows("SELECT 1")
    store.close()
    store.close()
    with pytest.raises(Stopping):
        store.rows("SELECT 1")

    def write() -> None:
        with store.write():
            pass

    with pytest.raises(Stopping):
        write()


def test_a_file_that_another_process_holds_too_long_is_to_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_MS", 1)
    one, two = opened(tmp_path), opened(tmp_path)

    def write() -> None:
        with two.write():
            pass

    with one.write(), pytest.raises(Retryable, match="another process is writing"):
        write()
    write()
    one.close()
    two.close()


def test_closing_moves_the_write_ahead_log_into_the_file(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with store.write() as db:
        db.execute("INSERT INTO committed VALUES('g', 1, 2)")
    store.close()
    wal = tmp_path / f"{STORE_FILE}-wal"
    assert not wal.exists() or wal.stat().st_size == 0


def test_threads_that_read_while_the_store_closes_are_told_that_it_stops(tmp_path: Path) -> None:
    store = opened(tmp_path)
    ended: list[str] = []
    reading = threading.Barrier(5)

    def read() -> None:
        store.rows("SELECT 1")
        reading.wait()
        try:
            while True:
                list(store.stream("SELECT value FROM json_each('[1,2,3]')"))
        except Exception as error:
            ended.append(type(error).__name__)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    reading.wait()
    store.close()
    for thread in threads:
        thread.join(30)
    assert ended == ["Stopping"] * 4


def test_a_write_inside_a_write_is_a_bug_and_undoes_all(tmp_path: Path) -> None:
    store = opened(tmp_path)

    def nested() -> None:
        with store.write() as db:
            db.execute("INSERT INTO committed VALUES('g', 1, 2)")
            with store.write():
                pass

    with pytest.raises(RuntimeError, match="inside a write"):
        nested()
    assert store.rows("SELECT * FROM committed") == []
    store.close()
