"""What articles state, and the range that it comes to."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.press import FERRY, START, killed, piece
from tocsin.pipeline.cluster.ledger import MOST, own, retract, span_of, stated, time_of
from tocsin_schemas.article import Figure, Stamp
from tocsin_schemas.contract import Span
from tocsin_schemas.story import Origin, Statement


def say(
    low: int | None,
    high: int | None = None,
    *,
    who: str | None = "AFP",
    hours: float | None = 0,
    article: str = "a",
    open_: bool = False,
    **over: object,
) -> Statement:
    figure = Figure(
        kind="killed", min=low, max=high if high or open_ else low, span=Span(start=0, end=1)
    )
    made = piece("Ferry", FERRY, figures=[figure])
    (statement,) = stated(
        made,
        article * 26,
        1,
        origin=Origin(name=who, why="credit line") if who else None,
        copy_of=None,
        revision=1,
    )
    at = None if hours is None else START + timedelta(hours=hours)
    return statement.model_copy(update={"at": at, **over})


def ends(*statements: Statement) -> tuple[int | None, int | None]:
    found = span_of(statements)
    return found.min, found.max


def test_figures_of_one_kind_in_one_article_are_one_statement() -> None:
    article = piece("Ferry", FERRY, figures=[killed(9), killed(20), killed(3, kind="missing")])
    made = stated(article, "a" * 26, 1, origin=None, copy_of=None, revision=4)
    assert [(s.kind, s.min, s.max, s.revision) for s in made] == [
        ("killed", 9, 20, 4),
        ("missing", 3, 3, 4),
    ]


def test_background_and_mixed_figures_are_no_statements() -> None:
    article = piece("Ferry", FERRY, figures=[killed(9, role="background"), killed(30, mixed=True)])
    assert not stated(article, "a" * 26, 1, origin=None, copy_of=None, revision=1)


def test_a_lowered_figure_stands_for_the_one_it_replaces() -> None:
    article = piece("Ferry", FERRY, figures=[killed(40), killed(25, lowered=True)])
    (made,) = stated(article, "a" * 26, 1, origin=None, copy_of=None, revision=1)
    assert (made.min, made.max, made.lowered) == (25, 25, True)


def test_an_open_side_stays_open_in_the_ledger() -> None:
    more = Figure(kind="killed", min=13, max=None, span=Span(start=0, end=1))
    (made,) = stated(
        piece("Ferry", FERRY, figures=[more]), "a" * 26, 1, origin=None, copy_of=None, revision=1
    )
    assert (made.min, made.max) == (13, None)


@pytest.mark.parametrize(
    ("updated", "published", "version", "at"),
    [
        (-5, -60, 1, -5),
        (None, -60, 1, -60),
        (None, -60, 2, None),
        (-5, -60, 2, -5),
        (90, -60, 1, -60),
        (90, None, 1, None),
        (-60 * 24 * 365 * 40, None, 1, None),
    ],
)
def test_a_statements_time_is_its_versions_update_or_the_first_publication(
    updated: int | None, published: int | None, version: int, at: int | None
) -> None:
    def moment(minutes: int | None) -> datetime | None:
        return None if minutes is None else START + timedelta(minutes=minutes)

    article = piece("Ferry", FERRY).model_copy(
        update={"updated": Stamp(at=moment(updated)), "published": Stamp(at=moment(published))}
    )
    assert time_of(article, version) == moment(at)


def test_the_range_spans_each_voices_latest_statement() -> None:
    assert ends(say(9, who="AFP"), say(20, who="Dawn")) == (9, 20)
    assert ends(say(9, who="AFP"), say(20, who="Dawn"), say(15, who="Dawn", hours=1)) == (9, 15)
    assert ends(say(20, who="Dawn", hours=1), say(9, who="Dawn", hours=0)) == (20, 20)


def test_a_statement_a_day_older_than_the_newest_is_no_dispute() -> None:
    assert ends(say(9, who="AFP"), say(20, who="Dawn", hours=24)) == (9, 20)
    assert ends(say(9, who="AFP"), say(20, who="Dawn", hours=24.1)) == (20, 20)
    held = span_of([say(9, who="AFP"), say(20, who="Dawn", hours=30)])
    assert (held.held_min, held.held_max) == (9, 20)


def test_a_retracted_newest_is_out_before_the_newest_is_looked_for() -> None:
    gone = say(40, who="Dawn", hours=48, retracted=START)
    assert ends(say(9, who="AFP"), gone) == (9, 9)
    assert span_of([say(9, who="AFP"), gone]).newest == START


def test_unknown_voices_and_changed_copies_stand_for_themselves() -> None:
    assert ends(say(9, who=None, article="a"), say(20, who=None, article="b")) == (9, 20)
    assert ends(say(9), say(20, article="b", copy_of="a" * 26)) == (9, 20)


def test_a_statement_without_time_is_fresh_and_moves_no_clock() -> None:
    late = [say(9, who="AFP"), say(20, who="Dawn", hours=30), say(12, who="X", hours=None)]
    found = span_of(late)
    assert (found.min, found.max) == (12, 20)
    assert found.newest == START + timedelta(hours=30)


def test_at_least_counts_for_both_ends_and_up_to_for_the_highest() -> None:
    assert ends(say(13, open_=True)) == (13, 13)
    assert ends(say(None, 20)) == (None, 20)
    assert ends(say(None, 20, who="A"), say(9, who="B")) == (9, 20)


@given(st.lists(st.tuples(st.integers(1, 50), st.sampled_from("ABC"), st.integers(0, 60))))
def test_the_current_range_lies_within_the_held_one(told: list[tuple[int, str, int]]) -> None:
    found = span_of([say(n, who=who, hours=h) for n, who, h in told])
    if told:
        assert found.held_min == min(n for n, _, _ in told)
        assert found.held_max == max(n for n, _, _ in told)
        assert found.min is not None
        assert found.max is not None
        assert found.held_min is not None
        assert found.held_max is not None
        assert found.held_min <= found.min <= found.max <= found.held_max
    else:
        assert (found.min, found.max, found.newest) == (None, None, None)


def test_a_copy_states_only_what_no_version_of_its_original_told() -> None:
    made = [say(9), say(20)]
    told = [("killed", 9, 9), ("killed", 30, 30)]
    assert own(made, "original", told) == made  # type: ignore[arg-type]  # literals
    assert [s.min for s in own(made, "shortened", told)] == [20]  # type: ignore[arg-type]  # literals
    assert own(made, "copy", []) == made


def test_retracted_is_what_the_new_version_no_longer_tells() -> None:
    held = [say(9), say(20, retracted=START)]
    later = START + timedelta(hours=5)
    assert [s.retracted for s in retract(held, [("killed", 9, 9)], later)] == [None, START]
    assert [s.retracted for s in retract(held, [("killed", 9, 12)], later)] == [later, START]


def test_a_page_rewritten_all_day_keeps_its_newest_statements() -> None:
    held = [say(n, retracted=START) for n in range(1, MOST + 50)] + [say(9)]
    kept = retract(held, [("killed", 9, 9)], START)
    assert len(kept) == MOST
    assert kept[-1].retracted is None
    assert kept[0].min == 51
