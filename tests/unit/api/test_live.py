import asyncio
import json
from typing import Any

from support.desk_fixture import DeskFixture, at, small_story, source
from tocsin.api import live as live_module
from tocsin.api.live import STREAMS, Live
from tocsin.api.reading import Reading


class Asking:
    """A request that stays connected for as many questions as given."""

    def __init__(self, questions: int) -> None:
        self.left = questions

    async def is_disconnected(self) -> bool:
        self.left -= 1
        return self.left < 0


async def messages(live: Live, questions: int, between: Any = None) -> list[dict[str, Any]]:
    found = []
    async for chunk in live.stream(Asking(questions)):  # type: ignore[arg-type]  # what it asks
        for line in chunk.decode().splitlines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
                if between:
                    between()
    return found


def test_counts_come_at_once_and_again_only_at_a_change(
    full: DeskFixture, monkeypatch: Any
) -> None:
    monkeypatch.setattr(live_module, "LOOK_S", 0.0)
    live = Live(Reading(full.desk))

    found = asyncio.run(messages(live, 5))

    assert len(found) == 1
    assert found[0]["open_alerts"] == 3
    assert found[0]["feeds_not_ok"] == 6
    assert live.open == 0


def test_a_new_article_is_told_as_a_count_and_an_id_never_as_words(
    full: DeskFixture, monkeypatch: Any
) -> None:
    monkeypatch.setattr(live_module, "LOOK_S", 0.0)
    live = Live(Reading(full.desk))

    def one_more() -> None:
        story = small_story("late", "Late", at(5, 10, 41))
        full.article("late", outlet=source("Dawn"), title="Late news", text="Late.",
                     when=at(5, 10, 41), story=story)  # fmt: skip

    found = asyncio.run(messages(live, 6, one_more))

    assert [m["articles"] - found[0]["articles"] for m in found] == [0, 1]
    assert found[1]["newest_id"] == full.ids["late"]
    assert "Late" not in json.dumps(found)


def test_a_closed_desk_ends_its_streams(full: DeskFixture) -> None:
    live = Live(Reading(full.desk))
    live.close()

    assert asyncio.run(messages(live, 100)) == []


def test_streams_are_limited(full: DeskFixture) -> None:
    live = Live(Reading(full.desk))
    live.open = STREAMS

    assert live.full
