import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import UsageError
from tocsin.evaluation.matching import evaluate

DOCUMENTS = [
    {"id": "d1", "title": "Raid in Swat", "text": "Nine people were killed, officials said."},
    {"id": "d2", "title": "Cricket", "text": "The swat of the bat, and officials who said little."},
]
QUERIES = [
    {"id": "q1", "query": "swat officials"},
    {"id": "q2", "query": '"people killed"~1 NOT cricket'},
    {"id": "q3", "query": "title:swat"},
]
EXPECTED = {"d1": ["q1", "q2", "q3"], "d2": ["q1"]}


def write(folder: Path, expected: Any, queries: list[dict[str, str]] = QUERIES) -> Path:
    def lines(records: list[dict[str, str]]) -> bytes:
        return "\n".join(map(json.dumps, records)).encode()

    (folder / "documents.jsonl.gz").write_bytes(gzip.compress(lines(DOCUMENTS)))
    (folder / "queries.jsonl.gz").write_bytes(gzip.compress(lines(queries)))
    (folder / "expected.json.gz").write_bytes(gzip.compress(json.dumps(expected).encode()))
    return folder


def test_pairs_found_as_expected_differ_in_nothing(tmp_path: Path) -> None:
    result = evaluate(write(tmp_path, EXPECTED))
    assert (result["pairs"], result["differ"], result["hits"]) == (6, 0, 4)
    assert result["docs_per_s"] > 0
    assert result["us_per_doc"] > 0
    assert result["load_s"] > 0
    assert {"bytes_per_query", "documents", "queries"} <= result.keys()


def test_a_pair_missed_and_a_pair_too_many_are_counted(tmp_path: Path) -> None:
    assert evaluate(write(tmp_path, {"d1": ["q1"], "d3": ["q2"]}))["differ"] == 4


def test_a_query_that_the_grammar_refuses_is_listed_and_finds_nothing(tmp_path: Path) -> None:
    queries = [*QUERIES, {"id": "q4", "query": "a OR b c"}]
    result = evaluate(write(tmp_path, EXPECTED, queries))
    assert result["differ"] == 0
    assert result["refused"]["total"] == 1
    assert "parentheses" in result["refused"]["q4"]


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no expected\.json"):
        evaluate(tmp_path)
    write(tmp_path, ["d1"])
    with pytest.raises(UsageError, match="object of lists"):
        evaluate(tmp_path)
    (tmp_path / "expected.json.gz").write_bytes(b"\x1f\x8bnonsense")
    with pytest.raises(UsageError, match="can't be read"):
        evaluate(tmp_path)
