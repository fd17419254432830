import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.text.clean import clean
from tocsin.text.tokens import LIMIT, analyze, fold_keyword, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("U.S. U.K. e.g. 1.a 1a2b", ["u.s", "u.k", "e.g", "1", "a", "1a2b"]),
        ("O'Neil's rock'n'roll 'quoted'", ["o'neil's", "rock'n'roll", "quoted"]),
        ("O\u2019Neil\u2019s", ["o'neil's"]),
        ("wi-fi a\u2013b AT&T C++", ["wi", "fi", "a", "b", "at", "t", "c"]),
        ("1,000 3.14 12:30 1;2", ["1,000", "3.14", "12", "30", "1;2"]),
        ("snake_case __init__ _", ["snake_case", "__init__"]),
        ("café Đoković Łódź groß ŒUVRE", ["cafe", "dokovic", "lodz", "gross", "oeuvre"]),
        ("İstanbul ısı ΟΔΟΣ", ["istanbul", "isi", "οδοσ"]),
        ("東京 ニュース 한국어", ["東", "京", "ニュース", "한국어"]),
        ("צה\"ל ג'ורג'", ['צה"ל', "ג'ורג'"]),
        ("ภาษาไทย ข่าว", ["ภาษาไทย", "ข่าว"]),
        ("👍🏽 🇫🇷🇩🇪 1\ufe0f\u20e3", ["👍🏽", "🇫🇷", "🇩🇪", "1\ufe0f\u20e3"]),
        ("... — !? \t\n", []),
        ("", []),
    ],
)
def test_text_is_cut_as_the_node_cuts_it(text: str, tokens: list[str]) -> None:
    """Expectations from reference/analysis.md, measured on Elasticsearch 9.4.3."""
    assert tokenize(text) == tokens
    assert [token for token, _, _ in analyze(text)] == tokens


def test_offsets_are_code_points_of_the_text_and_folding_does_not_move_them() -> None:
    text = "Die Straße in 𝐀 Łódź"
    found = analyze(text)
    assert [(token, text[start:end]) for token, start, end in found] == [
        ("die", "Die"),
        ("strasse", "Straße"),
        ("in", "in"),
        ("𝐀", "𝐀"),
        ("lodz", "Łódź"),
    ]


def test_a_token_stops_at_255_units_and_the_rest_is_the_next() -> None:
    assert [len(t) for t in tokenize("x" * 700)] == [255, 255, 190]
    assert [len(t) for t in tokenize("𝐀" * 128 + "b")] == [127, 2]
    assert tokenize("a" * 254 + "'" + "b" * 20) == ["a" * 254, "b" * 20]
    assert LIMIT == 255


@settings(max_examples=400)
@given(st.text())
def test_both_ways_to_cut_agree_and_spans_rise_without_overlap(text: str) -> None:
    text = clean(text)
    found = analyze(text)
    assert tokenize(text) == [token for token, _, _ in found]
    ends = [0, *(end for _, _, end in found)]
    assert all(
        before <= start < end <= len(text)
        for before, (_, start, end) in zip(ends, found, strict=False)
    )


@settings(max_examples=200)
@given(st.lists(st.sampled_from(("_", "\u0301", "a", ".", " ", "\u200d", "👍", "'")), max_size=6))
def test_long_hostile_runs_are_cut_in_both_ways_alike(parts: list[str]) -> None:
    text = "".join(part * (1 + 300 * (n % 3)) for n, part in enumerate(parts))
    assert tokenize(text) == [token for token, _, _ in analyze(text)]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["a", "_", "_\u0301", "\u0301", "\u200d", "👍", "a.", "1,", "_ a", "é"]
)
def test_a_megabyte_of_one_sign_ends(unit: str) -> None:
    """Not timed; quadratic work on this much text would meet the timeout instead."""
    tokens = tokenize(unit * (1_000_000 // len(unit)))
    assert all(len(token) <= 2 * LIMIT for token in tokens)


def test_keyword_values_are_compared_folded() -> None:
    assert fold_keyword("South-Waziristan") == fold_keyword("south  waziristan")
    assert fold_keyword("Zardāri") == "zardari"
    assert fold_keyword("!?") == ""
