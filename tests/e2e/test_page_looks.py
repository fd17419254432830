"""How every page looks: no sideways scroll, contrast, structure, paper (desk.md §9, checks 1, 4, 5, 10)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tocsin.api
from support.browser import Site, follow, site
from support.pages import page_addresses

pytestmark = pytest.mark.browser
CSS = Path(tocsin.api.__file__).parent / "web" / "static" / "desk.css"
WRONG = "/search?q=killed:%3E%3D5+AND+plase:swat"

CONTRAST = """() => {
  const rgb = (s) => { const m = s.match(/[\\d.]+/g); return m ? m.map(Number) : [0, 0, 0, 0]; };
  const lum = ([r, g, b]) => [r, g, b].map((v) => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; })
    .reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [lum(a), lum(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const ground = (el) => { for (let e = el; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; }
    return rgb(getComputedStyle(document.documentElement).backgroundColor); };
  const bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data.trim();
    const el = walk.currentNode.parentElement;
    if (!text || el.closest("script, .vh, .skip, option")) continue;
    const style = getComputedStyle(el);
    if (style.visibility === "hidden" || !el.getClientRects().length) continue;
    const ink = rgb(el.closest("svg") ? style.fill : style.color);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const r = ratio(ink, ground(el));
    if (r < (large ? 3 : 4.5)) bad.push([text.slice(0, 40), el.className, Math.round(r * 100) / 100]);
  }
  return bad;
}"""

STRUCTURE = """() => {
  const out = [];
  const all = (s) => [...document.querySelectorAll(s)];
  const ids = all("[id]").map((e) => e.id);
  const twice = ids.filter((x, i) => ids.indexOf(x) !== i);
  if (twice.length) out.push(`ids twice: ${twice}`);
  if (!document.documentElement.lang) out.push("no lang");
  const levels = all("h1,h2,h3,h4").map((h) => Number(h.tagName[1]));
  if (levels.filter((l) => l === 1).length !== 1) out.push("not one h1");
  levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) out.push(`level skipped before ${all("h1,h2,h3,h4")[i].textContent.slice(0, 30)}`); });
  for (const e of all("input:not([type=hidden]), select, textarea")) {
    if (!e.labels?.length && !e.getAttribute("aria-label")) out.push(`no label: ${e.name}`);
  }
  for (const e of all("button, a, summary")) {
    if (!(e.getAttribute("aria-label") || e.textContent).trim()) out.push(`no name: ${e.outerHTML.slice(0, 80)}`);
  }
  for (const e of all("body svg")) {
    if (!e.closest("[aria-hidden=true]") && !e.getAttribute("aria-label")) out.push("svg neither hidden nor named");
  }
  for (const t of all("table")) {
    if (!t.caption?.textContent.trim()) out.push("table without caption");
    for (const th of t.querySelectorAll("th")) if (!th.getAttribute("scope")) out.push(`th without scope: ${th.textContent}`);
  }
  for (const e of all("[aria-describedby], [aria-labelledby], [aria-controls]")) {
    for (const a of ["aria-describedby", "aria-labelledby", "aria-controls"]) {
      for (const id of (e.getAttribute(a) || "").split(" ").filter(Boolean)) if (!document.getElementById(id)) out.push(`${a} ${id} missing`);
    }
  }
  if (all("[tabindex]").some((e) => e.tabIndex > 0)) out.push("positive tabindex");
  const first = document.querySelector("a, button, input");
  if (!first.classList.contains("skip")) out.push("skip link is not first");
  for (const s of ["header", "nav", "main", "footer"]) if (!document.querySelector(s)) out.push(`no ${s}`);
  if (document.querySelector("[style]")) out.push("a style attribute");
  return out;
}"""


@pytest.fixture(scope="module")
def at() -> Iterator[Site]:
    with site() as made:
        yield made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_scrolls_sideways(at: Site, width: int, scheme: str) -> None:
    with at.page(viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
        for address in [*page_addresses(at.desk), WRONG]:
            page.goto(address, wait_until="load")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(at: Site, scheme: str) -> None:
    with at.page(viewport={"width": 1280, "height": 800}, color_scheme=scheme) as page:
        for address in [*page_addresses(at.desk), WRONG, "/nope"]:
            page.goto(address, wait_until="load")
            assert page.evaluate(CONTRAST) == [], address


def test_the_theme_chosen_by_cookie_wins_over_the_system_s(at: Site) -> None:
    with at.page(color_scheme="light") as page:
        page.goto("/preferences", wait_until="load")
        page.get_by_label("dark").check()
        follow(page, page.get_by_role("button", name="Keep"))
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
        assert page.evaluate(CONTRAST) == []


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return sum(v * w for v, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def ratio(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_token_has_contrast_on_every_ground() -> None:
    blocks = re.findall(r"\{color-scheme[^}]*?--bg:#[^}]*\}|\{--bg:#[^}]*\}", CSS.read_text())
    tokens = [dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", b)) for b in blocks]
    themes = [t for t in tokens if "visited" in t and "ok-t" in t]
    assert len(themes) == 3

    for t in themes:
        for ground in ("bg", "raised", "sunk"):
            for ink in ("ink", "muted", "link", "visited"):
                assert ratio(t[ink], t[ground]) >= 4.5, (ink, ground)
            for edge in ("edge", "focus"):
                assert ratio(t[edge], t[ground]) >= 3, (edge, ground)
        for word in ("ok", "warn", "bad", "info"):
            assert ratio(t[word], t[f"{word}-t"]) >= 4.5, word
            assert ratio(t["ink"], t[f"{word}-t"]) >= 4.5, word
            assert ratio(t["link"], t[f"{word}-t"]) >= 4.5, word
        assert ratio(t["on-mark"], t["mark"]) >= 7
        assert ratio(t["on-btn"], t["btn"]) >= 4.5


def test_every_page_is_built_soundly(at: Site) -> None:
    with at.page() as page:
        for address in [*page_addresses(at.desk), WRONG, "/nope"]:
            page.goto(address, wait_until="load")
            assert page.evaluate(STRUCTURE) == [], address


def test_text_twice_as_large_still_fits(at: Site) -> None:
    with at.page(viewport={"width": 640, "height": 800}) as page:
        for address in page_addresses(at.desk):
            page.goto(address, wait_until="load")
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate("document.documentElement.scrollWidth") <= 640, address


def test_without_motion_nothing_moves(at: Site) -> None:
    with at.page(reduced_motion="reduce") as page:
        page.goto("/alerts", wait_until="load")
        assert page.evaluate("document.getAnimations().length") == 0


def test_the_brief_on_paper_has_no_chrome_and_all_citations(at: Site, tmp_path: Path) -> None:
    with at.page() as page:
        page.goto(f"/stories/{at.desk.ids['raid']}/brief", wait_until="load")
        page.emulate_media(media="print", color_scheme="dark")
        hidden: Any = page.evaluate(
            "[...document.querySelectorAll('.top, .cover, .foot, form')].filter("
            "e => getComputedStyle(e).display !== 'none').length"
        )
        assert hidden == 0
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == (
            "table-header-group"
        )
        text = page.inner_text("main")
        assert text.count("reprinted") == 11
        assert "https://dawn.example/dawn" in text
        assert "Coverage: feeds of this story not ok" in text
        assert "revision 17" in text
        assert len(page.pdf(path=tmp_path / "brief.pdf")) > 10_000
