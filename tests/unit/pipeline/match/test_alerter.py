"""When it rings: each rule of design §6, through the handler, as a fact."""

from datetime import timedelta
from typing import Any

import pytest

from support.ring import Desk, Press, Said, at, rings, sid, subscription, wrap
from tocsin.adapters.memory.state import MemoryState
from tocsin.pipeline.match import activity
from tocsin.pipeline.match.alerter import Alerter
from tocsin.pipeline.match.known import Known
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.article import Figure
from tocsin_schemas.contract import Span
from tocsin_schemas.feed import FeedState
from tocsin_schemas.identity import alert_id, article_id, digest_id, feed_id
from tocsin_schemas.registry import decode
from tocsin_schemas.story import Change, ClusteredArticle
from tocsin_schemas.subscription import Subscription, WordList

SUB = subscription()
KILLED_9 = (Said("killed", 9, 9),)
KILLED_20 = (Said("killed", 20, 20),)
NO_MATCH: dict[str, Any] = {"title": "Elders meet", "text": "Nothing of the sort."}


def desk(*subscriptions: Subscription) -> Desk:
    made = Desk(Alerter())
    made.feed(*(subscriptions or (SUB,)))
    return made


def test_the_first_match_rings_once_and_forty_reprints_are_a_counter():
    d, p = desk(), Press()
    found = d.feed(p.article("a", says=KILLED_9))
    for n in range(40):
        found += d.feed(p.article(f"copy{n}", copy_of="a", outlet=f"Paper {n}"))
    assert rings(found) == [("first-match", "")]
    with d.state.begin() as tx:
        known = Known.from_bytes(tx.get("known", f"{sid('s')}:{SUB.id}") or b"")
        counts = activity.read(tx, SUB.id)
    assert (known.copies, known.same) == (40, 0)
    assert (counts.copies, counts.matched, counts.alerts) == (40, 41, 1)


def test_an_id_is_made_of_subscription_story_reason_and_fact_alone():
    d, p = desk(), Press()
    first, toll = d.feed(p.article("a", says=KILLED_9), p.article("b", says=KILLED_20))
    assert first.id == alert_id(SUB.id, sid("s"), "first-match", "")
    assert toll.id == alert_id(SUB.id, sid("s"), "toll", "killed:9-20")


def test_an_article_that_does_not_match_rings_nothing():
    d, p = desk(), Press()
    assert d.feed(p.article("a", **NO_MATCH)) == []


def test_a_toll_rings_by_an_article_that_does_not_match():
    d, p = desk(), Press()
    found = d.feed(p.article("a", says=KILLED_9), p.article("b", says=KILLED_20, **NO_MATCH))
    assert rings(found) == [("first-match", ""), ("toll", "killed:9-20")]


def test_a_story_that_has_not_rung_rings_no_toll():
    d, p = desk(), Press()
    found = d.feed(
        p.article("a", says=KILLED_9, **NO_MATCH), p.article("b", says=KILLED_20, **NO_MATCH)
    )
    assert found == []


def test_a_later_match_of_a_story_tells_of_all_that_it_holds():
    d, p = desk(), Press()
    d.feed(p.article("a", says=KILLED_9, **NO_MATCH))
    (alert,) = d.feed(p.article("b", says=KILLED_20, origin="BBC"))
    assert rings([alert]) == [("first-match", "")]
    assert [(t.kind, t.min, t.max) for t in alert.told] == [("killed", 9, 20)]
    assert alert.origins == ("AFP", "BBC")


def test_wounded_rings_only_where_the_query_or_the_subscription_names_it():
    plain = subscription("plain")
    by_query = subscription("by query", "raid OR wounded:>=1")
    by_kind = subscription("by kind", kinds=("wounded",))
    d, p = desk(plain, by_query, by_kind), Press()
    d.feed(p.article("a"))
    found = d.feed(p.article("b", says=[Said("wounded", 30, 30)]))
    assert {a.subscription_name for a in found} == {"by query", "by kind"}
    assert set(rings(found)) == {("toll", "wounded:30-30")}


def test_one_snapshot_rings_once_the_rest_stands_in_also_and_counts_as_rung():
    d, p = desk(), Press()
    d.feed(p.article("a", says=KILLED_9))
    change = Change(field="quote", before="x", after="y")
    v2 = p.article("a", version=2, says=KILLED_20, origin="BBC", changes=[change])
    (alert,) = d.feed(v2)
    assert rings([alert]) == [("correction", f"{article_id('a')}@2#quote")]
    assert [(x.reason, x.fact) for x in alert.also] == [("toll", "killed:9-20"), ("origins", "2")]
    assert d.feed(p.article("b", says=KILLED_20, origin="BBC")) == []


