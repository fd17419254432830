"""A worker's own small door for machines: alive, ready, metrics. On a thread of its own, so that it
answers while the worker is deep in a batch.

Alive (`/healthz`): the process answers. Ready (`/readyz`): it has begun, nothing stands in its way, and
it is not further behind than `ready_lag` records; else 503 with the reason. Never restarts anything.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from tocsin.errors import TocsinError
from tocsin.telemetry import REGISTRY


@dataclass(frozen=True, slots=True)
class Condition:
    """How a worker is doing. `problem` is empty when all is well; `lag` counts records not yet handled."""

    worker: str
    problem: str = ""
    lag: int = 0


class HealthDoor:
    """Serves `condition()` on `host:port` until closed. Raises TocsinError where the port is taken."""

    def __init__(
        self, host: str, port: int, condition: Callable[[], Condition], *, ready_lag: int
    ) -> None:
        try:
            self._server = _Server((host, port), _Answer)
        except OSError as error:
            raise TocsinError(
                f"{host}:{port} cannot be listened on ({error.strerror}): give each worker on this "
                "machine its own TOCSIN_HEALTH_PORT (0: any free one)"
            ) from error
        self._server.condition = condition
        self._server.ready_lag = ready_lag
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it got."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2.0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    condition: Callable[[], Condition]
    ready_lag: int

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A prober that gave up, or spoke no HTTP, is not worth a traceback."""


class _Answer(BaseHTTPRequestHandler):
    timeout = 10
    server: _Server

    def do_GET(self) -> None:  # the library's name
        if self.path == "/metrics":
            self._condition()  # measures the lag that is served
            self._send(200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))
        elif self.path == "/healthz":
            self._json(200, {"status": "ok"})
        elif self.path == "/readyz":
            self._ready()
        else:
            self._json(404, {"error": "here are /healthz, /readyz and /metrics"})

    def _ready(self) -> None:
        now = self._condition()
        problem = now.problem
        if not problem and now.lag > self.server.ready_lag:
            problem = f"{now.lag} records behind (TOCSIN_READY_LAG: {self.server.ready_lag})"
        body = {**asdict(now), "problem": problem, "status": "not ready" if problem else "ok"}
        self._json(503 if problem else 200, body)

    def _condition(self) -> Condition:
        try:
            return self.server.condition()
        except TocsinError as error:
            return Condition("", str(error))

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(body).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Probes come every few seconds: they are not news."""
