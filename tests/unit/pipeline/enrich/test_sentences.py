"""Shapes of sentence by class (headlines, coordination, relatives, nominals, lists), each with its figures."""

from pathlib import Path

import pytest

from tocsin.pipeline.enrich.casualties.figures import read

_KINDS = {"killed": "k", "wounded": "w", "missing": "m", "kidnapped": "kn"}
_LINES = (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines()
_SENTENCES = [line.split("\t") for line in _LINES if line and line[0] != "#"]


def _range(least: int | None, most: int | None) -> str:
    if least == most:
        return str(least)
    return f"{'' if least is None else least}-{'' if most is None else most}"


@pytest.mark.parametrize(("text", "wanted"), _SENTENCES, ids=[text for text, _ in _SENTENCES])
def test_a_sentence_gives_its_figures(text: str, wanted: str) -> None:
    found = [f"{_KINDS[f.kind]}{_range(f.min, f.max)}" for f in read("", text, None)]
    assert sorted(found) == sorted(wanted.replace("none", "").split())