def test_a_correction_rings_whether_or_not_the_query_names_the_figure():
    d, p = desk(), Press()
    d.feed(p.article("a"))
    change = Change(field="wounded", before="three", after="two")
    v2 = p.article("a", version=2, changes=[change], **NO_MATCH)
    assert rings(d.feed(v2)) == [("correction", f"{article_id('a')}@2#wounded")]


def test_a_correction_of_an_article_that_never_matched_rings_nothing():
    d, p = desk(), Press()
    d.feed(p.article("a"), p.article("b", **NO_MATCH))
    change = Change(field="name", before="x", after="y")
    assert d.feed(p.article("b", version=2, changes=[change], **NO_MATCH)) == []


def test_the_same_version_told_again_is_no_correction():
    d, p = desk(), Press()
    d.feed(p.article("a"))
    v2 = p.article("a", version=2, changes=[Change(field="name", before="x", after="y")])
    assert len(d.feed(v2)) == 1
    assert d.feed(p.again(v2)) == []


def test_an_older_revision_of_an_article_is_ignored():
    d, p = desk(), Press()
    first = p.article("a", **NO_MATCH)
    d.feed(first, p.again(first))
    assert d.feed(first.model_copy(update={"article": p.article("x").article})) == []


def test_the_same_events_again_ring_nothing():
    d, p = desk(), Press()
    stream = [p.article("a", says=KILLED_9), p.article("b", says=KILLED_20, origin="BBC")]
    assert len(d.feed(*stream)) == 2
    for _ in range(2):
        assert d.feed(SUB, *stream) == []


def test_backfill_rings_nothing_and_a_later_live_match_does():
    d, p = desk(), Press()
    assert d.feed(p.article("a", mode="backfill"), mode="backfill") == []
    assert rings(d.feed(p.article("b"))) == [("first-match", "")]


def test_an_article_collected_before_the_subscription_took_effect_does_not_match():
    d, p = desk(subscription(effective_from=at(10))), Press()
    assert d.feed(p.article("a", minutes=9)) == []
    assert rings(d.feed(p.article("b", minutes=10))) == [("first-match", "")]


def test_a_new_subscription_rings_for_what_was_collected_since_it_took_effect():
    d, p = desk(subscription("other", "nothingness")), Press()
    d.feed(p.article("a", minutes=1), p.article("b", "t", minutes=3))
    d.feed(p.article("c", "t", minutes=4, says=KILLED_9))
    found = d.feed(subscription(effective_from=at(2)))
    assert rings(found) == [("first-match", ""), ("toll", "killed:9-9")]
    assert {a.story_id for a in found} == {sid("t")}
    assert d.feed(subscription(effective_from=at(2))) == []


def test_articles_older_than_ten_minutes_are_not_kept_for_new_subscriptions():
    d, p = desk(subscription("other", "nothingness")), Press()
    d.feed(p.article("a", minutes=1), p.article("b", "t", minutes=12))
    assert {a.story_id for a in d.feed(subscription())} == {sid("t")}


def test_editing_a_query_rings_no_rung_story_again():
    d, p = desk(), Press()
    d.feed(p.article("a"))
    edited = subscription(query="hills", query_version=2)
    assert d.feed(edited) == []
    assert d.feed(p.article("b")) == []
    (alert,) = d.feed(p.article("c", "t"))
    assert (alert.query, alert.query_version) == ("hills", 2)


def test_a_disabled_or_deleted_subscription_is_silent():
    d, p = desk(), Press()
    d.feed(SUB.model_copy(update={"enabled": False}))
    assert d.feed(p.article("a")) == []
    d.feed(SUB, SUB.model_copy(update={"deleted": True}))
    assert d.feed(p.article("b", "t")) == []


def test_a_story_condition_waits_for_its_snapshot_and_rings_with_the_article_that_matched():
    d, p = desk(subscription(query="raid AND origins:>=2")), Press()
    assert d.feed(p.article("a", says=KILLED_9)) == []
    (alert,) = d.feed(p.article("b", origin="BBC", says=KILLED_20, **NO_MATCH))
    assert rings([alert]) == [("first-match", "")]
    assert alert.article_id == article_id("a")
    assert alert.origins == ("AFP", "BBC")
    assert alert.rang == at(2)
    assert [(t.min, t.max) for t in alert.told] == [(9, 20)]
    assert rings(d.feed(p.article("c", says=[Said("killed", 30, 30)]))) == [("toll", "killed:9-30")]


