"""Leases, retries, endpoints: a crash repeats a delivery under its id and never loses one."""

from datetime import timedelta

from support.alerts import alert
from support.ring import Desk, at, subscription, webhook
from tocsin.pipeline.notify.notifier import Notifier
from tocsin.pipeline.notify.outbox import LEASE, Job, Outbox
from tocsin.ports.notifier import Delivery
from tocsin_schemas.act import Act
from tocsin_schemas.identity import digest_id
from tocsin_schemas.notification import Notification

SUB = subscription(channels=(webhook(),))
FAULT = Delivery(delivered=False, status=500, error="HTTP 500", took_ms=12)


def desk(*facts: str) -> Desk:
    made = Desk(Notifier())
    made.feed(SUB, *(alert(f) for f in facts or ("a",)))
    return made


def take(d: Desk, minutes: float, busy: dict[str, int] | None = None) -> list[Job]:
    with d.state.begin() as tx:
        return Outbox(tx).take(at(minutes), busy or {})


def record(d: Desk, job: Job, ended: Delivery, minutes: float) -> Notification:
    with d.state.begin() as tx:
        Outbox(tx).record(job.notification.id, job.channel, ended, at(minutes))
        held = Outbox(tx).get(job.notification.id)
    assert held is not None
    return held


def test_what_is_due_is_leased_before_it_is_sent_and_not_handed_out_twice():
    d = desk()
    (job,) = take(d, 2)
    assert (job.notification.status, job.notification.leased_until) == ("leased", at(2) + LEASE)
    assert take(d, 2.5) == []


def test_a_lease_that_runs_out_is_handed_out_again_under_the_same_id():
    d = desk()
    (first,) = take(d, 2)
    (again,) = take(d, 3.1)
    assert again.notification.id == first.notification.id
    assert again.notification.revision == first.notification.revision + 1


def test_a_delivered_one_is_over():
    d = desk()
    (job,) = take(d, 2)
    done = record(d, job, Delivery(delivered=True, status=204, took_ms=8), 2.1)
    assert (done.status, done.due, len(done.attempts)) == ("delivered", None, 1)
    assert take(d, 10_000) == []


def test_a_failed_one_is_tried_again_after_seconds_then_minutes():
    d = desk()
    (job,) = take(d, 2)
    failed = record(d, job, FAULT, 2)
    assert failed.status == "pending"
    assert failed.due is not None
    assert 4 <= (failed.due - at(2)).total_seconds() <= 6
    (job,) = take(d, 3)
    failed = record(d, job, FAULT, 3)
    assert failed.due is not None
    assert 240 <= (failed.due - at(3)).total_seconds() <= 360
    assert [a.status for a in failed.attempts] == [500, 500]


def test_ten_failures_are_the_end():
    d, now, tries = desk(), 2.0, 0
    while True:
        jobs = take(d, now)
        for job in jobs:
            tries += 1
            held = record(d, job, FAULT, now)
            if held.status == "dead":
                assert tries == 10
                assert held.reason == "10 attempts failed; last: HTTP 500"
                return
        now += 30
        assert now < 60 * 24 * 30


def test_gone_disables_the_channel_for_later_alerts_until_it_has_another_address():
    d = desk()
    (job,) = take(d, 2)
    gone = record(d, job, Delivery(delivered=False, status=410, gone=True), 2)
    assert gone.status == "dead"
    later = [n for n in d.feed(alert("b", rang=at(3))) if n.alert_id == alert("b").id]
    assert {n.channel_kind: n.status for n in later} == {"webhook": "dead", "feed": "delivered"}
    d.feed(SUB.model_copy(update={"channels": (webhook("http://127.0.0.1:9/other"),)}))
    assert "pending" in {n.status for n in d.feed(alert("c", rang=at(4)))}


def test_five_failures_in_a_row_close_the_endpoint_and_one_probe_goes_first():
    d = desk(*"abcdefgh")
    for job in take(d, 2):
        record(d, job, FAULT, 2)
    for job in take(d, 2.05):  # the other four: only one fails before the breaker opens
        record(d, job, FAULT, 2.05)
    assert take(d, 2.5) == []
    probe = take(d, 60)
    assert len(probe) == 1
    record(d, probe[0], Delivery(delivered=True, status=200), 60)
    assert len(take(d, 61)) == 4


def test_four_at_a_time_go_to_one_endpoint_and_the_rest_steps_back_for_others():
    d = desk(*"abcdef")
    other = subscription("Other", channels=(webhook("http://127.0.0.1:9/else", "else"),))
    d.feed(other, alert("z", of=other))
    urls = [j.channel.url for j in take(d, 2)]
    assert sorted(urls) == ["http://127.0.0.1:9/else", *["http://127.0.0.1:9/hook"] * 4]


def test_retry_after_of_a_busy_receiver_holds_for_all_that_go_there():
    d = desk("a", "b")
    first, second = take(d, 2)
    record(d, first, Delivery(delivered=False, status=429, retry_after_s=600), 2)
    record(d, second, Delivery(delivered=False, status=429, retry_after_s=600), 2)
    d.feed(alert("c", rang=at(3)))
    assert take(d, 11.9) == []
    assert len(take(d, 12.1)) == 3


def test_what_was_suppressed_on_its_way_is_not_tried_again():

    d = desk()
    (job,) = take(d, 2)
    mute = Act(id=digest_id("act"), kind="mute", subject_id=alert().story_id, at=at(2))
    d.feed(mute)
    held = record(d, job, FAULT, 2.2)
    assert (held.status, len(held.attempts)) == ("suppressed", 1)
    assert take(d, 10_000) == []


def test_a_delivery_without_its_channel_is_dead_with_the_reason():
    d = desk()
    d.feed(SUB.model_copy(update={"channels": ()}))
    assert take(d, 2) == []
    dead = [n for n in d.feed() if n.status == "dead"]
    assert [n.reason for n in dead] == ["the channel or its subscription was removed"]


def test_leases_and_retries_use_the_times_they_are_given():
    d = desk()
    (job,) = take(d, 2)
    assert job.notification.leased_until == at(2) + timedelta(seconds=60)
