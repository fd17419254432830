"""A server on loopback that answers as a Kibana is documented to: a script of answers for each door, and what was asked."""

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

STATUS = "GET /api/status"
IMPORT = "POST /api/saved_objects/_import?overwrite=true"
SETTINGS = "GET /api/kibana/settings"
SET = "POST /api/kibana/settings"
DASHBOARD = "GET /api/dashboards/tocsin-monitoring"


@dataclass
class KibanaServer:
    """`says[door]`: (status, body) in turn, the last one for ever; a door without: 404."""

    url: str
    says: dict[str, list[tuple[int, Any]]]
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def calls(self, door: str) -> list[tuple[dict[str, str], bytes]]:
        return [(h, b) for d, h, b in self.asked if d == door]


def healthy(panels: int, controls: int, version: str = "9.4.3") -> dict[str, list[tuple[int, Any]]]:
    """What a Kibana says when all is well and the dashboard holds `panels` and `controls`."""
    data = {"panels": [{}] * panels, "pinned_panels": [{}] * controls}
    return {
        STATUS: [(200, {"version": {"number": version}})],
        IMPORT: [(200, {"success": True, "successCount": 12})],
        SETTINGS: [(200, {"settings": {}})],
        SET: [(200, {"settings": {}})],
        DASHBOARD: [(200, {"id": "tocsin-monitoring", "data": data})],
    }


@contextlib.contextmanager
def kibana_server(
    says: dict[str, list[tuple[int, Any]]], certificate: Path | None = None
) -> Iterator[KibanaServer]:
    """A `KibanaServer` on a free port of loopback; over TLS with a file of key and certificate."""
    held: list[KibanaServer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            door = f"{self.command} {self.path}"
            headers = {k.lower(): v for k, v in self.headers.items()}
            held[0].asked.append((door, headers, body))
            script = held[0].says.get(door, [(404, {"statusCode": 404, "message": "Not Found"})])
            status, said = script.pop(0) if len(script) > 1 else script[0]
            content = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            if status in {301, 302}:
                self.send_header("Location", "/login")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815  # the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        context, scheme = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "https"
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # a client that refuses the certificate hangs up
    held.append(KibanaServer(f"{scheme}://127.0.0.1:{server.server_address[1]}", says))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield held[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
