"""The back-test says what the live alerter would have said."""

from datetime import timedelta

from support.ring import Desk, Press, Said, at, rings, subscription
from tocsin.pipeline.match.alerter import Alerter
from tocsin.pipeline.match.backtest import backtest
from tocsin.query.parse import parse
from tocsin_schemas.story import ClusteredArticle


def stream() -> list[ClusteredArticle]:
    p = Press()
    return [
        p.article("a", says=[Said("killed", 9, 9)]),
        p.article("b", copy_of="a"),
        p.article("c", says=[Said("killed", 20, 20)], origin="BBC"),
        p.article("d", "t", title="Flood in the valley", minutes=24 * 60 * 3),
        p.article("e", minutes=24 * 60 * 3 + 1),
        p.article("f", "u", mode="backfill", minutes=24 * 60 * 3 + 2),
    ]


def test_it_tells_what_would_have_rung_and_what_was_kept_quiet_and_why():
    found = backtest(parse("raid"), stream())
    assert rings(found.alerts) == [
        ("first-match", ""),
        ("toll", "killed:9-20"),
        ("first-match", ""),
    ]
    assert (found.copies, found.same, found.quiet) == (1, 1, 2)
    assert (found.articles, found.matched, found.complete) == (6, 5, True)
    assert found.reasons == {"first-match": 2, "toll": 1}
    assert found.days == {at(0).date(): (3, 2), at(0).date() + timedelta(days=3): (2, 1)}
    assert (found.since, found.until) == (at(1), at(24 * 60 * 3 + 2))


def test_it_agrees_with_the_live_alerter_on_live_articles():
    live = [a for a in stream() if a.mode == "live"]
    desk = Desk(Alerter())
    desk.feed(subscription(query="raid OR flood"))
    assert rings(backtest(parse("raid OR flood"), live).alerts) == rings(desk.feed(*live))


def test_reasons_and_kinds_are_those_asked_for():
    found = backtest(parse("raid"), stream(), reasons=("origins",), origins=(2,))
    assert rings(found.alerts) == [("origins", "2")]


def test_a_budget_ends_it_and_it_says_how_far_it_came():
    left = iter([True, True, False])
    found = backtest(parse("raid"), stream(), go_on=lambda: next(left))
    assert (found.complete, found.articles, found.until) == (False, 2, at(2))


def test_nothing_held_is_no_alert_a_day():
    found = backtest(parse("raid"), [])
    assert (found.alerts_a_day, found.since, found.matched) == (0.0, None, 0)
