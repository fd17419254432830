"""Polls feeds and puts what is new into the log: the only stage that talks to publishers.

Items go into the log before the feed's state does, so a crash between the two collects the same items
again, under the same root ids. One feed's fault never touches another, a full disk stops the fetching
and not the desk, and nothing is ever fetched faster than its host allows.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from tocsin.errors import DiskFull, Retryable, StoreError, TocsinError
from tocsin.pipeline.collect import schedule
from tocsin.pipeline.collect.cache import freshness, retry_after_s
from tocsin.pipeline.collect.ingest import message_of
from tocsin.pipeline.collect.items import Collected, fitting, harvest
from tocsin.pipeline.collect.parse import NotAFeedError, ParsedFeed, parse_feed
from tocsin.pipeline.collect.schedule import Wishes
from tocsin.ports.bus import Bus, Message
from tocsin.ports.clock import Clock
from tocsin.ports.fetcher import Fetcher, FetchError, Request, Response
from tocsin.ports.registers import Registers, host_of, message
from tocsin.settings import Settings
from tocsin.telemetry import POLLS, logger
from tocsin.workers.pacing import Pacing
from tocsin.workers.pages import Pages
from tocsin_schemas.feed import Feed, FeedState
from tocsin_schemas.topics import FEED_STATES, FEEDS, ITEMS

T = TypeVar("T")

AT_ONCE = 200
"""Polls under way, all hosts together."""
TICK_S = 0.25
REREAD_S = 3.0
"""Time between two looks at whether the register of feeds changed, seconds."""
ROOM_S = 5.0
"""Time between two looks at the disk, seconds."""
PAUSE_S = 5.0
MOST_PAUSE_S = 120.0
"""Rest after the store refused a write, seconds, doubled each time up to the most."""
LAST_S = 5.0
"""Time for polls under way when the desk stops, seconds."""
BATCH = 100


class Share(Protocol):
    """Which hosts this process collects from, where several share the work. `turn` changes whenever
    the share does.
    """

    @property
    def turn(self) -> int:
        """A number of the present share."""
        ...

    def holds(self, host: str) -> bool:
        """Whether the feeds of this host are ours now."""
        ...


class Collector:
    """One collector of a desk; `share` where there are several. `problem` tells the reader why nothing is fetched; empty: nothing is
    wrong. `poll_now` may be called from any thread, everything else from the event loop.
    """

    def __init__(
        self,
        bus: Bus,
        fetcher: Fetcher,
        clock: Clock,
        settings: Settings,
        registers: Registers,
        *,
        gap_s: float = 1.0,
        share: Share | None = None,
    ) -> None:
        self.problem = ""
        self._bus = bus
        self._fetcher = fetcher
        self._clock = clock
        self._settings = settings
        self._registers = registers
        self._gap_s = gap_s
        self._share = share
        self._feeds: dict[str, Feed] = {}
        self._states: dict[str, FeedState] = {}
        self._wishes: dict[str, Wishes] = {}
        self._asked: set[str] = set()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._ends: object = None
        self._turn = -1
        self._resume_at = 0.0
        self._pause_s = PAUSE_S
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._threads: ThreadPoolExecutor | None = None
        self._log = logger(worker="collector")

    def poll_now(self, feed_id: str) -> None:
        """Poll this feed as soon as its host allows; unknown ids are ignored. Thread-safe."""
        self._asked.add(feed_id)
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Collect until `stop`. Survives every fault of a feed, of the register and of the store."""
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="collector")
        self._pacing = Pacing(self._loop.time, gap_s=self._gap_s)
        self._pages = Pages(self._fetcher, self._clock, self._pacing)
        stopping = asyncio.create_task(stop.wait())
        reread_at = room_at = 0.0
        tick = TICK_S / max(self._settings.demo_speed, 1.0)
        try:
            while not stop.is_set():
                now = self._loop.time()
                if now >= reread_at:
                    reread_at = now + REREAD_S
                    await self._reread()
                if now >= room_at:
                    room_at = now + ROOM_S
                    await self._look_for_room()
                if not self.problem:
                    self._start_due()
                waking = asyncio.create_task(self._wake.wait())
                await asyncio.wait(
                    (stopping, waking), timeout=tick, return_when=asyncio.FIRST_COMPLETED
                )
                if self._wake.is_set():
                    self._wake.clear()
                    reread_at = 0.0  # a person waits: they may have added the feed just now
                waking.cancel()
        finally:
            stopping.cancel()
            await self._finish()

    async def _finish(self) -> None:
        tasks = list(self._running.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=LAST_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._threads is not None:
            await asyncio.to_thread(self._threads.shutdown)

    async def _in_thread(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    async def _reread(self) -> None:
        try:
            turn = self._share.turn if self._share else 0
            ends = (turn, await self._in_thread(self._bus.ends, FEEDS.name))
            if ends == self._ends:
                for unknown in set(self._asked) - self._feeds.keys():
                    self._asked.discard(unknown)
                return
            feeds = await self._in_thread(self._registers.feeds)
            if self._share:
                feeds = {i: f for i, f in feeds.items() if self._share.holds(host_of(f.url))}
            if turn != self._turn:  # what another collected until now is known by its states alone
                self._turn = turn
                self._states = await self._in_thread(self._registers.feed_states)
            self._feeds, self._ends = feeds, ends
            for gone in self._states.keys() - feeds.keys():
                self._states.pop(gone)
                self._wishes.pop(gone, None)
        except TocsinError as error:
            self._log.warning("register-not-read", why=str(error))

    async def _look_for_room(self) -> None:
        """Stop fetching while the disk is nearly full; go on when there is room again."""
        try:
            usage = await self._in_thread(shutil.disk_usage, _existing(self._settings))
        except OSError:
            return
        free, least = usage.free >> 20, self._settings.min_free_mb
        if free < least:
            self._stop_fetching(
                f"the disk of {self._settings.data} has {free} MiB left: feeds are not fetched below "
                f"{least} MiB; free some room, or lower TOCSIN_MIN_FREE_MB"
            )
        elif self.problem and asyncio.get_running_loop().time() >= self._resume_at:
            self.problem = ""
            self._log.info("collecting-again")

    def _stop_fetching(self, why: str) -> None:
        if not self.problem:
            self._log.error("collecting-stopped", why=why)
        self.problem = why

    def _start_due(self) -> None:
        now = self._clock.now()
        for feed_id, feed in self._feeds.items():
            if len(self._running) >= AT_ONCE:
                return
            if feed_id in self._running:
                continue
            state = self._states.get(feed_id)
            asked = feed_id in self._asked or schedule.is_asked(feed, state)
            if not feed.active:
                self._asked.discard(feed_id)
                if state is None or state.state != "paused":
                    state = state or FeedState(feed_id=feed.id, url=feed.url)
                    self._begin(feed, self._save(feed, schedule.paused(feed, state, now)))
                continue
            if not asked and not schedule.is_due(feed, state, now):
                continue
            if not feed.demo and not self._pacing.take(host_of(feed.url), resting=not asked):
                continue
            self._asked.discard(feed_id)
            self._begin(feed, self._poll(feed))

    def _begin(self, feed: Feed, work: Any) -> None:
        task = asyncio.create_task(work)
        self._running[feed.id] = task
        task.add_done_callback(lambda _: self._running.pop(feed.id, None))

    async def _poll(self, feed: Feed) -> None:
        """One poll from request to saved state. Whatever happens, it happens to this feed alone."""
        state = self._states.get(feed.id) or FeedState(feed_id=feed.id, url=feed.url)
        try:
            after, result = await self._polled(feed, state)
            POLLS.labels(result).inc()
            await self._save(feed, after)
        except DiskFull as error:
            self._resume_at = asyncio.get_running_loop().time() + self._pause_s
            self._pause_s = min(self._pause_s * 2, MOST_PAUSE_S)
            self._stop_fetching(str(error))
        except (StoreError, Retryable) as error:
            self._log.warning("not-collected", feed=feed.id, why=str(error))
            self._put_off(feed, state)
        except Exception as error:
            POLLS.labels("crashed").inc()
            self._log.exception("poll-crashed", feed=feed.id)
            why = f"our own fault, {type(error).__name__}; please report it"
            failed = schedule.failed(feed, state, "crashed", why, self._clock.now())
            self._states[feed.id] = failed
            with suppress(TocsinError):
                await self._save(feed, failed)

    def _put_off(self, feed: Feed, state: FeedState) -> None:
        """Nothing was saved: the same poll again, a little later."""
        later = self._clock.now() + timedelta(seconds=PAUSE_S)
        self._states[feed.id] = state.model_copy(update={"next_poll": later})

    async def _polled(self, feed: Feed, state: FeedState) -> tuple[FeedState, str]:
        """The state after one poll, its items in the log already, and the result's name."""
        etag, modified = schedule.conditional(state)
        request = Request(feed.url, "feed", etag, modified, demo=feed.demo)
        try:
            answer = await self._ask(request, paced=not feed.demo)
        except FetchError as error:
            now = self._clock.now()
            return schedule.failed(feed, state, error.fault, str(error), now), error.fault
        now = self._clock.now()
        state = schedule.moved(state, answer.permanent, now)
        speed = self._settings.demo_speed
        if answer.status == 304 and (etag or modified):
            wishes = self._wishes_of(feed, answer, now)
            return schedule.unchanged(feed, state, wishes, now, speed=speed), "unchanged"
        if not 200 <= answer.status < 300:
            return self._refused(feed, state, answer, now), str(answer.status)
        body_hash = hashlib.sha256(answer.body).hexdigest()
        if body_hash == state.body_hash and state.state not in ("not-a-feed", "new"):
            wishes = self._wishes_of(feed, answer, now)
            return schedule.unchanged(feed, state, wishes, now, speed=speed), "unchanged"
        kind = answer.headers.get("content-type", "")
        try:
            parsed = await self._in_thread(parse_feed, answer.body, kind, answer.url)
        except NotAFeedError as error:
            return schedule.not_a_feed(
                feed, state, str(error), error.alternatives, now
            ), "not-a-feed"
        wishes = self._wishes_of(feed, answer, now, parsed)
        brought = await self._in_thread(harvest, feed, parsed, state, now)
        await self._put(feed, brought.new)
        after = schedule.answered(
            feed, state, brought, wishes, now, body_hash=body_hash, speed=speed
        )
        return after, "new" if brought.new else "nothing-new"

    async def _ask(self, request: Request, *, paced: bool) -> Response:
        """Fetch, and give the host's place back at once: pages of the same host will want it."""
        try:
            return await self._fetcher.fetch(request)
        finally:
            if paced:
                self._pacing.give_back(host_of(request.url))

    def _refused(self, feed: Feed, state: FeedState, answer: Response, now: datetime) -> FeedState:
        wait = retry_after_s(answer.headers, now)
        after = schedule.refused_by_status(
            feed,
            state,
            answer.status,
            now,
            retry_after_s=wait,
            challenged=answer.headers.get("cf-mitigated", "").lower() == "challenge",
        )
        if answer.status in (429, 503) and after.next_poll is not None and not feed.demo:
            self._pacing.rest(host_of(feed.url), (after.next_poll - now).total_seconds())
        return after

    def _wishes_of(
        self, feed: Feed, answer: Response, now: datetime, parsed: ParsedFeed | None = None
    ) -> Wishes:
        """What feed and server ask for; a 304 has no body, so the last one's wishes stand."""
        fresh = freshness(answer.headers, now)
        before = self._wishes.get(feed.id, Wishes())
        if parsed is None:
            wishes = Wishes(before.ttl_s, before.skip_hours, before.skip_days, fresh)
        else:
            wishes = Wishes(parsed.ttl_s, parsed.skip_hours, parsed.skip_days, fresh)
        self._wishes[feed.id] = wishes
        return wishes

    async def _put(self, feed: Feed, new: tuple[Collected, ...]) -> None:
        """New items into the log, in their order, with their pages where the policy asks for them."""
        for start in range(0, len(new), BATCH):
            batch = [await self._pages.add(feed, c) for c in new[start : start + BATCH]]
            messages = await self._in_thread(_messages, batch)
            await self._in_thread(self._bus.produce, messages)

    async def _save(self, feed: Feed, state: FeedState) -> None:
        at = state.polled or self._clock.now()
        key = f"{host_of(feed.url)} {feed.id}"
        made = message(
            FEED_STATES, key, state, root_id=feed.id, at=at, discriminator=at.isoformat()
        )
        await self._in_thread(self._bus.produce, [made])
        self._states[feed.id] = state
        self._pause_s = PAUSE_S


def _messages(batch: list[Collected]) -> list[Message]:
    return [message_of(fitting(c.item, ITEMS.max_bytes), c.mode) for c in batch]


def _existing(settings: Settings) -> str:
    """The data folder, or the nearest folder above it that exists already."""
    folder = settings.data.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return str(folder)
