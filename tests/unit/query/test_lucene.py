import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.queries import queries
from tocsin.query.ast import (
    And,
    DateRange,
    FigureRange,
    Fuzzy,
    InStory,
    Node,
    Not,
    Or,
    OriginsRange,
    Phrase,
    Prefix,
    Query,
    Term,
)
from tocsin.query.fields import FIELDS, KEYWORDS
from tocsin.query.lucene import NOTHING, OPTIONS, lucene
from tocsin.query.parse import parse
from tocsin.text.clean import clean
from tocsin.text.tokens import fold_keyword, tokenize

KIBANA_TAKES = {
    "default_field", "allow_leading_wildcard", "analyze_wildcard", "analyzer", "boost", "lenient",
    "auto_generate_synonyms_phrase_query", "default_operator", "enable_position_increments", "fields",
    "fuzziness", "fuzzy_max_expansions", "fuzzy_prefix_length", "fuzzy_transpositions", "rewrite",
    "max_determinized_states", "minimum_should_match", "quote_analyzer", "phrase_slop", "time_zone",
    "quote_field_suffix",
}  # fmt: skip


def said(root: Node) -> str:
    return lucene(Query(root, "written", "canonical"))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("raid", "(title:raid OR text:raid)"),
        ("title:raid", "title:raid"),
        ('"swat valley"', '(title:"swat valley" OR text:"swat valley")'),
        ('text:"swat valley"~5', 'text:"swat valley"~5'),
        ("bomb*", "(title:bomb* OR text:bomb*)"),
        ("title:o'nei*", "title:o'nei*"),
        ("vilage~1", "(title:vilage~1 OR text:vilage~1)"),
        ("wi-fi", "((title:wi OR text:wi) AND (title:fi OR text:fi))"),
        ("U.S.", "(title:u.s OR text:u.s)"),
        ("title:raid NOT text:drill", "(title:raid AND NOT text:drill)"),
        ("title:a (title:b OR title:c)", "(title:a AND (title:b OR title:c))"),
        ("source:Dawn", "source:dawn"),
        ('place:"Swat Valley"', 'place:"swat valley"'),
        ("place:South-Waz*", "place:south\\ waz*"),
        ("country:PK", "country:pk"),
        ("killed:>=5", "killed:[5 TO *]"),
        ("killed:<5", "killed:[* TO 4]"),
        ("killed:9", "killed:[9 TO 9]"),
        ("wounded:[9 TO 20]", "wounded:[9 TO 20]"),
        ("raid origins:>=2", "((title:raid OR text:raid) AND origins:[2 TO *])"),
        (f"story:{'a' * 26}", f"story:{'a' * 26}"),
        (
            "published:2008-09-03",
            'published:["2008-09-03T00:00:00.000Z" TO "2008-09-04T00:00:00.000Z"}',
        ),
        ("published:>=2008-09", 'published:["2008-09-01T00:00:00.000Z" TO *}'),
        ("event_date:<2008", 'event_date:[* TO "2008-01-01T00:00:00.000Z"}'),
        ('"‼"', "(title:‼ OR text:‼)"),
        ('"and"', "(title:and OR text:and)"),
        ('source:"AND"', "source:and"),
        ("東京", "((title:東 OR text:東) AND (title:京 OR text:京))"),
        ('"C++ & more"', '(title:"c more" OR text:"c more")'),
        ("title:a\\/b", "(title:a AND title:b)"),
    ],
)
def test_a_query_is_written_fully_parenthesised_with_every_field_named(
    query: str, text: str
) -> None:
    assert lucene(parse(query)) == text


def test_times_carry_their_zone_and_event_dates_are_whole_days() -> None:
    karachi = timezone(timedelta(hours=5))
    start = datetime(2008, 9, 3, 4, tzinfo=karachi)  # 23:00 of the day before in UTC
    end = datetime(2008, 9, 5, 12, tzinfo=UTC)
    assert said(DateRange("published", start, end)) == (
        'published:["2008-09-02T23:00:00.000Z" TO "2008-09-05T12:00:00.000Z"}'
    )
    assert said(DateRange("event_date", start, end)) == (
        'event_date:["2008-09-03T00:00:00.000Z" TO "2008-09-06T00:00:00.000Z"}'
    )
    assert said(DateRange("event_date", end, end + timedelta(hours=3))) == NOTHING
    assert said(DateRange("published", datetime(1, 1, 1, tzinfo=UTC), None)) == (
        'published:["0001-01-01T00:00:00.000Z" TO *}'
    )


