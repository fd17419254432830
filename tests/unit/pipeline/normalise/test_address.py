import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.normalise.address import LONGEST, canonical, key


@pytest.mark.parametrize(
    ("given_url", "wanted"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("http://example.org/a/./b/../c", "http://example.org/a/c"),
        ("http://example.org/../a", "http://example.org/a"),
        ("http://example.org/%7euser/%c3%a9", "http://example.org/~user/%C3%A9"),
        ("http://example.org/é?q=ü", "http://example.org/%C3%A9?q=%C3%BC"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://XN--BCHER-KVA.example/", "http://xn--bcher-kva.example/"),
        ("http://user:secret@example.org/a", "http://example.org/a"),
        ("  http://example.org/a b\n", "http://example.org/ab"),
        ("http://example.org./a", "http://example.org/a"),
        ("http://[2001:DB8::1]/a", "http://[2001:db8::1]/a"),
        ("http://example.org/a?utm_source=x#part", "http://example.org/a?utm_source=x#part"),
    ],
)
def test_an_address_has_one_normal_form(given_url: str, wanted: str) -> None:
    assert canonical(given_url) == wanted


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "javascript:alert(1)", "mailto:a@example.org", "ftp://example.org/", "data:text/html,x",
        "http://", "http:///a", "http://exa mple.org:x/", "http://example.org:99999/", "http://[::1",
        "http://-a.example/", "a/b", "//example.org/a", "http://example.org/" + "a" * LONGEST,
    ],
)  # fmt: skip
def test_what_cannot_be_opened_on_the_web_is_no_address(url: str) -> None:
    assert canonical(url) == ""


def test_a_relative_link_is_resolved_against_the_feed() -> None:
    assert canonical("/a?b=1", "https://example.org/feeds/rss.xml") == "https://example.org/a?b=1"
    assert canonical("//cdn.example.org/a", "https://example.org/") == "https://cdn.example.org/a"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://example.org/a?utm_source=rss&id=7&fbclid=x", "https://example.org/a?id=7"),
        ("https://example.org/a?UTM_Medium=feed", "https://example.org/a"),
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://example.org/#!/story/7", "https://example.org/#!/story/7"),
        ("https://example.org/a?source=rss", "https://example.org/a"),
        ("https://example.org/a?source=reuters", "https://example.org/a?source=reuters"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?b=2&a=1"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("", ""),
    ],
)
def test_the_key_drops_only_where_the_reader_came_from(url: str, wanted: str) -> None:
    assert key(url) == wanted


_PIECES = st.text(st.sampled_from('ab%2fE/.:?#&=@[]é ü\\\t"<>|{}^`~'), max_size=30)
_URLS = st.builds(
    lambda s, h, p: f"{s}://{h}/{p}",
    st.sampled_from(("http", "HTTPS")),
    st.sampled_from(("example.org", "Bücher.example:80", "a.b:8443", "[::1]")),
    _PIECES,
)


@given(_URLS | st.text(max_size=60))
def test_canonical_and_key_are_idempotent_and_never_raise(url: str) -> None:
    once = canonical(url)
    assert canonical(once) == once
    assert key(key(once)) == key(once)
    assert canonical(key(once)) == key(once)
    assert once.isascii()
