"""The readers on the gold sets, where they are at hand: the floors of the design, the seed article exactly."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tocsin.evaluation import casualties, countries, credits, event_dates  # noqa: A004 (the task's name)
from tocsin.pipeline.enrich import citations
from tocsin.pipeline.enrich.casualties import figures
from tocsin.pipeline.enrich.days import told

ROOT = Path(__file__).parents[4]
GOLD = Path(os.environ.get("TOCSIN_GOLD", ROOT.parent / "shared" / "gold"))
pytestmark = pytest.mark.skipif(
    not (GOLD / "seed-gold.json").exists(), reason="the gold folder (TOCSIN_GOLD) is not here"
)


@pytest.fixture(scope="module")
def seed() -> tuple[str, dict[str, Any]]:
    return (GOLD / "seed-article.txt").read_text(), json.loads(
        (GOLD / "seed-gold.json").read_text()
    )


def ref(seed: tuple[str, dict[str, Any]]) -> date:
    return date.fromisoformat(seed[1]["document"]["reference_date"])


def test_the_seed_articles_citations_are_found_exactly(seed: tuple[str, dict[str, Any]]) -> None:
    text, wanted = seed
    found = {
        (c.outlet, str(c.day), c.span.start, c.span.end) for c in citations.read(text, ref(seed))
    }
    assert found == {(c["outlet"], c["date"], c["start"], c["end"]) for c in wanted["citations"]}


def test_the_seed_articles_casualties_are_found_exactly(seed: tuple[str, dict[str, Any]]) -> None:
    text, _ = seed
    found = [(f.kind, f.min, f.max, f.role) for f in figures.read("", text, ref(seed))]
    assert found == [("killed", 9, 20, "event"), ("killed", 13, None, "event")]


def test_the_seed_articles_dated_events_are_all_found(seed: tuple[str, dict[str, Any]]) -> None:
    text, wanted = seed
    cites = [(c.span.start, c.span.end) for c in citations.read(text, ref(seed))]
    days = told.read(text, ref(seed), cites)
    for event in wanted["events"]:
        first, last = event["date_start"], event["date_end"]
        if len(first) == 4:
            first, last = f"{first}-01-01", f"{last}-12-31"
        assert any(
            (str(d.first), str(d.last)) == (first, last)
            and d.start < m["end"]
            and d.end > m["start"]
            for d in days
            for m in event["date_mentions"]
        ), event["id"]


def test_countries_of_world_news_reach_their_floor() -> None:
    assert countries.evaluate(GOLD / "geo" / "geovirus.jsonl.gz")["f1"] >= 0.88
    assert countries.evaluate(GOLD / "geo" / "geowebnews.jsonl.gz")["f1"] >= 0.88


def test_casualties_credits_and_dates_reach_their_floors() -> None:
    found = casualties.evaluate(GOLD / "reading" / "casualties.jsonl.gz")
    assert found["precision"] >= 0.85
    assert found["recall"] >= 0.80
    assert credits.evaluate(GOLD / "reading" / "credits.jsonl.gz")["f1"] >= 0.90
    assert event_dates.evaluate(GOLD / "reading" / "event-dates.jsonl.gz")["f1"] >= 0.80
