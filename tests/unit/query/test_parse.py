import random
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support import queries
from tocsin.query import limits
from tocsin.query.ast import (
    And,
    DateRange,
    FigureRange,
    Fuzzy,
    InStory,
    Not,
    Or,
    OriginsRange,
    Phrase,
    Prefix,
    Query,
    Term,
)
from tocsin.query.canonical import text_of
from tocsin.query.errors import QueryError
from tocsin.query.fields import FIELDS
from tocsin.query.parse import parse

STORY = "abcdefghijklmnopqrstuvwxyz"
A, B, C = Term("", "a"), Term("", "b"), Term("", "c")


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def fault(text: str, lists: dict[str, list[str]] | None = None) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text, lists or {})
    return caught.value


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("Swat", Term("", "swat")),
        ("a b", And((A, B))),
        ("a AND b && c", And((A, B, C))),
        ("a OR b || c", Or((A, B, C))),
        ("a||b", Or((A, B))),
        ("a&&b", And((A, B))),
        ("a NOT b", And((A, Not(B)))),
        ("a -b !c", And((A, Not(B), Not(C)))),
        ("+a +b", And((A, B))),
        ("a AND NOT (b OR c)", And((A, Not(Or((B, C)))))),
        ("(NOT a) b", And((Not(A), B))),
        ("((a) (b (c)))", And((A, B, C))),
        ("a OR (b OR c)", Or((A, B, C))),
        ("wi-fi", And((Term("", "wi"), Term("", "fi")))),
        ("c OR wi-fi", Or((C, And((Term("", "wi"), Term("", "fi")))))),
        ('"South Waziristan"', Phrase("", ("south", "waziristan"))),
        ("“South Waziristan”~5", Phrase("", ("south", "waziristan"), 5)),
        ('"Swat"', Term("", "swat")),
        ('"a \\"b\\""', Phrase("", ("a", "b"))),
        ("milit*", Prefix("", "milit")),
        ("Zardāri*", Prefix("", "zardari")),
        ("peshawer~", Fuzzy("", "peshawer")),
        ("title:peshawer~1", Fuzzy("title", "peshawer")),
        ("title:(a OR b)", Or((Term("title", "a"), Term("title", "b")))),
        ('place:"South  Waziristan"', Term("place", "south waziristan")),
        ("place:south\\ waz*", Prefix("place", "south waz")),
        ("tag:armed-conflict", Term("tag", "armed conflict")),
        ("country:PK lang:en", And((Term("country", "pk"), Term("lang", "en")))),
        ("killed:9", FigureRange("killed", 9, 9)),
        ("killed:>=5", FigureRange("killed", 5, None)),
        ("killed:>5", FigureRange("killed", 6, None)),
        ("wounded:<=5", FigureRange("wounded", None, 5)),
        ("missing:<5", FigureRange("missing", None, 4)),
        ("kidnapped:[9 TO 20]", FigureRange("kidnapped", 9, 20)),
        ("killed:[* TO 20]", FigureRange("killed", None, 20)),
        ("origins:>=2 a", And((OriginsRange(2, None), A))),
        (f"story:{STORY.upper()} a".replace("8", ""), And((InStory(STORY), A))),
        ("published:2008-09-05", DateRange("published", day(2008, 9, 5), day(2008, 9, 6))),
        ("published:2008-12", DateRange("published", day(2008, 12, 1), day(2009, 1, 1))),
        ("event_date:2008", DateRange("event_date", day(2008, 1, 1), day(2009, 1, 1))),
        ("published:>2008-09-05", DateRange("published", day(2008, 9, 6), None)),
        ("published:<=2008-09-05", DateRange("published", None, day(2008, 9, 6))),
        ("published:<2008-09-05", DateRange("published", None, day(2008, 9, 5))),
        (
            "published:[2008-09-05 TO 2008-09-07]",
            DateRange("published", day(2008, 9, 5), day(2008, 9, 8)),
        ),
        (
            "published:>=2008-09-05T14:30+05:00",
            DateRange("published", datetime(2008, 9, 5, 9, 30, tzinfo=UTC), None),
        ),
        ("a^2 (b c)^0.5", And((A, B, C))),
        ('"and" "OR"', And((Term("", "and"), Term("", "or")))),
        ("title:and", Term("title", "and")),
        ("a\\:b", Term("", "a:b")),
        ("a\u00a0b\nc", And((A, B, C))),
    ],
)
def test_a_query_reads_as_written(text: str, root: object) -> None:
    query = parse(text)
    assert query.root == root
    assert query.text == text
    assert parse(query.canonical).root == root


