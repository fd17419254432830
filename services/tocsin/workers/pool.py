"""Reading processes that may be killed: one poison item costs only itself (design §7, I8).

An item is somebody else's bytes, and a regular expression, a parser or an allocation can run away
on it. So items are read in child processes of a fresh interpreter (never a bare fork, which would
keep the desk's locks), watched from here: one that uses more processor time or memory than an item
may is killed, the item tried once more, and then refused with the reason on record. Every other
item of its chunk is answered as if nothing had happened.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from tocsin.errors import Rejected, Stopping
from tocsin.telemetry import logger
from tocsin.workers.serving import COUNT, DONE, FAILED, REPLY

Result = bytes | Rejected

CHUNK_ITEMS = 16
CHUNK_BYTES = 1 << 20
"""Items and bytes sent to a child at once: enough that the pipes cost nothing."""
RECYCLE_AFTER = 10_000
"""Items after which a child is replaced, so that no library can leak for ever. A start costs some two
seconds of processor time (dictionaries, models): at 1,000 items that was a third of all work.
"""
START_SECONDS = 120.0
"""Time for a child to load its dictionaries (well under two on an idle machine)."""
STARTS = 3
"""Children in a row that may fail to start before the pool gives up."""
WALL = 6.0
"""How many times its processor time an item may take by the wall clock: a busy machine is no
fault of the item's, an item that sleeps is.
"""
WATCH_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")
_ENTRY = (
    "import sys; from tocsin.workers.serving import main; "
    "main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))"
)


class ChildPool:
    """`size` reading processes, shared by any number of threads.

    `memory_mb`: address space of a child, MiB. `item_seconds`: processor time an item may take (and
    six times that by the wall clock). `reader`: `module:function` from bytes to bytes that the
    children run. Children start in the background, warm up, and die with this process.
    """

    def __init__(
        self,
        size: int,
        memory_mb: int = 1024,
        item_seconds: float = 5.0,
        *,
        reader: str = "tocsin.workers.child:read",
        recycle_after: int = RECYCLE_AFTER,
    ) -> None:
        self._size = max(1, size)
        self._closed = threading.Event()
        self._chunks: queue.SimpleQueue[_Chunk | None] = queue.SimpleQueue()
        self._seats = [
            _Seat(self._chunks, memory_mb, item_seconds, reader, recycle_after)
            for _ in range(self._size)
        ]
        self._threads = [
            threading.Thread(target=seat.work, name=f"reading-{n}", daemon=True)
            for n, seat in enumerate(self._seats)
        ]
        self._watch = threading.Thread(target=self._keep_watch, name="reading-watch", daemon=True)
        for thread in (*self._threads, self._watch):
            thread.start()

    def map(self, values: list[bytes]) -> list[Result]:
        """The reader's answer to each value, in order: bytes, or a Rejected whose `code` is `cpu`,
        `crash` (died, out of memory, or a bug), or what the reader refused it with (`invalid`,
        `bad-json`, `unknown-version`, `no-content`).

        Blocks until all are answered. Raises Stopping after `close`, RuntimeError where no child
        can be started at all.
        """
        if self._closed.is_set():
            raise Stopping("the reading pool is closed")
        chunks = cut(values, self._size)
        for chunk in chunks:
            self._chunks.put(chunk)
        answers: list[Result] = []
        for chunk in chunks:
            chunk.done.wait()
        for chunk in chunks:
            if chunk.failure is not None:
                raise chunk.failure
            answers.extend(a for a in chunk.answers if a is not None)
        return answers

    def close(self, *, at_once: bool = False) -> None:
        """Answer what was already asked, then end every child. May be called again. `at_once`: what was
        asked and is not answered yet is given up instead (its `map` raises Stopping).
        """
        if self._closed.is_set():
            return
        self._closed.set()
        if at_once:
            for seat in self._seats:
                seat.give_up()
        for _ in self._threads:
            self._chunks.put(None)
        for thread in self._threads:
            thread.join()
        self._watch.join()
        while not self._chunks.empty():  # a map that came in between
            late = self._chunks.get()
            if late is not None:
                late.fail(Stopping("the reading pool is closed"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _keep_watch(self) -> None:
        while any(thread.is_alive() for thread in self._threads):
            for seat in self._seats:
                seat.look()
            time.sleep(WATCH_SECONDS)


@dataclass
class _Chunk:
    """Values that go to one child together, and their answers."""

    values: list[bytes]
    answers: list[Result | None] = field(init=False)
    done: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None

    def __post_init__(self) -> None:
        self.answers = [None] * len(self.values)

    def fail(self, error: Exception) -> None:
        self.failure = error
        self.done.set()


def cut(values: list[bytes], size: int) -> list[_Chunk]:
    """`values` in chunks, in order: spread over `size` children, none too long or too heavy."""
    most = min(CHUNK_ITEMS, max(1, -(-len(values) // size)))
    chunks: list[_Chunk] = []
    part: list[bytes] = []
    weight = 0
    for value in values:
        if part and (len(part) >= most or weight + len(value) > CHUNK_BYTES):
            chunks.append(_Chunk(part))
            part, weight = [], 0
        part.append(value)
        weight += len(value)
    if part:
        chunks.append(_Chunk(part))
    return chunks


class _Died(Exception):
    """The child ended before it had answered; `code` and the text say why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Seat:
    """A thread's place with one child in it. The thread starts its children itself, because the
    kernel ties a child's life to the thread that started it.
    """

    def __init__(
        self,
        chunks: "queue.SimpleQueue[_Chunk | None]",
        memory_mb: int,
        item_seconds: float,
        reader: str,
        recycle_after: int,
    ) -> None:
        self._chunks = chunks
        self._arguments = (reader, str(memory_mb), str(os.getpid()))
        self._item_seconds = item_seconds
        self._recycle_after = recycle_after
        self._child: _Child | None = None
        self._given_up = False
        self._log: structlog.typing.FilteringBoundLogger = logger(worker="pool")

    def work(self) -> None:
        """Serve chunks until None comes. The first child is started before the first chunk."""
        self._start()
        while (chunk := self._chunks.get()) is not None:
            try:
                self._serve(chunk)
            except Exception as error:
                chunk.fail(error)
            else:
                chunk.done.set()
        self._end()

    def look(self) -> None:
        """Kill the child where its item is overdue (called by the watching thread)."""
        child = self._child
        if child is not None:
            child.look()

    def give_up(self) -> None:
        """Answer nothing more (called by the closing thread)."""
        self._given_up = True
        child = self._child
        if child is not None:
            child.kill()

    def _serve(self, chunk: _Chunk) -> None:
        left = list(range(len(chunk.values)))
        tried: dict[int, int] = {}
        while left:
            child = self._ready()

            def answered(answer: Result) -> None:
                chunk.answers[left.pop(0)] = answer

            try:
                child.ask([chunk.values[n] for n in left], answered)
            except _Died as death:
                self._end()
                if self._given_up:
                    continue
                poison = left[0]
                tried[poison] = tried.get(poison, 0) + 1
                self._log.warning(
                    "child.died", code=death.code, reason=str(death), tried=tried[poison]
                )
                if tried[poison] > 1:
                    answered(Rejected(death.code, f"{death} (tried twice)"))
        if self._child is not None and self._child.served >= self._recycle_after:
            self._end()
            self._start()

    def _ready(self) -> "_Child":
        """A warm child. Raises RuntimeError where none will start."""
        for _ in range(STARTS):
            if self._given_up:
                raise Stopping("the reading pool is closed")
            child = self._child or self._start()
            try:
                child.wait_warm()
            except _Died as death:
                self._log.error("child.start-failed", reason=str(death))
                self._end()
            else:
                return child
        raise RuntimeError(
            f"no reading process could be started ({STARTS} tries); see the lines above on standard "
            "error, and whether TOCSIN_CHILD_MEMORY_MB leaves room for the dictionaries"
        )

    def _start(self) -> "_Child":
        child = self._child = _Child(self._arguments, self._item_seconds)
        if self._given_up:  # meanwhile
            child.kill()
        return child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


