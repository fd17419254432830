"""What a reader does, with the script and without it, by mouse, by keys, by nothing but forms
(desk.md §9, checks 2, 3, 8).
"""

from collections.abc import Iterator
from typing import Any

import pytest

from support.browser import Site, follow, site
from tocsin_schemas.act import Act
from tocsin_schemas.registry import body_of, decode
from tocsin_schemas.topics import ACTS

pytestmark = pytest.mark.browser

SEEN = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "focus is lost";
  const r = e.getBoundingClientRect();
  const x = r.left + r.width / 2, y = r.top + Math.min(r.height, 40) / 2;
  if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return `out of view: ${e.outerHTML.slice(0, 80)}`;
  const top = document.elementFromPoint(x, y);
  if (!(top && (e === top || e.contains(top) || top.contains(e)))) return `covered: ${e.outerHTML.slice(0, 80)}`;
  const s = getComputedStyle(e);
  if (e.id !== "main" && e.id !== "done" && (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2)) return `no ring: ${e.outerHTML.slice(0, 80)}`;
  return "";
}"""


@pytest.fixture
def at() -> Iterator[Site]:
    with site() as made:
        yield made


def statuses(page: Any) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    page.on(
        "response",
        lambda r: found.append((r.url, r.status)) if r.request.method == "POST" else None,
    )
    return found


def test_a_reader_without_script_can_do_everything(at: Site) -> None:
    with at.page(java_script_enabled=False) as page:
        posts = statuses(page)
        page.goto("/", wait_until="load")
        follow(page, page.get_by_role("link", name="Search", exact=True))
        page.get_by_label("Query", exact=True).fill('killed:>=5 AND plase:"south waziristan"')
        follow(page, page.get_by_role("button", name="Search"))
        follow(page, page.locator("a.fix").first)
        assert "4 articles" in page.inner_text("main") or "articles" in page.inner_text("main")

        follow(page, page.get_by_role("link", name="Make this a subscription"))
        assert "How it would have rung" in page.inner_text("main")
        page.get_by_label("Name").fill("Made without script")
        follow(page, page.get_by_role("button", name="Create"))
        assert page.inner_text("h1") == "Made without script"

        follow(page, page.get_by_role("link", name="Alerts").first)
        follow(
            page, page.get_by_role("button", name="Acknowledge this story for “Police attacked”")
        )
        assert "Acknowledged" in page.inner_text("#done")
        page.reload(wait_until="load")
        follow(page, page.get_by_role("button", name="Undo"))
        assert "Taken back." in page.inner_text("#done")
        page.locator("summary", has_text="Snooze “Police attacked”").click()
        follow(page, page.get_by_role("button", name="4 hours").first)
        assert "is snoozed until" in page.inner_text("#done")

        follow(page, page.get_by_role("link", name="Raid by helicopter-borne"))
        follow(page, page.get_by_role("link", name="brief", exact=True))
        assert "revision 17" in page.inner_text("main")
        assert posts
        assert {status for _, status in posts} == {303}
    assert len(list(at.desk.bus.read(ACTS.name))) == 3


def test_a_double_click_is_one_act(at: Site) -> None:
    with at.page() as page:
        page.goto("/alerts", wait_until="load")
        page.get_by_role("button", name="Acknowledge this story for “Police attacked”").dblclick()
        page.wait_for_selector(".acted")
    assert len(list(at.desk.bus.read(ACTS.name))) == 1


def walk(page: Any, name: str) -> None:
    """Tab to the control of that name, looking at the focus on the way."""
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN) == ""
        said = page.evaluate(
            "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
            " || document.activeElement.labels?.[0]?.textContent || '').trim()"
        )
        if said.startswith(name):
            return
    pytest.fail(f"no control named {name!r} was reached by Tab")


def subscribe_by_keys(page: Any, first: str) -> None:
    page.keyboard.type('"south waziristan"')
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    page.wait_for_load_state("load")
    walk(page, "Make this a subscription")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subscriptions/new?**")
    page.wait_for_load_state("load")
    page.locator("#f-name").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(first)
    walk(page, "Create")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subscriptions/*?done=created")
    assert page.inner_text("h1") == first


def test_the_keyboard_alone_makes_a_subscription(at: Site) -> None:
    with at.page() as page:
        page.goto("/", wait_until="load")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "quick"
        subscribe_by_keys(page, "Made by keys")


def test_the_same_way_works_with_single_keys_switched_off(at: Site) -> None:
    with at.page() as page:
        page.goto("/preferences", wait_until="load")
        page.get_by_label("single keys").uncheck()
        follow(page, page.get_by_role("button", name="Keep"))
        page.goto("/", wait_until="load")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") != "quick"
        walk(page, "Query")
        subscribe_by_keys(page, "Made by tab")


def test_keys_walk_the_rows_and_never_take_typing(at: Site) -> None:
    with at.page() as page:
        page.goto("/", wait_until="load")
        page.keyboard.press("j")
        first = page.evaluate("document.activeElement.href")
        page.keyboard.press("j")
        second = page.evaluate("document.activeElement.href")
        page.keyboard.press("k")
        assert page.evaluate("document.activeElement.href") == first != second
        assert page.evaluate(SEEN) == ""
        page.keyboard.press("o")
        page.wait_for_url(first)
        page.wait_for_load_state("load")
        page.keyboard.press("g")
        page.keyboard.press("a")
        page.wait_for_url("**/alerts")
        page.wait_for_load_state("load")
        page.keyboard.press("/")
        page.keyboard.type("gjka?")
        assert page.input_value("#quick") == "gjka?"
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        page.wait_for_url("**/help/keys")


def test_keys_act_in_place_and_lead_to_the_next_card(at: Site) -> None:
    with at.page() as page:
        page.goto("/alerts", wait_until="load")
        page.keyboard.press("j")
        before = page.evaluate("document.activeElement.getBoundingClientRect().top")
        page.keyboard.press("a")
        page.wait_for_selector(".acted")
        assert "Acknowledged “Roadside bomb near Bannu”" in page.inner_text(".acted")
        assert page.url.endswith("/alerts")
        assert page.evaluate(SEEN) == ""
        cards = page.locator(".card .rowlink")
        assert page.evaluate("document.activeElement.href") == cards.nth(1).evaluate("e => e.href")
        assert cards.nth(0).evaluate("e => e.getBoundingClientRect().top") == before

        page.keyboard.press("k")
        page.keyboard.press("u")
        page.wait_for_selector(".acted", state="detached")
        assert page.evaluate(SEEN) == ""
        page.keyboard.press("a")
        page.wait_for_selector(".acted")
    assert [body_of(decode(r.value), Act).kind for r in at.desk.bus.read(ACTS.name)] == [
        "ack",
        "undo",
        "ack",
    ]


def test_a_refused_act_is_told_by_the_plain_page(at: Site) -> None:
    with at.page() as page:
        page.goto("/alerts", wait_until="load")
        page.locator("summary", has_text="Snooze “Police attacked”").click()
        page.get_by_label("until (UTC)").first.fill("2001-01-01T08:00")
        follow(page, page.get_by_role("button", name="that time").first)
        page.get_by_text("that time has passed").wait_for()
    assert not list(at.desk.bus.read(ACTS.name))


def test_a_form_of_another_origin_is_refused_in_the_browser_too(at: Site) -> None:
    with at.page() as page:
        elsewhere = at.base.replace("127.0.0.1", "localhost")
        page.route(
            f"{elsewhere}/trap",
            lambda route: route.fulfill(
                content_type="text/html",
                body=f'<form method="post" action="{at.base}/alerts/{at.desk.ids["toll"]}/mute">'
                '<input name="note" value="x"><button>win</button></form>',
            ),
        )
        posts = statuses(page)
        page.goto(f"{elsewhere}/trap")
        follow(page, page.get_by_role("button"))
        assert posts[-1][1] == 403
    assert not list(at.desk.bus.read(ACTS.name))