def test_a_story_condition_that_is_never_met_rings_nothing():
    d, p = desk(subscription(query="raid AND origins:>=3")), Press()
    assert d.feed(p.article("a"), p.article("b", origin="BBC"), p.article("c", origin="BBC")) == []


def test_a_subscription_to_one_story_rings_for_that_story_alone():
    d, p = desk(subscription(query=f"story:{sid('s')}")), Press()
    found = d.feed(p.article("a", "t"), p.article("b", "s"), p.article("c", "s"))
    assert [(a.reason, a.story_id) for a in found] == [("first-match", sid("s"))]


def test_what_is_only_excluded_is_asked_of_every_article_of_the_story():
    d, p = desk(subscription(query=f"story:{sid('s')} AND NOT elders")), Press()
    found = d.feed(p.article("a", "s", **NO_MATCH), p.article("b", "s"))
    assert [a.article_id for a in found] == [article_id("b")]


def test_an_alert_rung_under_a_merged_id_counts_as_rung():
    d, p = desk(), Press()
    d.feed(p.article("a", "s", says=KILLED_9), p.article("b", "t", says=KILLED_9))
    found = d.feed(p.article("c", "s", takes="t", says=KILLED_9))
    assert found == []


def test_a_story_that_takes_over_a_rung_one_does_not_ring_its_first_match_again():
    d, p = desk(), Press()
    d.feed(p.article("a", "s", **NO_MATCH), p.article("b", "t", says=KILLED_9))
    assert d.feed(p.article("c", "s", takes="t", says=KILLED_9)) == []
    assert rings(d.feed(p.article("e", "s", says=KILLED_20))) == [("toll", "killed:9-20")]


def test_a_merge_tells_of_the_toll_that_the_other_story_held():
    d, p = desk(), Press()
    d.feed(p.article("a", "s", says=KILLED_20, **NO_MATCH), p.article("b", "t", says=KILLED_9))
    (alert,) = d.feed(p.article("c", "s", takes="t"))
    assert rings([alert]) == [("toll", "killed:9-20")]
    assert alert.ancestors == (sid("t"),)


def test_an_old_event_of_a_merged_story_rings_nothing():
    d, p = desk(), Press()
    old = p.article("b", "t", says=KILLED_9)
    d.feed(p.article("a", "s"), old, p.article("c", "s", takes="t"))
    assert d.feed(old) == []
    assert d.feed(old.model_copy(update={"revision": 2})) == []


def test_a_split_inherits_what_was_told():
    d, p = desk(), Press()
    one = p.article("a", "s", says=KILLED_9)
    d.feed(one, p.article("b", "s", says=KILLED_20))
    assert d.feed(p.split(one, "s", "u")) == []
    assert d.feed(p.article("c", "u", says=KILLED_9)) == []
    (alert,) = d.feed(p.article("e", "u", says=[Said("killed", 40, 40)]))
    assert (alert.story_id, alert.fact) == (sid("u"), "killed:9-40")


def test_acts_do_not_stop_alerts():
    d, p = desk(), Press()
    d.feed(p.article("a", says=KILLED_9))
    d.feed(Act(id=digest_id("act"), kind="mute", subject_id=sid("s"), at=at(2)))
    assert rings(d.feed(p.article("b", says=KILLED_20))) == [("toll", "killed:9-20")]


def poll(state: str, minutes: float, name: str = "Dawn") -> FeedState:
    return FeedState(
        feed_id=feed_id(name),
        url=f"https://{name.lower()}.example/rss",
        state=state,  # type: ignore[arg-type]
        since=at(minutes),
        polled=at(minutes),
    )


def test_the_coverage_note_names_the_feeds_that_were_not_ok_since_the_story_began():
    d, p = desk(), Press()
    d.feed(poll("failing", -50, "Early"), poll("ok", -40, "Early"), poll("new", 0, "Fine"))
    d.feed(poll("failing", -5, "Dark"), poll("silent", 1.5, "Later"), poll("ok", 1.7, "Later"))
    (first,) = d.feed(p.article("a", minutes=1))
    (toll,) = d.feed(p.article("b", minutes=3, says=KILLED_9))
    assert [(f.name, f.state, f.since) for f in first.coverage] == [
        ("dark.example", "failing", at(-5))
    ]
    assert [f.name for f in toll.coverage] == ["dark.example", "later.example"]


