"""Whether a publisher lets us read a page: robots.txt (RFC 9309), asked once a day per host.

A missing file allows; a host in trouble forbids for a day, and then allows until it answers. Feeds are
not asked about: their reader was invited by the address itself.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from protego import Protego

from tocsin.ports.clock import Clock
from tocsin.ports.fetcher import Fetcher, FetchError, Request

AGENT = "Tocsin"
KEPT = timedelta(hours=24)
_MOST_HOSTS = 2_000
_MOST_STARS = 2
"""Wildcards kept of a rule: matching is polynomial in their number, and paths are long."""


@dataclass(slots=True)
class _Rules:
    until: datetime
    rules: Any = None
    """A Protego, or None: everything is allowed, or (`shut`) nothing is."""
    shut: bool = False
    shut_since: datetime | None = None


class Robots:
    """The rules of the hosts that pages were fetched from."""

    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._known: OrderedDict[str, _Rules] = OrderedDict()

    async def allow(self, url: str) -> tuple[bool, float]:
        """Whether `url` may be fetched, and the host's Crawl-delay in seconds (0: none). Raises
        nothing.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        held = self._known.get(origin)
        if held is None or held.until <= self._clock.now():
            held = await self._ask(origin, held)
            self._known[origin] = held
            self._known.move_to_end(origin)
            while len(self._known) > _MOST_HOSTS:
                self._known.popitem(last=False)
        if held.shut or held.rules is None:
            return not held.shut, 0.0
        return await asyncio.to_thread(_decide, held.rules, url)

    async def _ask(self, origin: str, before: _Rules | None) -> _Rules:
        now = self._clock.now()
        try:
            answer = await self._fetcher.fetch(Request(f"{origin}/robots.txt", role="robots"))
        except FetchError as error:
            if error.fault in ("refused", "redirects"):
                return _Rules(now + KEPT)
            return _unreachable(now, before)
        if answer.status >= 500 or answer.status == 429:
            return _unreachable(now, before)
        if answer.status >= 400 or answer.status == 304:
            return _Rules(now + KEPT)
        text = tamed(answer.body.decode("utf-8", "replace"))
        try:
            rules = await asyncio.to_thread(Protego.parse, text)
        except Exception:  # a file that its reader cannot bear says nothing
            return _Rules(now + KEPT)
        return _Rules(now + KEPT, rules)


def _unreachable(now: datetime, before: _Rules | None) -> _Rules:
    since = before.shut_since if before is not None and before.shut_since else now
    shut = now - since < KEPT
    return _Rules(now + timedelta(hours=1), shut=shut, shut_since=since)


def _decide(rules: Any, url: str) -> tuple[bool, float]:
    delay = rules.crawl_delay(AGENT)
    return bool(rules.can_fetch(url, AGENT)), float(delay or 0.0)


def tamed(text: str) -> str:
    """The rules with at most `_MOST_STARS` wildcards each; what stands behind them is left out, which
    makes a rule wider, never slower.
    """
    out = []
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and value.count("*") > _MOST_STARS:
            parts = value.split("*")
            value = "*".join(parts[: _MOST_STARS + 1]) + "*"
        out.append(f"{name}{colon}{value}"[:4_096])
    return "\n".join(out)
