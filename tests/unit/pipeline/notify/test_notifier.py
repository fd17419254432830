"""From an alert to its deliveries, and what people did to hold them."""

from datetime import timedelta
from typing import Any

from support.alerts import alert
from support.ring import Desk, at, sid, subscription, webhook, wrap
from tocsin.adapters.memory.state import MemoryState
from tocsin.pipeline.notify.notifier import Notifier
from tocsin.pipeline.notify.outbox import Outbox
from tocsin_schemas.act import Act
from tocsin_schemas.identity import digest_id, notification_id
from tocsin_schemas.notification import Notification

SUB = subscription(channels=(webhook(),))


def desk() -> Desk:
    made = Desk(Notifier())
    made.feed(SUB)
    return made


def act(kind: str, subject: str, *, minutes: float = 5, **given: Any) -> Act:
    return Act(
        id=given.pop("id", digest_id("act", kind, subject, str(minutes))),
        kind=kind,
        subject_id=subject,
        at=at(minutes),
        **given,
    )


def status(found: list[Notification]) -> dict[str, str]:
    return {n.channel_kind: n.status for n in found}


def test_an_alert_becomes_one_delivery_a_channel_and_the_feed_is_delivered_by_being_written():
    found = desk().feed(alert())
    assert status(found) == {"webhook": "pending", "feed": "delivered"}
    assert {n.id for n in found} == {notification_id(alert().id, n.channel_id) for n in found}


def test_the_same_alert_again_is_no_second_delivery():
    d = desk()
    d.feed(alert())
    assert d.feed(alert()) == []


def test_an_alert_of_a_removed_subscription_is_delivered_nowhere():
    d = desk()
    d.feed(SUB.model_copy(update={"deleted": True}))
    assert d.feed(alert()) == []


def test_a_muted_story_is_suppressed_for_every_subscription():
    d = desk()
    other = subscription("Other", channels=(webhook(name="second"),))
    d.feed(other, act("mute", sid("s")))
    assert set(status(d.feed(alert())).values()) == {"suppressed"}
    assert set(status(d.feed(alert(of=other))).values()) == {"suppressed"}
    assert "pending" in status(d.feed(alert(story="t"))).values()


def test_a_mute_holds_for_the_story_that_the_muted_one_was_merged_into():
    d = desk()
    d.feed(act("mute", sid("gone")))
    found = d.feed(alert(story="s", ancestors=(sid("gone"),)))
    assert set(status(found).values()) == {"suppressed"}


def test_a_snoozed_subscription_is_suppressed_until_its_time():
    d = desk()
    d.feed(act("snooze", SUB.id, until=at(60)))
    assert set(status(d.feed(alert("a", rang=at(59)))).values()) == {"suppressed"}
    assert "pending" in status(d.feed(alert("b", rang=at(60)))).values()


def test_an_acknowledged_story_is_quiet_for_what_rang_before_and_rings_again_after():
    d = desk()
    d.feed(alert("a"))
    quiet = d.feed(act("ack", sid("s"), subscription_id=SUB.id))
    assert status(quiet) == {"webhook": "suppressed"}
    assert quiet[0].reason.startswith("acknowledged by desk")
    assert "pending" in status(d.feed(alert("b", rang=at(6)))).values()


def test_an_acknowledgement_is_for_one_subscription():
    d = desk()
    other = subscription("Other", channels=(webhook(name="second"),))
    d.feed(other, alert("a", of=other))
    assert d.feed(act("ack", sid("s"), subscription_id=SUB.id)) == []


def test_what_was_held_comes_free_when_the_act_is_undone():
    d = desk()
    mute = act("mute", sid("s"))
    d.feed(mute)
    d.feed(alert())
    freed = d.feed(act("undo", sid("s"), minutes=9, undoes=mute.id))
    assert status(freed) == {"webhook": "pending", "feed": "delivered"}
    assert {n.revision for n in freed} == {2}
    assert "pending" in status(d.feed(alert("later", rang=at(10)))).values()


def test_what_two_acts_hold_stays_held_when_one_is_undone():
    d = desk()
    mute, snooze = act("mute", sid("s")), act("snooze", SUB.id, minutes=6, until=at(60))
    d.feed(mute, snooze)
    d.feed(alert())
    assert d.feed(act("undo", sid("s"), minutes=9, undoes=mute.id)) == []
    freed = d.feed(act("undo", SUB.id, minutes=10, undoes=snooze.id))
    assert status(freed) == {"webhook": "pending", "feed": "delivered"}


def test_the_same_act_twice_is_one_act():
    d = desk()
    d.feed(alert("a"))
    ack = act("ack", sid("s"), subscription_id=SUB.id)
    assert len(d.feed(ack)) == 1
    assert d.feed(ack) == []


def test_deliveries_read_back_from_the_log_are_not_made_again():
    d = desk()
    found = d.feed(alert())
    fresh = Desk(Notifier(), MemoryState())
    with fresh.state.begin() as tx:
        for n in found:
            fresh.handler.fold(wrap(n, when=at(2)), tx)
    fresh.feed(SUB)
    assert fresh.feed(alert()) == []
    with fresh.state.begin() as tx:
        jobs = Outbox(tx).take(at(3), {})
    assert [j.notification.alert_id for j in jobs] == [alert().id]


def test_the_higher_revision_wins_when_deliveries_are_read_back():
    d = desk()
    pending = next(n for n in d.feed(alert()) if n.status == "pending")
    done = pending.model_copy(update={"status": "delivered", "revision": 3, "due": None})
    with d.state.begin() as tx:
        d.handler.fold(wrap(done, when=at(2)), tx)
        d.handler.fold(wrap(pending, when=at(2)), tx)
        assert Outbox(tx).take(at(60), {}) == []
        assert Outbox(tx).get(pending.id) == done


def test_a_delivery_waits_for_no_clock_of_its_own():
    found = desk().feed(alert(rang=at(1)))
    due = next(n.due for n in found if n.status == "pending")
    assert due == at(1)
    assert due < at(1) + timedelta(seconds=1)
