"""Snippets: short, marked where the words stand, whatever the text."""

from hypothesis import given
from hypothesis import strategies as st

from support.ring import Press
from tocsin.pipeline.match.why import SNIPPET, snippet
from tocsin_schemas.article import Article
from tocsin_schemas.contract import Span


def article(text: str, title: str = "A title") -> Article:
    return Press().article("a").article.model_copy(update={"text": text, "title": title})


def test_words_before_the_first_mark_are_few_and_whole():
    text = "one two three four " * 20 + "NEEDLE and the rest of it " + "five six " * 40
    at = text.index("NEEDLE")
    words, marks = snippet(article(text), [Span(field="text", start=at, end=at + 6)])
    assert words[slice(*marks[0])] == "NEEDLE"
    assert words.split()[0] in {"one", "two", "three", "four"}
    assert words.split()[-1] in {"five", "six"}


def test_a_match_in_the_title_alone_shows_the_title():
    words, marks = snippet(article("text", "Raid now"), [Span(field="title", start=0, end=4)])
    assert (words, marks) == ("Raid now", ((0, 4),))


def test_without_a_span_the_text_begins():
    assert snippet(article("The text."), []) == ("The text.", ())


@given(
    st.text(alphabet="ab \n\t\u0301é名", max_size=600),
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 200)), max_size=5),
)
def test_a_snippet_is_short_on_one_line_and_its_marks_show_the_spans(text, places):
    found = [
        Span(field="text", start=a, end=min(a + n, len(text))) for a, n in places if a < len(text)
    ]
    words, marks = snippet(article(text), found)
    assert len(words) <= SNIPPET
    assert "\n" not in words
    assert list(marks) == sorted(marks)
    flat = text.replace("\n", " ").replace("\t", " ")
    shown = {flat[s.start : s.end] for s in found}
    for a, b in marks:
        assert 0 <= a < b <= len(words)
        assert any(words[a:b] in whole for whole in shown)
