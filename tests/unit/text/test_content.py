from hypothesis import given
from hypothesis import strategies as st

from tocsin.text.clean import one_line, squeeze
from tocsin.text.content import content_hash, hash_of_clean


def test_markup_free_differences_are_no_change() -> None:
    assert content_hash(" A  title", "Nine killed.\n\n\n Police said so. ") == content_hash(
        "A title", "Nine killed.\nPolice said so."
    )


def test_a_changed_word_anywhere_is_a_change() -> None:
    hashes = {
        content_hash("a", "b", "c"),
        content_hash("x", "b", "c"),
        content_hash("a", "x", "c"),
        content_hash("a", "b", "x"),
        content_hash("ab", "", "c"),
    }
    assert len(hashes) == 5


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_clean_words_hash_as_raw_ones(title: str, text: str, page: str) -> None:
    assert content_hash(title, text, page) == hash_of_clean(
        one_line(title), squeeze(text), squeeze(page)
    )
