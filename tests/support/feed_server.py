"""A loopback HTTP server that behaves as told, also badly: what the collector is tried on.

Plain asyncio, so that it can say what no framework would: half an answer, a drip, ten thousand
headers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Asked:
    """One request as it came in; header names in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass
class Answer:
    """What to say to a request."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]
Reply = Answer | Script | Callable[[Asked], Answer]


class FeedServer:
    """`async with FeedServer() as server:`; `server.on("/feed", Answer(...))`; `server.asked`."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.asked: list[Asked] = []
        self._host = host
        self._replies: dict[str, Reply] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def url(self, path: str = "/feed") -> str:
        return f"http://{self._host}:{self.port}{path}"

    def on(self, path: str, reply: Reply) -> str:
        """Set what `path` answers; returns its address."""
        self._replies[path] = reply
        return self.url(path)

    def count(self, path: str) -> int:
        return sum(a.path == path for a in self.asked)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (h.partition(":") for h in head[1:] if h)}
        asked = Asked(head[0].split(" ")[1], headers)
        self.asked.append(asked)
        reply = self._replies.get(asked.path, Answer(status=404))
        if not isinstance(reply, Answer):
            said = reply(asked) if _is_plain(reply) else reply(asked, writer)  # type: ignore[call-arg]  # two kinds, told apart by their arguments
            if isinstance(said, Answer):
                reply = said
            else:
                await said
                return False
        lines = [f"HTTP/1.1 {reply.status} X"]
        lines += [f"{k}: {v}" for k, v in reply.headers.items()]
        if reply.status != 304:
            lines.append(f"content-length: {len(reply.body)}")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        if reply.status != 304:
            writer.write(reply.body)
        await writer.drain()
        return True


def _is_plain(reply: Callable[..., object]) -> bool:
    code = getattr(reply, "__code__", None)
    return code is not None and code.co_argcount == 1


def rss(*items: tuple[str, str, str], title: str = "Paper", extra: str = "") -> bytes:
    """An RSS feed of (guid, title, text) items."""
    entries = "".join(
        f"<item><guid isPermaLink='false'>{g}</guid><title>{t}</title>"
        f"<link>http://paper.example/{g}</link><description>{d}</description></item>"
        for g, t, d in items
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{extra}{entries}"
        "</channel></rss>"
    ).encode()


def drip(pause_s: float = 0.05, length: int = 100_000) -> Script:
    """One byte at a time, without end."""

    async def script(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n".encode())
        for _n in range(length):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(pause_s)

    return script


def raw(data: bytes) -> Script:
    """These very bytes, then the end."""

    async def script(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return script


async def silent(_: Asked, __: asyncio.StreamWriter) -> None:
    """No word."""
    await asyncio.sleep(60)


async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
    """A body that does not end."""
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        await writer.drain()
