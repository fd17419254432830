"""Fingerprints: what two texts share leaves common marks, whatever stands around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.press import FERRY, MINE
from tocsin.errors import Rejected
from tocsin.pipeline.dedup.fingerprint import WINDOW, K, decode, encode, fingerprints, winnow

WORDS = st.lists(
    st.sampled_from(["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]),
    max_size=80,
)


def test_values_hang_on_the_words_alone() -> None:
    # Written down once: a change of these would part new articles from the texts held already.
    assert winnow("Troops raided the village at dawn") == [
        3726884105853722433,
        15820906451146204115,
        16702735941082682693,
    ]
    assert fingerprints("one two three four") == fingerprints("One, two; THREE – four!")


def test_any_nine_words_in_common_leave_a_common_mark() -> None:
    shared = " ".join(FERRY.split()[20 : 20 + K + WINDOW - 1])
    a = winnow(f"{MINE} {shared} and then some other words that stand here")
    b = winnow(f"Quite another beginning of a text {shared} {MINE[::-1]}")
    assert set(a) & set(b)


@given(WORDS)
def test_encoding_is_lossless_and_each_mark_stands_once(words: list[str]) -> None:
    marks = winnow(" ".join(words))
    assert len(marks) == len(set(marks))
    assert list(decode(encode(marks))) == marks
    assert all(0 <= m < 1 << 64 for m in marks)


@given(WORDS, WORDS)
def test_a_text_within_another_is_contained_but_for_its_edges(
    inner: list[str], around: list[str]
) -> None:
    mine = set(winnow(" ".join(inner)))
    other = set(winnow(" ".join([*around, *inner, *around])))
    if len(inner) > 2 * (K + WINDOW):  # long enough to be winnowed on both sides
        assert len(mine - other) <= 2


@pytest.mark.parametrize("text", ["", "   ", "!!! ...", "\n"])
def test_a_text_without_words_has_no_marks(text: str) -> None:
    assert winnow(text) == []
    assert fingerprints(text) == ""


def test_short_texts_keep_every_mark() -> None:
    assert len(winnow("a b c d e f g h i j")) == 7
    assert len(winnow("only three words")) == 1


def test_scripts_without_blanks_are_cut_by_character() -> None:
    first = winnow("日本海で漁船が転覆し、乗組員七人が救助された")
    second = winnow("速報:日本海で漁船が転覆し、乗組員七人が救助された")
    assert len(set(first) & set(second)) >= 3


@pytest.mark.parametrize("text", ["a" * 1_000_000, "a " * 500_000, "é" * 10**6, "字" * 10**6])
def test_a_megabyte_of_one_character_leaves_few_marks(text: str) -> None:
    assert len(winnow(text)) <= 1


@pytest.mark.parametrize("bad", ["no base64!", "YQ==", "é"])
def test_what_is_no_list_of_marks_is_rejected_with_place_and_mend(bad: str) -> None:
    with pytest.raises(Rejected, match=r"article\.fingerprints") as caught:
        decode(bad)
    assert caught.value.code == "invalid"
