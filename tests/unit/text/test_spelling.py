import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.text.clean import clean
from tocsin.text.spelling import spelling, unfolded
from tocsin.text.tokens import fold_table, tokenize

FOLDED = st.sampled_from([chr(point) for point in fold_table()])
JOINING = st.sampled_from("ab1_.,':\"-/!mM\u200d\ufe0f👍🏽אア字ก\u0301⁄‼⁉Ⓜ＿．’")


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("Ǥuard", "Guard"),
        ("ɶuvre", "OEuvre"),
        ("‼", "!!"),
        ("⁉\ufe0f", "!?\ufe0f"),
        ("1⁄2", "1/2"),
        ("Ⓜ\u200d👍", "m\u200d👍"),
        ("ß" * 255, "ss" * 255),
        ("ﬃ" * 130, "ffi" * 130),
        ("𝐀ß" * 80, "𝐀ss" * 80),
    ],
)
def test_a_token_that_folding_made_is_written_as_letters_that_fold_to_it(
    written: str, token: str
) -> None:
    assert tokenize(written) == [token]
    assert tokenize(token) != [token] or len(token) < 255, "a token that is its own spelling"
    assert tokenize(spelling(token)) == [token]


@pytest.mark.parametrize(
    "token", ["raid", "o'neil", "u.s", "東", "ニュース", "👨\u200d👩\u200d👧", "3.14"]
)
def test_any_other_token_is_its_own_spelling(token: str) -> None:
    assert spelling(token) == token


@pytest.mark.parametrize(
    "token", ["", "--", "two words", "a)b", "É", "Qx", "title:", "*", "s" * 2000, "k" * 256]
)
def test_what_no_text_gives_has_none(token: str) -> None:
    assert spelling(token) == ""


@settings(max_examples=300)
@given(
    st.lists(st.one_of(FOLDED, JOINING, st.characters()), max_size=8).map("".join),
    st.integers(1, 90),
)
def test_every_token_of_every_text_has_a_spelling_with_this_token_alone(
    text: str, times: int
) -> None:
    for token in tokenize(clean(text * times))[:4]:
        assert tokenize(spelling(token)) == [token]


@given(st.text())
def test_what_is_unfolded_folds_back_or_holds_a_sign_of_no_token(text: str) -> None:
    folded = unfolded(text).translate(fold_table())
    assert all(a in {b, "\ufffd"} for a, b in zip(folded, text, strict=True))
