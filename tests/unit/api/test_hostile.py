"""What a feed by somebody who wishes us ill looks like on every page."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tocsin.api
from support.asgi_client import Client
from support.desk_fixture import EVIL, FLIPPED, QUOTE, DeskFixture
from support.pages import Page, page_addresses
from tocsin.api.display import headline, shown
from tocsin.api.pages import local, web_address

API = Path(tocsin.api.__file__).parent
HANDLER = re.compile(r"on[a-z]+\Z")


def test_no_hostile_word_becomes_an_element_or_an_attribute(
    full: DeskFixture, client: Client
) -> None:
    for address in page_addresses(full):
        text = client.get(address).text
        page = Page(text)
        assert len(page.all("script")) == 1, address
        assert not page.all("img"), address
        for tag, attributes in page.elements:
            for name, value in attributes.items():
                assert not HANDLER.match(name), (address, tag, name)
                assert name != "style", (address, tag)
                assert not (value or "").lower().startswith("javascript:"), (address, tag, value)


def test_hostile_words_are_still_shown_as_words(full: DeskFixture, client: Client) -> None:
    text = client.get(f"/articles/{full.ids['hostile-0']}").text

    assert "&lt;script&gt;alert(&#34;gotcha&#34;)&lt;/script&gt;" in text
    assert EVIL not in text
    assert QUOTE not in text


def test_no_direction_override_reaches_a_page(full: DeskFixture, client: Client) -> None:
    for address in page_addresses(full):
        assert not set(client.get(address).text) & set(
            "\u202a\u202b\u202c\u202d\u202e\u2066\u2067"
        ), address


def test_outgoing_links_are_web_addresses_and_carry_no_referrer(
    full: DeskFixture, client: Client
) -> None:
    for address in page_addresses(full):
        for link in Page(client.get(address).text).all("a"):
            href = link.get("href") or ""
            if not href.startswith(("/", "#")):
                assert href.startswith(("http://", "https://")), (address, href)
                assert "noreferrer" in (link.get("rel") or ""), (address, href)


def test_no_template_or_module_steps_around_the_escaping() -> None:
    sources = [*API.rglob("*.py"), *(API / "web" / "templates").iterdir()]

    for path in sources:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b", text), path
        assert "Markup" not in text, path
        assert "autoescape false" not in text, path


def test_style_and_script_stay_small_and_ours() -> None:
    static = API / "web" / "static"

    assert (static / "desk.css").stat().st_size <= 16 * 1024
    assert (static / "desk.js").stat().st_size <= 8 * 1024
    for path in static.iterdir():
        words = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in words, path
        assert "https://" not in words, path
        assert "innerHTML" not in words, path


@given(st.text(max_size=400))
def test_shown_text_is_stable_and_holds_no_control(text: str) -> None:
    once = shown(text)

    assert shown(once) == once
    assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", once)


@given(st.text(max_size=2000))
def test_a_headline_is_one_line_of_at_most_300_characters(text: str) -> None:
    line = headline(text)

    assert 0 < len(line) <= 300
    assert "\n" not in line


def test_stacked_marks_are_cut_to_four() -> None:
    assert shown("Z" + "\u0335" * 40 + "a") == "Z" + "\u0335" * 4 + "a"
    assert shown(FLIPPED) == "invoicegnp.exe"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "", "http://[::bad"],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert web_address(url) == ""


@given(st.text(max_size=40))
def test_a_way_back_never_leaves_the_desk(text: str) -> None:
    back = local(text, "/alerts")

    assert back.startswith("/")
    assert not back.startswith("//")
    assert "\\" not in back
    assert "\n" not in back
