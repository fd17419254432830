"""What a newcomer sees on `tocsin run --demo` without a network: the stories, copies, origins and tolls of
`expected.json`, its alerts and no other; and nothing more after kill -9, a restart on another port, and
the whole script told again.
"""

import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.demo_run import expected, telling
from support.desk import Desk, told, wait_until
from tocsin.bootstrap.session import reading
from tocsin.cli.options import settings
from tocsin.demo.script import dispatches
from tocsin.demo.standing import MAIN
from tocsin.pipeline.collect.parse import parse_feed
from tocsin_schemas.alert import Alert
from tocsin_schemas.story import ClusteredArticle

FAST = {"TOCSIN_DEMO_SPEED": "20", "TOCSIN_STARTER_FEEDS": "0"}
"""Two minutes in a few seconds; the polls are as much faster."""
ITEMS = len({d.guid for d in dispatches()})
EDITS = {d.url: d.version for d in dispatches() if d.version > 1}


@dataclass
class Heard:
    """What a desk told at the end of the script."""

    told: dict[str, list[str]]
    alerts: list[dict[str, Any]]
    stories: list[dict[str, Any]]
    feeds: list[dict[str, Any]]
    reconciled: dict[str, Any]


@dataclass
class Runs:
    """Two runs over one folder, a kill -9 between them."""

    each: list[Heard] = field(default_factory=list)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The script heard, the desk killed, started again on another port, and the script heard again."""
    folder: Path = tmp_path_factory.mktemp("demo") / "data"
    found = Runs()
    for _ in range(2):
        with Desk(folder, "--demo", env=FAST) as desk:
            wait_until(lambda: on_show(folder) == ITEMS, timeout_s=300, pause_s=0.5)
            wait_until(lambda: settled(folder), timeout_s=60, pause_s=0.5)
            found.each.append(hear(folder))
            desk.kill()
    return found


def on_show(folder: Path) -> int:
    """Items in the feeds of the running press."""
    count = 0
    with reading(settings(folder)) as desk:
        feeds = list(desk.registers.feeds().values())
    for feed in feeds:
        with urllib.request.urlopen(feed.url, timeout=10) as answer:
            count += len(parse_feed(answer.read()).entries)
    return count


def settled(folder: Path) -> bool:
    """Whether all that was released stands in the index, edits included."""
    held = {c.article.url: c.version for c in articles(folder)}
    return len(held) == ITEMS and EDITS.items() <= held.items()


def articles(folder: Path) -> list[ClusteredArticle]:
    with reading(settings(folder)) as desk:
        found = desk.search.listing("articles", limit=500).documents
    return [d.body for d in found if isinstance(d.body, ClusteredArticle)]


def hear(folder: Path) -> Heard:
    reconciled = wait_until(lambda: at_rest(folder))
    with reading(settings(folder)) as desk:
        alerts = desk.search.listing("alerts", limit=500).documents
    return Heard(
        told=telling(articles(folder), [d.body for d in alerts if isinstance(d.body, Alert)]),
        alerts=told("alerts", "--data", str(folder)),
        stories=told("stories", "--data", str(folder)),
        feeds=told("feeds", "list", "--data", str(folder)),
        reconciled=reconciled,
    )


def at_rest(folder: Path) -> dict[str, Any]:
    answer: dict[str, Any] = told("reconcile", "--data", str(folder))
    return answer if answer["in_flight"] == 0 else {}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_desk_tells_the_stories_and_rings_the_alerts_that_are_expected(runs: Runs) -> None:
    assert runs.each[0].told == expected()
    assert len(runs.each[0].stories) == len(expected()["stories"])


@pytest.mark.slow
def test_the_main_subscription_rings_exactly_twice(runs: Runs) -> None:
    for heard in runs.each:
        main = [a for a in heard.alerts if a["subscription_name"] == MAIN]
        assert sorted((a["reason"], a["fact"]) for a in main) == [
            ("first-match", ""),
            ("toll", "killed:9-20"),
        ]


@pytest.mark.slow
def test_nothing_is_missing_and_nothing_was_set_aside(runs: Runs) -> None:
    for heard in runs.each:
        assert (heard.reconciled["missing"], heard.reconciled["dead"]) == (0, 0)
        assert heard.reconciled["collected"] == len(dispatches())


@pytest.mark.slow
def test_after_kill_restart_and_telling_again_nothing_rings_and_nothing_changes(runs: Runs) -> None:
    first, second = runs.each
    assert second.told == first.told
    assert [a["id"] for a in second.alerts] == [a["id"] for a in first.alerts]


@pytest.mark.slow
def test_every_demo_feed_is_known_once_and_well_after_a_restart_on_another_port(runs: Runs) -> None:
    first, second = runs.each
    assert [f["id"] for f in second.feeds] == [f["id"] for f in first.feeds]
    assert {f["url"] for f in second.feeds}.isdisjoint(f["url"] for f in first.feeds)
    assert {f["state"] for f in second.feeds} == {"ok"}
