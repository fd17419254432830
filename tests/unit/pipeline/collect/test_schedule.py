"""When a feed is polled next, and what its state says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import a_feed
from tocsin.pipeline.collect import schedule
from tocsin.pipeline.collect.cache import Freshness, freshness, retry_after_s
from tocsin.pipeline.collect.items import Harvest
from tocsin.pipeline.collect.schedule import Wishes
from tocsin_schemas.feed import Feed, FeedState

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FEED = a_feed("http://paper.example/feed")
NEW = FeedState(feed_id=FEED.id, url=FEED.url)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def brought(count: int = 1, times: tuple[datetime, ...] = (), *, overlap: bool = True) -> Harvest:
    seen = {str(n): "h" for n in range(count)}
    return Harvest((object(),) * count, seen, count, overlap, times)  # type: ignore[arg-type]  # only counted here


def answered(
    state: FeedState = NEW,
    found: Harvest | None = None,
    *,
    feed: Feed = FEED,
    at: datetime = NOW,
    wishes: Wishes | None = None,
    body: str = "b",
) -> FeedState:
    return schedule.answered(
        feed, state, found or brought(), wishes or Wishes(), at, body_hash=body
    )


def wait(state: FeedState, at: datetime = NOW) -> float:
    assert state.next_poll is not None
    return (state.next_poll - at).total_seconds()


def every(hours: float) -> tuple[datetime, ...]:
    return tuple(NOW - timedelta(hours=hours * n) for n in range(20))


def test_a_feed_without_a_state_is_due_one_with_a_later_poll_is_not() -> None:
    assert schedule.is_due(FEED, None, NOW)
    state = answered()
    assert not schedule.is_due(FEED, state, NOW)
    assert schedule.is_due(FEED, state, NOW + DAY)
    assert not schedule.is_due(FEED.model_copy(update={"active": False}), None, NOW)


@pytest.mark.parametrize(
    ("hours", "wishes", "seconds"),
    [
        (2, Wishes(), 3600),
        (0.01, Wishes(), 300),
        (200, Wishes(), 86_400),
        (2, Wishes(ttl_s=7200), 7200),
        (2, Wishes(freshness=Freshness(max_age_s=9000)), 9000),
        (2, Wishes(ttl_s=10**7), 86_400),
    ],
)
def test_the_interval_is_half_the_usual_gap_raised_to_what_is_asked(
    hours: float, wishes: Wishes, seconds: float
) -> None:
    state = answered(found=brought(times=every(hours)), wishes=wishes)
    assert 0.9 * seconds <= wait(state) <= 1.1 * seconds


def test_jitter_is_the_same_for_a_feed_and_differs_between_feeds() -> None:
    factors = {schedule.jitter(f"feed{n}") for n in range(100)}
    assert len(factors) == 100
    assert all(0.9 <= f <= 1.1 for f in factors)
    assert schedule.jitter("x") == schedule.jitter("x")


def test_an_owner_may_set_the_interval_and_the_demo_is_polled_by_the_second() -> None:
    assert wait(answered(feed=FEED.model_copy(update={"interval_s": 60}))) == 60
    demo = FEED.model_copy(update={"demo": True})
    assert wait(answered(feed=demo)) == 2
    state = schedule.unchanged(demo, answered(feed=demo), Wishes(), NOW, speed=10)
    assert wait(state) == pytest.approx(0.2)


def test_skipped_hours_and_days_are_passed_over() -> None:
    wishes = Wishes(skip_hours=(12, 13, 14))
    state = answered(found=brought(times=every(0.5)), wishes=wishes)
    assert state.next_poll == NOW.replace(hour=15)
    sunday = NOW + timedelta(days=5 - NOW.weekday(), hours=11.9)  # a Saturday, before midnight
    skipped = answered(
        found=brought(times=every(2)), wishes=Wishes(skip_days=("sunday",)), at=sunday
    )
    assert skipped.next_poll is not None
    assert skipped.next_poll - sunday <= DAY + HOUR
    everything = answered(wishes=Wishes(skip_hours=tuple(range(24))))
    assert wait(everything) <= 86_400 + 3600


def test_validators_are_sent_back_but_not_on_a_first_or_fiftieth_poll() -> None:
    fresh = Wishes(freshness=Freshness('W/"a"', "Tue"))
    state = answered(wishes=fresh)
    assert schedule.conditional(NEW) == ("", "")
    assert schedule.conditional(state) == ('W/"a"', "Tue")
    assert schedule.conditional(state.model_copy(update={"polls": 49})) == ("", "")


def test_validators_that_lie_three_times_are_sent_no_more() -> None:
    fresh = Wishes(freshness=Freshness('"same"'))
    state = answered(wishes=fresh, body="0")
    for n in range(1, 4):
        assert schedule.conditional(state) != ("", "")
        state = answered(state, wishes=fresh, body=str(n))
    assert state.lies == 3
    assert schedule.conditional(state) == ("", "")


def test_a_304_refreshes_validators_and_keeps_the_items() -> None:
    state = answered(wishes=Wishes(freshness=Freshness('"a"', "Mon")))
    later = schedule.unchanged(FEED, state, Wishes(freshness=Freshness("", "Tue")), NOW + HOUR)
    assert (later.etag, later.last_modified, later.seen) == ('"a"', "Tue", state.seen)
    assert (later.succeeded, later.last_item, later.polls) == (NOW + HOUR, NOW, 2)


def test_counts_and_strip_cover_their_day_and_week() -> None:
    state = answered(found=brought(3))
    assert (state.state, state.reason) == ("ok", "3 items in 24 h")
    assert state.hours == {"2026-11-24T12": "n"}
    state = answered(state, brought(0), at=NOW + HOUR)
    assert state.hours["2026-11-24T13"] == "h"
    assert state.items_24h == 3
    state = answered(state, brought(1), at=NOW + timedelta(hours=25))
    assert (state.items_24h, state.reason) == (1, "1 item in 24 h")
    state = answered(state, brought(0), at=NOW + timedelta(days=9))
    assert state.hours == {"2026-12-03T12": "h"}


def test_a_failure_in_an_hour_is_not_hidden_by_a_quiet_success() -> None:
    state = schedule.failed(FEED, answered(), "dns", "", NOW + HOUR)
    state = schedule.unchanged(FEED, state, Wishes(), NOW + HOUR)
    assert state.hours["2026-11-24T13"] == "x"
    state = answered(state, at=NOW + HOUR)
    assert state.hours["2026-11-24T13"] == "n"


def test_failures_are_counted_slowed_and_named() -> None:
    state = answered(found=brought(times=every(2)))
    waits = []
    for n in range(10):
        at = NOW + n * HOUR
        state = schedule.refused_by_status(FEED, state, 500, at)
        waits.append(wait(state, at))
    assert state.failures == 10
    assert state.since == NOW
    assert "HTTP 500, 10 polls in a row" in state.reason
    assert waits == sorted(waits)
    assert waits[-1] <= 86_400 * 1.1
    assert 0.9 * 3600 <= waits[0] <= 1.1 * 3600


def test_a_feed_that_fails_for_a_month_is_asked_weekly_and_never_dropped() -> None:
    state = schedule.failed(FEED, answered(), "dns", "gone", NOW + 31 * DAY)
    assert wait(state, NOW + 31 * DAY) > 6 * 86_400


@pytest.mark.parametrize(
    ("status", "retry", "least", "most", "health"),
    [
        (429, 600.0, 600, 720, "waiting"),
        (503, 1.0, 60, 72, "waiting"),
        (429, 10.0**9, 86_400, 86_400 * 1.2, "waiting"),
        (503, None, 300, 300, "waiting"),
        (410, None, 30 * 86_400, 30 * 86_400, "failing"),
        (403, None, 3600, 3600, "blocked"),
        (401, None, 3600, 3600, "blocked"),
        (451, None, 3600, 3600, "blocked"),
        (404, None, 600, 7200, "failing"),
    ],
)
def test_each_status_has_its_wait(
    status: int, retry: float | None, least: float, most: float, health: str
) -> None:
    state = schedule.refused_by_status(FEED, answered(), status, NOW, retry_after_s=retry)
    assert state.state == health
    assert least - 1 <= wait(state) <= most + 1


def test_a_blocked_feed_is_asked_daily_after_four_refusals() -> None:
    state = answered()
    for _ in range(5):
        state = schedule.refused_by_status(FEED, state, 403, NOW)
    assert wait(state) == 86_400


def test_no_overlap_is_a_gap_that_stands_for_a_day() -> None:
    state = answered(found=brought(3))
    state = answered(state, brought(3, overlap=False), at=NOW + HOUR)
    assert state.state == "gap"
    assert "items may be lost 12:00–13:00 UTC" in state.reason
    state = answered(state, at=NOW + 2 * HOUR)
    assert state.state == "gap"
    state = answered(state, at=NOW + timedelta(hours=26))
    assert state.state == "ok"


def test_silence_is_measured_by_the_feeds_own_habit() -> None:
    state = answered(found=brought(times=every(2)))
    quiet = schedule.unchanged(FEED, state, Wishes(), NOW + timedelta(hours=31))
    assert quiet.state == "silent"
    assert quiet.reason == "nothing for 31 h; usual gap 2 h (95 % ≤ 2 h)"
    assert schedule.unchanged(FEED, state, Wishes(), NOW + timedelta(hours=20)).state == "ok"
    weekly = answered(found=brought(times=every(7 * 24)))
    assert schedule.unchanged(FEED, weekly, Wishes(), NOW + 14 * DAY).state == "ok"
    few = answered(found=brought(times=every(2)[:3]))
    assert schedule.unchanged(FEED, few, Wishes(), NOW + 9 * DAY).state == "ok"


def test_recovery_is_told_for_a_day() -> None:
    state = answered()
    for n in range(1, 5):
        state = schedule.failed(FEED, state, "timeout", "", NOW + n * HOUR)
    state = answered(state, at=NOW + 5 * HOUR)
    assert (state.state, state.reason) == ("ok", "ok again since 17:00 UTC, 5 h missed")
    state = answered(state, at=NOW + 6 * HOUR)
    assert state.reason.startswith("ok again")
    state = answered(state, at=NOW + 30 * HOUR)
    assert "items in 24 h" in state.reason or "item in 24 h" in state.reason


def test_an_empty_feed_says_so() -> None:
    state = answered(found=brought(0))
    assert (state.state, state.reason) == ("empty", "valid, no entries")
    assert schedule.unchanged(FEED, state, Wishes(), NOW + HOUR).state == "empty"
    assert answered(state, brought(1), at=NOW + HOUR).state == "ok"


def test_what_is_no_feed_keeps_the_alternatives_until_it_is_one() -> None:
    state = schedule.not_a_feed(FEED, answered(), "got HTML", ("http://paper.example/rss",), NOW)
    assert (state.state, state.alternatives) == ("not-a-feed", ("http://paper.example/rss",))
    assert answered(state, at=NOW + HOUR).alternatives == ()


def test_a_paused_feed_says_by_whom() -> None:
    state = schedule.paused(FEED, answered(), NOW)
    assert (state.state, state.reason, state.next_poll) == ("paused", "by you", None)


def test_permanent_redirects_are_noted_with_their_first_day() -> None:
    state = schedule.moved(NEW, "http://new.example/", NOW)
    assert schedule.moved(state, "http://new.example/", NOW + DAY).moved_since == NOW
    assert schedule.moved(state, "", NOW + DAY).moved_since is None


@pytest.mark.parametrize(
    ("headers", "age"),
    [
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": 'max-age="60"'}, 60),
        ({"Cache-Control": "max-age=x", "Expires": "Tue, 24 Nov 2026 12:10:00 GMT"}, 600),
        ({"Expires": "0"}, None),
        ({"Expires": "Mon, 01 Jan 1990 00:00:00 GMT"}, None),
        ({"Expires": "Tue, 24 Nov 99999 12:10:00 GMT"}, None),
        ({}, None),
    ],
)
def test_the_age_of_an_answer_is_read_from_its_headers(
    headers: dict[str, str], age: int | None
) -> None:
    assert freshness(headers, NOW).max_age_s == age


def test_validators_that_could_break_a_header_are_not_kept() -> None:
    assert freshness({"ETag": "x" * 2000}, NOW).etag == ""
    assert freshness({"ETag": ' W/"ok" '}, NOW).etag == 'W/"ok"'


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 24 Nov 2026 12:02:00 GMT", 120.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after_s({"Retry-After": value}, NOW) == seconds


steps = st.lists(
    st.tuples(st.sampled_from(["ok", "same", "500", "429", "403", "dns", "html", "empty"]), st.integers(1, 200)),
    max_size=12,
)  # fmt: skip


@given(steps)
def test_whatever_happens_a_feed_is_polled_again_and_its_state_says_why(
    said: list[tuple[str, int]],
) -> None:
    state, at = NEW, NOW
    for what, hours in said:
        at += hours * HOUR
        if what == "ok":
            state = answered(state, brought(2), at=at)
        elif what == "empty":
            state = answered(state, brought(0), at=at)
        elif what == "same":
            state = schedule.unchanged(FEED, state, Wishes(), at)
        elif what == "dns":
            state = schedule.failed(FEED, state, "dns", "", at)
        elif what == "html":
            state = schedule.not_a_feed(FEED, state, "got HTML", (), at)
        else:
            state = schedule.refused_by_status(FEED, state, int(what), at)
        assert state.next_poll is not None
        assert timedelta() < state.next_poll - at <= 31 * DAY
        assert state.reason
        assert state.since is not None
        assert state.since <= at
        assert len(state.hours) <= 169
        assert FeedState.model_validate_json(state.model_dump_json()) == state
