"""The toll rules (a), (b), (c) and freshness, each as a fact."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.ring import START, Press, Said, at
from tocsin.pipeline.match.told import Claim, claims_of, join, needed, weigh
from tocsin_schemas.alert import ToldRange
from tocsin_schemas.contract import Span
from tocsin_schemas.story import Statement


def statement(
    low: int | None, high: int | None, *, lowered: bool = False, hours: float = 0
) -> Statement:
    return Statement(
        kind="killed",
        min=low,
        max=high,
        lowered=lowered,
        article_id="a" * 26,
        version=1,
        span=Span(start=0, end=4),
        outlet="Dawn",
        at=START + timedelta(hours=hours),
        collected=at(1),
    )


def claim(
    low: int | None, high: int | None, *, lowered: int | None = None, fresh: str = "full"
) -> Claim:
    return Claim("killed", low, high, lowered, fresh, statement(low, high))  # type: ignore[arg-type]


def told(low: int | None, high: int | None, lowered: int | None = None) -> ToldRange:
    return ToldRange(kind="killed", min=low, max=high, lowered=lowered)


def fact(before: ToldRange | None, *claims: Claim) -> list[str]:
    return [t.fact for t in weigh(before, claims)[1]]


def test_the_first_figure_of_its_kind_rings_with_both_ends_written():
    assert fact(None, claim(9, 9)) == ["killed:9-9"]


def test_a_first_figure_with_an_open_minimum_leaves_it_empty():
    assert fact(None, claim(None, 20)) == ["killed:-20"]


def test_the_maximum_beyond_the_told_range_rings_with_the_range_after_it():
    after, tolls = weigh(told(9, 9), [claim(20, 20)])
    assert [t.fact for t in tolls] == ["killed:9-20"]
    assert tolls[0].sentence == "Killed moved from 9–9 to 9–20: maximum +11, needed 1."
    assert (after.min, after.max) == (9, 20)


def test_a_lower_minimum_rings_as_well():
    assert fact(told(9, 20), claim(5, 12)) == ["killed:5-20"]


@pytest.mark.parametrize(
    ("end", "least"), [(0, 1), (1, 1), (9, 1), (10, 1), (11, 2), (20, 2), (100, 10), (101, 11)]
)
def test_ten_percent_of_the_end_are_needed_and_one_at_least(end: int, least: int):
    assert needed(end) == least
    assert fact(told(end, end), claim(end, end + least)) == [f"killed:{end}-{end + least}"]
    assert fact(told(end, end), claim(end, end + least - 1)) == []


def test_smaller_moves_add_up_since_the_base_is_what_was_told():
    after, tolls = weigh(told(100, 100), [claim(106, 106)])
    assert (tolls, after) == ([], told(100, 100))
    assert fact(after, claim(110, 110)) == ["killed:100-110"]


def test_an_untold_minimum_is_set_in_silence():
    after, tolls = weigh(told(None, 20), [claim(15, 15)])
    assert tolls == []
    assert after == told(15, 20)


def test_an_untold_maximum_rings():
    assert fact(told(9, None), claim(9, 9)) == ["killed:9-9"]


def test_a_lowered_toll_rings_as_lowered_and_not_as_a_move():
    after, tolls = weigh(told(38, 40), [claim(25, 25, lowered=25)])
    assert [t.fact for t in tolls] == ["killed:25<40"]
    assert tolls[0].sentence == "Killed lowered to 25; 40 was told."
    assert after == told(25, 40, 25)


def test_a_second_lowering_rings_only_below_the_first_by_enough():
    before = told(25, 40, 25)
    assert fact(before, claim(25, 25, lowered=25)) == []
    assert fact(before, claim(23, 23, lowered=23)) == []
    assert fact(before, claim(22, 22, lowered=22)) == ["killed:22<40"]


def test_a_lowering_that_is_too_small_is_looked_at_as_a_move():
    assert fact(told(20, 20), claim(19, 19, lowered=19)) == []
    assert fact(told(5, 5), claim(8, 8, lowered=8)) == ["killed:5-8"]


def test_a_statement_older_than_the_newest_is_fresh_for_the_maximum_alone():
    press = Press()
    press.article("a", says=[Said("killed", 9, 9, hours=10)])
    story = press.article("b", says=[Said("killed", 5, 20, hours=3)]).story
    late = claims_of([s for s in story.statements if s.max == 20], story)
    assert [(c.low, c.high, c.fresh) for c in late] == [(None, 20, "max")]
    assert fact(told(9, 9), *late) == ["killed:9-20"]


def test_a_lowering_told_late_is_no_lowering():
    assert fact(told(40, 40), claim(None, 25, lowered=25, fresh="max")) == []


def test_a_statement_more_than_a_day_older_than_the_newest_rings_nothing():
    press = Press()
    press.article("a", says=[Said("killed", 9, 9, hours=30)])
    story = press.article("b", says=[Said("killed", 90, 90, hours=5)]).story
    assert claims_of([s for s in story.statements if s.max == 90], story) == []


def test_a_day_to_the_second_is_still_fresh_for_the_maximum():
    press = Press()
    press.article("a", says=[Said("killed", 9, 9, hours=24)])
    story = press.article("b", says=[Said("killed", 90, 90, hours=0)]).story
    assert [c.fresh for c in claims_of(story.statements, story)] == ["max", "full"]


def test_a_statement_of_unknown_time_is_fresh():
    press = Press()
    press.article("a", says=[Said("killed", 9, 9, hours=30)])
    story = press.article("b", says=[Said("killed", 3, 3, unknown_time=True)]).story
    assert [c.fresh for c in claims_of(story.statements, story)] == ["full", "full"]


def test_a_retracted_statement_is_no_claim():
    gone = statement(9, 9).model_copy(update={"retracted": at(3)})
    story = Press().article("a", says=[Said("killed", 5, 5)]).story
    assert claims_of([gone], story) == []


def test_figures_of_one_kind_in_one_article_are_one_claim_their_span():
    press = Press()
    story = press.article("a", says=[Said("killed", 9, 9), Said("killed", 15, 20)]).story
    assert [(c.low, c.high) for c in claims_of(story.statements, story)] == [(9, 20)]


def test_at_least_n_counts_for_both_ends_and_up_to_n_for_the_maximum_alone():
    press = Press()
    story = press.article("a", says=[Said("killed", 15, None)]).story
    assert [(c.low, c.high) for c in claims_of(story.statements, story)] == [(15, 15)]
    story = press.article("b", "t", says=[Said("killed", None, 20)]).story
    assert [(c.low, c.high) for c in claims_of(story.statements, story)] == [(None, 20)]


numbers = st.integers(min_value=0, max_value=300)
claims = st.builds(
    lambda a, b, low, fresh: claim(
        min(a, b) if fresh == "full" else None,
        max(a, b),
        lowered=max(a, b) if low else None,
        fresh=fresh,
    ),
    numbers,
    numbers,
    st.booleans(),
    st.sampled_from(["full", "max"]),
)


@given(st.lists(claims, max_size=8))
def test_a_told_range_only_widens_and_what_was_weighed_rings_no_second_time(given_claims):
    range_ = None
    for c in given_claims:
        before = range_
        range_, tolls = weigh(range_, [c])
        assert len(tolls) <= 1
        if before is not None and range_ is not None:
            assert join(before, range_).max == range_.max
            assert before.min is None or (range_.min is not None and range_.min <= before.min)
        assert weigh(range_, [c]) == (range_, [])
