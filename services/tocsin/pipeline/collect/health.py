"""A feed's troubles in words that a reader can act on (desk.md §5)."""

from datetime import datetime, timedelta
from itertools import pairwise

from tocsin_schemas.feed import FeedHealth, FeedState

_CLASSES = {
    "dns": "the host's name cannot be resolved",
    "connect": "no connection",
    "tls": "the certificate or TLS is not accepted",
    "timeout": "no answer in time",
    "too-large": "the answer is too large",
    "bomb": "the answer unpacks to far more than it says",
    "redirects": "redirected without end",
    "refused": "the address must not be fetched",
    "protocol": "the server's answer is no HTTP",
}


def reason_for_status(
    status: int, state: FeedState, *, challenged: bool = False
) -> tuple[FeedHealth, str]:
    """State and words for an HTTP status; `state` is the one after this failure."""
    until = f"{state.next_poll:%H:%M} UTC" if state.next_poll else "later"
    if status in (429, 503):
        return "waiting", f"HTTP {status}, host asked to wait until {until}"
    if challenged:
        return "blocked", f"HTTP {status}, a challenge page that only a browser passes"
    if status in (401, 402, 403, 407, 451):
        return "blocked", f"HTTP {status}: the host does not let us read it"
    if status == 410:
        return "failing", "HTTP 410: gone for good, says the host; asked again in 30 days"
    return "failing", f"HTTP {status}{_repeated(state)}"


def reason_for_fault(fault: str, message: str, state: FeedState) -> str:
    """Words for a poll without an answer."""
    said = _CLASSES.get(fault, fault)
    detail = f" ({message})" if message else ""
    return f"{said}{detail}{_repeated(state)}"


def silence(state: FeedState, now: datetime) -> str:
    """Why the feed counts as silent: nothing for longer than its own habit (95 % of its gaps, with a
    margin, at least 24 h) by publication times; "" while it does not, or while no habit is known.
    """
    times = sorted(state.item_times)
    gaps = sorted((b - a for a, b in pairwise(times) if b > a))
    if len(gaps) < 5:
        return ""
    newest = max(times[-1], state.last_item) if state.last_item is not None else times[-1]
    usual, rare = gaps[len(gaps) // 2], gaps[min(len(gaps) - 1, int(len(gaps) * 0.95))]
    if now - newest <= max(3 * rare, timedelta(hours=24)):
        return ""
    return f"nothing for {_span(now - newest)}; usual gap {_span(usual)} (95 % ≤ {_span(rare)})"


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 90:
        return f"{minutes} min"
    hours = (minutes + 30) // 60
    return f"{hours} h" if hours < 72 else f"{(hours + 12) // 24} d"


def _repeated(state: FeedState) -> str:
    following = f"; next {state.next_poll:%H:%M} UTC" if state.next_poll else ""
    if state.failures < 2:
        return following
    return f", {state.failures} polls in a row{following}"
