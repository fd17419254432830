from hypothesis import given
from hypothesis import strategies as st

from tocsin.api.display import Marked, ago, count, segments, snippets, span_of

MARKS = st.lists(
    st.tuples(st.integers(-5, 60), st.integers(-5, 60)).map(lambda p: Marked(*p)), max_size=8
)


@given(st.text(max_size=50), MARKS)
def test_segments_joined_are_the_text(text: str, marks: list[Marked]) -> None:
    assert "".join(s.text for s in segments(text, marks)) == text


@given(st.text(max_size=50), MARKS)
def test_a_marked_segment_is_what_stands_at_its_place(text: str, marks: list[Marked]) -> None:
    asked = {text[max(0, m.start) : max(0, m.end)] for m in marks}

    assert {s.text for s in segments(text, marks) if s.mark} <= asked


@given(st.text("ab \n", max_size=600), MARKS)
def test_snippets_are_short_and_keep_their_marks(text: str, marks: list[Marked]) -> None:
    for piece in snippets(text, marks):
        assert sum(len(s.text) for s in piece) < 300


def test_a_snippet_shows_the_words_around_the_mark() -> None:
    text = "x " * 200 + "Angoor Ada " + "y " * 200
    at = text.index("Angoor")

    piece = snippets(text, [Marked(at, at + 10)])[0]

    assert [s.text for s in piece if s.mark] == ["Angoor Ada"]
    assert piece[0].text == "… "
    assert piece[-1].text == " …"


def test_numbers_and_spans_read_as_a_person_writes_them() -> None:
    assert span_of(9, 20) == "9–20"
    assert span_of(9, 9) == "9"
    assert span_of(15, None) == "≥ 15"
    assert span_of(None, 20) == "≤ 20"
    assert span_of(2977, 2977) == "2\u2009977"
    assert count(1, "copy", "copies") == "1 copy"
    assert count(2, "copy", "copies") == "2 copies"
    assert ago(31 * 3600) == "31 h"
    assert ago(40) == "40 s"
