"""The outbox as rows: every delivery, when it is due, what holds it back, how its endpoint is doing.

A delivery is leased before it is sent; a lease that runs out is taken again under the same id, so a
crash repeats a delivery and never loses one. Times are given by the caller.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from tocsin.pipeline.notify.schedule import Endpoint, next_attempt
from tocsin.ports.bus import Message
from tocsin.ports.notifier import Delivery
from tocsin.ports.state import Transaction
from tocsin_schemas.alert import Alert
from tocsin_schemas.identity import digest_id, notification_id
from tocsin_schemas.notification import Attempt, Notification
from tocsin_schemas.registry import Event, encode, event
from tocsin_schemas.subscription import Channel, Subscription
from tocsin_schemas.topics import NOTIFICATIONS as TOPIC

NOTIFICATIONS = "notifications"
ALERTS = "alerts"
DUE = "due"
ENDPOINTS = "endpoints"
GONE = "gone"
SUBSCRIPTIONS = "subscriptions"

LEASE = timedelta(seconds=60)
"""Four times what an attempt may take."""
PER_ENDPOINT = 4
"""Attempts at one endpoint at a time."""
LOOK = 500
"""Due deliveries looked at in one go."""
_OPEN = frozenset({"pending", "leased"})


@dataclass(frozen=True, slots=True)
class Job:
    """A leased delivery, with all that sending it needs."""

    notification: Notification
    channel: Channel
    alert: Alert


def moment(at: datetime) -> str:
    """A time as a key: sorts as the time does."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def channels_of(subscription: Subscription) -> tuple[Channel, ...]:
    """Its channels; its own feed always is one of them."""
    if any(c.kind == "feed" for c in subscription.channels):
        return subscription.channels
    feed = Channel(id=digest_id("channel", subscription.id, "feed"), kind="feed")
    return (*subscription.channels, feed)


def endpoint_id(url: str) -> str:
    """What one breaker watches: an address."""
    return digest_id("endpoint", url)


