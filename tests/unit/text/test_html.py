"""From markup to the words that a reader sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.text.html import as_html, has_markup, html_to_text, unescape


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("AT&T &amp; a < b and c > d\nline two <me@x.example>", "AT&T & a < b and c > d\nline two <me@x.example>"),
        ("<p>One&nbsp;two<br>three</p><p>four <b>bo</b>ld</p>", "One\xa0two\nthree\nfour bold"),
        ("a<script>var x = '<p>';</script>b<style>p {}</style>c<p>", "abc"),
        ("<p>kept<script>never closed", "kept"),
        ("<p>kept<svg>never closed", "keptnever closed"),
        ("<q>hi</q> <img alt='a > b'>x", "“hi” x"),
        ('<a href="x>text</a> more', "text more"),
        ("<p>5 <b", "5 <b"),
        ("<!-- a <b> -->x<p>", "x"),
        ("<!-- open <p>x", "open\nx"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a\n  b</pre>c", "a\nb\nc"),
        ("&#99999999999; &#xD800; &lt;b&gt; &unknown;", "\ufffd \ufffd <b> &unknown;"),
        ("<P CLASS=x>UPPER</P>", "UPPER"),
        ("<o:p>word</o:p><p>", "word"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_reader_sees_these_words(html: str, words: str) -> None:
    assert html_to_text(html).replace("  ", " ") == words


def test_a_number_of_five_thousand_digits_is_no_character() -> None:
    assert unescape("&#" + "9" * 5000 + ";") == "\ufffd"


@pytest.mark.timeout(60)  # linear: each takes well under a second
@pytest.mark.parametrize(
    "unit",
    ["<", "<!", "<a ", "<![", "<div>", "&#", "<svg>", "<script>", "<!--", '<a "', "<a '", "</p", "\n", "<pre>\r\n", "&", "<noscript><p>", "<title>", "&#9", " <b>\n"],
)  # fmt: skip
def test_a_megabyte_of_anything_is_read_in_linear_time(unit: str) -> None:
    html_to_text("<p>" + unit * (1_000_000 // len(unit)))


@given(st.text(max_size=200))
def test_plain_text_comes_back_from_its_html_form(text: str) -> None:
    assert html_to_text(as_html(text)) == text


@given(st.text(alphabet="<>/&;! abpr='\"-x\n", max_size=120))
def test_words_hold_no_tag_that_was_one(html: str) -> None:
    text = html_to_text(html)
    if has_markup(html):
        assert text == text.strip()
    else:
        assert text == unescape(html)
