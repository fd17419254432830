"""The collector on a real loopback server and the log in memory: polls, states, faults, crashes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.builders import a_feed
from support.feed_server import Answer, Asked, FeedServer, drip, rss
from tocsin.adapters.http_fetcher import LIMITS, HttpFetcher, Limits
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.errors import DiskFull, Retryable
from tocsin.ports.bus import Message
from tocsin.ports.registers import Registers, host_of
from tocsin.settings import Settings
from tocsin.workers.collector import Collector
from tocsin_schemas.feed import Feed, FeedState
from tocsin_schemas.identity import feed_id
from tocsin_schemas.item import ItemCollected
from tocsin_schemas.registry import Event, decode
from tocsin_schemas.topics import FEED_STATES, ITEMS

QUICK = {
    role: Limits(2.0, limits.wire, limits.unpacked, limits.accept, cut=limits.cut)
    for role, limits in LIMITS.items()
}
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class HandClock:
    """Time as the test wants it."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time


class FullBus(MemoryBus):
    """A log whose disk can be full, or which can be told to break after the items."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: Exception | None = None
        self.only: str = ""

    def produce(self, messages: Iterable[Message]) -> list[int]:
        given = list(messages)
        if self.fault is not None and (not self.only or any(m.topic == self.only for m in given)):
            raise self.fault
        return super().produce(given)


class Bench:
    """One collector with everything around it."""

    def __init__(self, server: FeedServer, settings: Settings) -> None:
        self.server = server
        self.clock = HandClock()
        self.bus = FullBus()
        self.registers = Registers(self.bus)
        self.settings = settings
        self.fetcher = HttpFetcher(settings, press=("127.0.0.1", server.port), limits=QUICK)
        self.collector = self._collector()

    def _collector(self) -> Collector:
        return Collector(
            self.bus, self.fetcher, self.clock, self.settings, self.registers, gap_s=0.0
        )

    def add(self, url: str, **over: Any) -> Feed:
        feed = a_feed(url, **({"added": START} | over))
        self.registers.put_feed(feed, at=self.clock.now())
        return feed

    def state(self, feed: Feed) -> FeedState | None:
        return self.registers.feed_states().get(feed.id)

    def events(self) -> list[Event]:
        return [decode(r.value) for r in self.bus.read(ITEMS.name) if r.value]

    def items(self) -> list[ItemCollected]:
        return [e.body for e in self.events() if isinstance(e.body, ItemCollected)]

    def titles(self) -> list[str]:
        return sorted(i.entry.title for i in self.items())

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - it watches the log, which knows no events
                await asyncio.sleep(0.02)

    async def polled(self, feed: Feed, times: int) -> FeedState:
        await self.until(lambda: (s := self.state(feed)) is not None and s.polls >= times)
        state = self.state(feed)
        assert state is not None
        return state

    async def again(self, feed: Feed) -> FeedState:
        """One more poll, a person's wish."""
        state = self.state(feed)
        self.collector.poll_now(feed.id)
        return await self.polled(feed, (state.polls if state else 0) + 1)

    async def restart(self) -> None:
        self.collector = self._collector()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.collector.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task


Make = Callable[..., Awaitable[Bench]]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    benches: list[Bench] = []

    async def build(**over: Any) -> Bench:
        server = await FeedServer().__aenter__()
        given: dict[str, Any] = {
            "data": tmp_path,
            "allow_private": "127.0.0.0/8",
            "min_free_mb": 0,
        } | over
        bench = Bench(server, Settings(**given))
        benches.append(bench)
        return bench

    yield build
    for bench in benches:
        await bench.fetcher.close()
        await bench.server.__aexit__()


async def test_a_feed_is_polled_and_its_items_stand_in_the_log(make: Make) -> None:
    bench = await make()
    feed = bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x"), ("2", "Two", "y")))))
    async with bench.running():
        state = await bench.polled(feed, 1)
    assert bench.titles() == ["One", "Two"]
    assert (state.state, state.items_24h, len(state.seen)) == ("ok", 2, 2)
    assert {e.mode for e in bench.events()} == {"backfill"}
    assert {r.key for r in bench.bus.read(ITEMS.name)} == {feed.id}
    assert all(i.feed_id == feed.id and i.collected == START for i in bench.items())


