"""The starter list: public feeds of world news, added once to a register that has none of its own.

Without a network they are not added: a newcomer's demo would then show a list of dead feeds and no
news by them. The next start looks again.
"""

import asyncio
import socket
from datetime import datetime
from importlib.resources import files
from urllib.parse import urlsplit

from tocsin.pipeline.collect.opml import read_opml
from tocsin.ports.registers import Registers
from tocsin.telemetry import logger
from tocsin_schemas.feed import Feed

LOOK_UP_S = 3.0
"""Time to look up the hosts of the list, seconds."""
HOSTS = 6
"""Hosts looked up; one that is found is enough."""


def starter(now: datetime) -> list[Feed]:
    """The feeds of the list."""
    found, _ = read_opml((files("tocsin") / "data" / "starter.opml").read_bytes(), now)
    return found


async def add_starter_feeds(registers: Registers, now: datetime) -> int:
    """Add the starter feeds unless the register holds, or held, feeds that are not the demo's, or no
    host of them can be looked up; returns how many were added.
    """
    if await asyncio.to_thread(registers.has_own_feeds):
        return 0
    found = starter(now)
    if not await _any_known([urlsplit(f.url).hostname or "" for f in found]):
        logger(part="starter").warning(
            "starter-feeds-left-out", why="no network; the next start looks again"
        )
        return 0
    await asyncio.to_thread(registers.put_feed, *found, at=now)
    return len(found)


async def _any_known(hosts: list[str]) -> bool:
    loop = asyncio.get_running_loop()
    asked = [
        asyncio.ensure_future(loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM))
        for host in list(dict.fromkeys(hosts))[:HOSTS]
    ]
    try:
        async with asyncio.timeout(LOOK_UP_S):
            for answer in asyncio.as_completed(asked):
                try:
                    await answer
                except OSError:
                    continue
                return True
    except TimeoutError:
        pass
    finally:
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    return False
