"""How hard a host is pressed: two connections, a second between starts, and rest when it asks for it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

CONNECTIONS = 2
GAP_S = 1.0
"""Least time between two starts at one host, seconds."""
_MOST_HOSTS = 20_000


@dataclass(slots=True)
class _Host:
    running: int = 0
    next_start: float = 0.0
    resting_until: float = 0.0
    gap_s: float = GAP_S


class Pacing:
    """The hosts that are being asked. One event loop; `time` is monotonic, in seconds."""

    def __init__(self, time: Callable[[], float], *, gap_s: float = GAP_S) -> None:
        self._time = time
        self._gap_s = gap_s
        self._hosts: dict[str, _Host] = {}

    def take(self, host: str, *, resting: bool = True) -> bool:
        """Take a start at `host` if there is one now; to be given back. `resting` false asks also
        a host that wanted rest (a person insists).
        """
        state = self._state(host)
        now = self._time()
        if state.running >= CONNECTIONS or now < state.next_start:
            return False
        if resting and now < state.resting_until:
            return False
        state.running += 1
        state.next_start = now + max(state.gap_s, self._gap_s)
        return True

    def give_back(self, host: str) -> None:
        """The request is over."""
        self._hosts[host].running -= 1

    def rest(self, host: str, seconds: float) -> None:
        """The host asked to be left alone (Retry-After)."""
        state = self._state(host)
        state.resting_until = max(state.resting_until, self._time() + seconds)

    def slow(self, host: str, gap_s: float) -> None:
        """The host asked for a longer gap (Crawl-delay), at most 60 s."""
        self._state(host).gap_s = min(max(gap_s, GAP_S), 60.0)

    @asynccontextmanager
    async def slot(self, host: str) -> AsyncIterator[None]:
        """Wait for a start at `host`, and hold it."""
        while not self.take(host):  # noqa: ASYNC110 - it waits for a time, not for an event
            await asyncio.sleep(min(self._gap_s / 4, 0.25) or 0.01)
        try:
            yield
        finally:
            self.give_back(host)

    def _state(self, host: str) -> _Host:
        found = self._hosts.get(host)
        if found is None:
            if len(self._hosts) >= _MOST_HOSTS:
                now = self._time()
                self._hosts = {
                    name: h
                    for name, h in self._hosts.items()
                    if h.running or max(h.next_start, h.resting_until) > now
                }
            found = self._hosts[host] = _Host(gap_s=self._gap_s)
        return found
