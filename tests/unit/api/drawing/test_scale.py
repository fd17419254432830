from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.api.drawing.scale import days, numbers

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001  # zone below
    lambda d: d.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("highest", "open_up", "top", "ticks"),
    [
        (20, False, 20, (0, 5, 10, 15, 20)),
        (20, True, 25, (0, 5, 10, 15, 20, 25)),
        (9, False, 10, (0, 2, 4, 6, 8, 10)),
        (1, False, 1, (0, 1)),
        (2977, False, 3000, (0, 1000, 2000, 3000)),
        (0, False, 1, (0, 1)),
    ],
)
def test_the_step_is_the_least_of_1_2_5_with_at_most_five(
    highest: int, open_up: bool, top: int, ticks: tuple[int, ...]
) -> None:
    scale = numbers(highest, open_upwards=open_up)

    assert (scale.top, scale.ticks) == (top, ticks)


@given(st.integers(0, 10**9), st.booleans())
def test_every_value_up_to_the_highest_lies_on_the_scale(highest: int, log: bool) -> None:
    scale = numbers(highest, log=log)

    assert scale.top >= highest
    assert 0 <= scale.share(highest / 2) <= scale.share(highest) <= 1
    assert len(scale.ticks) <= 7


def test_a_place_is_value_over_top() -> None:
    assert numbers(20).x(9) == "45.00%"


@given(st.lists(MOMENTS, min_size=1, max_size=5))
def test_a_scale_of_days_holds_its_moments_with_few_labels(moments: list[datetime]) -> None:
    scale = days(moments)

    assert scale.start <= min(moments)
    assert max(moments) < scale.end
    assert all(0 <= scale.share(m) <= 1 for m in moments)
    assert sum(bool(t.label) for t in scale.lines) <= 6


def test_a_month_is_named_once() -> None:
    first = datetime(2008, 8, 27, tzinfo=UTC)

    labels = [t.label for t in days([first, first + timedelta(days=9)]).lines]

    assert labels == ["27 Aug", "29", "31", "2 Sept", "4"]
