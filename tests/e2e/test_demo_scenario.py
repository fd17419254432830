"""What a newcomer sees on `tocsin run --demo` without a network: the stories, copies, origins and tolls of
`expected.json`, its alerts and no other; and nothing more after kill -9, a restart on another port, and
the whole script told again.
"""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.desk import Desk, told, wait_until
from tocsin.demo.script import dispatches
from tocsin.demo.standing import MAIN
from tocsin.pipeline.collect.parse import parse_feed

FAST = {"TOCSIN_DEMO_SPEED": "20", "TOCSIN_STARTER_FEEDS": "0"}
"""Two minutes in about ten seconds; the polls are as much faster."""
WANTED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "demo" / "expected.json").read_text("utf-8")
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a desk that heard the whole script and was then killed."""
    folder: Path = tmp_path_factory.mktemp("demo") / "data"
    with Desk(folder, "--demo", env=FAST) as desk:
        hear_all(folder)
        desk.kill()
    return folder


def hear_all(folder: Path) -> None:
    """Wait until the press has released everything and the desk has worked it off."""
    items = len({d.guid for d in dispatches()})
    wait_until(lambda: on_show(folder) == items, timeout_s=240, pause_s=1)
    wait_until(lambda: told("reconcile", "--data", str(folder))["in_flight"] == 0)
    edits = {d.url: d.version for d in dispatches() if d.version > 1}
    wait_until(lambda: edits.items() <= versions(folder).items())


def on_show(folder: Path) -> int:
    """Items in the feeds of the running press."""
    count = 0
    for feed in told("feeds", "list", "--data", str(folder)):
        with urllib.request.urlopen(feed["url"], timeout=10) as answer:
            count += len(parse_feed(answer.read()).entries)
    return count


def versions(folder: Path) -> dict[str, int]:
    """The newest version of each article by address."""
    return {m["url"]: m["version"] for s in stories(folder) for m in s["members"]}


def stories(folder: Path) -> list[dict[str, Any]]:
    """Every story in full."""
    rows = told("stories", "--data", str(folder))
    return [told("story", row["id"], "--data", str(folder)) for row in rows]


def as_wanted(folder: Path) -> dict[str, list[str]]:
    """What the desk tells, in the form of expected.json, as sorted lines."""
    found = stories(folder)
    names = {tuple(w["members"]): w["name"] for w in WANTED["stories"]}
    name_of = {s["id"]: names.get(tuple(members(s)), f"no such story: {members(s)}") for s in found}
    return {
        "stories": lines(
            {
                "name": name_of[s["id"]],
                "members": members(s),
                "copies": copies(s),
                "origins": sorted(v["name"] for v in s["voices"]),
                "figures": s["figures"],
            }
            for s in found
        ),
        "alerts": lines(
            {
                "subscription": a["subscription_name"],
                "story": name_of.get(a["story"], a["story_title"]),
                "reason": a["reason"],
                "fact": a["fact"],
                "article": a["url"] or a["article_title"],
            }
            for a in told("alerts", "--data", str(folder))
        ),
    }


def members(story: dict[str, Any]) -> list[str]:
    return sorted(m["url"] or m["title"] for m in story["members"])


def copies(story: dict[str, Any]) -> dict[str, str]:
    urls = {m["article"]: m["url"] for m in story["members"]}
    return {m["url"]: urls[m["copy_of"]] for m in story["members"] if m["copy_of"]}


def lines(rows: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(r, sort_keys=True, ensure_ascii=False) for r in rows)


def wanted() -> dict[str, list[str]]:
    return {part: lines(WANTED[part]) for part in ("stories", "alerts")}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_desk_tells_the_stories_and_rings_the_alerts_that_are_expected(data: Path) -> None:
    assert as_wanted(data) == wanted()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_is_missing_and_nothing_was_set_aside(data: Path) -> None:
    answer = told("reconcile", "--data", str(data))
    assert (answer["missing"], answer["dead"]) == (0, 0)
    assert answer["collected"] == len(dispatches())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_after_kill_restart_and_telling_again_the_main_subscription_has_rung_twice(
    data: Path,
) -> None:
    before = [a["id"] for a in told("alerts", "--data", str(data))]
    with Desk(data, "--demo", env=FAST):
        hear_all(data)
        feeds = told("feeds", "list", "--data", str(data))
    assert as_wanted(data) == wanted()
    assert [a["id"] for a in told("alerts", "--data", str(data))] == before
    main = [a for a in told("alerts", "--data", str(data)) if a["subscription_name"] == MAIN]
    assert sorted((a["reason"], a["fact"]) for a in main) == [
        ("first-match", ""),
        ("toll", "killed:9-20"),
    ]
    assert len({f["id"] for f in feeds}) == len(feeds)
    assert {f["state"] for f in feeds} == {"ok"}
