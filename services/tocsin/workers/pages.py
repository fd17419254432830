"""Fetches the article's page where the feed's policy asks for it, and says why where there is none."""

from contextlib import nullcontext

from tocsin.pipeline.collect.items import Collected, wants_page, with_page
from tocsin.pipeline.collect.parse.charset import decode
from tocsin.ports.clock import Clock
from tocsin.ports.fetcher import Fetcher, FetchError, Request
from tocsin.ports.registers import host_of
from tocsin.workers.pacing import Pacing
from tocsin.workers.robots import Robots
from tocsin_schemas.feed import Feed
from tocsin_schemas.item import Page

MAX_HTML = 3 << 20
"""Characters kept of a page."""
_HTML = ("text/html", "application/xhtml+xml", "")


class Pages:
    """The pages of one collector."""

    def __init__(self, fetcher: Fetcher, clock: Clock, pacing: Pacing) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._pacing = pacing
        self._robots = Robots(fetcher, clock)

    async def add(self, feed: Feed, collected: Collected) -> Collected:
        """The item with its page, or with a note; as it was where none is wanted. Raises nothing."""
        if not wants_page(feed, collected.item):
            return collected
        page, note = await self._fetch(feed, collected.item.entry.link)
        return with_page(collected, feed, page, note)

    async def _fetch(self, feed: Feed, url: str) -> tuple[Page | None, str]:
        host = host_of(url)
        try:
            if not feed.demo:
                allowed, delay = await self._robots.allow(url)
                if not allowed:
                    return None, "robots"
                if delay:
                    self._pacing.slow(host, delay)
            async with nullcontext() if feed.demo else self._pacing.slot(host):
                answer = await self._fetcher.fetch(Request(url, "article", demo=feed.demo))
        except FetchError as error:
            return None, error.fault
        if answer.status != 200:
            return None, str(answer.status)
        kind = answer.headers.get("content-type", "")
        if kind.partition(";")[0].strip().lower() not in _HTML:
            return None, "not html"
        html, _ = decode(answer.body, kind)
        return Page(url=answer.url, html=html[:MAX_HTML], fetched=self._clock.now()), ""
