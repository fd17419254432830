"""Nothing from outside runs, and nothing leaves (desk.md §9, check 7)."""

from collections.abc import Iterator
from typing import Any

import pytest

from support.browser import Site, site
from support.desk_fixture import EVIL
from support.pages import page_addresses

pytestmark = pytest.mark.browser
WATCH = """
  window.violations = [];
  addEventListener("securitypolicyviolation", (e) => violations.push([e.violatedDirective, e.blockedURI, e.sourceFile]));
"""


@pytest.fixture(scope="module")
def at() -> Iterator[Site]:
    with site() as made:
        yield made


def test_no_page_breaks_the_policy_speaks_to_others_or_complains(at: Site) -> None:
    with at.context() as context:
        elsewhere: list[str] = []
        said: list[str] = []

        def stop(route: Any) -> None:
            elsewhere.append(route.request.url)
            route.abort()

        def dismiss(dialog: Any) -> None:
            said.append(f"dialog {dialog.message}")
            dialog.dismiss()

        context.route(lambda url: not url.startswith(at.base), stop)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.on("console", lambda m: said.append(m.text))
        page.on("pageerror", lambda e: said.append(str(e)))
        page.on("dialog", dismiss)
        for address in page_addresses(at.desk):
            page.goto(address, wait_until="load")
            page.mouse.move(300, 300)
            assert page.evaluate("violations") == [], address
            assert page.evaluate("document.querySelectorAll('script').length") == 1, address
            assert page.evaluate("document.querySelectorAll('img, iframe, object').length") == 0
        assert elsewhere == []
        assert said == []


def test_markup_put_in_by_script_is_refused_by_the_browser(at: Site) -> None:
    with at.page() as page:
        page.goto("/", wait_until="load")
        refused = page.evaluate(
            "() => { try { document.querySelector('main').innerHTML = '<b>x</b>'; return ''; }"
            " catch (e) { return e.name; } }"
        )
        assert refused == "TypeError"


def test_hostile_words_are_seen_as_words(at: Site) -> None:
    with at.page() as page:
        page.goto("/", wait_until="load")
        text = page.inner_text("main")
        assert EVIL in text
        assert '"onmouseover="alert(1)' in text
        assert "invoicegnp.exe" in text
        page.goto("/search?q=%3Cscript%3E%3Ax", wait_until="load")
        assert "<script>" in page.inner_text("main")


def test_a_link_out_says_where_it_leads_and_never_runs_script(at: Site) -> None:
    with at.page() as page:
        page.goto("/", wait_until="load")
        links = page.evaluate(
            "[...document.querySelectorAll('.out-link')].map(a => [a.protocol, a.rel, a.innerText, a.hostname])"
        )
        assert links
        for protocol, rel, text, host in links:
            assert protocol in {"http:", "https:"}
            assert "noopener" in rel
            assert "noreferrer" in rel
            assert host in text
