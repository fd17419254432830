"""What a query would have rung over the days held, for the form that makes it a subscription.

The decision is the live alerter's own (`pipeline.match.backtest`); here the articles are gathered from
the log, the work is capped, and the answer is put in words.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tocsin.api.display import ago, count, moment, number
from tocsin.pipeline.match.backtest import BackTest
from tocsin.pipeline.match.backtest import backtest as decide
from tocsin.ports.bus import Bus
from tocsin.query.ast import Query
from tocsin_schemas.alert import Alert
from tocsin_schemas.registry import WireError, body_of, decode
from tocsin_schemas.story import ClusteredArticle
from tocsin_schemas.subscription import Subscription
from tocsin_schemas.topics import CLUSTERED

DAYS = 7
BUDGET_S = 2.0
"""Work on one test, seconds; the page says how far it came."""
RECORDS = 20_000
"""Newest records of the log that are read at most."""
SAMPLES = 5
NOISY, VERY_NOISY = 10, 100
"""Alerts a day above which a schedule is advised, and above which the reader must insist."""
_DEFAULTS = Subscription.model_fields


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC): articles that met the query, and alerts."""

    day: date
    matched: int
    rang: int


@dataclass(frozen=True, slots=True)
class Tested:
    """A back-test in words, by day, with samples."""

    result: BackTest

    @property
    def sentence(self) -> str:
        """`Would have rung 3 times (2 first-match, 1 toll) …; kept quiet 41: 33 copies, 8 …`."""
        r = self.result
        if r.since is None or r.until is None:
            return "No article is held to test it on yet."
        span = f"in the {ago((r.until - r.since).total_seconds())} held"
        tail = "" if r.complete else f" Tested as far as {moment(r.until)} UTC, then time was up."
        if not r.matched:
            return f"It never matched: none of {count(r.articles, 'article')} {span}.{tail}"
        reasons = ", ".join(f"{n} {reason}" for reason, n in r.reasons.items())
        times = count(len(r.alerts), "time")
        rang = f"Would have rung {times}{f' ({reasons})' if reasons else ''} {span}"
        quiet = f"; kept quiet {r.quiet}" if r.quiet else "; kept nothing quiet"
        told = ((r.copies, "copy", "copies"), (r.same, "report of a story that had rung", ""))
        parts = [
            count(n, one, many or one.replace("report", "reports")) for n, one, many in told if n
        ]
        return f"{rang}{quiet}{': ' + ', '.join(parts) if parts else ''}.{tail}"

    @property
    def too_much(self) -> bool:
        """Whether it rings so often that it must be wanted in so many words."""
        return self.result.alerts_a_day > VERY_NOISY

    @property
    def noise(self) -> str:
        """What to think of the number, where it needs a word."""
        a_day = self.result.alerts_a_day
        if self.too_much:
            return f"Far too much: about {a_day:.0f} alerts a day. Narrow the query."
        if a_day > NOISY:
            return f"Noisy: about {a_day:.0f} alerts a day. Choose hourly or daily, or narrow it."
        return ""

    @property
    def days(self) -> list[Day]:
        """Every day from the first to the last with a match."""
        found = self.result.days
        if not found:
            return []
        first, last = min(found), max(found)
        span = [first + timedelta(days=i) for i in range(min((last - first).days, 60) + 1)]
        return [Day(d, *found.get(d, (0, 0))) for d in span]

    def row(self) -> dict[str, Any]:
        """As JSON."""
        r = self.result
        return {
            "rang": len(r.alerts),
            "reasons": r.reasons,
            "matched": r.matched,
            "kept_quiet": {"copies": r.copies, "same_story": r.same},
            "articles": r.articles,
            "complete": r.complete,
            "alerts_a_day": round(r.alerts_a_day, 2),
            "sentence": self.sentence,
            "noise": self.noise,
            "days": [
                {"day": d.day.isoformat(), "matched": d.matched, "rang": d.rang} for d in self.days
            ],
            "alerts": [
                {
                    "rang": a.rang.isoformat(),
                    "reason": a.reason,
                    "fact": a.fact,
                    "why": a.why.sentence,
                    "article": a.article_id,
                    "title": a.article_title,
                }
                for a in r.alerts[:100]
            ],
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """A changed subscription beside what it was, over the same articles."""

    was: Tested
    gone: list[Alert]
    """Alerts of the old wording that the new one would not have raised."""
    added: list[Alert]

    @property
    def sentence(self) -> str:
        """`Before: 3 alerts; now: 5. 1 no longer, 3 anew.`, or that nothing changes."""
        old, gone, added = len(self.was.result.alerts), len(self.gone), len(self.added)
        now = f"Before: {count(old, 'alert')}; now: {number(old - gone + added)}."
        if not gone and not added:
            return f"{now} The same alerts ring."
        return f"{now} {number(gone)} no longer, {number(added)} anew."


def compared(was: Tested, now: Tested) -> Compared:
    """What a change would have changed. Alerts are the same when story, reason and fact are."""

    def facts(tested: Tested) -> dict[tuple[str, str, str], Alert]:
        return {(a.founding_story_id, a.reason, a.fact): a for a in tested.result.alerts}

    old, new = facts(was), facts(now)
    return Compared(
        was,
        [a for k, a in old.items() if k not in new],
        [a for k, a in new.items() if k not in old],
    )


def articles(bus: Bus, since: datetime) -> Iterator[ClusteredArticle]:
    """Clustered articles on the log that were collected since then, oldest first."""
    start = {place: max(0, end - RECORDS) for place, end in bus.ends(CLUSTERED.name).items()}
    for record in bus.read(CLUSTERED.name, start):
        if record.value is None or record.written < since:
            continue
        try:
            body = body_of(decode(record.value), ClusteredArticle)
        except WireError:
            continue
        if body.article.collected >= since:
            yield body


def backtest(
    bus: Bus,
    query: Query,
    fields: Mapping[str, Any],
    now: datetime,
    tick: Callable[[], float] = time.monotonic,
) -> Tested:
    """Test a query with the reasons, kinds and origins of `fields` over the last `DAYS` days."""
    end = tick() + BUDGET_S
    chosen = {
        k: tuple(fields.get(k) or _DEFAULTS[k].default) for k in ("reasons", "kinds", "origins")
    }
    held = articles(bus, now - timedelta(days=DAYS))
    return Tested(decide(query, held, go_on=lambda: tick() < end, **chosen))