async def test_only_news_is_collected_afterwards_and_an_edit_is_a_version(make: Make) -> None:
    bench = await make()
    feed = bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x")))))
    async with bench.running():
        await bench.polled(feed, 1)
        bench.server.on("/feed", Answer(rss(("2", "Two", "y"), ("1", "One", "x"))))
        await bench.again(feed)
        bench.server.on("/feed", Answer(rss(("2", "Two", "y"), ("1", "One, corrected", "x"))))
        await bench.again(feed)
        await bench.again(feed)
    assert bench.titles() == ["One", "One, corrected", "Two"]
    assert [e.mode for e in bench.events()].count("live") == 2
    first, third = (i for i in bench.items() if i.entry.guid == "1")
    assert first.item_key == third.item_key
    assert first.root_id != third.root_id


async def test_validators_are_used_and_a_304_counts_as_success(make: Make) -> None:
    bench = await make()
    body = rss(("1", "One", "x"))

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == '"v1"':
            return Answer(status=304)
        return Answer(body, headers={"ETag": '"v1"'})

    feed = bench.add(bench.server.on("/feed", answer))
    async with bench.running():
        await bench.polled(feed, 1)
        bench.clock.time += timedelta(hours=1)
        state = await bench.again(feed)
    assert (state.state, state.etag, state.succeeded) == ("ok", '"v1"', bench.clock.time)
    assert len(bench.items()) == 1


async def test_items_are_in_the_log_before_the_state_so_a_crash_between_repeats_them(
    make: Make,
) -> None:
    bench = await make()
    feed = bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x"), ("2", "Two", "y")))))
    bench.bus.fault, bench.bus.only = Retryable("gone"), FEED_STATES.name
    async with bench.running():
        await bench.until(lambda: len(bench.items()) >= 2)
    assert bench.state(feed) is None
    bench.bus.fault = None
    await bench.restart()
    async with bench.running():
        await bench.polled(feed, 1)
    roots = [i.root_id for i in bench.items()]
    assert len(roots) == 4
    assert len(set(roots)) == 2


