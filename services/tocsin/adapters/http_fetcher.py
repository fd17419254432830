"""Fetches feeds, pages and robots.txt over HTTP, and lets no server cost more than its limits.

One deadline for the whole chain of redirects, bytes counted on the wire and unpacked, redirects
followed by hand so that every hop is checked anew. Any status is an answer; everything else that a
server can do is a FetchError whose words never echo the body.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp
from yarl import URL

from tocsin.adapters.outbound import MUST_NOT, checked_url, policy, session, user_agent
from tocsin.adapters.unpack import ACCEPTED, Unpacker, unpackers
from tocsin.errors import Refused
from tocsin.ports.fetcher import FetchError, Request, Response
from tocsin.settings import Settings

HOPS = 5
REDIRECTS = frozenset((301, 302, 303, 307, 308))
PERMANENT = frozenset((301, 308))
RATIO, RATIO_FROM = 100, 1 << 20
"""Unpacked to packed bytes above which an answer is a bomb, once that much is unpacked."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost (reliability.md §2.2)."""

    seconds: float
    wire: int
    unpacked: int
    accept: str
    cut: bool = False
    """Cut at the limit (RFC 9309 reads the first 500 KiB of a robots.txt), where others are refused."""


_FEEDS = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
LIMITS = {
    "feed": Limits(20.0, 5 << 20, 15 << 20, _FEEDS),
    "article": Limits(30.0, 3 << 20, 10 << 20, "text/html, application/xhtml+xml, */*;q=0.5"),
    "robots": Limits(15.0, 500 << 10, 500 << 10, "text/plain, */*;q=0.5", cut=True),
}


class HttpFetcher:
    """The Fetcher that dials. Used from one event loop; sessions open at the first request."""

    def __init__(
        self,
        settings: Settings,
        *,
        press: tuple[str, int] | None = None,
        limits: dict[str, Limits] | None = None,
    ) -> None:
        self._agent = user_agent(settings)
        self._settings = settings
        self._rules = policy(settings, "fetch")
        self._demo_rules = policy(settings, "fetch", press)
        self._limits = limits or LIMITS
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def fetch(self, request: Request) -> Response:
        """GET with everything that `Fetcher` promises."""
        limits = self._limits[request.role]
        started = time.monotonic()
        try:
            async with asyncio.timeout(limits.seconds):
                status, url, headers, body, permanent = await self._follow(request, limits)
        except TimeoutError as error:
            raise FetchError("timeout", f"not done within {limits.seconds:g} s") from error
        except aiohttp.ClientError as error:
            raise _told(error) from error
        except (OSError, ValueError, UnicodeError) as error:
            raise FetchError("protocol", f"{type(error).__name__}") from error
        return Response(status, url, headers, body, permanent, time.monotonic() - started)

    def allow_press(self, address: str, port: int) -> None:
        """Allow the demo press's address to requests marked demo. Before the first of them."""
        self._demo_rules = policy(self._settings, "fetch", (address, port))

    async def close(self) -> None:
        """Close connections; idempotent."""
        sessions, self._sessions = list(self._sessions.values()), {}
        for client in sessions:
            await client.close()

    async def _follow(
        self, request: Request, limits: Limits
    ) -> tuple[int, str, dict[str, str], bytes, str]:
        url = _checked(request.url)
        secure, permanent, only_permanent = url.scheme == "https", "", True
        seen = {url}
        for hop in range(HOPS + 1):
            async with self._client(demo=request.demo).get(
                url,
                headers=self._headers(request, limits, first=hop == 0),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=10, sock_connect=5, sock_read=10),
            ) as answer:
                location = answer.headers.get("Location", "")
                if answer.status not in REDIRECTS or not location:
                    headers = {k.lower(): v for k, v in answer.headers.items()}
                    body = b"" if answer.status == 304 else await _body(answer, limits)
                    return answer.status, str(url), headers, body, permanent
                only_permanent = only_permanent and answer.status in PERMANENT
                cookie = "Set-Cookie" in answer.headers
            url = _next(url, location, secure=secure)
            if url in seen:
                wall = ", and wants a cookie first" if cookie else ""
                raise FetchError("redirects", f"the host redirects in a circle{wall}")
            seen.add(url)
            permanent = str(url) if only_permanent else permanent
        raise FetchError("redirects", f"more than {HOPS} redirects")

    def _client(self, *, demo: bool) -> aiohttp.ClientSession:
        client = self._sessions.get(demo)
        if client is None:
            rules = self._demo_rules if demo else self._rules
            per_host = 8 if demo else 2
            client = self._sessions[demo] = session(rules, agent=self._agent, per_host=per_host)
        return client

    @staticmethod
    def _headers(request: Request, limits: Limits, *, first: bool) -> dict[str, str]:
        said = {"Accept": limits.accept, "Accept-Encoding": ACCEPTED}
        if first and request.etag:
            said["If-None-Match"] = request.etag
        if first and request.last_modified:
            said["If-Modified-Since"] = request.last_modified
        return said


def _checked(url: str) -> URL:
    try:
        return checked_url(url)
    except Refused as error:
        raise FetchError("refused", str(error)) from error


def _next(url: URL, location: str, *, secure: bool) -> URL:
    try:
        target = str(url.join(URL(location.strip())))
    except ValueError as error:
        raise FetchError("redirects", "redirected to something that is no address") from error
    following = _checked(target)
    if secure and following.scheme == "http":
        raise FetchError("redirects", "redirected from https to http")
    return following


async def _body(answer: aiohttp.ClientResponse, limits: Limits) -> bytes:
    """The body, unpacked, within `limits`."""
    stages = unpackers(answer.headers.get("Content-Encoding", ""))
    wire = unpacked = 0
    out: list[bytes] = []
    async for chunk in answer.content.iter_chunked(1 << 16):
        wire += len(chunk)
        pieces = iter((chunk,))
        for stage in stages:
            pieces = _through(stage, pieces)
        for piece in pieces:
            unpacked += len(piece)
            out.append(piece)
            if stages and unpacked > RATIO_FROM and unpacked > wire * RATIO:
                raise FetchError("bomb", f"unpacks to more than {RATIO} times its size")
            if unpacked > limits.unpacked:
                if limits.cut:
                    return b"".join(out)[: limits.unpacked]
                raise FetchError("too-large", f"more than {limits.unpacked >> 20} MiB unpacked")
        if wire > limits.wire and not limits.cut:
            raise FetchError("too-large", f"more than {limits.wire >> 20} MiB")
    for stage in stages:
        stage.finish()
    return b"".join(out)


def _through(stage: Unpacker, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from stage.feed(piece)


def _told(error: aiohttp.ClientError) -> FetchError:
    """What went wrong, in our classes; the order matters, since aiohttp's classes nest."""
    text = str(error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error)
    if MUST_NOT in text:
        return FetchError("refused", text[text.index(MUST_NOT) :].partition("]")[0][:200])
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return FetchError("dns", "the name is not known")
    if isinstance(error, aiohttp.ClientSSLError):
        return FetchError("tls", type(error).__name__)
    if isinstance(error, aiohttp.ServerTimeoutError | aiohttp.ConnectionTimeoutError):
        return FetchError("timeout", "the host does not answer")
    if isinstance(error, aiohttp.ClientConnectorError):
        return FetchError("connect", error.os_error.strerror or "no connection")
    if isinstance(error, aiohttp.InvalidURL):
        return FetchError("refused", "the address cannot be read")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return FetchError("protocol", "the host hung up")
    return FetchError("protocol", type(error).__name__)
