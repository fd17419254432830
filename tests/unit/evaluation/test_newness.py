"""The measures of stories, pairs and copies, on sets small enough to be checked by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.press import BUDGET, FERRY, MINE
from tocsin.errors import UsageError
from tocsin.evaluation import copies, stories, story_pairs

REWRITTEN = (
    "Fishing boats and a navy helicopter searched the strait off Kilbaran for passengers of the "
    "ferry Saint Brendan, which capsized on Tuesday with about sixty people on board. The Marrow "
    "Line has been fined before for overloading, and minister Ilse Vandermeer closed the crossing."
)


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(r) for r in records), "utf-8")
    return path


def test_scores_of_a_perfect_and_of_a_lumped_clustering() -> None:
    perfect = stories.scores(["a", "a", "b"], [1, 1, 2])
    assert (perfect["bcubed"]["f1"], perfect["pair"]["f1"], perfect["ari"]) == (1.0, 1.0, 1.0)
    lumped = stories.scores(["a", "a", "b", "b"], [1, 1, 1, 1])
    assert lumped["bcubed"] == {"p": 0.5, "r": 1.0, "f1": pytest.approx(2 / 3)}
    assert lumped["pair"] == {"p": pytest.approx(1 / 3), "r": 1.0, "f1": 0.5}
    assert lumped["ari"] == 0.0


def test_stories_are_measured_from_raw_texts(tmp_path: Path) -> None:
    texts = [("Ferry lost", FERRY, "f"), ("Ferry capsizes", REWRITTEN, "f"), ("Mine", MINE, "m")]
    records = [
        {"id": str(n), "title": t, "text": x, "ts": 1_614_672_000.0 + 600 * n, "label": label}
        for n, (t, x, label) in enumerate(texts)
    ]
    told = stories.evaluate(write(tmp_path / "g.jsonl", records))
    assert told["bcubed"] == {"p": 1.0, "r": 1.0, "f1": 1.0}
    assert (told["documents"], told["orders"], told["stories"]) == (3, 1, 2)
    undated = [r | {"ts": None} for r in records]
    assert stories.evaluate(write(tmp_path / "u.jsonl", undated))["orders"] == stories.ORDERS


def test_pairs_are_measured_from_raw_texts(tmp_path: Path) -> None:
    ferry, again = {"title": "Ferry lost", "text": FERRY}, {"title": "Ferry", "text": REWRITTEN}
    mine: dict[str, Any] = {"title": "Mine blast", "text": MINE, "ts": 1_614_672_000.0}
    records: list[dict[str, Any]] = [
        {"first": ferry, "second": again, "same_story": True},
        {"first": ferry, "second": mine, "same_story": False},
        {"first": mine, "second": ferry, "same_story": True},
    ]
    told = story_pairs.evaluate(write(tmp_path / "p.jsonl", records))
    assert (told["precision"], told["recall"], told["pairs"]) == (1.0, 0.5, 3)
    assert told["language"] == "en"


def test_a_pair_without_text_is_told_with_its_number(tmp_path: Path) -> None:
    bad = [{"first": {"title": "x"}, "second": {}, "same_story": True}]
    with pytest.raises(UsageError, match="record 1: 'first'"):
        story_pairs.evaluate(write(tmp_path / "p.jsonl", bad))


def test_copies_are_measured_in_either_direction_of_the_link(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"id": "cut", "text": ". ".join(FERRY.split(". ")[:3]), "copy_of": "whole"},
        {"id": "whole", "text": FERRY, "copy_of": None},
        {"id": "other", "text": MINE, "copy_of": None},
        {"id": "reprint", "text": MINE + " Printed again.", "copy_of": "other"},
        {"id": "claimed", "text": BUDGET, "copy_of": "other"},
    ]
    told = copies.evaluate(write(tmp_path / "c.jsonl", records))
    assert (told["copies"], told["precision"]) == (3, 1.0)
    assert told["recall"] == pytest.approx(2 / 3)
