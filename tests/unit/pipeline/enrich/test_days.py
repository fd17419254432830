from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.enrich.days.told import read

REF = date(2008, 10, 2)  # a Thursday


def told(text: str, ref: date | None = REF) -> list[tuple[str, str, str]]:
    return [
        (text[d.start : d.end], d.first.isoformat(), d.last.isoformat()) for d in read(text, ref)
    ]


@pytest.mark.parametrize(
    ("text", "words", "first", "last"),
    [
        ("the raid on September 3 in", "September 3", "2008-09-03", "2008-09-03"),
        ("on November 3 the army", "November 3", "2007-11-03", "2007-11-03"),
        ("will meet on November 3 in", "November 3", "2008-11-03", "2008-11-03"),
        ("on September 12-13 the", "September 12-13", "2008-09-12", "2008-09-13"),
        ("September12 was", "September12", "2008-09-12", "2008-09-12"),
        ("September 30 to October 2 saw", "September 30 to October 2", "2008-09-30", "2008-10-02"),
        ("on 3 September 2007 they", "3 September 2007", "2007-09-03", "2007-09-03"),
        (
            "the night of September 14-15 they",
            "the night of September 14-15",
            "2008-09-14",
            "2008-09-15",
        ),
        ("on 2008-09-03 they", "2008-09-03", "2008-09-03", "2008-09-03"),
        ("in June 2008 the", "June 2008", "2008-06-01", "2008-06-30"),
        ("in late June 2008 the", "late June 2008", "2008-06-21", "2008-06-30"),
        ("in early 2008 the", "early 2008", "2008-01-01", "2008-04-30"),
        ("in 1971 the war", "1971", "1971-01-01", "1971-12-31"),
        ("(CENTO, 1955-79)", "1955-79", "1955-01-01", "1979-12-31"),
        ("in the 1990s the", "1990s", "1990-01-01", "1999-12-31"),
        ("he said on Monday that", "Monday", "2008-09-29", "2008-09-29"),
        ("he said on Thursday that", "Thursday", "2008-10-02", "2008-10-02"),
        ("will open on Monday in", "Monday", "2008-10-06", "2008-10-06"),
        ("they fled yesterday to", "yesterday", "2008-10-01", "2008-10-01"),
        ("three days ago the", "three days ago", "2008-09-29", "2008-09-29"),
        ("two years ago the", "two years ago", "2006-01-01", "2006-12-31"),
        ("last week the", "last week", "2008-09-22", "2008-09-28"),
        ("in the summer of 2008 the", "summer of 2008", "2008-06-01", "2008-08-31"),
        ("the events of 9/11 changed", "9/11", "2001-09-11", "2001-09-11"),
        ("from July to November 1917 the", "July to November 1917", "1917-07-01", "1917-11-30"),
        ("the 1965 Indo-Pak war", "1965", "1965-01-01", "1965-12-31"),
    ],
)
def test_a_day_told_is_placed_on_the_calendar(text: str, words: str, first: str, last: str) -> None:
    assert told(text) == [(words, first, last)]


@pytest.mark.parametrize(
    "text",
    ["May said no", "2000 soldiers marched", "the 2014 Olympic team", "every Monday they", "at 10 a.m.",
     "a 2.5 percent rise", "MH370", "in recent days", "$2008 was paid", "March on Rome", "Flight 1999 landed"],
)  # fmt: skip
def test_what_only_looks_like_a_day_is_none(text: str) -> None:
    assert told(text) == []


def test_the_same_night_leans_on_the_day_named_last_but_never_on_nine_eleven() -> None:
    text = "On September 10 they met to talk of 9/11. The same night they left. The next day it rained."
    assert told(text)[2:] == [
        ("The same night", "2008-09-10", "2008-09-11"),
        ("The next day", "2008-09-11", "2008-09-11"),
    ]


def test_without_a_day_of_publication_only_full_dates_are_placed() -> None:
    assert told("On September 3, on Monday, yesterday and on 3 May 2007.", None) == [
        ("3 May 2007", "2007-05-03", "2007-05-03")
    ]


def test_days_of_citations_say_so_and_are_no_anchor() -> None:
    text = "They met on September 5 (Dawn, September 13). The same day they left."
    rules = [(d.rule, d.first.day) for d in read(text, REF, [(25, 43)])]
    assert rules == [("day", 5), ("report date", 13), ("same day", 5)]


def _split(text: str) -> list[str]:
    return text.split(" ")


_WORDS = st.sampled_from(
    [
        "May",
        "12",
        "September",
        "2008",
        "the",
        "same",
        "night",
        "last",
        "week",
        "9/11",
        "to",
        "-",
        "and",
        "early",
        "of",
        "Monday",
        "ago",
        "two",
        "days",
        "1955-79",
        "summer",
        ".",
        "\n",
        "30",
        "February",
    ]
)


@given(
    st.lists(_WORDS, max_size=40).map(" ".join) | st.text(max_size=150),
    st.dates(date(1991, 1, 1), date(2100, 1, 1)) | st.none(),
)
def test_any_text_is_read_and_days_are_ranges(text: str, ref: date | None) -> None:
    end = 0
    for day in read(text, ref):
        assert day.first <= day.last
        assert end <= day.start < day.end <= len(text)
        end = day.end