def test_why_holds_sentence_clauses_spans_and_a_marked_snippet():
    d, p = desk(subscription(query='raid AND "south waziristan" AND NOT elders')), Press()
    text = "Word " * 60 + "American troops landed in South Waziristan before dawn. " + "End " * 60
    (alert,) = d.feed(p.article("a", text=text))
    why = alert.why
    assert why.sentence == "First match in this story."
    assert why.clauses == ("raid", '"south waziristan"')
    assert len(why.snippet) <= 160
    assert [why.snippet[a:b] for a, b in why.snippet_marks] == ["South Waziristan"]
    assert {s.field for s in why.spans} == {"title", "text"}


def test_a_toll_shows_the_words_of_its_figure():
    d, p = desk(), Press()
    d.feed(p.article("a", says=KILLED_9))
    (alert,) = d.feed(p.article("b", says=KILLED_20, text="Twenty people were killed."))
    assert alert.why.spans == (Span(field="text", start=0, end=5),)
    assert alert.why.sentence == "Killed moved from 9–9 to 9–20: maximum +11, needed 1."


def unconfirmed_desk() -> Desk:
    return desk(subscription(reasons=("first-match", "unconfirmed"), unconfirmed_after_s=600))


def idle(d: Desk) -> list[Alert]:
    with d.state.begin() as tx:
        d.handler.idle(tx)
    return d.feed()


def test_unconfirmed_rings_once_when_stream_time_is_up_and_the_input_is_read():
    d, p = unconfirmed_desk(), Press()
    d.feed(p.article("a", minutes=1), poll("ok", 10))
    assert idle(d) == []
    d.feed(poll("ok", 11))
    (alert,) = idle(d)
    assert rings([alert]) == [("unconfirmed", "")]
    assert alert.why.sentence == "Still one origin (AFP) after 10 min."
    assert alert.id == alert_id(SUB.id, sid("s"), "unconfirmed", "")
    d.feed(poll("ok", 60))
    assert idle(d) == []


def test_unconfirmed_does_not_ring_once_a_second_origin_spoke():
    d, p = unconfirmed_desk(), Press()
    d.feed(p.article("a", minutes=1), p.article("b", minutes=5, origin="BBC", **NO_MATCH))
    d.feed(poll("ok", 30))
    assert idle(d) == []


def test_a_snapshot_of_the_story_alone_can_bring_the_second_origin():
    d, p = unconfirmed_desk(), Press()
    first = p.article("a", minutes=1)
    later = p.article("b", minutes=5, origin="BBC", **NO_MATCH).story
    d.feed(first, later, first.story, poll("ok", 30))
    assert idle(d) == []


def test_a_list_that_changes_changes_the_query():
    words = WordList(id=digest_id("list"), name="acts", words=("raid",))
    d, p = Desk(Alerter()), Press()
    d.feed(subscription(query="@list:acts"))
    assert list(d.handler.stopped) == [SUB.id]
    d.feed(words)
    assert d.handler.stopped == {}
    assert len(d.feed(p.article("a"))) == 1
    d.feed(words.model_copy(update={"words": ("flood",)}))
    assert d.feed(p.article("b", "t")) == []
    d.feed(words.model_copy(update={"deleted": True}))
    assert "acts" in d.handler.stopped[SUB.id]


def test_memory_can_be_thrown_away_at_any_time():
    p = Press()
    stream = [
        p.article("a", says=KILLED_9),
        p.article("b", says=KILLED_20, origin="BBC"),
        p.article("c", "t"),
    ]
    kept, state = desk(), MemoryState()
    Desk(Alerter(), state).feed(SUB)
    for body in stream:
        assert rings(Desk(Alerter(), state).feed(body)) == rings(kept.feed(body))
    late = subscription("late", query="hills", effective_from=at(0))
    assert rings(Desk(Alerter(), state).feed(late)) == rings(kept.feed(late)) != []


def story_stream(p: Press) -> list[ClusteredArticle]:
    change = Change(field="quote", before="x", after="y")
    return [
        p.article("a", says=KILLED_9),
        p.article("b", says=[Said("killed", None, 40)]),
        p.article("c", says=[Said("killed", 25, 25, lowered=True)], origin="BBC"),
        p.article("a", version=2, says=KILLED_9, changes=[change]),
        p.article("d", "t", **NO_MATCH),
        p.article("e", "t"),
        p.article("f", "s", takes="t", says=[Said("missing", 3, 3)]),
    ]


def test_alerts_read_back_from_the_log_after_the_rows_are_lost_ring_nothing_again():
    stream = story_stream(Press())
    found = desk().feed(*stream)
    assert len(found) == 6
    fresh = desk()
    with fresh.state.begin() as tx:
        for alert in found:
            fresh.handler.fold(wrap(alert), tx)
    assert fresh.feed(*stream) == []
    assert fresh.feed(*stream) == []


