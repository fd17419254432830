"""From a clustered article to an alert: whom it concerns, and what of it is new to each.

The articles decide, in the order of their topic; every one embeds the story's snapshot, so nothing
depends on the order between topics. Story events only tell how many voices a story has by now. Acts
hold notifications, never alerts. Never takes a clock: time is the newest `collected` seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tocsin.pipeline.match import activity
from tocsin.pipeline.match.conditions import met, names_its_story
from tocsin.pipeline.match.coverage import Coverage
from tocsin.pipeline.match.decide import (
    Happening,
    Ring,
    first_match,
    happening,
    later,
    unconfirmed,
)
from tocsin.pipeline.match.draft import complete, draft
from tocsin.pipeline.match.known import Known
from tocsin.pipeline.match.recent import Recent
from tocsin.pipeline.match.registry import Registry, Saved, using
from tocsin.pipeline.match.rows import Place, Rows, Seen
from tocsin.pipeline.match.told import claims_of
from tocsin.pipeline.match.why import why
from tocsin.ports.bus import Message
from tocsin.ports.state import Transaction
from tocsin.query.view import View, view_of
from tocsin_schemas.alert import Alert
from tocsin_schemas.feed import FeedState
from tocsin_schemas.identity import alert_id
from tocsin_schemas.registry import Event, body_of, encode, event
from tocsin_schemas.story import ClusteredArticle, Statement, Story
from tocsin_schemas.subscription import Subscription, WordList
from tocsin_schemas.topics import ALERTS

SUBSCRIPTIONS = "subscriptions"
LISTS = "lists"


@dataclass(frozen=True, slots=True)
class Occasion:
    """One clustered article being decided. `followers`: who matched an earlier version of it."""

    cause: Event
    clustered: ClusteredArticle
    story_id: str
    view: View
    what: Happening
    followers: frozenset[str]


class Alerter:
    """The handler of the alerter (`pipeline.handler.Handler`). With `trial` it asks that subscription
    alone, and keeps no recent articles for others: a back-test.
    """

    def __init__(self, trial: Saved | None = None) -> None:
        self._trial = trial is not None
        self._mute = False
        self._registry = Registry()
        if trial is not None:
            self._registry.add(trial)
        self._recent = Recent()
        self._coverage = Coverage()

    @property
    def stopped(self) -> dict[str, str]:
        """Subscription id → why its query can no longer be read."""
        return self._registry.stopped

    def restore(self, tx: Transaction) -> None:
        """Forget the working set and read it from the rows."""
        self._registry = Registry()
        self._registry.lists(_lists(tx))
        for _, row in tx.scan(SUBSCRIPTIONS):
            self._registry.put(Subscription.model_validate_json(row))
        self._recent.restore(tx)
        self._coverage.restore(tx)

    def handle(self, event: Event, tx: Transaction) -> None:
        """Decide. The same event again changes nothing; what it once rang stands in the outbox."""
        body = event.body
        if isinstance(body, ClusteredArticle):
            self._article(event, body, tx)
        elif isinstance(body, Story):
            Rows(tx).told_of(body)
        elif isinstance(body, Subscription):
            self._subscription(body, tx)
        elif isinstance(body, WordList):
            self._list(body, tx)
        elif isinstance(body, FeedState):
            at = body.polled or event.at
            self._coverage.polled(body, at, tx)
            Rows(tx).tick(at)

    def fold(self, event: Event, tx: Transaction) -> None:
        """Take in what another has decided. An alert that stands in the log: its facts are rung, its
        ranges told; what came up to it was decided with it, and is not decided again when the articles
        are read once more. An article or a story: what is to be known of it later (who matched, whose
        match waits for its story); whatever it had to ring stands in the log.
        """
        body = event.body
        if isinstance(body, ClusteredArticle):
            self._mute = True
            try:
                self._article(event, body, tx)
            finally:
                self._mute = False
        elif isinstance(body, Story):
            Rows(tx).told_of(body)
        elif isinstance(body, Alert):
            self._alert(body, Rows(tx), tx)

    def _alert(self, alert: Alert, rows: Rows, tx: Transaction) -> None:
        story_id = rows.answers_to(alert.story_id)
        known = rows.known(story_id, alert.subscription_id)
        if known.has_rung(alert.reason, alert.fact):
            return
        known.entered = True
        known.ring(alert.reason, alert.fact)
        for other in alert.also:
            known.ring(other.reason, other.fact)
        for told in alert.told:
            known.tell(told)
        known.origins = max(known.origins, len(alert.origins))
        known.folded = max(known.folded, alert.story_revision)
        known.last_rang = max(known.last_rang or alert.rang, alert.rang)
        rows.put_known(story_id, alert.subscription_id, known)
        seen = rows.seen(story_id, alert.article_id) or Seen()
        seen.matched = tuple(sorted({*seen.matched, alert.subscription_id}))
        rows.put_seen(story_id, alert.article_id, seen)
        rows.stop_waiting(story_id, alert.subscription_id)
        rows.touch(story_id, alert.rang)
        if alert.reason == "first-match" and len(alert.origins) <= 1:
            rows.set_timer(alert.rang, alert)
        counts = activity.read(tx, alert.subscription_id)
        counts.note(alert.rang, matched=False, rang=True)
        activity.write(tx, alert.subscription_id, counts)

    def idle(self, tx: Transaction) -> None:
        """Raise what is `unconfirmed` by stream time. To be called only when every input was read to
        its end: a second origin that waits unread would make the alert a lie.
        """
        rows = Rows(tx)
        now = rows.clock()
        if now is None:
            return
        for alert in list(rows.take_timers(now)):
            one = self._registry.get(alert.subscription_id)
            story_id = rows.answers_to(alert.story_id)
            heard = rows.heard(story_id)
            if one is None or heard is None or "unconfirmed" not in one.asks.reasons:
                continue
            due = alert.rang + timedelta(seconds=one.unconfirmed_after_s)
            if due > now:
                rows.set_timer(due, alert)
                continue
            known = rows.known(story_id, alert.subscription_id)
            dark = self._coverage.between(heard.first_seen, now)
            ring = unconfirmed(known, heard.origins, one.unconfirmed_after_s, len(dark))
            if ring is None:
                continue
            made = alert.model_copy(
                update={
                    "id": alert_id(one.id, story_id, ring.reason, ring.fact),
                    "story_id": story_id,
                    "founding_story_id": story_id,
                    "story_revision": max(heard.revision, alert.story_revision),
                    "reason": ring.reason,
                    "fact": ring.fact,
                    "also": (),
                    "rang": now,
                    "told": known.ranges(),
                    "origins": heard.origins,
                    "coverage": dark,
                    "why": alert.why.model_copy(update={"sentence": ring.sentence}),
                }
            )
            known.last_rang = now
            rows.put_known(story_id, one.id, known)
            counts = activity.read(tx, one.id)
            counts.note(now, matched=False, rang=True)
            activity.write(tx, one.id, counts)
            self._emit(made, made.article_id, None, tx)

    def _article(self, cause: Event, c: ClusteredArticle, tx: Transaction) -> None:
        if "backfill" in {cause.mode, c.mode}:
            return  # writes no alerts, so that a later live match still rings
        rows = Rows(tx)
        rows.tick(c.article.collected)
        place = rows.settle(c.story)
        seen = rows.seen(place.story_id, c.article_id)
        if seen is not None and c.revision <= seen.revision:
            return
        fresh = seen is None or c.version > seen.version
        self._coverage.name(c.article.feed_id, c.article.source.name)
        occasion = _occasion(cause, c, place, seen, fresh=fresh)
        hits = {i for i in self._registry.match(occasion.view) if _since(self._registry.get(i), c)}
        waiting = rows.waiting(place.story_id)
        known = rows.all_known(place.story_id)
        for i in sorted(hits | known.keys() | waiting.keys()):
            one = self._registry.get(i)
            if one is not None:
                held = known.get(i, Known())
                self._ask(one, occasion, held, waiting.get(i), rows, tx, hit=i in hits)
        matched = tuple(sorted(occasion.followers | hits))
        rows.put_seen(place.story_id, c.article_id, Seen(c.revision, c.version, matched))
        rows.touch(place.story_id, c.article.collected)
        if not self._trial:
            self._recent.add(cause, tx, fresh=fresh)

    def _ask(
        self,
        one: Saved,
        occasion: Occasion,
        known: Known,
        waiting: Alert | None,
        rows: Rows,
        tx: Transaction,
        *,
        hit: bool,
    ) -> None:
        """Ask one subscription what an occasion is to it, and ring, wait, count or stay silent."""
        c, story = occasion.clustered, occasion.what.story
        before = known.to_bytes()
        rings: list[Ring] = []
        rang = False
        if waiting is not None and waiting.query_version != one.query_version:
            rows.stop_waiting(occasion.story_id, one.id)
            waiting = None
        new_hit = hit and one.id not in occasion.followers
        if known.entered:
            rings = later(one.asks, known, occasion.what, followed=one.id in occasion.followers)
            if rings:
                self._ring(
                    self._draft(one, occasion, rings[0], hit=hit), rings, known, occasion, tx
                )
                rang = True
            elif new_hit and c.copy_of is not None:
                known.copies += 1
            elif new_hit:
                known.same += 1
        elif met(one.conditions, story) and (hit or waiting is not None):
            rings = first_match(one.asks, known, story)
            first = Ring("first-match", "", "First match in this story.")
            made = (
                self._draft(one, occasion, first, hit=True) if hit or waiting is None else waiting
            )
            if rings:
                made = self._ring(made, rings, known, occasion, tx)
                rang = True
            if "unconfirmed" in one.asks.reasons and len(story.origins) <= 1:
                self._set_timer(made, occasion, one, rows)
            rows.stop_waiting(occasion.story_id, one.id)
        elif hit and names_its_story(one.conditions, story):
            first = Ring("first-match", "", "First match in this story.")
            rows.wait(occasion.story_id, one.id, self._draft(one, occasion, first, hit=True))
        if (after := known.to_bytes()) != before:
            rows.put_known(occasion.story_id, one.id, known)
            del after
        if new_hit or rang:
            counts = activity.read(tx, one.id)
            counts.note(occasion.cause.at, matched=new_hit, rang=rang)
            if new_hit and not rang and known.entered:
                counts.copies += c.copy_of is not None
                counts.same += c.copy_of is None
            activity.write(tx, one.id, counts)

    def _draft(self, one: Saved, occasion: Occasion, ring: Ring, *, hit: bool) -> Alert:
        clauses, spans = (
            one.evidence(occasion.clustered.article, occasion.view) if hit else ((), ())
        )
        reason = why(ring, occasion.clustered, clauses, spans)
        return draft(ring, occasion.clustered, one, occasion.story_id, reason)

    def _ring(
        self,
        made: Alert,
        rings: Sequence[Ring],
        known: Known,
        occasion: Occasion,
        tx: Transaction,
    ) -> Alert:
        rang = occasion.cause.at
        known.last_rang = max(known.last_rang or rang, rang)
        story = occasion.what.story
        dark = self._coverage.between(story.first_seen, rang)
        alert = complete(made, occasion.story_id, story, known, rang, dark, rings[1:])
        self._emit(alert, occasion.cause.root_id, occasion.cause, tx)
        return alert

    def _emit(self, alert: Alert, root_id: str, cause: Event | None, tx: Transaction) -> None:
        if self._mute:
            return
        made = event(alert, root_id=root_id, at=alert.rang, cause=cause, discriminator=alert.id)
        tx.emit(Message(ALERTS.name, alert.id, encode(made)))

    def _set_timer(self, made: Alert, occasion: Occasion, one: Saved, rows: Rows) -> None:
        after = timedelta(seconds=one.unconfirmed_after_s)
        rang = occasion.cause.at
        rows.set_timer(rang + after, made.model_copy(update={"rang": rang}))

    def _subscription(self, changed: Subscription, tx: Transaction) -> None:
        row = changed.model_dump_json().encode()
        if tx.get(SUBSCRIPTIONS, changed.id) == row:
            return
        if changed.deleted:
            tx.delete(SUBSCRIPTIONS, changed.id)
            tx.delete(activity.ACTIVITY, changed.id)
            self._registry.remove(changed.id)
            return
        tx.put(SUBSCRIPTIONS, changed.id, row)
        one = self._registry.put(changed)
        if one is not None:
            self._catch_up(one, tx)

    def _catch_up(self, one: Saved, tx: Transaction) -> None:
        """Ask a new subscription about the last minutes' articles, collected since it took effect but
        read before it. Stories it knew before stay as they are: editing a query rings nothing again.
        """
        rows = Rows(tx)
        before: dict[str, bool] = {}
        for cause, fresh in self._recent.since(one.effective_from, tx):
            c = body_of(cause, ClusteredArticle)
            story_id = rows.answers_to(c.story.id)
            known = rows.known(story_id, one.id)
            if before.setdefault(story_id, known.entered):
                continue
            seen = rows.seen(story_id, c.article_id)
            place = Place(story_id, joined=False)
            occasion = _occasion(cause, c, place, seen, fresh=fresh)
            hit = one.met_by(occasion.view)
            waiting = rows.waiting(story_id).get(one.id)
            self._ask(one, occasion, known, waiting, rows, tx, hit=hit)
            if hit and seen is not None:
                seen.matched = tuple(sorted({*seen.matched, one.id}))
                rows.put_seen(story_id, c.article_id, seen)

    def _list(self, changed: WordList, tx: Transaction) -> None:
        tx.put(LISTS, changed.id, changed.model_dump_json().encode())
        self._registry.lists(_lists(tx))
        every = (Subscription.model_validate_json(row) for _, row in tx.scan(SUBSCRIPTIONS))
        for s in using(every, changed.name):
            self._registry.put(s)


def _occasion(
    cause: Event, c: ClusteredArticle, place: Place, seen: Seen | None, *, fresh: bool
) -> Occasion:
    """What an article brings: its statements where its version is new to the story; all that stand
    in the story, where two became one.
    """
    stated: dict[tuple[str, int, str, int, int], Statement] = {}
    for s in c.story.statements if place.joined else ():
        # News to whoever watched one of the two, but long said: no lowering rings by it.
        stated[_which(s)] = s.model_copy(update={"lowered": False})
    for s in c.statements if fresh else ():
        stated[_which(s)] = s
    claims = tuple(claims_of(stated.values(), c.story))
    what = happening(c, c.story, claims, new_version=fresh)
    followers = frozenset(seen.matched) if seen is not None else frozenset[str]()
    return Occasion(cause, c, place.story_id, view_of(c), what, followers)


def _which(s: Statement) -> tuple[str, int, str, int, int]:
    return s.article_id, s.version, s.kind, s.span.start, s.span.end


def _since(one: Saved | None, c: ClusteredArticle) -> bool:
    return one is not None and c.article.collected >= one.effective_from


def _lists(tx: Transaction) -> list[WordList]:
    return [WordList.model_validate_json(row) for _, row in tx.scan(LISTS)]
