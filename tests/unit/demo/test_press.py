"""The press tells its script over HTTP: nothing at first, then wave after clustered wave."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from tocsin.demo import press as press_module
from tocsin.demo.press import Press
from tocsin.demo.script import Dispatch, dispatches, outlets, waves
from tocsin.pipeline.collect.parse import parse_feed

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FAST = 1e6
"""Speed at which only the waiting for the desk takes time."""


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press_module, "LOOK_S", 0.01)


async def poll(web: aiohttp.ClientSession, press: Press) -> int:
    """Poll every feed once; returns the number of entries seen."""
    entries = 0
    for feed in press.feeds(NOW):
        async with web.get(feed.url) as answer:
            entries += len(parse_feed(await answer.read()).entries)
    return entries


class Desk:
    """Stands for the desk's answer to `clustered`: the same number of versions for every address."""

    def __init__(self, versions: int = 99) -> None:
        self.versions = versions
        self.asked: set[str] = set()

    def __call__(self, url: str) -> int:
        self.asked.add(url)
        return self.versions


async def told(press: Press) -> None:
    """Wait for the end of the script without blocking the loop."""
    assert await asyncio.to_thread(press.finished.wait, 20)


async def test_nothing_is_told_before_every_feed_was_polled_once(
    web: aiohttp.ClientSession,
) -> None:
    async with Press(Desk(), speed=FAST) as press:
        *most, last = press.feeds(NOW)
        for feed in most:
            async with web.get(feed.url) as answer:
                assert parse_feed(await answer.read()).entries == ()
        await asyncio.sleep(0.2)
        assert not press.released
        async with web.get(last.url) as answer:
            assert parse_feed(await answer.read()).entries == ()
        await told(press)


async def test_the_whole_script_is_released_in_the_order_of_its_waves(
    web: aiohttp.ClientSession,
) -> None:
    async with Press(Desk(), speed=FAST) as press:
        await poll(web, press)
        await told(press)
        assert press.released == list(dispatches())
        assert await poll(web, press) == len({d.guid for d in dispatches()})


async def test_a_wave_waits_until_all_before_it_was_clustered(web: aiohttp.ClientSession) -> None:
    known: dict[str, int] = {}
    async with Press(lambda url: known.get(url, 0), speed=FAST) as press:
        await poll(web, press)
        seen: list[Dispatch] = []
        for wave in waves().values():
            seen += wave
            for _ in range(100):
                if press.released == seen:
                    break
                await asyncio.sleep(0.02)
            await asyncio.sleep(2 * press_module.LOOK_S)
            assert press.released == seen
            known |= {d.url: d.version for d in wave}
        await told(press)


async def test_an_edit_is_waited_for_as_a_version(web: aiohttp.ClientSession) -> None:
    async with Press(Desk(1), speed=FAST) as press:
        await poll(web, press)
        edit = next(d for d in dispatches() if d.version > 1)
        for _ in range(200):
            if press.waiting_for == (edit.url,):
                break
            await asyncio.sleep(0.02)
        assert press.waiting_for == (edit.url,)
        assert press.released[-1].wave == edit.wave
        assert not press.finished.is_set()


async def test_an_item_without_a_link_is_not_asked_for(web: aiohttp.ClientSession) -> None:
    desk = Desk()
    async with Press(desk, speed=FAST) as press:
        await poll(web, press)
        await told(press)
    assert "" not in desk.asked


async def test_a_feed_that_is_held_is_not_sent_again(web: aiohttp.ClientSession) -> None:
    async with Press(Desk(0), speed=FAST) as press:
        url = press.feeds(NOW)[0].url
        async with web.get(url) as answer:
            tag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
        for headers in (
            {"If-None-Match": tag},
            {"If-None-Match": f'"old", W/{tag}'},
            {"If-Modified-Since": modified},
        ):
            async with web.get(url, headers=headers) as answer:
                assert (answer.status, await answer.read()) == (304, b"")
        for headers in (
            {"If-None-Match": '"old"', "If-Modified-Since": modified},
            {"If-Modified-Since": "Mon, 01 Sep 2008 00:00:00 GMT"},
            {"If-Modified-Since": "yesterday"},
        ):
            async with web.get(url, headers=headers) as answer:
                assert answer.status == 200


async def test_a_changed_feed_has_another_tag_and_a_later_time(web: aiohttp.ClientSession) -> None:
    async with Press(Desk(0), speed=FAST) as press:
        first = waves()[1][0].outlet.key
        url = next(f.url for f in press.feeds(NOW) if f.url.endswith(f"/{first}.xml"))
        async with web.get(url) as answer:
            tag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
        await poll(web, press)
        await asyncio.sleep(0.2)
        async with web.get(url, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 200
            assert answer.headers["ETag"] != tag
        async with web.get(url, headers={"If-Modified-Since": modified}) as answer:
            assert answer.status == 200


async def test_an_item_has_its_page_once_it_is_released(web: aiohttp.ClientSession) -> None:
    async with Press(Desk(), speed=FAST) as press:
        edited = next(d for d in dispatches() if d.version > 1)
        async with web.get(press.page(edited.url)) as answer:
            assert answer.status == 404
        await poll(web, press)
        await told(press)
        async with web.get(press.page(edited.url)) as answer:
            assert answer.content_type == "text/html"
            assert edited.paragraphs[1] in await answer.text()
        async with web.get(f"{press.base}/feeds/nobody.xml") as answer:
            assert answer.status == 404


async def test_only_demo_addresses_have_pages_here() -> None:
    async with Press(Desk()) as press:
        assert press.page("https://dawn.demo.invalid/news/x") == f"{press.base}/pages/dawn/news/x"
        assert press.page("https://nobody.demo.invalid/news/x") == ""
        assert press.page("https://www.dawn.com/news/x") == ""


async def test_ids_are_the_same_on_another_port() -> None:
    async with Press(Desk()) as one, Press(Desk()) as other:
        assert one.base != other.base
        assert one.base.startswith("http://127.0.0.1:")
        assert [f.id for f in one.feeds(NOW)] == [f.id for f in other.feeds(NOW)]
        assert [f.url for f in one.feeds(NOW)] != [f.url for f in other.feeds(NOW)]
        assert one.subscriptions(NOW) == other.subscriptions(NOW)


async def test_feeds_are_marked_demo_and_polled_every_two_seconds() -> None:
    async with Press(Desk()) as press:
        feeds = press.feeds(NOW)
        assert len({f.id for f in feeds}) == len(outlets())
        assert all(f.demo and f.interval_s == 2 for f in feeds)
        assert {f.source.kind for f in feeds} == {"agency", "outlet"}
        assert all(f.source.country and f.source.place for f in feeds)


async def test_a_port_in_use_is_refused_and_leaves_nothing_behind() -> None:
    async with Press(Desk()) as one:
        taken = int(one.base.rpartition(":")[2])
        other = Press(Desk())
        with pytest.raises(OSError, match="address"):
            await other.start(taken)
        await other.stop()


def test_before_it_is_started_it_has_no_address() -> None:
    async def base() -> str:
        return Press(Desk()).base

    with pytest.raises(RuntimeError, match="not started"):
        asyncio.run(base())