@pytest.mark.parametrize(
    ("text", "column", "words", "corrections"),
    [
        ("killed:>=5 AND plase:swat", 16, "place", ["killed:>=5 AND place:swat"]),
        ("dead:5", 1, "killed", ["killed:5"]),
        ("12:30", 1, "field", ['"12:30"']),
        ("a AND b OR c", 9, "parentheses", ["(a AND b) OR c", "a AND (b OR c)"]),
        ("x (a b OR c) y", 8, "parentheses", ["x ((a AND b) OR c) y", "x (a AND (b OR c)) y"]),
        ("a or b and c", 3, "capitals", ["a OR (b AND c)"]),
        ("swat and killed", 6, "capitals", ["swat AND killed", 'swat "and" killed']),
        ("NOT a", 1, "excludes", []),
        ("-a -b", 1, "excludes", []),
        ("a OR -b", 6, "excludes", []),
        ("a NOT NOT b", 3, "twice", ["a b"]),
        ("a OR", 3, "after `OR`", ["a", 'a "OR"']),
        ("AND a", 1, "before `AND`", ["a", '"AND" a']),
        ('swat "valley', 6, "closed", ['swat "valley"', "swat valley"]),
        ("(a", 1, "closed", ["(a)", "a"]),
        ("a)", 2, "closes nothing", ["a"]),
        ("a ()", 3, "between", ["a"]),
        ("*bar", 1, "end of a word", ["bar"]),
        ("f*r", 2, "end of a word", ["fr"]),
        ("fo?o", 3, "placeholder", ["foo"]),
        ("ab*", 1, "3 letters", []),
        ("abcd~1", 1, "5 letters", ["abcd"]),
        ("abcde~2", 1, "distance 1", ["abcde~1"]),
        ('"a b"~51', 1, "50", ['"a b"~5']),
        ("wi-fi*", 1, "2 words", ["wi-fi"]),
        ("/regex/", 1, "Regular", ["regex"]),
        ("a - b", 3, "alone", ["a b", "a -b"]),
        ("title:-foo", 7, "before the field", []),
        ("a title:-foo", 9, "before the field", ["a -title:foo"]),
        ("title: foo", 1, "directly after", ["title:foo"]),
        ("source:dawn~1", 8, "whole values", ["source:dawn"]),
        ("country:Pakistan", 9, "two letters", ["place:Pakistan"]),
        ("country:pak*", 9, "two letters", ["place:pak*"]),
        ("country:@list:groups", 9, "no list", []),
        ("killed:many", 8, "number", []),
        ("killed:[20 TO 9]", 8, "between", []),
        ("killed:<0", 8, "below 0", []),
        ("killed:(5 OR 9)", 8, "one number", []),
        ("published:now-1d", 11, "now", []),
        ("published:2008-02-30", 11, "calendar", []),
        ("event_date:2008-09-05T10:00", 12, "without a time", []),
        ("a OR origins:>=2", 6, "whole query", []),
        ("a NOT origins:>=2", 7, "whole query", []),
        ("story:nope", 7, "story id", []),
        ("a ... b", 3, "letter or digit", ["a b"]),
        ('a ""', 3, "letter or digit", ["a"]),
        ("a OR +b", 6, "optional", ["a OR b"]),
        ("place:(title:a)", 8, "inside the field", []),
        ("", 1, "empty", []),
        ("a \\", 3, "escapes nothing", ["a"]),
    ],
)
def test_a_fault_is_told_with_place_mend_and_corrections_that_parse(
    text: str, column: int, words: str, corrections: list[str]
) -> None:
    error = fault(text)
    assert (error.line, error.column) == (1, column)
    assert words in str(error)
    assert [c for c in corrections if c not in error.corrections] == []
    assert bool(corrections) == bool(error.corrections)
    for correction in error.corrections:
        parse(correction)
    assert f"line 1, column {column}: " in str(error)


def test_the_caret_stands_under_the_fault_on_its_own_line() -> None:
    error = fault("swat\n\tOR plase:dir\nAND x")
    assert (error.line, error.column) == (2, 5)
    assert error.caret() == "\tOR plase:dir\n\t   ^^^^^"
    assert error.query[error.start : error.end] == "plase"


def test_columns_count_code_points() -> None:
    assert fault("𝐀𝐀 plase:x").column == 4


def read(text: str, lists: dict[str, list[str]]) -> Query | QueryError:
    try:
        return parse(text, lists)
    except QueryError as error:
        return error


LISTS = {"groups": ["Tehrik-e-Taliban", "TTP", "...", "ttp"], "none": [], "blank": ["?"]}


def test_a_list_is_any_of_its_words() -> None:
    query = parse("@list:groups killed:>=5", LISTS)
    words = Or((Phrase("", ("tehrik", "e", "taliban")), Term("", "ttp")))
    assert query.root == And((words, FigureRange("killed", 5, None)))
    assert query.lists == ("groups",)
    assert parse(query.canonical).root == query.root


def test_a_list_in_a_keyword_field_is_any_of_its_values() -> None:
    assert parse("actor:@list:groups", LISTS).root == Or(
        (Term("actor", "tehrik e taliban"), Term("actor", "ttp"))
    )


