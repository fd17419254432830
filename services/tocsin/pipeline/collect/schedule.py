"""When a feed is polled next, and how it is doing: pure functions (state, answer, now) → state.

As often as the feed brings news, never more often than it asks, spaced by a hash of its id so that a
restart does not poll everything at once. A failing feed is slowed, never dropped, and every state says
in words what is wrong and since when (reliability.md §2.2, desk.md §5).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from tocsin.pipeline.collect.cache import Freshness
from tocsin.pipeline.collect.health import reason_for_fault, reason_for_status, silence
from tocsin.pipeline.collect.items import Harvest
from tocsin_schemas.feed import Feed, FeedHealth, FeedState

LEAST, MOST = 300, 86_400
"""Shortest and longest usual interval, seconds."""
FIRST = 1_800
"""Interval while a feed's habit is unknown, seconds."""
DEMO = 2.0
"""Interval of the demo press's feeds, seconds, before `demo_speed`."""
REPOLL_PAUSED = timedelta(days=30)
FULL_EVERY = 50
"""Every so many polls one is unconditional: validators lie (reliability.md §2.1)."""
LIES = 3
"""Changed bodies under unchanged validators after which none are sent any more."""
SHOWN = timedelta(hours=24)
"""How long a recovery or a gap stands in a feed's state, so that a person sees it."""
WEEKLY_AFTER = timedelta(days=30)
_AGAIN = "ok again since"
_WEEK = 7 * 86_400
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the feed and its server ask for."""

    ttl_s: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    freshness: Freshness = field(default_factory=Freshness)


def is_due(feed: Feed, state: FeedState | None, now: datetime) -> bool:
    """Whether the feed is to be polled at `now`."""
    if not feed.active or feed.deleted:
        return False
    return state is None or state.next_poll is None or state.next_poll <= now


def is_asked(feed: Feed, state: FeedState | None) -> bool:
    """Whether a person asked for a poll since the last one."""
    if feed.asked is None:
        return False
    return state is None or state.polled is None or state.polled < feed.asked


def conditional(state: FeedState) -> tuple[str, str]:
    """(ETag, Last-Modified) to send, verbatim; ("", "") where this poll has to be unconditional: each
    `FULL_EVERY`th, for a feed without a valid answer yet, and where its validators lie.
    """
    if state.succeeded is None or (state.polls + 1) % FULL_EVERY == 0 or state.lies >= LIES:
        return "", ""
    return state.etag, state.last_modified


def paused(feed: Feed, state: FeedState, now: datetime) -> FeedState:
    """The state of a feed that a person paused."""
    return _became(state, "paused", "by you", now, url=feed.url, next_poll=None)


def unchanged(
    feed: Feed, state: FeedState, wishes: Wishes, now: datetime, *, speed: float = 1.0
) -> FeedState:
    """After a 304, or a body that is byte for byte the last one."""
    fresh = wishes.freshness
    state = state.model_copy(
        update={
            "etag": fresh.etag or state.etag,
            "last_modified": fresh.last_modified or state.last_modified,
        }
    )
    return _succeeded(feed, state, wishes, now, speed=speed, brought=0)


def answered(
    feed: Feed,
    state: FeedState,
    harvest: Harvest,
    wishes: Wishes,
    now: datetime,
    *,
    body_hash: str,
    speed: float = 1.0,
) -> FeedState:
    """After a valid answer. The gap state: nothing in it was known although the feed had items."""
    lost = bool(state.seen) and harvest.entries > 0 and not harvest.overlap
    before = state.succeeded
    fresh = wishes.freshness
    same = fresh.etag == state.etag and fresh.last_modified == state.last_modified
    lied = same and bool(fresh.etag or fresh.last_modified) and body_hash != state.body_hash
    state = state.model_copy(
        update={
            "lies": state.lies + (1 if lied else 0),
            "etag": fresh.etag,
            "last_modified": fresh.last_modified,
            "body_hash": body_hash,
            "seen": harvest.seen,
            "item_times": harvest.times or state.item_times,
            "last_item": now if harvest.new else state.last_item,
            "alternatives": (),
        }
    )
    state = _succeeded(feed, state, wishes, now, speed=speed, brought=len(harvest.new))
    if lost and before is not None:
        between = f"{before:%H:%M}–{now:%H:%M}"
        reason = f"no overlap with last poll: items may be lost {between} UTC"
        return _became(state, "gap", reason, now)
    return state


def not_a_feed(
    feed: Feed, state: FeedState, message: str, alternatives: tuple[str, ...], now: datetime
) -> FeedState:
    """After an answer that is no feed."""
    state = _failed(feed, state, now)
    state = state.model_copy(update={"alternatives": alternatives, "etag": "", "last_modified": ""})
    return _became(state, "not-a-feed", message, now)


def refused_by_status(
    feed: Feed,
    state: FeedState,
    status: int,
    now: datetime,
    *,
    retry_after_s: float | None = None,
    challenged: bool = False,
) -> FeedState:
    """After a status that is no success. Retry-After is clamped to 60 s … 24 h."""
    state = _failed(feed, state, now, status=status, retry_after_s=retry_after_s)
    health, reason = reason_for_status(status, state, challenged=challenged)
    return _became(state, health, reason, now)


def failed(feed: Feed, state: FeedState, fault: str, message: str, now: datetime) -> FeedState:
    """After a poll without an answer."""
    state = _failed(feed, state, now)
    return _became(state, "failing", reason_for_fault(fault, message, state), now)


def moved(state: FeedState, permanent: str, now: datetime) -> FeedState:
    """Note where a chain of permanent redirects led; the feed's own address stays (hotel portals answer
    301 too: reliability.md §2.1), a person may take the new one.
    """
    if permanent == state.moved_to:
        return state
    return state.model_copy(
        update={"moved_to": permanent, "moved_since": now if permanent else None}
    )


def interval_s(state: FeedState, wishes: Wishes) -> float:
    """Usual seconds between polls: half the median gap of the newest 20 items, raised to what the feed
    asks for, within 5 minutes and a day.
    """
    times = sorted(state.item_times)
    gaps = [(b - a).total_seconds() for a, b in pairwise(times) if b > a]
    usual = median(gaps) / 2 if gaps else FIRST
    usual = min(max(usual, LEAST), MOST)
    asked = max(wishes.ttl_s or 0, wishes.freshness.max_age_s or 0)
    return min(max(usual, asked), MOST)


def jitter(feed_id: str) -> float:
    """A factor of 0.9 … 1.1 that is the same for this feed always."""
    raw = int.from_bytes(hashlib.sha256(feed_id.encode()).digest()[:4], "big")
    return 0.9 + 0.2 * raw / 0xFFFFFFFF


def _succeeded(
    feed: Feed, state: FeedState, wishes: Wishes, now: datetime, *, speed: float, brought: int
) -> FeedState:
    if feed.demo:
        wait = DEMO / max(speed, 1.0)
    elif feed.interval_s is not None:
        wait = float(feed.interval_s)
    else:
        wait = interval_s(state, wishes) * jitter(feed.id)
    due = now + timedelta(seconds=wait)
    if not feed.demo and feed.interval_s is None:
        due = _past_skipped(due, now, wishes)
    hours = _strip(state.hours, now, "n" if brought else "h")
    by_hour = _counted(state.new_by_hour, now, brought)
    before = state
    state = state.model_copy(
        update={
            "url": feed.url,
            "polled": now,
            "succeeded": now,
            "polls": state.polls + 1,
            "failures": 0,
            "next_poll": due,
            "hours": hours,
            "new_by_hour": by_hour,
            "items_24h": sum(by_hour.values()),
        }
    )
    return _healthy(before, state, now)


def _healthy(before: FeedState, state: FeedState, now: datetime) -> FeedState:
    """What a valid answer means for the state shown."""
    quiet = silence(state, now)
    if quiet:
        return _became(state, "silent", quiet, now)
    recent = before.since is not None and now - before.since < SHOWN
    if before.state == "gap" and recent:
        return state
    if before.state == "ok" and recent and before.reason.startswith(_AGAIN):
        return state
    if before.failures and before.since is not None:
        missed = _missed(now - (before.succeeded or before.since))
        return _became(state, "ok", f"{_AGAIN} {now:%H:%M} UTC, {missed} missed", now)
    if not state.seen:
        return _became(state, "empty", "valid, no entries", now)
    noun = "item" if state.items_24h == 1 else "items"
    return _became(state, "ok", f"{state.items_24h} {noun} in 24 h", now)


def _missed(length: timedelta) -> str:
    minutes = max(int(length.total_seconds() // 60), 1)
    return f"{minutes} min" if minutes < 90 else f"{round(minutes / 60)} h"


def _failed(
    feed: Feed,
    state: FeedState,
    now: datetime,
    *,
    status: int = 0,
    retry_after_s: float | None = None,
) -> FeedState:
    failures = state.failures + 1
    if feed.demo:
        wait = DEMO
    elif status in (429, 503) and retry_after_s is not None:
        wait = min(max(retry_after_s, 60.0), MOST) * (0.1 + jitter(feed.id))  # 1.0 … 1.2
    elif status in (429, 503):
        wait = min(LEAST * 2.0 ** (failures - 1), MOST)
    elif status == 410:
        wait = REPOLL_PAUSED.total_seconds()
    elif status in (401, 403, 451):
        wait = 3_600.0 if failures <= 4 else MOST
    else:
        usual = float(feed.interval_s or min(interval_s(state, Wishes()), 3_600))
        wait = min(max(usual, 60.0) * min(2.0 ** (failures - 1), 64.0), MOST)
        down = state.succeeded is not None and now - state.succeeded > WEEKLY_AFTER
        wait = (_WEEK if down else wait) * jitter(feed.id)
    return state.model_copy(
        update={
            "url": feed.url,
            "polled": now,
            "polls": state.polls + 1,
            "failures": failures,
            "next_poll": now + timedelta(seconds=wait),
            "hours": _strip(state.hours, now, "x"),
            "new_by_hour": (by_hour := _counted(state.new_by_hour, now, 0)),
            "items_24h": sum(by_hour.values()),
        }
    )


def _past_skipped(due: datetime, now: datetime, wishes: Wishes) -> datetime:
    """`due`, moved past hours and days in which the feed does not change; by a day at most."""
    for _ in range(24):
        named = due.hour in wishes.skip_hours or _DAYS[due.weekday()] in wishes.skip_days
        if not named or due - now >= timedelta(days=1):
            return due
        due = due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due


def _became(
    state: FeedState, health: FeedHealth, reason: str, now: datetime, **more: object
) -> FeedState:
    since = state.since if state.state == health and state.since is not None else now
    return state.model_copy(update={"state": health, "reason": reason, "since": since, **more})


def _strip(hours: dict[str, str], now: datetime, mark: str) -> dict[str, str]:
    """The last 7 days by hour: `n` wins over `x`, which wins over `h` (a failure is not hidden by a
    quiet success).
    """
    hour = f"{now.astimezone(UTC):%Y-%m-%dT%H}"
    oldest = f"{now.astimezone(UTC) - timedelta(days=7):%Y-%m-%dT%H}"
    kept = {h: m for h, m in hours.items() if h > oldest}
    rank = {"h": 0, "x": 1, "n": 2}
    was = kept.get(hour)
    kept[hour] = mark if was is None or rank[mark] >= rank.get(was, 0) else was
    return kept


def _counted(by_hour: dict[str, int], now: datetime, brought: int) -> dict[str, int]:
    """New items by hour, the last 24 hours."""
    hour = f"{now.astimezone(UTC):%Y-%m-%dT%H}"
    oldest = f"{now.astimezone(UTC) - timedelta(hours=24):%Y-%m-%dT%H}"
    kept = {h: n for h, n in by_hour.items() if h > oldest}
    if brought:
        kept[hour] = kept.get(hour, 0) + brought
    return kept
