"""The rules for days, each met by a sentence of our own."""

from datetime import date
from pathlib import Path

import pytest

from tocsin.pipeline.enrich.days.told import read

_LINES = (Path(__file__).parent / "days.txt").read_text(encoding="utf-8").splitlines()
_CASES = [line.split("|") for line in _LINES if line and line[0] != "#"]


@pytest.mark.parametrize(("published", "text", "wanted"), _CASES, ids=[c[1] for c in _CASES])
def test_a_sentence_gives_its_days(published: str, text: str, wanted: str) -> None:
    found = [
        str(d.first) if d.first == d.last else f"{d.first}..{d.last}"
        for d in read(text, date.fromisoformat(published))
    ]
    assert ",".join(found) == wanted
