"""When a delivery is tried again, and when an endpoint is left in peace. Values, no clock, no dice.

Source: Standard Webhooks, "Retries and failures"; breaker after reliability.md §5.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

DELAYS_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before attempt 1, 2 … 10: 75 h 35 min in all. After the tenth failure the delivery is dead."""
JITTER = 0.2
MOST_RETRY_AFTER_S = 86_400.0
"""A receiver may ask for a pause of a day, not for ever."""
FAILURES = 5
"""Failures in a row after which an endpoint's breaker opens."""
FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 3600.0
THROTTLES = frozenset({429, 502, 503, 504})
"""Answers whose Retry-After speaks for the whole endpoint, not for one delivery."""


def jitter(notification: str, attempt: int) -> float:
    """A factor in [0.8, 1.2] from the ids alone, so that a replay plans the same."""
    h = hashlib.sha256(f"{notification}:{attempt}".encode()).digest()
    return 1 - JITTER + 2 * JITTER * int.from_bytes(h[:4], "big") / 0xFFFFFFFF


def next_attempt(
    notification: str, made: int, now: datetime, retry_after_s: float | None
) -> datetime | None:
    """When to try again after `made` failed attempts; null when that was the last."""
    if made >= len(DELAYS_S):
        return None
    seconds = DELAYS_S[made] * jitter(notification, made)
    if retry_after_s is not None:
        seconds = max(seconds, min(max(retry_after_s, 0.0), MOST_RETRY_AFTER_S))
    return now + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address as the last attempts found it. `closed_until`: nothing is sent before."""

    failures: int = 0
    pause_s: float = 0.0
    closed_until: datetime | None = None

    @property
    def on_probation(self) -> bool:
        """One attempt at a time until one succeeds."""
        return self.failures >= FAILURES

    def shut(self, now: datetime) -> bool:
        """Whether nothing may be sent at `now`."""
        return self.closed_until is not None and now < self.closed_until

    def succeeded(self) -> "Endpoint":
        """After a delivery: all is forgiven."""
        return Endpoint()

    def failed(
        self, now: datetime, *, status: int | None, retry_after_s: float | None
    ) -> "Endpoint":
        """After a failure: the fifth in a row closes it for 60 s, each failed probe for twice as
        long, at most an hour.
        """
        after = replace(self, failures=self.failures + 1)
        if after.on_probation:
            pause = min(LONGEST_PAUSE_S, self.pause_s * 2 or FIRST_PAUSE_S)
            after = replace(after, pause_s=pause, closed_until=now + timedelta(seconds=pause))
        if status in THROTTLES and retry_after_s is not None:
            asked = now + timedelta(seconds=min(max(retry_after_s, 0.0), MOST_RETRY_AFTER_S))
            after = replace(after, closed_until=max(after.closed_until or asked, asked))
        return after
