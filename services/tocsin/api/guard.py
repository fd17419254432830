"""The gate in front of every page and door: who may ask, how much they may send, what they may run.

Loopback alone protects nothing from a web page (desk.md §8): the `Host` header is checked against
DNS rebinding, unsafe methods against other sites, and the answer carries a policy under which
injected markup can do nothing. No token and no cookie is needed.
"""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin import telemetry
from tocsin.api.failures import Failure, answer
from tocsin.settings import Settings

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: with it a browser sends `Origin: null` for our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODY_LIMIT = 2 << 20
"""Bytes of a form or a JSON body (an OPML file is the largest)."""
ITEMS_LIMIT = 64 << 20
"""Bytes of one `POST` of items or records."""
ENDLESS = frozenset({"/live"})
"""Streams: a HEAD of them would never end."""
BULK = frozenset({"/api/v1/items", "/api/v1/log"})


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Names that this desk answers to."""
    names = {"127.0.0.1", "localhost", "[::1]"}
    names |= {h.strip().lower() for h in settings.hosts.split(",") if h.strip()}
    if settings.host not in {"0.0.0.0", "::"}:  # noqa: S104  # a listening address, not a name
        names.add(f"[{settings.host}]" if ":" in settings.host else settings.host.lower())
    return frozenset(names)


def host_name(host: str) -> str:
    """A `Host` header without its port, lower case; empty where it is no host."""
    plain = host.strip(" \t").lower()
    if not plain.isascii() or not plain.isprintable() or " " in plain:
        return ""
    try:
        parts = urlsplit(f"//{plain}")
        port_is_sane = parts.port is None or parts.port > 0
    except ValueError:
        return ""
    if not port_is_sane or parts.path or parts.username is not None or not parts.hostname:
        return ""
    return f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname


def refusal(method: str, headers: dict[str, str], hosts: frozenset[str]) -> Failure | None:
    """Why a request is refused, or null. Pure: the whole rule is here."""
    host = headers.get("host", "")
    if host_name(host) not in hosts:
        return Failure(
            400,
            "This desk does not answer to that host name.",
            "Open it by the address it printed at its start, or name the host in TOCSIN_HOSTS.",
        )
    if method in SAFE:
        return None
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    foreign = site is not None and site not in {"same-origin", "none"}
    if origin is not None and urlsplit(origin).netloc.lower() != host.strip().lower():
        foreign = True
    if foreign:
        return Failure(
            403,
            "A page of another site asked for this change; it was refused.",
            "Do it from the desk's own page, or from the command line.",
        )
    return None


class Guard:
    """ASGI middleware: refuses, limits, adds the headers, and turns a bug into a plain answer."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = allowed_hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in reversed(scope["headers"])}
        limit = ITEMS_LIMIT if scope["path"] in BULK else BODY_LIMIT
        started = False
        head = scope["method"] == "HEAD" and scope["path"] not in ENDLESS

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(message)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        received = 0

        async def limited() -> MutableMapping[str, Any]:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, f"the body is larger than {limit >> 20} MiB")
            return message

        refused = refusal(scope["method"], headers, self._hosts)
        if refused is not None:
            await answer(scope, refused)(scope, receive, guarded)
            return
        try:
            # A HEAD is a GET whose words are kept back: link checkers and monitors ask so.
            await self._app({**scope, "method": "GET"} if head else scope, limited, guarded)
        except Exception as error:
            telemetry.logger().error(
                "request_failed",
                path=scope["path"],
                error=type(error).__name__,
                why=str(error),
                exc_info=True,
            )
            if not started:
                failure = Failure(
                    500,
                    "The desk made a mistake here.",
                    "Nothing was lost; the log on standard error has the details.",
                )
                await answer(scope, failure)(scope, receive, guarded)


def _add_headers(message: Message) -> None:
    present = {name for name, _ in message["headers"]}
    for name, value in HEADERS.items():
        if name.encode() not in present:
            message["headers"].append((name.encode(), value.encode()))
