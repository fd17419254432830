"""The reading tasks of `tocsin evaluate`, on gold of our own: formats, scores, and errors with a place."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import UsageError
from tocsin.evaluation import casualties, citations, countries, credits, event_dates, gold, language  # noqa: A004 (the task's name)

Evaluate = Callable[[Path], dict[str, Any]]

RIGHT: list[tuple[Evaluate, dict[str, Any]]] = [
    (casualties.evaluate, {"text": "Nine people were killed.", "casualties": [{"kind": "killed", "min": 9, "max": 9}]}),
    (citations.evaluate, {"text": "(Dawn, May 3)", "reference_date": "2008-10-02", "citations": [{"outlet": "Dawn", "date": "2008-05-03"}]}),
    (countries.evaluate, {"id": "1", "title": "", "text": "Troops left Pakistan.", "countries": ["PK"]}),
    (credits.evaluate, {"title": "", "text": "KABUL (AP) - It rained.", "role": "whole", "agencies": ["AP"]}),
    (event_dates.evaluate, {"text": "on Monday", "published": "2008-10-02", "dates": [{"start": "2008-09-29", "end": "2008-09-29"}]}),
]  # fmt: skip


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


@pytest.mark.parametrize(("evaluate", "record"), RIGHT)
def test_a_right_answer_scores_one(
    evaluate: Evaluate, record: dict[str, Any], tmp_path: Path
) -> None:
    found = evaluate(write(tmp_path / "gold.jsonl", record))
    assert (found["precision"], found["recall"], found["f1"]) == (1, 1, 1)
    assert found["docs_per_s"] > 0


@pytest.mark.parametrize(("evaluate", "record"), RIGHT)
def test_an_invented_answer_costs_precision(
    evaluate: Evaluate, record: dict[str, Any], tmp_path: Path
) -> None:
    empty = {k: [] if isinstance(v, list) else v for k, v in record.items()}
    if "role" in empty:
        empty["role"] = "none"
    found = evaluate(write(tmp_path / "gold.jsonl", record, empty))
    assert (found["precision"], found["recall"]) == (0.5, 1)


@pytest.mark.parametrize(("evaluate", "record"), RIGHT)
def test_a_missing_field_is_named(
    evaluate: Evaluate, record: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="record 1 has no field 'text'"):
        evaluate(write(tmp_path / "gold.jsonl", {k: v for k, v in record.items() if k != "text"}))


def test_language_is_a_share(tmp_path: Path) -> None:
    path = write(
        tmp_path / "gold.jsonl",
        {"text": "Five people were killed in the capital on Saturday.", "lang": "en"},
        {"text": "Five people were killed in the capital on Sunday.", "lang": "fr"},
    )
    assert language.evaluate(path)["accuracy"] == 0.5


def test_gold_is_read_plain_and_zipped_whatever_its_name(tmp_path: Path) -> None:
    lines = b'{"a": 1}\n\n{"a": 2}\n'
    plain, zipped = tmp_path / "a.gz", tmp_path / "b.jsonl"
    plain.write_bytes(lines)
    zipped.write_bytes(gzip.compress(lines))
    assert [*gold.read(plain)] == [*gold.read(zipped)] == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": \n', "line 2: not JSON"),
        (b"[1]\n", "line 1: a JSON object"),
        (gzip.compress(b'{"a": 1}\n' * 1000, mtime=0)[:-20], "breaks off"),
    ],
)
def test_a_broken_file_names_the_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        list(gold.read(path))


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        list(gold.read(tmp_path / "nothing.jsonl"))
