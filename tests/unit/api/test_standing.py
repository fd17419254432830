from datetime import datetime, timedelta

from support.desk_fixture import NOW
from tocsin.api.standing import Ledger
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert, Why
from tocsin_schemas.identity import digest_id

SUB, STORY, OLD = digest_id("sub"), digest_id("story"), digest_id("old")


def alert(key: str = "a", *, story: str = STORY, rang: datetime = NOW) -> Alert:
    return Alert.model_validate({
        "id": digest_id("alert", key), "subscription_id": SUB, "subscription_name": "S", "query": "q",
        "query_version": 1, "story_id": story, "founding_story_id": story, "story_title": "T",
        "story_revision": 1, "reason": "first-match", "article_id": digest_id("x"),
        "article_version": 1, "article_revision": 1, "article_title": "A", "source_name": "Dawn",
        "collected": rang, "rang": rang, "why": Why(sentence="S")})  # fmt: skip


def act(kind: str, key: str, *, minutes: int = 1, subject: str = STORY, **given: object) -> Act:
    return Act.model_validate({
        "id": digest_id("act", key), "kind": kind, "subject_id": subject, "subscription_id": SUB,
        "at": NOW + timedelta(minutes=minutes), **given})  # fmt: skip


def state(ledger: Ledger, a: Alert, minutes: int = 5) -> str:
    return ledger.of(a, NOW + timedelta(minutes=minutes)).state


def test_without_acts_an_alert_is_open() -> None:
    assert state(Ledger([]), alert()) == "open"


def test_an_acknowledgement_covers_what_had_rung_and_nothing_later() -> None:
    ledger = Ledger([act("ack", "1", minutes=3)])

    assert state(ledger, alert()) == "acknowledged"
    assert state(ledger, alert(rang=NOW + timedelta(minutes=4))) == "open"


def test_an_alert_that_rang_while_the_button_was_pressed_stays_open() -> None:
    seen = alert("seen")
    ledger = Ledger([act("ack", "1", minutes=3, alert_id=seen.id)], rang=lambda _: {seen.id: NOW})

    assert state(ledger, seen) == "acknowledged"
    assert state(ledger, alert("unseen", rang=NOW + timedelta(minutes=2))) == "open"


def test_a_snooze_ends_by_itself_and_is_told_for_a_day() -> None:
    ledger = Ledger([act("snooze", "1", subject=SUB, until=NOW + timedelta(minutes=10))])

    assert state(ledger, alert(), 5) == "snoozed"
    assert state(ledger, alert(), 10) == "open"
    assert ledger.of(alert(), NOW + timedelta(hours=2)).ended is not None
    assert ledger.of(alert(), NOW + timedelta(days=2)).ended is None
    assert ledger.next_change(NOW) == NOW + timedelta(minutes=10)


def test_mute_holds_for_every_subscription() -> None:
    assert state(Ledger([act("mute", "1", subscription_id=None)]), alert()) == "muted"


def test_undo_takes_back_one_act() -> None:
    done = act("ack", "1")

    assert state(Ledger([done, act("undo", "2", undoes=done.id)]), alert()) == "open"


def test_an_act_holds_under_every_name_of_its_story() -> None:
    ledger = Ledger([act("mute", "1", subject=OLD)], names=lambda _: {OLD: frozenset({OLD, STORY})})

    assert state(ledger, alert(story=STORY)) == "muted"


def test_another_story_and_another_subscription_are_untouched() -> None:
    ledger = Ledger([act("ack", "1", minutes=3), act("mute", "2", subject=OLD)])

    assert state(ledger, alert(story=digest_id("third"))) == "open"
