from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.adapters.sqlite.state import SqliteState
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.bus import Message
from tocsin_schemas.topics import ACTS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path, ballast_bytes=4096)
    yield store
    store.close()


def test_a_state_outlives_the_process(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, ballast_bytes=4096)
    with SqliteState(store, "w").begin() as tx:
        tx.put("t", "k", b"v")
        tx.emit(Message(ACTS.name, "a", b"1", {"h": "x"}))
        tx.advance("in", 0, 3)
    store.close()
    store = SqliteStore(tmp_path, ballast_bytes=4096)
    state = SqliteState(store, "w")
    with state.begin() as tx:
        assert tx.get("t", "k") == b"v"
        assert tx.position("in", 0) == 3
    assert [u.message for u in state.unsent()] == [Message(ACTS.name, "a", b"1", {"h": "x"})]
    store.close()


def test_workers_of_one_store_do_not_see_each_other(store: SqliteStore) -> None:
    one, two = SqliteState(store, "one"), SqliteState(store, "two")
    with one.begin() as tx:
        tx.put("t", "k", b"1")
        tx.emit(Message(ACTS.name, "a", b"1"))
        tx.advance("in", 0, 3)
    with two.begin() as tx:
        assert tx.get("t", "k") is None
        assert tx.position("in", 0) == 0
    assert two.unsent() == []
    two.sent([one.unsent()[0].number])
    assert len(one.unsent()) == 1


def test_a_thinking_stage_does_not_hold_the_writer(store: SqliteStore) -> None:
    with SqliteState(store, "one").begin() as tx:
        tx.put("t", "k", b"1")
        with SqliteState(store, "two").begin() as other:
            other.put("t", "k", b"2")
        assert SqliteState(store, "two").row("t", "k") == b"2"
    assert SqliteState(store, "one").row("t", "k") == b"1"


def test_a_transaction_that_changed_nothing_writes_nothing(store: SqliteStore) -> None:
    before = store.rows("PRAGMA data_version")
    with SqliteState(store, "one").begin() as tx:
        tx.get("t", "k")
    assert store.rows("PRAGMA data_version") == before
