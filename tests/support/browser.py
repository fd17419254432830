"""A real browser at a desk served over loopback. Skips, with the reason, where there is no Chromium."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from support.desk_fixture import DeskFixture, desk_fixture
from support.page_server import serving
from tocsin.api.app import create_app

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""


@dataclass(frozen=True)
class Site:
    """A served desk and a browser to look at it."""

    base: str
    desk: DeskFixture
    browser: Any

    @contextlib.contextmanager
    def context(self, **options: Any) -> Iterator[Any]:
        """A fresh context (cookies, size, theme)."""
        made = self.browser.new_context(base_url=self.base, **options)
        made.set_default_timeout(8000)
        try:
            yield made
        finally:
            made.close()

    @contextlib.contextmanager
    def page(self, **options: Any) -> Iterator[Any]:
        """One page in a context of its own."""
        with self.context(**options) as context:
            yield context.new_page()


def follow(page: Any, control: Any) -> None:
    """Press a control that leads to another page, and wait until that page is there.

    A click returns while the old page still stands: what is read after it may be either's.
    """
    with page.expect_navigation(wait_until="load"):
        control.click()


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """The browser."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """A full desk, hostile feed included, with the browser beside it."""
    desk = desk_fixture()
    with chromium() as browser, serving(create_app(desk.desk)) as base:
        yield Site(base, desk, browser)
