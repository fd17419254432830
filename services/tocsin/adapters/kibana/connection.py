"""How the operator's Kibana is asked: one request, its answer, and patience while it warms up.

The address is the operator's own (`TOCSIN_KIBANA`), so the rules of `outbound` for the world's addresses
do not hold here: it may be loopback or private. Redirects are not followed (a Kibana that sends one to a
login page would turn a refusal into a page), proxy variables are not read.
"""

import http.client
import json
import re
import ssl
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tocsin.errors import Retryable, UsageError

TIMEOUT_S = 30.0
"""For one request; an import of a dozen objects takes a Kibana seconds when it is busy."""
MOST_BYTES = 8 << 20
"""Of one answer; a dashboard read back is tens of kilobytes."""
MOST_WORDS = 300
"""Characters of what Kibana said that are told on."""
WARMING = frozenset({429, 502, 503, 504})
"""Statuses that a Kibana, or a proxy before it, gives while it starts (even after its status page says
`available`), or while it is too busy."""


def plain(said: object) -> str:
    """What another program said, fit to be printed: one line, no control characters, cut."""
    text = str(said)[:MOST_WORDS]
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `json` is null where the body is none."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        """The body as JSON, or null."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    def words(self) -> str:
        """Kibana's own words of a failure (`message`), else the body's beginning."""
        held = self.json
        said = held.get("message") if isinstance(held, dict) else None
        return plain(said or self.text) or "no words"


_ADDRESS = re.compile(r"[!\"$-><@-~]+")
"""What a request line can carry; `?` and `#` would swallow the path that follows."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Gives a redirect back as it is."""

    def redirect_request(self, *_: Any) -> None:
        """No second request."""


class Kibana:
    """A Kibana at `url` (a base path or a space, `…/kibana/s/desk`, may follow the host).
    `patience_s`: for how long in all it may go on warming up; `pause_s` between two tries.
    Raises UsageError for an address that is none, or a CA file that can't be read.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str = "",
        password: str = "",
        ca_file: Path | None = None,
        patience_s: float = 120.0,
        pause_s: float = 2.0,
    ) -> None:
        try:
            parts = urlsplit(url)
            good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            good = False
        if not good or parts.username or not _ADDRESS.fullmatch(url):
            raise UsageError(
                f"TOCSIN_KIBANA is {plain(url)!r}: an address like http://localhost:5601 is needed,"
                " with the base path if there is one; user and password stand elsewhere"
            )
        self.url = url.rstrip("/")
        self._headers = {"kbn-xsrf": "true", "Accept": "application/json"}
        if user:
            pair = b64encode(f"{user}:{password}".encode()).decode("ascii")
            self._headers["Authorization"] = f"Basic {pair}"
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({}), _Stay()]
        if parts.scheme == "https":
            try:
                context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
            except (OSError, ssl.SSLError) as error:
                raise UsageError(
                    f"{ca_file} is no certificate authority's file: {error}"
                ) from error
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)
        self._deadline = time.monotonic() + patience_s
        self._patience_s = patience_s
        self._pause_s = pause_s

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to one request, asked again while Kibana warms up. Raises Retryable when that
        takes longer than the patience, UsageError for a wrong password or certificate. Any other
        status (403 too) is the caller's to judge.
        """
        while True:
            try:
                answer = self._once(method, path, body, headers or {})
                why = f"it answers {answer.status}: {answer.words()}"
            except (OSError, http.client.HTTPException) as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise UsageError(
                        f"Kibana at {self.url} shows a certificate that nothing known has signed;"
                        " name its authority's file (TOCSIN_ELASTICSEARCH_CA_FILE)"
                    ) from error
                answer, why = None, f"it does not answer: {plain(error)}"
            if answer and answer.status == http.client.UNAUTHORIZED:
                raise UsageError(
                    f"Kibana at {self.url} refuses the user or the password (401):"
                    f" {answer.words()}. Look at TOCSIN_ELASTICSEARCH_USER and its password file"
                )
            if answer and answer.status not in WARMING:
                return answer
            if time.monotonic() + self._pause_s > self._deadline:
                raise Retryable(
                    f"Kibana at {self.url} was not ready within {self._patience_s:g} s; last, {why}."
                    " Run `tocsin setup --kibana` again when it is; nothing is lost by repeating"
                )
            time.sleep(self._pause_s)

    def _once(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        request = urllib.request.Request(  # noqa: S310  # the scheme is checked at the door
            self.url + path, data=body, method=method, headers={**self._headers, **headers}
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as reply:
                return Answer(reply.status, reply.read(MOST_BYTES).decode("utf-8", "replace"))
        except urllib.error.HTTPError as reply:
            with reply:
                return Answer(reply.code, reply.read(MOST_BYTES).decode("utf-8", "replace"))
