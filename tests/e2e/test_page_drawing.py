"""The drawing is the data: places in percent equal value over top, and every number stands in words
(desk.md §9, check 6).
"""

from collections.abc import Iterator
from typing import Any

import pytest

from support.browser import Site, site
from support.desk_fixture import big_story

pytestmark = pytest.mark.browser

ROWS = """() => [...document.querySelectorAll("#range-table tbody tr")].map((tr) => {
  const svg = tr.querySelector("svg"), $ = (s) => svg.querySelector(s);
  const pc = (e, a) => e ? parseFloat(e.getAttribute(a)) : null;
  return {
    words: tr.innerText, href: tr.querySelector("th a").getAttribute("href"),
    dot: pc($("circle"), "cx"), x1: pc($("line.ln"), "x1"), x2: pc($("line.ln"), "x2"),
    nested: pc(svg.querySelector(":scope > svg"), "x"), gone: Boolean($(".gone")),
    band: [pc($(".band"), "x"), pc($(".band"), "width")],
    edges: [...svg.querySelectorAll(".bandedge")].map((e) => pc(e, "x1")),
  };
})"""


@pytest.fixture(scope="module")
def at() -> Iterator[Site]:
    with site() as made:
        yield made


def rows(at: Site, **options: Any) -> list[dict[str, Any]]:
    with at.page(**options) as page:
        page.goto(f"/stories/{at.desk.ids['raid']}", wait_until="load")
        found: list[dict[str, Any]] = page.evaluate(ROWS)
        return found


def test_each_mark_stands_at_value_over_top(at: Site) -> None:
    top = 20
    told = [s for s in big_story().statements if s.kind == "killed"]

    for row, s in zip(rows(at), told, strict=True):
        if s.retracted:
            assert row["gone"]
            assert row["nested"] == pytest.approx(100 * (s.min or 0) / top, abs=0.01)
        elif s.max is None:
            assert row["nested"] == pytest.approx(100 * (s.min or 0) / top, abs=0.01)
        elif s.min != s.max:
            assert row["x1"] == pytest.approx(100 * (s.min or 0) / top, abs=0.01)
            assert row["x2"] == pytest.approx(100 * s.max / top, abs=0.01)
        else:
            assert row["dot"] == pytest.approx(100 * s.max / top, abs=0.01)


def test_the_band_is_the_range_after_each_row_and_a_retraction_does_not_move_it(at: Site) -> None:
    found = rows(at)

    assert found[0]["edges"] == [45.0]
    for row in found[1:]:
        assert row["band"] == [45.0, 55.0]
        assert row["edges"] == [45.0, 100.0]


def test_each_row_is_its_own_text(at: Site) -> None:
    told = [s for s in big_story().statements if s.kind == "killed"]

    for row, s in zip(rows(at), told, strict=True):
        assert s.outlet in row["words"]
        assert (s.attribution or "not attributed") in row["words"]
        assert s.words in row["words"]
        assert row["href"] == f"/articles/{s.article_id}#s{s.span.start}-{s.span.end}"


def test_without_drawings_the_page_says_the_same(at: Site) -> None:
    with at.page() as page:
        page.goto(f"/stories/{at.desk.ids['raid']}", wait_until="load")
        whole = page.locator("body").aria_snapshot()
        page.evaluate("document.querySelectorAll('svg').forEach((e) => e.remove())")
        assert page.locator("body").aria_snapshot() == whole
        for number in ("9", "20", "15", "twelve", "5", "17", "11"):
            assert number in whole


def test_a_table_keeps_its_roles_on_a_phone(at: Site) -> None:
    with at.page(viewport={"width": 360, "height": 800}) as page:
        page.goto(f"/stories/{at.desk.ids['raid']}", wait_until="load")
        assert page.get_by_role("table").count() == 3
        assert page.locator("#range-table").get_by_role("row").count() == 6
        assert page.locator("#range-table").get_by_role("cell").count() == 15


@pytest.mark.parametrize("width", [320, 768, 1600])
def test_dots_stay_round_and_inside_at_any_width(at: Site, width: int) -> None:
    with at.page(viewport={"width": width, "height": 800}) as page:
        page.goto(f"/stories/{at.desk.ids['raid']}", wait_until="load")
        boxes = page.evaluate(
            "[...document.querySelectorAll('#range-table circle, #range-table path')].map(e => {"
            "const r = e.getBoundingClientRect(); return [r.left, r.right, r.width, r.height]; })"
        )
        assert boxes
        for left, right, _, _ in boxes:
            assert left >= 0
            assert right <= width
        dots = page.evaluate(
            "[...document.querySelectorAll('#range-table circle')].map(e => {"
            "const r = e.getBoundingClientRect(); return [r.width, r.height]; })"
        )
        assert all(w == pytest.approx(h, abs=0.1) for w, h in dots)
