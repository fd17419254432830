from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.adapters.cursors import (
    ALWAYS,
    EPOCH,
    TIES,
    beyond,
    cursor_after,
    first_place,
    page_size,
    range_of,
    within,
)
from tocsin.errors import UsageError
from tocsin.ports.search import Order, Window

TIMES = st.datetimes(datetime(1930, 1, 1), datetime(2070, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the zone comes from `timezones`


@given(TIMES, TIMES)
def test_places_are_in_the_order_of_time(one: datetime, two: datetime) -> None:
    assert (first_place(one) < first_place(two)) == (one < two)
    assert first_place(one + timedelta(microseconds=1)) - first_place(one) == TIES


def test_a_time_that_no_true_clock_shows_has_no_place() -> None:
    for year in (1901, 2100):
        with pytest.raises(ValueError, match=str(year)):
            first_place(datetime(year, 1, 1, tzinfo=UTC))


@given(TIMES, st.none() | TIMES, st.none() | TIMES)
def test_a_windows_range_holds_every_place_in_it(
    at: datetime, since: datetime | None, until: datetime | None
) -> None:
    window = Window(since, until)
    low, high = range_of(window)
    if within(window, at):
        assert low <= first_place(at) < high


def test_a_window_is_half_open() -> None:
    hour = timedelta(hours=1)
    window = Window(EPOCH, EPOCH + hour)
    assert within(window, EPOCH)
    assert not within(window, EPOCH + hour)
    assert within(ALWAYS, EPOCH - 1000 * hour)


@given(st.lists(st.integers(-1000, 1000), unique=True), st.integers(-1000, 1000))
def test_a_cursor_parts_a_list_into_what_follows_and_what_was_seen(
    places: list[int], at: int
) -> None:
    for order in ("newest", "oldest"):
        (low, high), (seen_low, seen_high) = beyond(-2000, 2000, order, cursor_after(order, at))
        follow = {p for p in places if low <= p < high}
        seen = {p for p in places if seen_low <= p < seen_high}
        assert follow == {p for p in places if (p < at if order == "newest" else p > at)}
        assert seen == set(places) - follow


def test_the_empty_cursor_leaves_the_list_whole() -> None:
    assert beyond(3, 9, "newest", "") == ((3, 9),)


@pytest.mark.parametrize(
    "cursor", ["x", "n", "n-", "nzz", "n" + "f" * 16, "n1 ", "n1\n", "o5", "'; DROP", "n１"]
)
def test_a_cursor_that_is_not_ours_is_a_usage_error(cursor: str) -> None:
    with pytest.raises(UsageError, match="first page"):
        beyond(0, 9, "newest", cursor)


@given(st.text(max_size=20))
def test_any_text_as_a_cursor_is_ours_or_a_usage_error(cursor: str) -> None:
    order: Order = "oldest"
    try:
        parts = beyond(0, 9, order, cursor)
    except UsageError:
        return
    assert parts


def test_a_page_has_at_least_one_entry() -> None:
    assert page_size(1) == 1
    with pytest.raises(UsageError, match="at least 1"):
        page_size(0)
