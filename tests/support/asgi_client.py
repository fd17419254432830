"""A synchronous client of an ASGI app, without sockets: what Starlette's own needs is not installed."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

HOST = "127.0.0.1:8420"


@dataclass(slots=True)
class Answer:
    """Status, headers (lower case; the last of a name wins) and body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks an app. Cookies are kept."""

    def __init__(self, app: Any, headers: Mapping[str, str] | None = None) -> None:
        self._app = app
        self._headers = {"host": HOST, **(headers or {})}
        self.cookies: dict[str, str] = {}

    def get(self, url: str, **kw: Any) -> Answer:
        return self.ask("GET", url, **kw)

    def post(self, url: str, **kw: Any) -> Answer:
        return self.ask("POST", url, **kw)

    def ask(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, Any] | None = None,
        data: Any = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {**self._headers, **(headers or {})}
        if form is not None:
            body = urlencode(form, doseq=True).encode()
            sent["content-type"] = "application/x-www-form-urlencoded"
        if data is not None:
            body = json.dumps(data).encode()
            sent["content-type"] = "application/json"
        if self.cookies:
            sent["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return asyncio.run(self._ask(method, url, body, sent))

    async def _ask(self, method: str, url: str, body: bytes, sent: dict[str, str]) -> Answer:
        parts = urlsplit(url)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(k.lower().encode(), v.encode()) for k, v in sent.items() if v is not None],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8420),
            "state": {},
        }
        answer = Answer(0)
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                for k, v in message["headers"]:
                    name, value = k.decode(), v.decode()
                    answer.headers[name] = value
                    if name == "set-cookie":
                        pair = value.split(";")[0]
                        self.cookies[pair.partition("=")[0]] = pair.partition("=")[2].strip('"')
            else:
                answer.body += message.get("body", b"")

        await self._app(scope, receive, send)
        return answer