@pytest.mark.parametrize(
    "root",
    [
        Term("text", "--"),
        Term("text", "two words"),
        Term("title", "É"),
        Term("place", ""),
        Phrase("text", ("raid", ")")),
        Phrase("place", ("swat", "valley")),
        Fuzzy("place", "valley"),
        FigureRange("killed", 9, 5),
        InStory(""),
    ],
)
def test_what_nothing_can_meet_is_written_as_nothing_and_never_left_out(root: Node) -> None:
    assert said(root) == NOTHING
    assert said(And((Term("title", "raid"), Not(root)))) == f"(title:raid AND NOT {NOTHING})"


def test_kibana_takes_every_option_and_has_the_one_it_requires() -> None:
    """Its schema refuses a name that it doesn't know, and a value without `analyze_wildcard`."""
    assert OPTIONS.keys() <= KIBANA_TAKES
    assert OPTIONS["analyze_wildcard"] is False


# --- a second reading of Lucene's words: what stands outside quotes and escapes ----------------------

_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|(?:[^\s+\-=&|<>!(){}\[\]^"~*?:\\/]|\\.)+', re.DOTALL)
_GRAMMAR = re.compile(r"(?:AND|OR|NOT|TO|~?w|[a-z_]+(?=:)|[():*\[\]} ])*")
_NAMED = re.compile(rf"(?:{'|'.join(FIELDS)}):")


def skeleton(text: str) -> str:
    """`text` with every word of a person as `w`."""

    def stands(match: re.Match[str]) -> str:
        word = match[0]
        named = word in FIELDS and text[match.end() : match.end() + 1] == ":"
        return word if named or word in {"AND", "OR", "NOT", "TO"} else "w"

    return _WORD.sub(stands, text)


HOSTILE = st.one_of(
    st.text(min_size=1),
    st.lists(
        st.sampled_from(['"', "\\", "*", "?", "~", "(", ")", "[", "]", "{", "}", ":", "/", " ", "AND",
                         " OR ", "NOT ", "title:", "&&", "||", "^9", "+", "-", "!", "<", ">=", "a",
                         "TO", "\n", "\u3000", "\u00a0", "‼", "ǧ", "ß"]),
        min_size=1, max_size=12,
    ).map("".join),
)  # fmt: skip


@settings(max_examples=200)
@given(HOSTILE, st.sampled_from([*KEYWORDS, "story"]))
def test_a_value_of_a_keyword_field_never_leaves_its_word(value: str, name: str) -> None:
    roots: list[Node] = (
        [InStory(value)] if name == "story" else [Term(name, value), Prefix(name, value)]
    )
    plain: list[Node] = [InStory("w")] if name == "story" else [Term(name, "w"), Prefix(name, "w")]
    for root, safe in zip(roots, plain, strict=True):
        assert skeleton(said(root)) == skeleton(said(safe))


@settings(max_examples=200)
@given(HOSTILE, HOSTILE)
def test_a_word_of_title_or_text_never_leaves_its_word(one: str, other: str) -> None:
    tokens = [*tokenize(clean(one)), one, *tokenize(clean(other)), other]
    for words in pairwise(tokens):
        for root, safe in zip(_with(*words), _with("w", "w"), strict=True):
            text = said(root)
            assert text == NOTHING or skeleton(text) == skeleton(said(safe))


def _with(word: str, other: str) -> list[Node]:
    return [
        Term("", word),
        Phrase("text", (word, other), 3),
        Prefix("", word),
        Fuzzy("title", word),
    ]


@settings(max_examples=150)
@given(queries())
def test_every_query_is_balanced_and_holds_nothing_but_fields_operators_and_words(
    root: Node,
) -> None:
    text = said(root)
    bare = skeleton(text).replace(NOTHING, "w")
    assert _GRAMMAR.fullmatch(bare), bare
    assert bare.count("(") == bare.count(")")
    assert bare.count(":") == len(_NAMED.findall(bare)) + 2 * bare.count("*:*")
    if isinstance(root, And | Or):
        assert (bare[0], bare[-1]) == ("(", ")")


@given(st.text(min_size=1))
def test_a_value_that_a_person_writes_comes_back_from_its_quotes(value: str) -> None:
    folded = fold_keyword(clean(value))
    if not folded:
        return
    text = said(Term("place", folded)).removeprefix("place:")
    inner = text[1:-1] if text.startswith('"') else text
    assert re.sub(r"\\(.)", r"\1", inner) == folded
    prefix = said(Prefix("place", folded)).removeprefix("place:").removesuffix("*")
    assert re.sub(r"\\(.)", r"\1", prefix) == folded


def test_origins_are_open_where_the_query_is() -> None:
    assert said(OriginsRange(None, 3)) == "origins:[* TO 3]"
    assert said(OriginsRange(None, None)) == "origins:[* TO *]"
