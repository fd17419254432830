"""A writer killed with -9 at any moment: what it was told is written, is there (I6, I9)."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.index import SqliteIndex
from tocsin.adapters.sqlite.lock import DeskLock
from tocsin.adapters.sqlite.search import SqliteSearch
from tocsin.adapters.sqlite.state import SqliteState
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.bus import Message
from tocsin.query.ast import Query, Term
from tocsin_schemas.story import ClusteredArticle
from tocsin_schemas.topics import ACTS, CLUSTERED

ROUNDS = 6

# Appends to the log in batches, copies what it reads into its state with the input position, publishes
# and acknowledges; writes how far it was told that the log is durable.
WRITER = """
import os, sys
from pathlib import Path
from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.state import SqliteState
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.bus import Message

folder = Path(sys.argv[1])
store = SqliteStore(folder, ballast_bytes=1 << 20)
bus, state = SqliteBus(store), SqliteState(store, "copier")
acks = os.open(folder / "acks", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
consumer = bus.consumer("copier", ["tocsin.acts"])
number = bus.ends("tocsin.acts")["tocsin.acts", 0]
while True:
    batch = [Message("tocsin.acts", "k", b"%d " % (number + i) + b"x" * 900) for i in range(20)]
    number = bus.produce(batch)[-1] + 1
    os.write(acks, b"%d\\n" % number)
    records = consumer.poll(50, 0)
    with state.begin() as tx:
        for record in records:
            if record.offset < tx.position("tocsin.acts", 0):
                continue
            tx.put("seen", f"{record.offset:09}", record.value[:20])
            tx.emit(Message("news.articles.clustered", f"a{record.offset % 7}", record.value))
            tx.advance("tocsin.acts", 0, record.offset + 1)
    unsent = state.unsent()
    bus.produce(u.message for u in unsent)
    state.sent([u.number for u in unsent])
    consumer.commit(records)
"""


# Puts new articles and new revisions of old ones, and writes how far it was told that they are found.
INDEXER = """
import os, sys
from datetime import timedelta
from pathlib import Path
from support import builders as b
from tocsin.adapters.sqlite.index import SqliteIndex
from tocsin.adapters.sqlite.search import SqliteSearch
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.ports.search import Document

folder = Path(sys.argv[1])
store = SqliteStore(folder, ballast_bytes=1 << 20)
index = SqliteIndex(store)
acks = os.open(folder / "acks", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def document(n, version):
    article = b.an_article(text=f"word{n} v{version} shared " * 60, url=f"http://x.example/{n}")
    body = b.a_clustered(article, revision=version)
    at = b.WHEN + timedelta(seconds=n)
    return Document("articles", body.article_id, version, at, body, {"n": (str(n),)})

number = SqliteSearch(store).count("articles")
version = number
while True:
    version += 1
    index.put([document(number + i, 1) for i in range(10)])
    number += 10
    index.put([document(number - i, version) for i in range(1, 10, 2)])
    os.write(acks, b"%d\\n" % number)
"""


def test_nothing_that_was_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    for _ in _killed(WRITER, tmp_path, ROUNDS):
        _check(tmp_path)


def test_the_index_agrees_with_itself_after_kill_9(tmp_path: Path) -> None:
    for _ in _killed(INDEXER, tmp_path, 4):
        store = SqliteStore(tmp_path, ballast_bytes=1 << 20)
        search = SqliteSearch(store)
        held = search.count("articles")
        assert held >= _acked(tmp_path), "an acknowledged document is lost"
        assert held % 10 == 0, "half a batch was written"
        hits = search.search(Query(Term("", "shared"), "", ""), limit=1, budget_s=120)
        assert (hits.total, hits.exact) == (held, True), "what is held is not found"
        for name, version in search.versions("articles"):
            document = search.get("articles", name)
            assert document is not None
            assert isinstance(document.body, ClusteredArticle)
            assert document.body.revision == version
        SqliteIndex(store).integrity()
        assert store.quick_check() == "ok"
        store.close()


def _killed(script: str, folder: Path, rounds: int) -> Iterator[None]:
    """Runs `script` and kills it at random, `rounds` times; yields after each death."""
    seed = int(os.environ.get("TOCSIN_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"TOCSIN_SEED={seed}")
    chance = random.Random(seed)
    tests = str(Path(__file__).resolve().parents[1])
    for _ in range(rounds):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(folder)], env={**os.environ, "PYTHONPATH": tests}
        ) as writer:
            _wait_for_progress(folder, writer)
            time.sleep(chance.random() * 0.4)
            writer.send_signal(signal.SIGKILL)
        yield


def _wait_for_progress(folder: Path, writer: "subprocess.Popen[bytes]") -> None:
    """Until the writer of this round has acknowledged something (starting takes a while)."""
    before = _acked(folder)
    for _ in range(3000):
        assert writer.poll() is None, "the writer ended by itself"
        if _acked(folder) > before:
            return
        time.sleep(0.01)
    raise AssertionError("the writer made no progress in 30 s")


def _acked(folder: Path) -> int:
    path = folder / "acks"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return int(lines[-1]) if lines else 0


def _check(folder: Path) -> None:
    store = SqliteStore(folder, ballast_bytes=1 << 20)
    bus, state = SqliteBus(store), SqliteState(store, "copier")
    offsets = [r.offset for r in bus.read(ACTS.name)]
    assert offsets == list(range(len(offsets))), "the log has gaps"
    assert len(offsets) >= _acked(folder), "an acknowledged record is lost"
    for record in bus.read(ACTS.name):
        assert record.value is not None
        assert record.value.startswith(b"%d " % record.offset)
    with state.begin() as tx:
        position = tx.position(ACTS.name, 0)
        assert [int(key) for key, _ in tx.scan("seen")] == list(range(position))
    assert bus.committed("copier").get((ACTS.name, 0), 0) <= position
    handled = {bytes(r.value or b"").split()[0] for r in bus.read(CLUSTERED.name)}
    handled |= {bytes(u.message.value or b"").split()[0] for u in state.unsent(10_000)}
    assert handled == {b"%d" % n for n in range(position)}, "a decided event is lost or invented"
    assert store.rows("PRAGMA integrity_check") == [("ok",)]
    store.close()


HOLDER = """
import sys, time
from pathlib import Path
from tocsin.adapters.sqlite.index import SqliteIndex
from tocsin.adapters.sqlite.lock import DeskLock

lock = DeskLock(Path(sys.argv[1]))
lock.acquire(float(sys.argv[2]), port=int(sys.argv[3]))
print("held", flush=True)
time.sleep(60)
"""


def test_the_lock_of_a_killed_desk_is_free_at_once_and_its_note_is_not_believed(
    tmp_path: Path,
) -> None:
    lock = DeskLock(tmp_path)
    with _holder(tmp_path, 0, 8420) as desk:
        assert _line(desk) == "held"
        note = lock.holder()
        assert note is not None
        assert (note.pid, note.port, note.generation) == (desk.pid, 8420, 1)
        desk.send_signal(signal.SIGKILL)
    assert lock.path.read_bytes().strip()
    assert lock.holder() is None
    assert lock.acquire(0).generation == 2
    lock.release()


def test_of_two_desks_one_gets_the_lock_and_the_other_when_it_falls(tmp_path: Path) -> None:
    with _holder(tmp_path, 30, 1) as one, _holder(tmp_path, 30, 2) as two:
        lock = DeskLock(tmp_path)
        desks = {one.pid: one, two.pid: two}
        first = _wait_for_holder(lock, set(desks))
        desks.pop(first).send_signal(signal.SIGKILL)
        second = _wait_for_holder(lock, set(desks))
        assert second != first
        note = lock.holder()
        assert note is not None
        assert note.generation == 2
        desks.pop(second).send_signal(signal.SIGKILL)


def test_two_processes_that_write_at_once_leave_no_gap(tmp_path: Path) -> None:
    SqliteStore(tmp_path, ballast_bytes=4096).close()
    script = (
        "import sys; from pathlib import Path\n"
        "from tocsin.adapters.sqlite.store import SqliteStore\n"
        "from tocsin.adapters.sqlite.bus import SqliteBus\n"
        "from tocsin.ports.bus import Message\n"
        "store = SqliteStore(Path(sys.argv[1]), ballast_bytes=4096); bus = SqliteBus(store)\n"
        "for n in range(100):\n"
        "    bus.produce(Message('tocsin.acts', sys.argv[2], b'%d' % n) for _ in range(2))\n"
        "store.close()\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name]) for name in "ab"
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    store = SqliteStore(tmp_path, ballast_bytes=4096)
    records = list(SqliteBus(store).read(ACTS.name))
    assert [r.offset for r in records] == list(range(400))
    for name in "ab":
        mine = [int(r.value or b"") for r in records if r.key == name]
        assert mine == [n for n in range(100) for _ in range(2)]
    store.close()


def test_a_copy_of_the_files_at_any_moment_opens_clean(tmp_path: Path) -> None:
    """A power cut, as far as files can show it: what was committed before the copy is in it."""
    store = SqliteStore(tmp_path / "live", ballast_bytes=4096)
    bus = SqliteBus(store)
    for number in range(5):
        bus.produce(Message(ACTS.name, "k", b"x" * 5000) for _ in range(40))
        copy = tmp_path / f"copy{number}"
        copy.mkdir()
        for name in ("tocsin.db", "tocsin.db-wal"):
            (copy / name).write_bytes((store.folder / name).read_bytes())
        reopened = SqliteStore(copy, ballast_bytes=4096)
        assert len(list(SqliteBus(reopened).read(ACTS.name))) == 40 * (number + 1)
        assert reopened.quick_check() == "ok"
        reopened.close()
    store.close()


def _holder(folder: Path, wait_s: float, port: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), str(wait_s), str(port)],
        stdout=subprocess.PIPE,
    )


def _line(process: "subprocess.Popen[bytes]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def _wait_for_holder(lock: DeskLock, pids: set[int]) -> int:
    for _ in range(3000):
        note = lock.holder()
        if note is not None and note.pid in pids:
            return note.pid
        time.sleep(0.01)
    raise AssertionError("nobody took the lock in 30 s")