async def test_a_full_disk_stops_the_fetching_and_room_brings_it_back(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.workers.collector.ROOM_S", 0.05)
    monkeypatch.setattr("tocsin.workers.collector.PAUSE_S", 0.3)
    bench = await make()
    feed = bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x")))))
    bench.bus.fault, bench.bus.only = DiskFull("no room in the folder"), ITEMS.name
    async with bench.running():
        await bench.until(lambda: "no room" in bench.collector.problem)
        asked = bench.server.count("/feed")
        assert bench.items() == []
        bench.bus.fault = None
        await bench.polled(feed, 1)
        assert bench.collector.problem == ""
    assert bench.server.count("/feed") > asked
    assert bench.titles() == ["One"]


async def test_a_nearly_full_disk_is_told_and_nothing_is_fetched(make: Make) -> None:
    bench = await make(min_free_mb=1 << 40)
    bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x")))))
    async with bench.running():
        await bench.until(lambda: "TOCSIN_MIN_FREE_MB" in bench.collector.problem)
        await asyncio.sleep(0.3)
    assert bench.server.asked == []


async def test_one_broken_feed_costs_no_other(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = await make()
    real = bench.fetcher.fetch

    async def fetch(request: Any) -> Any:
        if request.url.endswith("/broken"):
            raise RuntimeError("a bug")
        return await real(request)

    monkeypatch.setattr(bench.fetcher, "fetch", fetch)
    broken = bench.add(bench.server.url("/broken"))
    good = bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x")))))
    slow = bench.add(bench.server.on("/drip", drip()))
    async with bench.running():
        await bench.polled(good, 1)
        state = await bench.polled(broken, 1)
        drained = await bench.polled(slow, 1)
    assert state.state == "failing"
    assert "RuntimeError" in state.reason
    assert drained.state == "failing"
    assert "no answer in time" in drained.reason
    assert bench.titles() == ["One"]


@pytest.mark.parametrize(
    ("reply", "health", "word"),
    [
        (Answer(b"<html><link rel='alternate' type='application/rss+xml' href='/real'>"), "not-a-feed", "HTML"),
        (Answer(b"", status=404), "failing", "HTTP 404"),
        (Answer(b"", status=410), "failing", "gone"),
        (Answer(b"", status=403), "blocked", "HTTP 403"),
        (Answer(b"", status=403, headers={"CF-Mitigated": "challenge"}), "blocked", "challenge"),
        (Answer(b"", status=429, headers={"Retry-After": "600"}), "waiting", "12:"),
        (Answer(b"", status=503), "waiting", "HTTP 503"),
        (Answer(b"x" * (20 << 20)), "failing", "too large"),
        (Answer(status=302, headers={"Location": "/feed"}), "failing", "circle"),
        (Answer(status=302, headers={"Location": "http://10.0.0.1/"}), "failing", "must not"),
        (Answer(b""), "not-a-feed", "empty"),
        (Answer(rss()), "empty", "valid, no entries"),
    ],
)  # fmt: skip
async def test_each_trouble_has_its_state_and_words(
    make: Make, reply: Answer, health: str, word: str
) -> None:
    bench = await make()
    feed = bench.add(bench.server.on("/feed", reply))
    async with bench.running():
        state = await bench.polled(feed, 1)
    assert state.state == health
    assert word in state.reason
    assert state.since == START
    if health == "not-a-feed" and word == "HTML":
        assert state.alternatives == (bench.server.url("/real"),)
    if word == "12:":
        assert state.next_poll is not None
        assert START + timedelta(seconds=600) <= state.next_poll <= START + timedelta(seconds=720)


async def test_a_host_that_asks_for_rest_gets_it_for_all_its_feeds(make: Make) -> None:
    bench = await make()
    answer = Answer(b"", status=429, headers={"Retry-After": "600"})
    first = bench.add(bench.server.on("/a", answer))
    async with bench.running():
        await bench.polled(first, 1)
        bench.add(bench.server.on("/b", Answer(rss(("1", "One", "x")))))
        bench.collector.poll_now(feed_id("http://unknown.example/"))
        await asyncio.sleep(0.6)
    assert bench.server.count("/b") == 0


async def test_demo_feeds_are_polled_by_the_second_and_take_only_what_is_new(make: Make) -> None:
    bench = await make(allow_private="", demo=True, demo_speed=20.0)
    feed = bench.add(bench.server.on("/feed", Answer(rss())), demo=True)
    async with bench.running():
        state = await bench.polled(feed, 1)
        assert state.next_poll == START + timedelta(seconds=0.1)
        bench.server.on("/feed", Answer(rss(("1", "One", "x"))))
        bench.clock.time += timedelta(seconds=1)
        await bench.until(lambda: bool(bench.items()))
    assert [e.mode for e in bench.events()] == ["live"]
    assert bench.items()[0].demo


async def test_a_loopback_feed_that_is_no_demo_is_refused(make: Make) -> None:
    bench = await make(allow_private="")
    feed = bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x")))))
    async with bench.running():
        state = await bench.polled(feed, 1)
    assert state.state == "failing"
    assert "must not be" in state.reason
    assert bench.server.asked == []


async def test_pages_are_fetched_by_policy_and_robots_is_heard(make: Make) -> None:
    bench = await make()
    server = bench.server
    server.on("/robots.txt", Answer(b"User-agent: *\nDisallow: /closed\n"))
    server.on("/open", Answer(b"<p>The whole page.</p>", headers={"Content-Type": "text/html"}))
    server.on("/closed/1", Answer(b"<p>No.</p>", headers={"Content-Type": "text/html"}))
    server.on("/pdf", Answer(b"%PDF", headers={"Content-Type": "application/pdf"}))
    links = ("/open", "/closed/1", "/missing", "/pdf")
    body = rss(*((link, f"Title {link}", "short") for link in links))
    for link in links:
        body = body.replace(f"http://paper.example/{link}".encode(), server.url(link).encode())
    feed = bench.add(server.on("/feed", Answer(body)), page_policy="short")
    async with bench.running():
        await bench.polled(feed, 1)
    got = {i.entry.guid: (i.page.html if i.page else None, i.page_note) for i in bench.items()}
    assert got == {
        "/open": ("<p>The whole page.</p>", ""),
        "/closed/1": (None, "robots"),
        "/missing": (None, "404"),
        "/pdf": (None, "not html"),
    }
    assert server.count("/robots.txt") == 1
    assert server.count("/closed/1") == 0


async def test_a_paused_feed_is_not_asked_and_says_so(make: Make) -> None:
    bench = await make()
    feed = bench.add(bench.server.on("/feed", Answer(rss())), active=False)
    async with bench.running():
        await bench.until(lambda: (s := bench.state(feed)) is not None and s.state == "paused")
    assert bench.server.asked == []


async def test_feeds_added_and_removed_meanwhile_are_heeded(make: Make) -> None:
    bench = await make()
    async with bench.running():
        feed = bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x")))))
        bench.collector.poll_now(feed.id)
        await bench.polled(feed, 1)
        bench.registers.put_feed(feed.model_copy(update={"deleted": True}), at=START)
        bench.collector.poll_now(feed.id)
        await asyncio.sleep(0.5)
    assert bench.server.count("/feed") == 1


async def test_stopping_ends_a_poll_under_way(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.workers.collector.LAST_S", 0.1)
    bench = await make()
    bench.add(bench.server.on("/drip", drip()))
    async with asyncio.timeout(10), bench.running():
        await bench.until(lambda: bench.server.count("/drip") == 1)


class HandShare:
    """Which hosts are ours, as the test deals them."""

    def __init__(self, *hosts: str) -> None:
        self.turn = 1
        self.hosts = set(hosts)

    def deal(self, *hosts: str) -> None:
        self.hosts = set(hosts)
        self.turn += 1

    def holds(self, host: str) -> bool:
        return host in self.hosts


async def test_collectors_that_share_the_hosts_collect_each_their_own(make: Make) -> None:
    """A host that changes hands is collected on from its last known state: nothing twice."""
    bench = await make()
    feed = bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x")))))
    host = host_of(feed.url)
    first, second = HandShare(host), HandShare()
    mine, other = (
        Collector(
            bench.bus, bench.fetcher, bench.clock, bench.settings, bench.registers,
            gap_s=0.0, share=share,
        )
        for share in (first, second)
    )  # fmt: skip
    stop = asyncio.Event()
    running = [asyncio.create_task(c.run(stop)) for c in (mine, other)]
    await bench.polled(feed, 1)
    other.poll_now(feed.id)
    await asyncio.sleep(0.5)
    assert bench.state(feed).polls == 1, "not its host"

    first.deal()
    second.deal(host)
    bench.server.on("/feed", Answer(rss(("2", "Two", "y"), ("1", "One", "x"))))
    for c in (mine, other):
        c.poll_now("somebody waits")
    await asyncio.sleep(0.5)
    other.poll_now(feed.id)
    await bench.polled(feed, 2)
    stop.set()
    await asyncio.gather(*running)
    assert bench.titles() == ["One", "Two"]


async def test_a_wish_in_the_register_is_heard_once(make: Make) -> None:
    """The page of a distributed desk is another process: it can only write what it wants."""
    bench = await make()
    feed = bench.add(bench.server.on("/feed", Answer(rss(("1", "One", "x")))))
    async with bench.running():
        await bench.polled(feed, 1)
        bench.clock.time += timedelta(seconds=10)
        wished = feed.model_copy(update={"asked": bench.clock.time})
        bench.registers.put_feed(wished, at=bench.clock.time)
        bench.clock.time += timedelta(seconds=1)
        await bench.polled(feed, 2)
        await asyncio.sleep(1.0)
    assert bench.state(feed).polls == 2