class Outbox:
    """Reads and writes the deliveries within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def get(self, notification_id: str) -> Notification | None:
        """One delivery."""
        row = self._tx.get(NOTIFICATIONS, notification_id)
        return None if row is None else Notification.model_validate_json(row)

    def put(self, n: Notification, *, at: datetime, cause: Event | None = None) -> None:
        """Keep a changed delivery and tell of it."""
        self.keep(n)
        made = event(
            n,
            root_id=n.alert_id if cause is None else cause.root_id,
            at=at,
            cause=cause,
            discriminator=f"{n.id}@{n.revision}",
        )
        self._tx.emit(Message(TOPIC.name, n.id, encode(made)))

    def keep(self, n: Notification) -> None:
        """Keep a delivery, and find it again when it is due."""
        held = self.get(n.id)
        if held is not None and (at := _due(held)) is not None:
            self._tx.delete(DUE, f"{moment(at)}:{n.id}")
        self._tx.put(NOTIFICATIONS, n.id, n.model_dump_json().encode())
        if (at := _due(n)) is not None:
            self._tx.put(DUE, f"{moment(at)}:{n.id}", b"")

    def attach(self, alert: Alert) -> None:
        """Keep the alert that open deliveries carry."""
        self._tx.put(ALERTS, alert.id, alert.model_dump_json().encode())

    def alert(self, alert_id: str) -> Alert | None:
        """The alert of an open delivery."""
        row = self._tx.get(ALERTS, alert_id)
        return None if row is None else Alert.model_validate_json(row)

    def open(self) -> Iterator[Notification]:
        """Deliveries that are pending or leased, soonest due first."""
        for key, _ in list(self._tx.scan(DUE)):
            n = self.get(key[-26:])
            if n is not None and n.status in _OPEN:
                yield n

    def subscription(self, subscription_id: str) -> Subscription | None:
        """A subscription with its channels."""
        row = self._tx.get(SUBSCRIPTIONS, subscription_id)
        return None if row is None else Subscription.model_validate_json(row)

    def disabled(self, channel: Channel) -> str:
        """Why nothing is sent to a channel any more; empty while it is in use. A channel given
        another address is in use again.
        """
        row = self._tx.get(GONE, _gone_key(channel))
        return "" if row is None else f"the receiver answered 410 Gone at {row.decode()}"

    def endpoint(self, url: str) -> Endpoint:
        """An address's breaker."""
        row = self._tx.get(ENDPOINTS, endpoint_id(url))
        if row is None:
            return Endpoint()
        failures, pause, until = orjson.loads(row)
        return Endpoint(failures, pause, None if until is None else datetime.fromisoformat(until))

    def take(self, now: datetime, busy: Mapping[str, int], limit: int = 64) -> list[Job]:
        """Lease up to `limit` due deliveries. `busy`: attempts under way, by `endpoint_id`. Those
        whose endpoint is closed or busy step back, so that they hold up no one else.
        """
        jobs: list[Job] = []
        under_way = dict(busy)
        end = moment(now)
        for looked, (key, _) in enumerate(list(self._tx.scan(DUE))):
            if len(jobs) >= limit or looked >= LOOK or key.partition("Z:")[0] + "Z" > end:
                break
            n = self.get(key[-26:])
            if n is None or (n.status not in _OPEN):
                self._tx.delete(DUE, key)
                continue
            job = self._job(n, now, under_way)
            if job is not None:
                place = endpoint_id(job.channel.url)
                under_way[place] = under_way.get(place, 0) + 1
                jobs.append(job)
        return jobs

    def _job(self, n: Notification, now: datetime, busy: Mapping[str, int]) -> Job | None:
        subscription, alert = self.subscription(n.subscription_id), self.alert(n.alert_id)
        channels = () if subscription is None else channels_of(subscription)
        channel = next((c for c in channels if c.id == n.channel_id), None)
        if channel is None:
            self._end(n, "dead", "the channel or its subscription was removed", now)
            return None
        if reason := self.disabled(channel):
            self._end(n, "dead", reason, now)
            return None
        if alert is None:
            self._step_back(n, now + timedelta(seconds=5))
            return None
        place = self.endpoint(channel.url)
        sending = busy.get(endpoint_id(channel.url), 0)
        if place.shut(now):
            assert place.closed_until is not None
            self._step_back(n, place.closed_until)
            return None
        if sending >= (1 if place.on_probation else PER_ENDPOINT):
            self._step_back(n, now + timedelta(seconds=1))
            return None
        leased = n.model_copy(
            update={
                "status": "leased",
                "revision": n.revision + 1,
                "leased_until": now + LEASE,
                "url": channel.url,
            }
        )
        self.put(leased, at=now)
        return Job(leased, channel, alert)

    def record(self, notification_id: str, channel: Channel, d: Delivery, now: datetime) -> None:
        """How an attempt ended: delivered, to be tried again, or dead. What was suppressed while it
        was on its way is not tried again.
        """
        n = self.get(notification_id)
        if n is None:
            return
        place = self.endpoint(channel.url)
        place = (
            place.succeeded()
            if d.delivered
            else place.failed(now, status=d.status, retry_after_s=d.retry_after_s)
        )
        row = orjson.dumps([place.failures, place.pause_s, place.closed_until])
        self._tx.put(ENDPOINTS, endpoint_id(channel.url), row)
        attempt = Attempt(at=now, status=d.status, error=d.error[:500], took_ms=d.took_ms)
        n = n.model_copy(update={"attempts": (*n.attempts, attempt)})
        if d.delivered:
            self._end(n, "delivered", "", now)
        elif d.gone:
            self._tx.put(GONE, _gone_key(channel), now.isoformat().encode())
            self._end(n, "dead", "the receiver answered 410 Gone; the channel is disabled", now)
        elif n.status not in _OPEN:
            self._end(n, n.status, n.reason, now)
        elif (due := next_attempt(n.id, len(n.attempts), now, d.retry_after_s)) is None:
            self._end(n, "dead", f"{len(n.attempts)} attempts failed; last: {d.error[:200]}", now)
        else:
            again = {
                "status": "pending",
                "due": due,
                "leased_until": None,
                "revision": n.revision + 1,
            }
            self.put(n.model_copy(update=again), at=now)

    def _end(self, n: Notification, status: str, reason: str, now: datetime) -> None:
        """No more attempts."""
        over = {
            "status": status,
            "reason": reason,
            "leased_until": None,
            "due": None,
            "revision": n.revision + 1,
        }
        self.put(n.model_copy(update=over), at=now)
        self.forget_alert(n.alert_id)

    def forget_alert(self, alert_id: str) -> None:
        """Let go of an alert that no open or suppressed delivery carries any more."""
        subscription = (a := self.alert(alert_id)) and self.subscription(a.subscription_id)
        channels = channels_of(subscription) if subscription else ()
        ids = (notification_id(alert_id, c.id) for c in channels)
        found = [n for n in map(self.get, ids) if n is not None]
        if not any(n.status in _OPEN or n.status == "suppressed" for n in found):
            self._tx.delete(ALERTS, alert_id)

    def _step_back(self, n: Notification, until: datetime) -> None:
        """Due later, without a word: nothing was tried."""
        self.keep(n.model_copy(update={"status": "pending", "due": until, "leased_until": None}))


def _due(n: Notification) -> datetime | None:
    if n.status == "leased":
        return n.leased_until
    return n.due or n.created if n.status == "pending" else None


def _gone_key(channel: Channel) -> str:
    return digest_id("gone", channel.id, channel.url)
