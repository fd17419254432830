"""A real desk as a process, and the commands beside it, as a user has them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

TOCSIN = [sys.executable, "-c", "from tocsin.cli import main; main()"]
READY = re.compile(r"Tocsin desk: (http://[^ ]+)")


class Desk:
    """`tocsin run` on a free port. `kill()` is kill -9."""

    def __init__(
        self, data: Path, *flags: str, env: dict[str, str] | None = None, wait_s: float = 60.0
    ) -> None:
        self.data = data
        self._log = (data.parent / f"{data.name}-desk.log").open("ab")
        self._process = subprocess.Popen(
            [*TOCSIN, "run", "--data", str(data), "--port", "0", *flags],
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **(env or {})},
            text=True,
        )
        self.url = self._ready(wait_s)

    def _ready(self, wait_s: float) -> str:
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            line = self._process.stdout.readline()
            if m := READY.match(line):
                return m[1]
            if not line:
                break
        self.kill()
        raise AssertionError(
            f"the desk did not start; see {self._log.name}:\n{Path(self._log.name).read_text()[-3000:]}"
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        return self._end()

    def _end(self) -> int:
        code = self._process.wait(30)
        self._process.stdout.close()
        self._log.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.stop()


def tocsin(
    *arguments: str,
    stdin: str | None = None,
    env: dict[str, str] | None = None,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*TOCSIN, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **(env or {})},
    )


def told(*arguments: str, **options: Any) -> Any:
    """A command's `--json` answer; fails with its words when it fails."""
    done = tocsin(*arguments, "--json", **options)
    assert done.returncode == 0, (
        f"tocsin {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}\n{done.stdout[-2000:]}"
    )
    return json.loads(done.stdout)


def wait_until(check: Any, timeout_s: float = 60.0, pause_s: float = 0.2) -> Any:
    """The first true answer of `check`; fails after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while True:
        if found := check():
            return found
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(pause_s)
