"""The demo tells what a human reader says it tells: stories, copies, origins, tolls, alerts."""

from functools import cache

import pytest

from support.demo_run import Run, expected
from tocsin.demo.standing import MAIN
from tocsin_schemas.feed import FeedState


@cache
def told() -> Run:
    """A desk after the script."""
    run = Run()
    run.tell()
    return run


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_stories_and_alerts_are_those_expected_in_any_order_of_polling(seed: int | None) -> None:
    run = told() if seed is None else Run()
    if seed is not None:
        run.tell(seed)
    assert run.as_told() == expected()


def test_the_main_subscription_rings_exactly_twice() -> None:
    rang = [(a.reason, a.fact, a.also) for a in told().alerts() if a.subscription_name == MAIN]
    assert rang == [("first-match", "", ()), ("toll", "killed:9-20", ())]


def test_every_item_ends_as_a_document_and_nothing_is_set_aside() -> None:
    run = told()
    assert run.dead() == 0
    assert {o.ended for o in run.outcomes()} <= {"indexed", "merged"}


def test_the_edit_and_the_correction_are_second_versions_and_ring_nothing() -> None:
    run = told()
    later = {c.article.url.rpartition("/")[2]: c for c in run.articles() if c.version > 1}
    assert set(later) == {"angoor-ada-buries-its-dead", "us-raid-in-pakistan"}
    assert not later["angoor-ada-buries-its-dead"].changes
    killed = [
        (c.before, c.after) for c in later["us-raid-in-pakistan"].changes if c.field == "killed"
    ]
    assert len(killed) == 1
    rang = {(a.article_id, a.article_version) for a in run.alerts()}
    assert not rang & {(c.article_id, c.version) for c in later.values()}


def test_telling_it_again_rings_nothing_and_changes_no_story() -> None:
    run = Run()
    run.tell()
    run.states = {k: _forgotten(s) for k, s in run.states.items()}
    run.base = "http://127.0.0.1:40002"
    run.tell()
    assert run.as_told() == expected()


def test_a_restart_in_the_middle_ends_as_if_there_had_been_none() -> None:
    run = Run()
    run.tell(last=6)
    run.restart()
    run.tell()
    assert run.as_told() == expected()


def test_with_nothing_left_but_the_log_all_is_read_again_to_the_same_end() -> None:
    run = Run()
    run.tell(last=20)
    run.forget()
    run.tell()
    assert run.as_told() == expected()


def _forgotten(state: FeedState) -> FeedState:
    """A feed state that has forgotten its items, as after their keys aged out."""
    return state.model_copy(update={"seen": {}})
