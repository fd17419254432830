"""The demo press: a loopback server that tells the news of September 2008 again in two minutes.

It speaks plain HTTP with validators, as any publisher does, so the desk collects it by the very same
way. Feeds are empty until each was polled once (a first poll is backfill and rings nothing); then
waves of dispatches are released, each only after the one before it was clustered, so that slowness
delays the telling and never changes it. Listens on 127.0.0.1, unless a distributed desk names where.
"""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from tocsin.demo import formats, standing
from tocsin.demo.script import WAVE_S, Dispatch, Outlet, outlets, waves
from tocsin.telemetry import logger
from tocsin_schemas.feed import Feed
from tocsin_schemas.subscription import Subscription

LOOK_S = 0.1
"""Seconds between two looks at whether a wave was clustered."""

TELL_S = 30.0
"""Seconds of waiting after which the log says for what."""


class Shelf:
    """One outlet's feed as it stands: the newest version of each item released, newest first."""

    def __init__(self, outlet: Outlet, now: datetime) -> None:
        self.outlet = outlet
        self.polled = asyncio.Event()
        self._items: dict[str, Dispatch] = {}
        self._show(now)

    def put(self, dispatch: Dispatch, now: datetime) -> None:
        """Release a version of an item."""
        self._items.pop(dispatch.id, None)
        self._items[dispatch.id] = dispatch
        # One second at least between two states: Last-Modified knows no less.
        self._show(max(now, self.modified + timedelta(seconds=1)))

    def get(self, item: str) -> Dispatch | None:
        """The newest version released of an item."""
        return self._items.get(item)

    def answer(self, request: web.Request) -> web.Response:
        """200 with the feed, or 304 where the reader holds it (If-None-Match goes first)."""
        self.polled.set()
        headers = {"ETag": self.etag, "Last-Modified": format_datetime(self.modified, usegmt=True)}
        if self._held(request):
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=self.body, headers=headers, content_type=formats.MEDIA[self.outlet.format]
        )

    def _held(self, request: web.Request) -> bool:
        tags = request.headers.get("If-None-Match")
        if tags is not None:
            return self.etag in (t.strip().removeprefix("W/") for t in tags.split(","))
        with suppress(ValueError):
            since = parsedate_to_datetime(request.headers.get("If-Modified-Since", ""))
            return since.tzinfo is not None and self.modified <= since
        return False

    def _show(self, modified: datetime) -> None:
        self.body = formats.feed(self.outlet, list(reversed(self._items.values())))
        self.etag = f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'
        self.modified = modified.replace(microsecond=0)


class Press:
    """`async with Press(clustered, speed): …`, or `start` and `stop`; both idempotent.

    `clustered(url)` tells how many versions of the article at that address the desk has clustered
    (0: none yet); it is asked from the event loop and must answer at once. Asked for versions, not
    for yes or no, so that an edit is waited for as well, also after a restart.
    """

    def __init__(
        self, clustered: Callable[[str], int], *, speed: float = 1.0, base: str = ""
    ) -> None:
        self.finished = threading.Event()
        """Set once all is released; may be waited for from any thread."""
        self.waiting_for: tuple[str, ...] = ()
        """Addresses without which the next wave is not released."""
        self.released: list[Dispatch] = []
        self._unclustered: list[Dispatch] = []
        self._clustered = clustered
        self._log = logger(part="press")
        self._speed = speed
        self._shelves = {k: Shelf(o, datetime.now(UTC)) for k, o in outlets().items()}
        self._runner: web.AppRunner | None = None
        self._telling: asyncio.Task[None] | None = None
        self._base = base

    @property
    def base(self) -> str:
        """How readers reach it: what was given, else `http://127.0.0.1:PORT`; raises RuntimeError
        before `start`.
        """
        if self._runner is None:
            raise RuntimeError("the demo press is not started")
        return self._base or f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def feeds(self, now: datetime) -> list[Feed]:
        """The demo's feeds at this run's address; their ids are the same on every port."""
        return standing.feeds(self.base, now)

    def subscriptions(self, now: datetime) -> list[Subscription]:
        """The three demo subscriptions, effective from `now`; put them once."""
        return standing.subscriptions(now)

    def page(self, url: str) -> str:
        """Where the page of a demo article stands on this run's address; empty for other addresses."""
        parts = urlsplit(url)
        key, _, rest = (parts.hostname or "").partition(".")
        if rest != "demo.invalid" or key not in self._shelves:
            return ""
        return f"{self.base}/pages/{key}{parts.path}"

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen (port 0: any free one) and begin to tell. Raises OSError if it is taken."""
        if self._runner is not None:
            return
        app = web.Application()
        app.router.add_get("/feeds/{outlet}.xml", self._feed)
        app.router.add_get("/pages/{outlet}/{section}/{item}", self._page)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._telling = asyncio.create_task(self._tell())

    async def stop(self) -> None:
        """Stop telling and close the port."""
        if self._telling is not None:
            self._telling.cancel()
            with suppress(asyncio.CancelledError):
                await self._telling
            self._telling = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _tell(self) -> None:
        """The script: every feed polled once, then wave after wave, none before its time and none
        before all released so far was clustered.
        """
        for shelf in self._shelves.values():
            await shelf.polled.wait()
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, wave in enumerate(waves().values()):
            await asyncio.sleep(began + number * WAVE_S / self._speed - loop.time())
            await self._settled()
            now = datetime.now(UTC)
            for dispatch in wave:
                self._shelves[dispatch.outlet.key].put(dispatch, now)
                self.released.append(dispatch)
                if dispatch.linked:  # one without a link has no address to ask by
                    self._unclustered.append(dispatch)
        self.finished.set()

    async def _settled(self) -> None:
        """Return once everything released was clustered. Waits as long as that takes: an alert that
        is decided on half of the news would be a wrong one.
        """
        loop = asyncio.get_running_loop()
        tell_at = loop.time() + TELL_S
        while self._unclustered:
            self._unclustered = [d for d in self._unclustered if self._clustered(d.url) < d.version]
            self.waiting_for = tuple(d.url for d in self._unclustered)
            if not self._unclustered:
                return
            if loop.time() >= tell_at:
                self._log.warning("waiting-for-the-desk", unclustered=self.waiting_for)
                tell_at = loop.time() + TELL_S
            await asyncio.sleep(LOOK_S)

    async def _feed(self, request: web.Request) -> web.Response:
        shelf = self._shelves.get(request.match_info["outlet"])
        if shelf is None:
            raise web.HTTPNotFound
        return shelf.answer(request)

    async def _page(self, request: web.Request) -> web.Response:
        shelf = self._shelves.get(request.match_info["outlet"])
        item = shelf.get(request.match_info["item"]) if shelf else None
        if item is None:
            raise web.HTTPNotFound
        return web.Response(body=formats.page(item), content_type="text/html", charset="utf-8")
