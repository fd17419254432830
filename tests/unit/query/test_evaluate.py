from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import an_article
from support.queries import distance
from tocsin.query.evaluate import clauses, explain, matches, spans
from tocsin.query.parse import parse
from tocsin.query.reader import alike
from tocsin.query.view import View, view_of_article
from tocsin.text.tokens import tokenize
from tocsin_schemas.article import Article, Citation, EventDate, Figure, Language, Mention
from tocsin_schemas.contract import Span

TITLE = "Raid in South Waziristan"
TEXT = (
    "Between 9 and 20 people were killed in a raid near Angoor Adda on September 3, officials said. "
    "The worst raid since 2006, when 80 died (Dawn [Karachi])."
)


def span(words: str, field: str = "text") -> Span:
    text = TITLE if field == "title" else TEXT
    start = text.index(words)
    return Span.model_validate({"field": field, "start": start, "end": start + len(words)})


@pytest.fixture(name="article")
def _article() -> Article:
    return an_article(
        TITLE,
        TEXT,
        figures=(
            Figure(kind="killed", min=9, max=20, span=span("9 and 20 people were killed")),
            Figure(kind="killed", min=80, max=80, role="background", span=span("80 died")),
            Figure(kind="wounded", min=None, max=5, span=span("officials")),
        ),
        language=Language(code="en", confidence=1.0),
        places=(Mention(value="South Waziristan", span=span("South Waziristan", "title")),),
        countries=(Mention(value="PK", span=span("Angoor Adda")),),
        cites=(Citation(outlet="Dawn", span=span("Dawn [Karachi]")),),
        dates=(EventDate(start=date(2008, 9, 3), end=date(2008, 9, 3), span=span("September 3")),),
    )


def meets(query: str, article: Article) -> bool:
    return matches(parse(query).root, view_of_article(article))


@pytest.mark.parametrize(
    ("query", "met"),
    [
        ("raid killed", True),
        ("title:killed", False),
        ("text:waziristan", False),
        ('"south waziristan"', True),
        ('"waziristan between"', False),  # never across fields
        ('"officials people"~50', True),
        ('"raid angoor"~1', True),
        ('"angoor raid"~1', False),
        ('"angoor raid"~3', True),
        ("wazir*", True),
        ("anggor~1", True),
        ("nagoor~1", False),  # the first two letters are exact
        ("killed:9 killed:20", True),
        ("killed:>=20", True),
        ("killed:>=21", False),  # background is no figure of this event
        ("killed:80", False),
        ("killed:<=9", True),
        ("killed:<=8", False),
        ("wounded:5", True),  # "up to 5": the known end stands for the missing one
        ("wounded:4", False),
        ("killed:9 OR wounded:99", True),
        ("place:south", False),
        ("place:south\\ waz*", True),
        ('place:"South-Waziristan"', True),
        ("country:pk source:dawn cites:dawn family:dawn lang:en", True),
        ("event_date:2008-09", True),
        ("event_date:<2008-09-03", False),
        ("published:2008-09-03", True),
        ("raid NOT cricket", True),
        ("raid NOT angoor", False),
    ],
)
def test_what_meets_a_query(article: Article, query: str, *, met: bool) -> None:
    assert meets(query, article) is met


def test_a_repeated_word_of_a_sloppy_phrase_needs_two_places() -> None:
    once, twice = View(text=("a", "x", "b")), View(text=("a", "x", "a"))
    root = parse('"a a"~3').root
    assert not matches(root, once)
    assert matches(root, twice)


def test_a_phrase_of_many_equal_words_ends() -> None:
    """Trying every choice would take 10^30 steps here."""
    root = parse('"' + "a " * 20 + 'b"~1').root
    assert not matches(root, View(text=("a", "x") * 5000 + ("b",)))


@settings(max_examples=500)
@given(st.text("ab", min_size=2, max_size=7), st.text("ab", min_size=2, max_size=7))
def test_alike_is_distance_one_behind_two_equal_letters(word: str, other: str) -> None:
    assert alike(word, other) == (word[:2] == other[:2] and distance(word, other) <= 1)


def test_spans_are_the_words_that_meet_positive_clauses_in_order(article: Article) -> None:
    root = parse('raid AND "south waziristan" AND killed:>=9 AND NOT cricket').root
    assert spans(root, article) == (
        Span(field="title", start=0, end=4),
        span("South Waziristan", "title"),
        span("9 and 20 people were killed"),
        span("raid near").model_copy(update={"end": TEXT.index("raid near") + 4}),
        Span(field="text", start=TEXT.rindex("raid"), end=TEXT.rindex("raid") + 4),
    )


def test_a_branch_that_is_not_met_gives_no_spans(article: Article) -> None:
    root = parse("officials OR (raid AND cricket)").root
    assert spans(root, article) == (span("officials"),)


def test_spans_that_overlap_become_one(article: Article) -> None:
    root = parse('"angoor adda" country:pk killed:9 people').root
    assert spans(root, article) == (span("9 and 20 people were killed"), span("Angoor Adda"))


def test_facts_give_the_words_they_were_read_from(article: Article) -> None:
    root = parse("event_date:2008-09-03 cites:dawn place:south\\ waz*").root
    assert spans(root, article) == (
        span("South Waziristan", "title"),
        span("September 3"),
        span("Dawn [Karachi]"),
    )


def test_a_sloppy_phrase_marks_its_words_and_not_those_between(article: Article) -> None:
    assert spans(parse('"raid angoor"~2').root, article) == (
        Span(field="text", start=TEXT.index("raid"), end=TEXT.index("raid") + 4),
        Span(field="text", start=TEXT.index("Angoor"), end=TEXT.index("Angoor") + 6),
    )


def test_conditions_of_the_story_hide_no_spans(article: Article) -> None:
    assert spans(parse("officials origins:>=5").root, article) == (span("officials"),)


def test_explain_tells_each_clause_whether_and_where_it_is_met(article: Article) -> None:
    root = parse("(cricket OR officials) AND NOT raid AND killed:>=9").root
    told = explain(root, article)
    assert [(c.text, c.met) for c in told] == [
        ("cricket", False),
        ("officials", True),
        ("NOT raid", False),
        ("killed:>=9", True),
    ]
    assert [c.spans for c in told] == [
        (),
        (span("officials"),),
        (),
        (span("9 and 20 people were killed"),),
    ]


def test_the_conjuncts_of_a_query_can_be_counted_one_by_one() -> None:
    root = parse("a AND (b OR c) AND NOT d").root
    assert len(clauses(root)) == 3
    assert len(clauses(parse("a OR b").root)) == 1


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.text("ab ", max_size=20))
def test_spans_lie_in_the_text_and_exist_where_a_word_query_is_met(text: str, title: str) -> None:
    article = an_article(title, text)
    for token in dict.fromkeys(tokenize(text)[:5]):
        if not token.isalnum() or not token.isascii():
            continue
        root = parse(f'"{token}"').root
        found = spans(root, article)
        assert matches(root, view_of_article(article)) == bool(found)
        assert all(s.end <= len(title if s.field == "title" else text) for s in found)
