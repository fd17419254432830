"""Puts the demo press beside a desk: its feeds and its three subscriptions, once."""

import asyncio

from tocsin.demo.press import Press
from tocsin.ports.clock import SystemClock
from tocsin.ports.registers import Registers
from tocsin.ports.search import Search
from tocsin_schemas.identity import article_id
from tocsin_schemas.story import ClusteredArticle


async def start_press(
    registers: Registers,
    search: Search,
    speed: float,
    *,
    base: str = "",
    host: str = "127.0.0.1",
    port: int = 0,
) -> Press:
    """A press that tells its script to this desk; to be stopped by the caller. `base`: how the
    collectors reach it, where that is not the address it listens on.
    """
    press = Press(lambda url: _versions(search, url), speed=speed, base=base)
    await press.start(port, host)
    now = SystemClock().now()
    known = await asyncio.to_thread(registers.subscriptions)
    new = [s for s in press.subscriptions(now) if s.id not in known]
    if new:
        await asyncio.to_thread(registers.put_subscription, *new, at=now)
    await asyncio.to_thread(registers.put_feed, *press.feeds(now), at=now)
    return press


def _versions(search: Search, url: str) -> int:
    """How many versions of the article at `url` stand in the index (0: none yet)."""
    document = search.get("articles", article_id(url))
    body = document.body if document else None
    return body.version if isinstance(body, ClusteredArticle) else 0
