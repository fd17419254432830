"""What a query would have rung for, and what it would have kept quiet, on articles already held.

Runs the alerter itself over them, for one subscription that has been in force for ever, so that the
back-test cannot disagree with the live alert. What came in as backfill counts here: the question is what
such news would do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tocsin.pipeline.match import activity
from tocsin.pipeline.match.alerter import Alerter
from tocsin.pipeline.match.registry import saved
from tocsin.pipeline.match.scratch import Scratch
from tocsin.query.ast import Query
from tocsin_schemas.alert import Alert
from tocsin_schemas.contract import Kind
from tocsin_schemas.identity import digest_id
from tocsin_schemas.registry import body_of, decode, event
from tocsin_schemas.story import ClusteredArticle
from tocsin_schemas.subscription import Reason, Subscription

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULTS = Subscription.model_fields


@dataclass(frozen=True, slots=True)
class BackTest:
    """The answer. `copies` and `same` are matching articles kept quiet; `complete` is false when the
    budget ended first: then `until` says how far it came.
    """

    alerts: tuple[Alert, ...]
    articles: int
    matched: int
    copies: int
    same: int
    since: datetime | None
    until: datetime | None
    complete: bool
    days: dict[date, tuple[int, int]]
    """Day → (articles matched, alerts), days without either left out."""

    @property
    def quiet(self) -> int:
        """Matching articles that would have rung nothing."""
        return self.copies + self.same

    @property
    def reasons(self) -> dict[Reason, int]:
        """Alerts by leading reason."""
        return dict(Counter(a.reason for a in self.alerts))

    @property
    def alerts_a_day(self) -> float:
        """Alerts per day over the span of the articles, at least one day."""
        if self.since is None or self.until is None:
            return 0.0
        return len(self.alerts) / max(1.0, (self.until - self.since).total_seconds() / 86_400)


def backtest(
    query: Query,
    articles: Iterable[ClusteredArticle],
    *,
    reasons: Sequence[Reason] = _DEFAULTS["reasons"].default,
    origins: Sequence[int] = _DEFAULTS["origins"].default,
    kinds: Sequence[Kind] = _DEFAULTS["kinds"].default,
    go_on: Callable[[], bool] = lambda: True,
) -> BackTest:
    """Decide `articles`, given in the order of their collection, for `query`. `go_on` is asked before
    each article and ends the test when it says no (a budget of time is the caller's).
    """
    one = Subscription(
        id=digest_id("back-test", query.canonical),
        name="back-test",
        query=query.text[:4096],
        reasons=tuple(reasons),
        origins=tuple(origins),
        kinds=tuple(kinds),
        created=_EVER,
        effective_from=_EVER,
    )
    rows, alerter = Scratch(), Alerter(trial=saved(one, query))
    days: dict[date, list[int]] = {}
    first: datetime | None = None
    last: datetime | None = None
    count, complete, hits, rang = 0, True, 0, 0
    for article in articles:
        if not go_on():
            complete = False
            break
        at = article.article.collected
        first, last, count = first or at, max(last or at, at), count + 1
        body = article.model_copy(update={"mode": "live"})
        mark = f"{article.article_id}@{article.revision}"
        cause = event(body, root_id=article.article.root_id, at=at, discriminator=mark)
        alerter.handle(cause, rows)
        if "unconfirmed" in one.reasons:
            alerter.idle(rows)
        noted = activity.read(rows, one.id)
        if (noted.matched, noted.alerts) != (hits, rang):
            day = days.setdefault(at.date(), [0, 0])
            day[0] += noted.matched - hits
            day[1] += noted.alerts - rang
            hits, rang = noted.matched, noted.alerts
    noted = activity.read(rows, one.id)
    alerts = (decode(m.value) for m in rows.emitted if m.value is not None)
    return BackTest(
        alerts=tuple(body_of(e, Alert) for e in alerts),
        articles=count,
        matched=noted.matched,
        copies=noted.copies,
        same=noted.same,
        since=first,
        until=last,
        complete=complete,
        days={d: (n[0], n[1]) for d, n in sorted(days.items())},
    )