class _Child:
    """One process and its pipes. All but `look` is called by the seat's own thread."""

    def __init__(self, arguments: tuple[str, str, str], item_seconds: float) -> None:
        path = os.pathsep.join(p or str(Path.cwd()) for p in sys.path)
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and entry, no shell)
            [sys.executable, "-c", _ENTRY, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "PYTHONPATH": path,
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            },
            process_group=0,  # the terminal's Ctrl-C is for the desk, which then closes the pool
        )
        self._item_seconds = item_seconds
        self._lock = threading.Lock()
        self._item = 0
        self._limit = START_SECONDS
        self._began: float | None = time.monotonic()
        self._cpu_seen: tuple[int, float] = (-1, 0.0)
        self._overdue = ""
        self._warm = False
        self.served = 0

    def wait_warm(self) -> None:
        """Block until the dictionaries are loaded. Raises _Died."""
        if not self._warm:
            self._reply()
            self._warm = True
            self._limit = self._item_seconds
            self._rest()

    def ask(self, values: list[bytes], answered: Callable[[Result], None]) -> None:
        """Have `values` read; `answered` is called once each, in order. Raises _Died at the first
        that gets no answer.
        """
        frames = [COUNT.pack(len(values))]
        for value in values:
            frames += (COUNT.pack(len(value)), value)
        self._begin()
        try:
            pipe = self._process.stdin
            assert pipe is not None
            pipe.write(b"".join(frames))
            pipe.flush()
        except OSError as error:
            raise self._death() from error
        for _ in values:
            status, body = self._reply()
            if status == FAILED:
                code, _, message = body.decode("utf-8", "replace").partition("\n")
                raise _Died(code, message)
            self.served += 1
            if status == DONE:
                answered(body)
            else:
                code, _, message = body.decode("utf-8", "replace").partition("\n")
                answered(Rejected(code, message))
            self._begin()
        self._rest()

    def look(self) -> None:
        """Kill the process where its item has used up its time."""
        with self._lock:
            if self._began is None or self._process.returncode is not None:
                return
            wall = time.monotonic() - self._began
            cpu = _cpu_seconds(self._process.pid)
            if self._cpu_seen[0] != self._item:
                self._cpu_seen = (self._item, cpu)
            used = cpu - self._cpu_seen[1]
            if used > self._limit:
                self._overdue = f"reading it took more than {self._limit:g} s of processor time"
            elif wall > self._limit * (WALL if self._warm else 1):
                self._overdue = f"reading it took more than {self._limit * WALL:g} s"
            else:
                return
            self._process.kill()

    def kill(self) -> None:
        """End the process at once. Thread-safe."""
        self._process.kill()

    def end(self) -> None:
        """Close the pipes and see the process off; kill it where it does not go at once."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # unsent bytes to a dead process
                    pipe.close()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _begin(self) -> None:
        with self._lock:
            self._item += 1
            self._began = time.monotonic()

    def _rest(self) -> None:
        with self._lock:
            self._began = None

    def _reply(self) -> tuple[int, bytes]:
        pipe = self._process.stdout
        assert pipe is not None
        head = pipe.read(REPLY.size)
        if len(head) == REPLY.size:
            length, status = REPLY.unpack(head)
            body = pipe.read(length)
            if len(body) == length:
                return status, body
        raise self._death()

    def _death(self) -> _Died:
        code = self._process.wait()
        if self._overdue:
            return _Died("cpu", self._overdue)
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return _Died("crash", f"the process that read it ended with {how}")


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process so far; 0 where the system does not tell (the wall clock then
    decides alone).
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
