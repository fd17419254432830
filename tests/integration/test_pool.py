"""The reading pool with real processes: a poison item costs only itself."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tocsin.errors import Rejected, Stopping
from tocsin.workers.pool import ChildPool

OBEY = "support.pool_readers:obey"


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool(2, memory_mb=512, item_seconds=0.5, reader=OBEY) as made:
        yield made


def codes(answers: list[bytes | Rejected]) -> list[str]:
    return [a.code if isinstance(a, Rejected) else "ok" for a in answers]


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return true()


def test_answers_come_in_order(pool: ChildPool) -> None:
    values = [f"v{n}".encode() for n in range(100)]
    assert pool.map(values) == [v * 2 for v in values]


def test_nothing_asked_is_nothing_answered(pool: ChildPool) -> None:
    assert pool.map([]) == []


@pytest.mark.parametrize(
    ("poison", "code"),
    [
        (b"spin", "cpu"),
        (b"sleep", "cpu"),
        (b"allocate 2048", "crash"),
        (b"exit 7", "crash"),
        (b"exit 0", "crash"),
        (b"killed", "crash"),
        (b"fail some bug", "crash"),
        (b"refuse a reason", "invalid"),
    ],
)
def test_a_poison_item_costs_only_itself(pool: ChildPool, poison: bytes, code: str) -> None:
    values = [b"a", b"b", poison, b"c", b"d", b"e"]
    answers = pool.map(values)
    assert codes(answers) == ["ok", "ok", code, "ok", "ok", "ok"]
    assert [a for a in answers if isinstance(a, bytes)] == [b"aa", b"bb", b"cc", b"dd", b"ee"]


def test_several_poison_items_in_one_chunk_are_each_refused(pool: ChildPool) -> None:
    answers = pool.map([b"exit 1", b"a", b"exit 2", b"b", b"refuse x", b"exit 3"])
    assert codes(answers) == ["crash", "ok", "crash", "ok", "invalid", "crash"]


def test_an_item_is_tried_once_more(pool: ChildPool, tmp_path: Path) -> None:
    assert pool.map([f"once {tmp_path / 'mark'}".encode()]) == [b"second try"]


def test_the_refusal_says_what_happened(pool: ChildPool) -> None:
    spun, exited, failed = pool.map([b"spin", b"exit 7", b"fail some bug"])
    assert isinstance(spun, Rejected)
    assert str(spun).startswith("reading it took more than")
    assert isinstance(exited, Rejected)
    assert "exit code 7" in str(exited)
    assert isinstance(failed, Rejected)
    assert str(failed).startswith("ValueError: some bug at pool_readers.py:")


def test_what_a_reader_prints_does_not_reach_the_pipe(pool: ChildPool) -> None:
    assert pool.map([b"print", b"a"]) == [b"printprint", b"aa"]


def test_large_items_pass_both_ways_without_a_stand_still(pool: ChildPool) -> None:
    values = [bytes([65 + n]) * (3 << 20) for n in range(6)]
    assert [len(a) for a in pool.map(values) if isinstance(a, bytes)] == [6 << 20] * 6


def test_many_threads_share_one_pool(pool: ChildPool) -> None:
    answers: dict[int, list[bytes | Rejected]] = {}

    def ask(n: int) -> None:
        answers[n] = pool.map([f"{n}-{k}".encode() for k in range(40)])

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: [f"{n}-{k}".encode() * 2 for k in range(40)] for n in range(6)}


def test_a_child_is_replaced_after_its_share_of_items() -> None:
    with ChildPool(1, memory_mb=512, reader=OBEY, recycle_after=3) as pool:
        pids = [pool.map([b"pid"])[0] for _ in range(7)]
    assert [pids.count(p) for p in dict.fromkeys(pids)] == [3, 3, 1]


def test_after_close_no_child_is_left_and_work_is_refused() -> None:
    pool = ChildPool(1, memory_mb=512, reader=OBEY)
    pid = pool.map([b"pid"])[0]
    pool.close()
    pool.close()
    assert isinstance(pid, bytes)
    assert not _alive(int(pid))
    with pytest.raises(Stopping):
        pool.map([b"a"])


def test_a_pool_closed_at_once_gives_up_what_it_has_in_hand() -> None:
    pool = ChildPool(1, memory_mb=512, item_seconds=600, reader=OBEY)
    pid = pool.map([b"pid"])[0]
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            pool.map([b"a", b"spin", b"b"])
        except BaseException as error:
            raised.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert isinstance(pid, bytes)
    assert wait_until(lambda: _spins(int(pid)))
    pool.close(at_once=True)
    asking.join(20)
    assert [type(error) for error in raised] == [Stopping]
    assert not _alive(int(pid))


def test_a_reader_that_is_not_there_is_said_and_does_not_hang() -> None:
    with (
        ChildPool(1, memory_mb=512, reader="support.pool_readers:nothing") as pool,
        pytest.raises(RuntimeError, match="no reading process could be started"),
    ):
        pool.map([b"a"])


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
@pytest.mark.parametrize("work", [b"pid", b"spin"])
def test_a_killed_parent_leaves_no_child(tmp_path: Path, work: bytes) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys
            from tocsin.workers.pool import ChildPool
            pool = ChildPool(1, memory_mb=512, item_seconds=600, reader={OBEY!r})
            print(pool.map([b"pid"])[0].decode(), flush=True)
            pool.map([{work!r}])
            sys.stdin.read()
            """
        )
    )
    path = os.pathsep.join(p for p in sys.path if p)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _alive(child)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert wait_until(lambda: not _alive(child))


def _spins(pid: int) -> bool:
    """Whether it has used processor time of its own since it was warm."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    return int(stat.rpartition(")")[2].split()[11]) > 50


def _alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