def test_a_list_of_names_is_refused_where_codes_are_meant() -> None:
    error = fault("country:@list:groups", LISTS)
    assert "two letters" in str(error)
    assert error.corrections == ("place:@list:groups",)
    assert parse("country:@list:codes", {"codes": ["PK", "iq"]}).root == Or(
        (Term("country", "pk"), Term("country", "iq"))
    )


def test_a_list_that_is_missing_or_holds_no_word_is_told() -> None:
    error = fault("@list:group", LISTS)
    assert error.corrections == ("@list:groups",)
    assert "holds no word" in str(fault("@list:none", LISTS))
    assert "holds no word" in str(fault("@list:blank", LISTS))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" ".join(f"w{n}" for n in range(limits.MAX_LEAVES + 1)), "128"),
        ("a" * (limits.MAX_BYTES + 1), "4096"),
        ("é" * 2049, "4096"),
        (" OR ".join(f"abc{n}*" for n in range(9)), "8 prefixes"),
        (" OR ".join(f"abcde{n}~1" for n in range(5)), "4 fuzzy"),
        ("(" * 21 + "a" + ")" * 21, "20 deep"),
        ("(" * 4000, "20 deep"),
        ('"' + "a " * 33 + '"', "32 words"),
        (" ".join(["published:2008"] * 120), "Written out"),
        (f"killed:{10**9 + 1}", "larger"),
    ],
)
def test_a_query_beyond_a_limit_is_refused_by_name(text: str, words: str) -> None:
    assert words in str(fault(text))


def test_a_query_at_every_limit_is_read() -> None:
    words = " OR ".join(f"w{n}" for n in range(limits.MAX_LEAVES))
    assert isinstance(parse(words).root, Or)
    nested = "x"
    for n in range(limits.MAX_DEPTH):
        nested = f"({nested} {'AND' if n % 2 else 'OR'} y{n})"
    query = parse(nested)
    assert parse(query.canonical).root == query.root


@pytest.mark.parametrize("word", ["Erdoǧan", "‼", "ẹ́tude", "ʀat", "ﬁn", "2⃣", 'צה"ל', "x" * 300])
def test_words_that_folding_leaves_odd_come_back_from_the_canonical_text(word: str) -> None:
    quoted = word.replace('"', '\\"')
    query = parse(f'swat "{quoted}"')
    assert parse(query.canonical).root == query.root


ALPHABET = st.sampled_from(
    [
        *"ab \n\t()\"“\\:*~^+-!?/[]{}<>=&|@_.,'",
        "AND ",
        "OR ",
        "NOT ",
        " and ",
        "TO ",
        "swat",
        "~1",
        ">=",
        "2008-09",
        "@list:groups",
        "ǧ",
        "‼",
        "東",
        "\u0301",
        "\ud800",
        "\x00",
        *(f"{name}:" for name in FIELDS),
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(), st.lists(ALPHABET, max_size=25).map("".join)))
@example("a\\")
@example("title:")
@example("killed:[ TO ]")
def test_any_text_gives_a_query_that_comes_back_or_an_error_with_corrections_that_parse(
    text: str,
) -> None:
    found = read(text, LISTS)
    if isinstance(found, QueryError):
        assert str(found)
        assert found.caret()
        assert 0 <= found.start <= found.end <= len(found.query)
        for correction in found.corrections:
            parse(correction, LISTS)
        return
    again = parse(found.canonical)
    assert again.root == found.root
    assert again.canonical == found.canonical


@pytest.mark.parametrize("seed", range(8))
def test_every_tree_written_out_reads_as_itself(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "WORDS", queries.WORDS[:-1])  # the last is no word of any text
    monkeypatch.setattr(queries, "KEYWORDS", ("place", "source", "tag"))
    rnd = random.Random(seed)
    same = 0
    for _ in range(60):
        root = queries.random_root(rnd)
        found = read(text_of(root), {})
        if isinstance(found, QueryError):
            assert "more than" in str(found)  # 4 fuzzy words, 8 prefixes
            continue
        assert found.root == root
        same += 1
    assert same > 40


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [
        "(",
        ")",
        '"',
        "a ",
        "a OR ",
        "NOT ",
        "-",
        "~",
        "*",
        "\\",
        "a and ",
        "@list:x ",
        "title:",
        "[",
        "a:",
        "_",
        "&",
        "a - ",
        '"a ',
        "(a ",
    ],
)
def test_four_kibibytes_of_one_sign_end(unit: str) -> None:
    """Not timed; quadratic work with corrections would meet the timeout instead."""
    found = read(unit * (limits.MAX_BYTES // len(unit)), {"x": ["a"]})
    assert isinstance(found, Query) or found.caret()


def test_a_mixed_level_points_at_the_word_that_mixes_it() -> None:
    with pytest.raises(QueryError) as told:
        parse("raid AND swat OR dir")

    assert (told.value.column, told.value.query[told.value.start : told.value.end]) == (15, "OR")
