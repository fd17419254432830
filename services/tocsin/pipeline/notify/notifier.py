"""From an alert to its deliveries: one for each channel, held back where a person asked for quiet.

The feed of a subscription is a channel that is delivered by being written. Sends nothing itself: the
worker takes what is due, sends it and records how it ended.
"""

from tocsin.pipeline.notify.holds import Holds, covers, words
from tocsin.pipeline.notify.outbox import SUBSCRIPTIONS, Outbox, channels_of
from tocsin.ports.state import Transaction
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.identity import notification_id
from tocsin_schemas.notification import Attempt, Notification
from tocsin_schemas.registry import Event
from tocsin_schemas.subscription import Subscription


class Notifier:
    """The handler of the notifier (`pipeline.handler.Handler`). Everything it knows is in rows."""

    def restore(self, tx: Transaction) -> None:
        """Nothing to read: there is no working set."""

    def fold(self, event: Event, tx: Transaction) -> None:
        """Take in a delivery from the log (the higher revision wins), or an alert that open ones
        carry; other events are taken in as if they were new.
        """
        body = event.body
        outbox = Outbox(tx)
        if isinstance(body, Notification):
            held = outbox.get(body.id)
            if held is None or body.revision > held.revision:
                outbox.keep(body)
        elif isinstance(body, Alert):
            self._attach(body, outbox)
        elif isinstance(body, Subscription):
            self._subscription(body, tx)

    def handle(self, event: Event, tx: Transaction) -> None:
        """Decide; the same event again changes nothing."""
        body = event.body
        if isinstance(body, Alert):
            self._alert(event, body, tx)
        elif isinstance(body, Subscription):
            self._subscription(body, tx)
        elif isinstance(body, Act):
            self._act(event, body, tx)

    def _subscription(self, changed: Subscription, tx: Transaction) -> None:
        if changed.deleted:
            tx.delete(SUBSCRIPTIONS, changed.id)
        else:
            tx.put(SUBSCRIPTIONS, changed.id, changed.model_dump_json().encode())

    def _attach(self, alert: Alert, outbox: Outbox) -> None:
        outbox.attach(alert)
        outbox.forget_alert(alert.id)

    def _alert(self, event: Event, alert: Alert, tx: Transaction) -> None:
        outbox, holds = Outbox(tx), Holds(tx)
        subscription = outbox.subscription(alert.subscription_id)
        if subscription is None:
            return
        outbox.attach(alert)
        act = holds.on(alert)
        for channel in channels_of(subscription):
            n = Notification(
                id=notification_id(alert.id, channel.id),
                revision=1,
                alert_id=alert.id,
                subscription_id=alert.subscription_id,
                channel_id=channel.id,
                channel_kind=channel.kind,
                url=channel.url,
                created=event.at,
            )
            if outbox.get(n.id) is not None:
                continue
            if act is not None:
                quiet = {"status": "suppressed", "reason": words(act)}
                outbox.put(n.model_copy(update=quiet), at=event.at, cause=event)
                holds.hold(act, n.id)
            elif channel.kind == "feed":
                outbox.put(_written(n, event), at=event.at, cause=event)
            elif reason := outbox.disabled(channel):
                dead = {"status": "dead", "reason": reason}
                outbox.put(n.model_copy(update=dead), at=event.at, cause=event)
            else:
                outbox.put(n.model_copy(update={"due": event.at}), at=event.at, cause=event)
        outbox.forget_alert(alert.id)

    def _act(self, event: Event, act: Act, tx: Transaction) -> None:
        holds = Holds(tx)
        if holds.known(act.id):
            return
        holds.note(act)
        if act.kind == "undo":
            self._undo(event, act, tx)
            return
        outbox = Outbox(tx)
        for n in list(outbox.open()):
            alert = outbox.alert(n.alert_id)
            if alert is not None and covers(act, alert):
                quiet = {
                    "status": "suppressed",
                    "reason": words(act),
                    "due": None,
                    "leased_until": None,
                    "revision": n.revision + 1,
                }
                outbox.put(n.model_copy(update=quiet), at=event.at, cause=event)
                holds.hold(act, n.id)

    def _undo(self, event: Event, undo: Act, tx: Transaction) -> None:
        outbox, holds = Outbox(tx), Holds(tx)
        undone = holds.act(undo.undoes) if undo.undoes else None
        if undone is None:
            return
        for notification in holds.lift(undone):
            n = outbox.get(notification)
            alert = None if n is None else outbox.alert(n.alert_id)
            if n is None or alert is None or n.status != "suppressed":
                continue
            other = holds.on(alert)
            if other is not None:
                holds.hold(other, n.id)
                continue
            free = n.model_copy(
                update={
                    "status": "pending",
                    "reason": "",
                    "due": event.at,
                    "revision": n.revision + 1,
                }
            )
            if n.channel_kind == "feed":
                free = _written(free, event)
            outbox.put(free, at=event.at, cause=event)


def _written(n: Notification, event: Event) -> Notification:
    """The feed's delivery: written is delivered."""
    attempt = Attempt(at=event.at)
    return n.model_copy(
        update={"status": "delivered", "due": None, "attempts": (*n.attempts, attempt)}
    )
