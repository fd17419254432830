"""Live without moving anything under the reader's eyes (desk.md §9, check 9)."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from support.browser import Site, chromium, site
from support.desk_fixture import DeskFixture, at, desk_fixture, small_story, source
from support.page_server import serving
from tocsin.api.app import create_app

pytestmark = pytest.mark.browser


@pytest.fixture
def desk_site() -> Iterator[Site]:
    with site() as made:
        yield made


def arrives(desk: DeskFixture, key: str, minute: int) -> None:
    story = small_story(key, f"Late {key}", at(5, 10, minute))
    desk.article(key, outlet=source("Dawn"), title=f"Late news {key}", text="Late.",
                 when=at(5, 10, minute), story=story)  # fmt: skip
    desk.story(f"{key}-story", story)


def live(page: Any) -> None:
    # not wait_for_function: our own policy forbids the eval it needs
    page.locator("html[data-live=on]").wait_for(state="attached", timeout=15000)


def test_a_new_article_changes_the_status_and_moves_nothing(desk_site: Site) -> None:
    with desk_site.page(viewport={"width": 1000, "height": 500}) as page:
        page.goto("/", wait_until="load")
        live(page)
        row = page.locator(".rowlink").nth(4)
        row.focus()
        page.evaluate("scrollTo(0, 300)")
        before = (row.bounding_box(), page.evaluate("scrollY"))

        arrives(desk_site.desk, "one", 41)
        page.get_by_text("1 new article – show").wait_for(timeout=4000)

        assert (row.bounding_box(), page.evaluate("scrollY")) == before
        assert row.evaluate("e => e === document.activeElement")
        assert page.locator("#live").get_attribute("role") == "status"
        assert page.get_by_text("Late news one").count() == 0
        page.keyboard.press(".")
        page.get_by_text("Late news one").wait_for()
        assert page.inner_text("#live") == ""


def test_eight_tabs_share_one_stream_and_all_hear(desk_site: Site) -> None:
    with desk_site.context() as context:
        streams: list[str] = []
        context.on("request", lambda r: streams.append(r.url) if r.url.endswith("/live") else None)
        tabs = [context.new_page() for _ in range(8)]
        for tab in tabs:
            tab.goto("/stories", wait_until="load")
        for tab in tabs:
            live(tab)
        assert len(streams) == 1

        arrives(desk_site.desk, "two", 41)
        for tab in tabs:
            tab.get_by_text("1 new article – show").wait_for(timeout=4000)

        tabs[0].close()
        deadline = time.monotonic() + 8
        while len(streams) < 2 and time.monotonic() < deadline:
            tabs[1].wait_for_timeout(100)
        assert len(streams) == 2
        tabs[7].goto("/feeds", wait_until="load")
        live(tabs[7])


def test_after_a_restart_the_page_hears_again_without_repeats() -> None:
    desk = desk_fixture()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with chromium() as browser:
        context = browser.new_context()
        page = context.new_page()
        with serving(create_app(desk.desk), port) as base:
            page.goto(base, wait_until="load")
            live(page)
            arrives(desk, "three", 41)
            page.get_by_text("1 new article – show").wait_for(timeout=4000)
        with serving(create_app(desk.desk), port):
            page.evaluate("delete document.documentElement.dataset.live")
            live(page)
            assert page.inner_text("#live") == "1 new article – show"
        context.close()


def test_a_stopped_server_does_not_wait_for_its_streams() -> None:
    desk = desk_fixture()
    with chromium() as browser:
        page = browser.new_page()
        with serving(create_app(desk.desk)) as base:
            page.goto(base, wait_until="load")
            live(page)
            began = time.monotonic()
        assert time.monotonic() - began < 5
