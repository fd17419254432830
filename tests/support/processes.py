"""The distributed desk as local processes: the very commands and environment that docker-compose.yml
declares, against the servers of the run. Only the file's own variables are set: addresses, ports, folders.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from support.compose import load
from support.desk import TOCSIN, wait_until

COMPOSE = load(Path(__file__).parents[2] / "docker-compose.yml")
PATH = (
    "collector", "enricher", "clusterer", "clusterer-spare", "indexer", "alerter", "notifier", "api",
)  # fmt: skip
"""The services of the path, in the file's words."""
STOP_S = 15.0
"""What compose grants a worker between SIGTERM and SIGKILL (`stop_grace_period`)."""


class Process:
    """One service (one of its replicas) as a process. `kill` is kill -9; it may be started again."""

    def __init__(self, desk: "Processes", service: str, number: int) -> None:
        self.service = service
        self.name = f"{service}-{number}" if number else service
        self.health = f"http://127.0.0.1:{free_port()}"
        self._desk = desk
        self._number = number
        self._process: subprocess.Popen[bytes] | None = None
        self.log = desk.folder / f"{self.name}.log"

    def environment(self) -> dict[str, str]:
        """What compose would give it, with this machine's addresses."""
        stem = f"TOCSIN_{self.service.upper().replace('-', '_')}"
        values = {
            **self._desk.values,
            f"{stem}_HEALTH_PORT": self.health.rpartition(":")[2],
            f"{stem}_DATA": str(self._desk.folder / self.name),
        }
        return {**self._desk.around, **COMPOSE.service(self.service).environment(values)}

    def start(self) -> Self:
        """Start, or start again."""
        assert not self.running, f"{self.name} runs already"
        command = COMPOSE.service(self.service).command
        assert command[0] == "tocsin"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*TOCSIN, *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
                cwd=self._desk.folder,
            )
        return self

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """Kill -9."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait(30)

    def signal(self, number: int) -> None:
        """Any other signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM; returns the exit code. Fails where it takes longer than compose grants."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end; {self.tail()}") from None

    def ready(self) -> dict[str, Any]:
        """The answer of /readyz where it is 200; {} otherwise."""
        if not self.running:
            raise AssertionError(f"{self.name} ended; {self.tail()}")
        try:
            with urllib.request.urlopen(f"{self.health}/readyz", timeout=5) as answer:
                return dict(json.loads(answer.read()))
        except (OSError, urllib.error.URLError):
            return {}

    def tail(self) -> str:
        """The end of its log."""
        return f"see {self.log}:\n{self.log.read_text('utf-8', 'replace')[-3000:]}"


class Processes:
    """A distributed desk of its own (`prefix`) on the servers given. Ends its processes when left."""

    def __init__(
        self,
        folder: Path,
        *,
        kafka: str,
        elasticsearch: str,
        prefix: str,
        services: Iterable[str] = PATH,
        replicas: Mapping[str, int] | None = None,
        **variables: str,
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.values = {
            "TOCSIN_KAFKA": kafka,
            "TOCSIN_ELASTICSEARCH": elasticsearch,
            "TOCSIN_PREFIX": prefix,
            "TOCSIN_HEALTH_HOST": "127.0.0.1",
            "TOCSIN_HOST": "127.0.0.1",
            "TOCSIN_PORT": self.url.rpartition(":")[2],
            **variables,
        }
        self.around = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
        self.around["PYTHONUNBUFFERED"] = "1"
        self.around["PATH"] = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
        counts = {name: COMPOSE.service(name).replicas for name in services} | dict(replicas or {})
        self.members = {
            p.name: p
            for name in services
            for p in [
                Process(self, name, n if counts[name] > 1 else 0)
                for n in range(1, counts[name] + 1)
            ]
        }

    def env(self) -> dict[str, str]:
        """For commands beside it (`support.desk.tocsin(env=…)`)."""
        return {
            k: self.values[k] for k in ("TOCSIN_KAFKA", "TOCSIN_ELASTICSEARCH", "TOCSIN_PREFIX")
        }

    def setup(self) -> str:
        """Run the file's `setup` to its end; returns what it said."""
        service = COMPOSE.service("setup")
        done = subprocess.run(
            [*TOCSIN, *service.command[1:]],
            env={**self.around, **service.environment(self.values)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def start(self) -> Self:
        """Set up, start every process, wait until each is ready."""
        self.setup()
        for member in self.members.values():
            member.start()
        self.wait_ready()
        return self

    def wait_ready(self, timeout_s: float = 120.0) -> None:
        """Until every process that runs is ready."""
        for member in self.members.values():
            if member.running:
                try:
                    wait_until(member.ready, timeout_s=timeout_s, pause_s=0.3)
                except AssertionError as error:
                    raise AssertionError(f"{member.name} is not ready; {member.tail()}") from error

    def __getitem__(self, name: str) -> Process:
        return self.members[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        running = [m for m in self.members.values() if m.running]
        for member in running:
            member.signal(signal.SIGTERM)
        for member in running:
            with suppress(subprocess.TimeoutExpired):
                assert member._process is not None
                member._process.wait(STOP_S)
            if member.running:
                member.kill()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
