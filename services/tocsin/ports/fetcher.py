"""Fetching over HTTP, with every limit that a hostile or broken server makes necessary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

FetchFault = Literal[
    "dns",
    "connect",
    "tls",
    "timeout",
    "too-large",
    "bomb",
    "redirects",
    "refused",
    "protocol",
]


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch. `role` chooses the limits of reliability.md §2.2."""

    url: str
    role: Literal["feed", "article", "robots"] = "feed"
    etag: str = ""
    last_modified: str = ""
    demo: bool = False
    """The demo press's loopback address is allowed for feeds marked demo, and for nothing else."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, decoded (content-encoding undone) and within its byte limits."""

    status: int
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    permanent: str = ""
    """Where a chain of permanent redirects (301, 308) ended; empty without one."""
    took_s: float = 0.0


class FetchError(Exception):
    """No answer within the limits. `fault` says of which kind; the text is for a person and never
    echoes the body.
    """

    def __init__(self, fault: FetchFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class Fetcher(Protocol):
    """Fetches. Raises FetchError; never anything else for what a server does."""

    async def fetch(self, request: Request) -> Response:
        """GET, following redirects by hand; any status is an answer."""
        ...

    async def close(self) -> None:
        """Close connections; idempotent."""
        ...
