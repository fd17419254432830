"""The feed fixtures of feedparser and gofeed: read, and read as feedparser reads them (design §8)."""

import os
from pathlib import Path

import pytest

from tocsin.evaluation.feeds import evaluate

GOLD = (
    Path(os.environ.get("TOCSIN_GOLD") or Path(__file__).parents[3] / "shared" / "gold") / "feeds"
)


@pytest.mark.skipif(not GOLD.is_dir(), reason=f"no gold data: {GOLD} is missing")
def test_fixtures_are_read_and_agree_with_feedparser() -> None:
    found = evaluate(GOLD)
    assert found["feeds"] > 1_000
    assert found["parsed"] >= 0.995
    assert found["same"] >= 0.98
