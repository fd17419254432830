from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.adapters.sqlite import bus as module
from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.errors import StoreError
from tocsin.ports.bus import Message
from tocsin_schemas.topics import ACTS, CLUSTERED, FEEDS, ITEMS, OUTCOMES


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path, ballast_bytes=4096)
    yield store
    store.close()


def said(topic: str, *values: int) -> list[Message]:
    return [Message(topic, f"k{v}", b"%d" % v) for v in values]


def test_offsets_positions_and_content_outlive_the_process(tmp_path: Path) -> None:
    for start in (0, 3):
        store = SqliteStore(tmp_path, ballast_bytes=4096)
        bus = SqliteBus(store)
        assert bus.produce(said(ACTS.name, 0, 1, 2)) == [start, start + 1, start + 2]
        consumer = bus.consumer("g", [ACTS.name])
        records = consumer.poll(timeout_s=0)
        assert [r.offset for r in records] == [start, start + 1, start + 2]
        consumer.commit(records)
        store.close()


def test_offsets_go_on_after_everything_was_pruned_and_the_process_ended(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, ballast_bytes=4096)
    bus = SqliteBus(store)
    bus.produce(Message(OUTCOMES.name, "k", b"") for _ in range(3))
    bus.prune(datetime.now(UTC) + timedelta(days=8))
    store.close()
    store = SqliteStore(tmp_path, ballast_bytes=4096)
    assert SqliteBus(store).produce([Message(OUTCOMES.name, "k", b"")]) == [3]
    store.close()


def test_a_poll_hands_out_topics_in_the_order_of_arrival(store: SqliteStore) -> None:
    bus = SqliteBus(store)
    topics = [ACTS.name, ITEMS.name, FEEDS.name]
    bus.produce(Message(topics[n % 3], f"k{n}", b"%d" % n) for n in range(60))
    consumer = bus.consumer("g", topics)
    found = [r for _ in range(4) for r in consumer.poll(max_records=17, timeout_s=0)]
    assert [int(r.value or b"") for r in found] == list(range(60))


def test_a_poll_of_large_records_ends_early_and_the_next_goes_on(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", 2500)
    bus = SqliteBus(store)
    bus.produce(Message(ACTS.name, f"k{n}", b"x" * 1000) for n in range(7))
    consumer = bus.consumer("g", [ACTS.name])
    assert [len(consumer.poll(timeout_s=0)) for _ in range(4)] == [3, 3, 1, 0]
    assert len(list(bus.read(ACTS.name))) == 7
    assert len(list(bus.latest(ACTS.name))) == 7


def test_content_larger_than_a_statement_reads_is_whole(store: SqliteStore) -> None:
    bus = SqliteBus(store)
    bus.produce(said(FEEDS.name, *range(1200)))
    bus.produce(said(FEEDS.name, *range(0, 1200, 2)))
    assert len(list(bus.latest(FEEDS.name))) == 1200
    assert len({r.key for r in bus.latest(FEEDS.name)}) == 1200
    assert len(list(bus.read(FEEDS.name))) == 1800


def test_the_latest_is_found_while_records_go(store: SqliteStore) -> None:
    bus = SqliteBus(store)
    bus.produce(said(FEEDS.name, *range(1200)))
    content = bus.latest(FEEDS.name)
    first = next(content)
    bus.produce(Message(FEEDS.name, f"k{n}", None) for n in range(600, 1200))
    bus.prune(datetime.now(UTC) + timedelta(days=3), 5000)
    keys = [first.key, *(r.key for r in content)]
    assert len(keys) == len(set(keys))
    assert {f"k{n}" for n in range(600)} <= set(keys)


def test_a_store_opened_for_reading_reads_the_log_and_refuses_to_write(
    store: SqliteStore, tmp_path: Path
) -> None:
    SqliteBus(store).produce(said(ACTS.name, 1))
    beside = SqliteStore(tmp_path, read_only=True)
    bus = SqliteBus(beside)
    assert [r.value for r in bus.read(ACTS.name)] == [b"1"]
    with pytest.raises(StoreError, match="reading only"):
        bus.produce(said(ACTS.name, 2))
    beside.close()


def test_pruning_leaves_no_trace_of_what_went(store: SqliteStore) -> None:
    bus = SqliteBus(store)
    for _ in range(3):
        bus.produce(said(CLUSTERED.name, *range(50)))
    assert bus.prune(datetime.now(UTC) + timedelta(days=8)) == 100
    assert bus.prune(datetime.now(UTC) + timedelta(days=401)) == 50
    for table in ("log", "head", "mortal"):
        assert store.rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_pruning_lays_a_lost_ballast_down_again(store: SqliteStore) -> None:
    assert store.room.release()
    SqliteBus(store).prune(datetime.now(UTC))
    assert not store.room.is_full
    assert store.room.release()


def test_reading_uses_an_index_wherever_it_looks(store: SqliteStore) -> None:
    for sql in (
        "SELECT id FROM log WHERE part=? AND off>=? AND off<? ORDER BY off LIMIT ?",
        "SELECT id FROM head WHERE part=?",
        "SELECT id FROM mortal WHERE part=? AND dies<=? AND off<? ORDER BY dies, off LIMIT ?",
        "SELECT number FROM outgoing WHERE worker=? ORDER BY number LIMIT ?",
        "SELECT key FROM state WHERE space=? AND key>=? ORDER BY key LIMIT ?",
        module._RECORDS,
    ):
        plan = [row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?"))]
        assert not any(step.startswith(("SCAN log", "SCAN l", "USE TEMP")) for step in plan), plan
