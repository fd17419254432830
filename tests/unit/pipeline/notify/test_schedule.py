"""The retry schedule and the breaker."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.ring import START
from tocsin.pipeline.notify.schedule import DELAYS_S, Endpoint, jitter, next_attempt


def test_the_schedule_is_that_of_standard_webhooks():
    assert DELAYS_S == (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
    assert timedelta(seconds=sum(DELAYS_S)) == timedelta(hours=75, minutes=35, seconds=5)


@given(st.text(max_size=26), st.integers(min_value=1, max_value=9))
def test_each_delay_is_within_a_fifth_of_the_schedule_and_the_same_every_time(name: str, made: int):
    due = next_attempt(name, made, START, None)
    assert due is not None
    seconds = (due - START).total_seconds()
    assert DELAYS_S[made] * 0.8 - 0.001 <= seconds <= DELAYS_S[made] * 1.2 + 0.001
    assert due == next_attempt(name, made, START, None)


def test_jitter_spreads():
    factors = [jitter(f"n{n}", 1) for n in range(1000)]
    assert min(factors) < 0.82
    assert max(factors) > 1.18


def test_the_tenth_failure_is_the_last():
    assert next_attempt("n", 9, START, None) is not None
    assert next_attempt("n", 10, START, None) is None


def test_a_receiver_may_ask_for_a_longer_pause_of_at_most_a_day():
    assert next_attempt("n", 1, START, 600) == START + timedelta(seconds=600)
    assert next_attempt("n", 1, START, 10.0**9) == START + timedelta(days=1)


def test_a_receiver_cannot_ask_for_a_shorter_pause():
    assert next_attempt("n", 2, START, 0) == next_attempt("n", 2, START, None)


def failures(place: Endpoint, n: int) -> Endpoint:
    for _ in range(n):
        place = place.failed(START, status=500, retry_after_s=None)
    return place


def test_four_failures_leave_an_endpoint_open():
    assert not failures(Endpoint(), 4).shut(START)


@pytest.mark.parametrize(
    ("n", "pause"), [(5, 60), (6, 120), (7, 240), (8, 480), (11, 3600), (40, 3600)]
)
def test_the_fifth_failure_closes_it_for_a_minute_then_twice_as_long_up_to_an_hour(
    n: int, pause: int
):
    place = failures(Endpoint(), n)
    assert place.on_probation
    assert place.shut(START + timedelta(seconds=pause - 1))
    assert not place.shut(START + timedelta(seconds=pause))


def test_one_success_forgives_everything():
    assert failures(Endpoint(), 9).succeeded() == Endpoint()


def test_a_busy_receiver_is_left_in_peace_as_long_as_it_asks():
    place = Endpoint().failed(START, status=429, retry_after_s=90)
    assert place.shut(START + timedelta(seconds=89))
    assert not place.shut(START + timedelta(seconds=90))


def test_a_retry_after_of_a_fault_of_one_delivery_does_not_close_the_endpoint():
    assert not Endpoint().failed(START, status=500, retry_after_s=90).shut(START)
