"""A server as a process of its own: started with its log in a file, killed, ended, and found again.

Two lives: `owned` ends with the process that started it (tests), `free` goes on without it (`make servers`) and
holds a lock on its pid file for as long as it lives, so nobody mistakes a reused process id for it. It knows
nothing of what the server does.
"""

import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from support.servers import guard

GRACE = guard.GRACE + 5  # seconds: the guard's own grace, and a little


class Failed(Exception):
    """The server did not start; the message ends with the last lines of its log."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, below those the kernel hands out.

    Not a port of the kernel's: between kill and restart a client that dials such a port again and again can be
    given that very port as its own, and the server could never bind it again.
    """
    chance = random.SystemRandom()
    for _ in range(200):
        port = chance.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port between 15000 and 32000")


def taken(port: int) -> bool:
    """Whether somebody listens on that port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class ServerProcess:
    """One server's process; `start` again after `kill` or `stop` is another process of the same command."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.pid = 0
        self._guard: subprocess.Popen[str] | None = None

    def start(
        self,
        command: list[str],
        ready: Callable[[], bool],
        *,
        seconds: float,
        env: dict[str, str] | None = None,
    ) -> None:
        """Starts the command and waits until `ready`. Raises Failed, with nothing left running."""
        if self.alive():
            raise Failed("it runs already")
        with self.log.open("ab") as log:
            self._guard = subprocess.Popen(
                [sys.executable, str(Path(guard.__file__)), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self.log.parent,
                env=env,
                start_new_session=True,  # Ctrl-C is for pytest, which ends its servers itself
            )
        assert self._guard.stdout is not None
        self.pid = int(self._guard.stdout.readline())
        try:
            wait_ready(ready, self.alive, self.log, seconds)
        except BaseException:
            self.kill()
            raise

    def alive(self) -> bool:
        """Whether it runs."""
        return self._guard is not None and self._guard.poll() is None

    def kill(self) -> None:
        """`kill -9`; returns when the server is gone, and its port and locks are free."""
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
        self._close()

    def stop(self) -> None:
        """An orderly end; by force after some seconds. Does nothing where nothing runs."""
        if self._guard is not None:
            self._guard.terminate()
        self._close()

    def _close(self) -> None:
        if self._guard is None:
            return
        try:
            self._guard.wait(GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(self._guard.pid, signal.SIGKILL)
            self._guard.wait()
        for pipe in (self._guard.stdin, self._guard.stdout):
            if pipe is not None:
                pipe.close()
        self._guard = None


def start_free(command: list[str], pid_file: Path, log: Path) -> int:
    """Starts the command so that it outlives us; its id. Raises Failed where one runs with this pid file."""
    with pid_file.open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failed("it runs already") from None
        with log.open("ab") as out:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=log.parent,
                pass_fds=[
                    held.fileno()
                ],  # the lock lives in this descriptor, so as long as the server
                start_new_session=True,
            )
        held.truncate(0)
        held.write(f"{process.pid}\n")
    return process.pid


def running(pid_file: Path) -> int:
    """The id of the server that holds this pid file; 0: none."""
    if not pid_file.exists():
        return 0
    with pid_file.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return int(held.read().strip() or 0)
    return 0


def stop_free(pid_file: Path) -> bool:
    """Ends the server of this pid file, by force after some seconds; False: none ran."""
    pid = running(pid_file)
    if not pid:
        return False
    for sign in (signal.SIGTERM, signal.SIGKILL):
        os.kill(pid, sign)
        deadline = time.monotonic() + GRACE
        while running(pid_file) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not running(pid_file):
            break
    pid_file.unlink()
    return True


def wait_ready(
    ready: Callable[[], bool], alive: Callable[[], bool], log: Path, seconds: float
) -> None:
    """Waits until `ready`; raises Failed where the process ends before that or takes longer."""
    deadline = time.monotonic() + seconds
    while not ready():
        late = time.monotonic() > deadline
        if late or not alive():
            what = f"was not ready after {seconds:.0f} s" if late else "ended at its start"
            tail = log.read_text(errors="replace")[-3000:]
            raise Failed(f"the server {what}; the end of {log}:\n{tail}")
        time.sleep(0.05)