@pytest.mark.parametrize("kept", range(6))
def test_what_was_not_in_the_log_yet_rings_after_the_rows_are_lost(kept: int):
    stream = story_stream(Press())
    found = desk().feed(*stream)
    fresh = desk()
    with fresh.state.begin() as tx:
        for alert in found[:kept]:
            fresh.handler.fold(wrap(alert), tx)
    assert [a.id for a in fresh.feed(*stream)] == [a.id for a in found[kept:]]


def test_an_own_alert_folded_while_the_rows_stand_changes_nothing():
    d, p = desk(), Press()
    (alert,) = d.feed(p.article("a", says=KILLED_9))
    with d.state.begin() as tx:
        before = list(tx.scan("known"))
        d.handler.fold(wrap(alert), tx)
        assert list(tx.scan("known")) == before
    assert rings(d.feed(p.article("b", says=KILLED_20))) == [("toll", "killed:9-20")]


def test_a_story_untouched_for_sixty_days_is_forgotten_with_all_its_rows():
    d, p = desk(), Press()
    d.feed(p.article("a", says=KILLED_9), p.article("b", "t"), p.article("c", "s", takes="t"))
    day = 24 * 60
    d.feed(p.article("x", "new", minutes=62 * day, **NO_MATCH))
    with d.state.begin() as tx:
        for table in ("known", "articles", "stories", "aliases", "heard", "touched"):
            left = [k for k, _ in tx.scan(table) if sid("s") in k or sid("t") in k]
            assert left == [], table


def test_a_subscription_shows_when_it_last_rang_and_its_hits_per_day():
    d, p = desk(), Press()
    d.feed(p.article("a"), p.article("b"), p.article("c", "t"))
    with d.state.begin() as tx:
        counts = activity.read(tx, SUB.id)
        never = activity.read(tx, digest_id("nobody"))
    assert counts.last_rang == at(3)
    assert counts.hits_per_day(at(5)) == pytest.approx(3 / 7)
    assert (never.last_rang, never.last_matched) == (None, None)
    assert counts.days == {at(0).date(): (3, 2)}


def test_figures_of_the_article_do_not_ring_without_a_statement():
    d, p = desk(), Press()
    d.feed(p.article("a", says=KILLED_9))
    background = p.article("b")
    figure = Figure(kind="killed", min=130, max=130, role="background", span=Span(start=0, end=3))
    article = background.article.model_copy(update={"figures": (figure,)})
    assert d.feed(background.model_copy(update={"article": article})) == []


def test_the_alert_is_an_event_that_names_its_cause():

    d, p = desk(), Press()
    cause = p.article("a")
    (message,) = d.messages(cause)
    assert message.value is not None
    event = decode(message.value)
    assert message.key == event.body.id  # type: ignore[attr-defined]
    assert event.trace[-1] == wrap(cause).id
    assert event.at == cause.article.collected
    assert event.at + timedelta(0) == at(1)


def small_fall_then_rise(p: Press) -> list[ClusteredArticle]:
    """19 is too little below 20 to ring as lowered, and would be enough below the 40 told later."""
    return [
        p.article("a", says=KILLED_20),
        p.article("b", says=[Said("killed", 19, 19, lowered=True)]),
        p.article("c", says=[Said("killed", 40, 40)]),
    ]


def test_what_was_decided_before_an_alert_is_not_decided_again_after_the_rows_are_lost():
    stream = small_fall_then_rise(Press())
    found = desk().feed(*stream)
    assert rings(found) == [("first-match", ""), ("toll", "killed:20-40")]
    fresh = desk()
    with fresh.state.begin() as tx:
        for alert in found:
            fresh.handler.fold(wrap(alert), tx)
    assert fresh.feed(*stream) == []


def test_editing_a_query_weighs_no_statement_of_a_rung_story_again():
    d = desk()
    d.feed(*small_fall_then_rise(Press()))
    assert d.feed(subscription(query="hills OR raid", query_version=2)) == []


def test_unconfirmed_that_rang_under_a_merged_id_counts_as_rung():
    d, p = unconfirmed_desk(), Press()
    d.feed(p.article("a", "t", minutes=1), poll("ok", 11))
    assert rings(idle(d)) == [("unconfirmed", "")]
    d.feed(p.article("b", "s", minutes=12), p.article("c", "s", takes="t", minutes=13))
    d.feed(poll("ok", 40))
    assert idle(d) == []
