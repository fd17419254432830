"""What is counted of an article before it is clustered."""

from datetime import UTC, date, datetime

import pytest

from support.press import FERRY, START, killed, piece
from tocsin.pipeline.cluster.days import apart, event_days
from tocsin.pipeline.cluster.terms import BODY_WORDS, MAX_NAMED_DAYS, terms
from tocsin.pipeline.cluster.words import LONGEST_TERM, read, stem
from tocsin_schemas.article import Terms

WEDNESDAY = datetime(2008, 9, 3, 14, tzinfo=UTC)


def day(month: int, number: int, year: int = 2008) -> int:
    return date(year, month, number).toordinal()


def test_counts_survive_the_wire() -> None:
    counted = terms(piece("Ferry capsizes off Kilbaran", FERRY, figures=[killed(9, 20)]))
    assert Terms.model_validate_json(counted.model_dump_json()) == counted
    assert counted.title == {"ferry": 1, "capsize": 1, "kilbaran": 1}
    assert {"kilbaran", "vandermeer", "brendan"} <= set(counted.names)
    assert "capsize" not in counted.names
    assert (counted.killed, counted.killed_least) == (20, 9)


def test_function_words_are_dropped_and_plurals_folded() -> None:
    assert [w.term for w in read("The ministers said that troops' ferries were lost", 60)] == [
        "minister", "troop", "ferry", "lost",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "folded"),
    [("bombs", "bomb"), ("parties", "party"), ("pakistan's", "pakistan"), ("virus", "virus"),
     ("press", "press"), ("gas", "gas"), ("ties", "ties")],
)  # fmt: skip
def test_english_words_lose_possessive_and_plural_only(word: str, folded: str) -> None:
    assert stem(word) == folded


def test_other_languages_keep_the_first_letters() -> None:
    assert [w.term for w in read("Правительство заявило о взрыве", 60, english=False)] == [
        "прави", "заяви", "взрыв",
    ]  # fmt: skip


def test_scripts_without_blanks_are_read_in_pairs() -> None:
    assert [w.term for w in read("漁船転覆", 60, english=False)] == ["漁船", "船転", "転覆"]


def test_no_more_than_the_limit_is_read() -> None:
    assert len(read("troop " * 1000, BODY_WORDS)) == BODY_WORDS
    (one,) = read("x" * 1_000_000, BODY_WORDS)
    assert len(one.term) <= LONGEST_TERM


def test_years_are_no_figures_and_numbers_of_one_digit_neither() -> None:
    counted = terms(piece("In 2008, 14 of 3,500 people and 5 dogs", "They were 120."))
    assert counted.numbers == ("120", "14", "3500")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("killed on Monday", [day(9, 1)]),
        ("killed on Wednesday", [day(9, 3)]),
        ("killed on Thursday", [day(8, 28)]),
        ("on September 2 and 1 September", [day(9, 2), day(9, 1)]),
        ("on 5th September", [day(9, 5)]),
        ("on December 24", [day(12, 24, 2007)]),
        ("on February 30", []),
        ("the market 12 and may 20 people", []),
        ("at least Sept. 12,000", []),
    ],
)
def test_days_are_the_latest_up_to_publication(text: str, days: list[int]) -> None:
    assert event_days(text, WEDNESDAY) == days


def test_without_a_publication_time_the_words_stand_for_themselves() -> None:
    assert event_days("on Monday and March 5", None) == [-1, -(100 + 96 + 5)]


@pytest.mark.parametrize(
    ("mine", "theirs", "parted"),
    [
        ([], [day(9, 1)], False),
        ([day(9, 1)], [day(9, 1)], False),
        ([day(9, 1)], [day(9, 2)], False),
        ([day(9, 1)], [day(9, 3)], True),
        ([day(9, 1), day(9, 9)], [day(9, 9)], False),
        ([-1], [-1], False),
        ([-1], [-2], True),
        ([-1], [day(9, 1)], False),
        ([-1, day(9, 1)], [day(9, 5), -1], False),
    ],
)
def test_days_a_day_apart_are_compatible_and_words_only_when_equal(
    mine: list[int], theirs: list[int], parted: bool
) -> None:
    assert apart(mine, theirs) is parted
    assert apart(theirs, mine) is parted


def test_the_day_of_a_dateline_is_not_the_events() -> None:
    text = "ISLAMABAD, March 1 (AFP) - A bomb exploded on February 27."
    counted = terms(piece("Bomb", text))
    assert counted.named_days == (date(2021, 2, 27).toordinal(),)
    assert len(counted.days) == 2


def test_many_days_are_cut() -> None:
    text = " ".join(f"on January {n}," for n in range(1, 30))
    counted = terms(piece("Days", text))
    assert len(counted.days) == 3
    assert len(counted.named_days) <= MAX_NAMED_DAYS


def test_the_toll_is_the_first_figure_of_the_killed_in_the_event() -> None:
    figures = [
        killed(130, role="background"), killed(7, kind="wounded"), killed(None, 12), killed(40),
    ]  # fmt: skip
    counted = terms(piece("Blast", FERRY, figures=figures))
    assert (counted.killed, counted.killed_least) == (12, 12)
    assert terms(piece("Blast", FERRY)).killed is None


@pytest.mark.parametrize("words", ["revised the toll", "lowered it", "25, not 40", "down from 40"])
def test_a_word_of_revision_is_noted(words: str) -> None:
    assert terms(piece("Toll", f"Officials {words}.")).revised
    assert not terms(piece("Toll", "Officials spoke.")).revised


def test_the_start_of_the_stream_is_a_tuesday() -> None:
    assert START.strftime("%A") == "Tuesday"  # what the texts of the tests rely on
