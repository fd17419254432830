"""When a subscription last rang, how often it matches, and what was kept quiet for it.

Counts articles, each once, however often the clusterer tells of them again.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import orjson

from tocsin.ports.state import Transaction

ACTIVITY = "activity"
DAYS = 30
"""Days of which the counts are kept."""


@dataclass(slots=True)
class Activity:
    """One subscription's counts. `days`: day → (articles matched, alerts); null times: never."""

    last_matched: datetime | None = None
    last_rang: datetime | None = None
    matched: int = 0
    alerts: int = 0
    copies: int = 0
    same: int = 0
    days: dict[date, tuple[int, int]] = field(default_factory=dict)

    def note(self, at: datetime, *, matched: bool, rang: bool) -> None:
        """Count a matching article, an alert, or both."""
        if matched:
            self.matched += 1
            self.last_matched = max(self.last_matched or at, at)
        if rang:
            self.alerts += 1
            self.last_rang = max(self.last_rang or at, at)
        hits, rings = self.days.get(at.date(), (0, 0))
        self.days[at.date()] = (hits + matched, rings + rang)
        if len(self.days) > DAYS:
            oldest = max(self.days) - timedelta(days=DAYS)
            self.days = {d: n for d, n in sorted(self.days.items()) if d > oldest}

    def hits_per_day(self, now: datetime, days: int = 7) -> float:
        """Articles matched a day, over the last `days` days up to `now`."""
        first = now.date() - timedelta(days=days)
        return sum(n[0] for d, n in self.days.items() if d > first) / days


def read(tx: Transaction, subscription: str) -> Activity:
    """What a subscription did so far; empty at first."""
    row = tx.get(ACTIVITY, subscription)
    if row is None:
        return Activity()
    d = orjson.loads(row)
    return Activity(
        last_matched=_time(d["last_matched"]),
        last_rang=_time(d["last_rang"]),
        matched=d["matched"],
        alerts=d["alerts"],
        copies=d["copies"],
        same=d["same"],
        days={date.fromisoformat(k): (n[0], n[1]) for k, n in d["days"].items()},
    )


def write(tx: Transaction, subscription: str, activity: Activity) -> None:
    """Keep it."""
    row = orjson.dumps(
        {
            "last_matched": activity.last_matched,
            "last_rang": activity.last_rang,
            "matched": activity.matched,
            "alerts": activity.alerts,
            "copies": activity.copies,
            "same": activity.same,
            "days": {k.isoformat(): list(n) for k, n in activity.days.items()},
        }
    )
    tx.put(ACTIVITY, subscription, row)


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
