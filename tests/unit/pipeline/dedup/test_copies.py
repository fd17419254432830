"""Copies: the earlier article whose words this one repeats."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.press import BUDGET, FERRY, MINE
from tocsin.pipeline.dedup.copies import TEMPLATE, WINDOW_S, Copies, Copy, Text
from tocsin.pipeline.dedup.fingerprint import winnow

SENTENCES = FERRY.split(". ")


def put(index: Copies, name: str, text: str, seen: float = 0.0) -> Copy | None:
    prints = winnow(text)
    copy = index.find(prints)
    index.add(name, prints, seen, copy)
    return copy


@pytest.fixture
def index() -> Copies:
    made = Copies()
    put(made, "ferry", FERRY)
    put(made, "mine", MINE)
    return made


def test_an_unlike_text_is_no_copy(index: Copies) -> None:
    assert put(index, "budget", BUDGET) is None


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        (FERRY, "copy"),
        (f"KILBARAN, March 2 (AFP) - {FERRY} Copyright. All rights reserved.", "copy"),
        (FERRY.replace("sixty", "seventy"), "copy"),
        (". ".join(SENTENCES[:3]), "shortened"),
        (". ".join(SENTENCES[:2]), "shortened"),
        (f"{BUDGET} {FERRY} {BUDGET[::-1]}", "extended"),
        (f"{'. '.join(SENTENCES[:3])}. {BUDGET}", "partial"),
    ],
)
def test_whole_cut_enlarged_and_partial_copies_are_told_apart(
    index: Copies, text: str, relation: str
) -> None:
    copy = index.find(winnow(text))
    assert copy is not None
    assert (copy.of, copy.relation) == ("ferry", relation)
    assert 0.25 <= copy.share <= 1


def test_reprints_of_reprints_point_to_the_first(index: Copies) -> None:
    for n in range(30):
        copy = put(index, f"r{n}", f"{FERRY} Printed by paper {n}.", float(n))
        assert copy is not None
        assert copy.of == "ferry"
    assert len(index) == 2  # a plain copy is not held: its original stands for it


FURNITURE = (
    "Sign up for our newsletter and follow us on every channel. Terms of use, privacy and imprint "
    "stand below. Reader letters are welcome at the front desk on weekdays."
)


def furnished(n: int) -> str:
    return " ".join(f"w{n}x{i}" for i in range(60)) + f" {FURNITURE}"


def test_furniture_of_one_house_proves_nothing_and_soon_nothing_for_others_either() -> None:
    index = Copies()
    for n in range(2 * TEMPLATE):
        prints = winnow(furnished(n))
        copy = index.find(prints, house="Harbour Post")
        assert copy is None
        index.add(f"a{n}", prints, 0.0, copy, "Harbour Post")
    assert index.find(winnow(furnished(999)), house="Evening Mail") is None


def test_a_whole_copy_within_one_house_is_still_a_copy() -> None:
    index = Copies()
    index.add("a", winnow(FERRY), 0.0, None, "Harbour Post")
    copy = index.find(winnow(FERRY), house="Harbour Post")
    assert copy is not None
    assert copy.relation == "copy"


def test_a_report_that_many_papers_take_up_in_part_is_no_template() -> None:
    index = Copies()
    put(index, "first", FERRY)
    for n in range(2 * TEMPLATE):
        own = " ".join(f"w{n}x{i}" for i in range(120))
        copy = put(index, f"p{n}", f"{'. '.join(SENTENCES[:3])}. {own}")
        assert copy is not None
        assert (copy.of, copy.relation) == ("first", "partial")


def test_a_text_is_forgotten_a_week_after_it_was_last_seen(index: Copies) -> None:
    put(index, "late", FERRY, WINDOW_S)  # a reprint keeps the original
    assert list(index.expire(WINDOW_S + 1.0)) == ["mine"]
    assert index.find(winnow(MINE)) is None
    assert index.find(winnow(FERRY)) is not None
    assert list(index.expire(3.0 * WINDOW_S)) == ["ferry"]
    assert len(index) == 0


def test_the_longest_unseen_texts_go_first_above_the_bound() -> None:
    index = Copies(max_articles=2)
    for n, text in enumerate((FERRY, MINE, BUDGET)):
        put(index, str(n), text, float(n))
    assert list(index.expire(3.0)) == ["0"]


def test_an_article_is_no_copy_of_itself(index: Copies) -> None:
    assert index.find(winnow(FERRY), but="ferry") is None


def test_a_newer_version_stands_for_the_article(index: Copies) -> None:
    index.add("ferry", winnow(BUDGET), 5.0, None)
    assert index.find(winnow(FERRY)) is None
    copy = index.find(winnow(BUDGET))
    assert copy is not None
    assert copy.of == "ferry"
    assert len(index) == 2


def test_too_few_marks_are_never_a_copy(index: Copies) -> None:
    put(index, "short", "Ferry sinks")
    assert index.find(winnow("Ferry sinks")) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 3)), max_size=25))
def test_an_index_read_from_its_rows_answers_alike(steps: list[tuple[int, int, int]]) -> None:
    index, rows = Copies(), {}
    now = 0.0
    pool = [FERRY, MINE, BUDGET, f"{FERRY} {MINE}", ". ".join(SENTENCES[:2]), f"{BUDGET} {MINE}"]
    for n, (text, tail, days) in enumerate(steps):
        now += days * 86_400.0
        prints = winnow(pool[text] + f" tail {tail}" * tail)
        copy = index.find(prints)
        for changed in index.add(f"a{n}", prints, now, copy):
            rows[changed.article] = orjson.dumps(changed.row())
        for gone in index.expire(now):
            del rows[gone]
    again = Copies()
    held = [Text.of_row(k, orjson.loads(v)) for k, v in rows.items()]
    for row in sorted(held, key=lambda t: t.touched):
        again.hold(row)
    for asked in pool:
        assert again.find(winnow(asked)) == index.find(winnow(asked))
    assert list(again.expire(now + 3 * WINDOW_S)) == list(index.expire(now + 3 * WINDOW_S))
    assert not again._postings
    assert not index._postings
