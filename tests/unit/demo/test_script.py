"""The dispatches: enough of them, in our own words, and told in order."""

import os
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tocsin.demo.script import WAVE_S, Dispatch, dispatches, outlets, waves
from tocsin.pipeline.normalise.address import key

RUN = 8
"""Words in a row that nobody writes twice by accident."""


def items() -> dict[str, Dispatch]:
    """The newest version of each item, by key."""
    return {d.guid: d for d in dispatches()}


def test_there_are_at_least_sixty_items_of_ten_outlets() -> None:
    assert len(items()) >= 60
    assert len({d.outlet.key for d in dispatches()}) >= 10
    assert {d.outlet.key for d in dispatches()} == set(outlets())


def test_the_outlets_of_the_seed_article_are_there() -> None:
    cited = {
        ("Dawn", "Karachi"),
        ("Daily Times", "Islamabad"),
        ("The News", "Islamabad"),
        ("BBC News", "London"),
        ("Associated Press", "New York"),
        ("New York Times", "New York"),
        ("Arab News", "Jeddah"),
        ("Air Force Times", "Springfield"),
        ("Terrorism Focus", "Washington"),
    }
    assert cited <= {(o.source.name, o.source.place) for o in outlets().values()}


def test_each_of_the_four_formats_is_printed() -> None:
    assert {o.format for o in outlets().values()} == {"rss", "atom", "rdf", "json"}


@pytest.mark.parametrize("dispatch", dispatches(), ids=lambda d: f"{d.id}-{d.version}")
def test_a_dispatch_is_80_to_250_words_of_prose(dispatch: Dispatch) -> None:
    assert 80 <= len(dispatch.text.split()) <= 250
    assert dispatch.title
    assert all(p == " ".join(p.split()) for p in dispatch.paragraphs)


def test_an_item_has_its_own_address_in_its_outlet() -> None:
    by_url: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for d in dispatches():
        if d.url:
            assert d.url.startswith(f"https://{d.outlet.key}.demo.invalid/")
            by_url[d.url].add((d.outlet.key, d.id))
    assert all(len(who) == 1 for who in by_url.values())


def test_one_item_has_no_link_and_another_no_date() -> None:
    assert [d.id for d in dispatches() if not d.url] == ["karachi-rain-forecast"]
    assert [d.id for d in dispatches() if d.published is None] == ["night-of-gunships"]


def test_an_edit_and_a_correction_come_after_what_they_replace() -> None:
    later = [d for d in dispatches() if d.version > 1]
    assert {d.id for d in later} == {"angoor-ada-buries-its-dead", "us-raid-in-pakistan"}
    for d in later:
        first = next(e for e in dispatches() if e.id == d.id and e.version == d.version - 1)
        assert first.wave < d.wave
        assert first.url == d.url
        assert first.text != d.text
        assert first.published == d.published
        assert d.updated is not None


def test_the_edit_changes_no_figure_and_the_correction_one() -> None:
    def figures(d: Dispatch) -> list[str]:
        return re.findall(r"\b(?:\d+|nine|twenty|three|two|thirty)\b", d.text.lower())

    before, after = (d for d in dispatches() if d.id == "angoor-ada-buries-its-dead")
    assert figures(before) == figures(after)
    before, after = (d for d in dispatches() if d.id == "us-raid-in-pakistan")
    assert (figures(before), figures(after)) == (["17"], ["15"])


def test_times_are_of_the_autumn_of_2008_and_run_forward() -> None:
    newest: datetime | None = None
    for wave in waves().values():
        for d in wave:
            stamp = d.updated or d.published
            if stamp is None:
                continue
            assert datetime(2008, 9, 1, tzinfo=UTC) < stamp < datetime(2008, 10, 2, tzinfo=UTC)
            # The last wave tells the rest of the month.
            if newest is not None and d.wave < max(waves()):
                assert stamp >= newest - timedelta(hours=34)
        stamps = [s for d in wave if (s := d.updated or d.published)]
        newest = max([*stamps, *([newest] if newest else [])])


def test_an_outlet_publishes_in_the_order_in_which_it_is_told() -> None:
    for outlet in outlets():
        times = [d.published for d in dispatches() if d.outlet.key == outlet and d.version == 1]
        waves_of = [d.wave for d in dispatches() if d.outlet.key == outlet and d.version == 1]
        dated = [(w, t) for w, t in zip(waves_of, times, strict=True) if t]
        for (wave, time), (later_wave, later) in pairwise(dated):
            assert wave == later_wave or time <= later


def test_the_script_takes_about_two_minutes() -> None:
    assert list(waves()) == list(range(1, len(waves()) + 1))
    assert 100 <= (len(waves()) - 1) * WAVE_S <= 130


def test_fifteen_reprints_carry_the_words_of_an_agency() -> None:
    agencies = [d for d in dispatches() if d.outlet.source.kind == "agency"]
    reprints = [
        d
        for d in dispatches()
        if d.outlet.source.kind != "agency"
        and any(set(d.paragraphs[1:]) & set(a.paragraphs) for a in agencies)
    ]
    assert len(reprints) >= 15
    for d in reprints:
        first = min(a.wave for a in agencies if set(d.paragraphs[1:]) & set(a.paragraphs))
        assert first < d.wave, f"{d.id} comes before its original"
        credited = re.search(
            r"\((?:AP|AFP|Reuters)\)|— ?(?:AP|AFP)$|Associated Press contributed|input from AFP",
            d.text,
        )
        assert credited, f"{d.id} hides whose words it prints"


@pytest.mark.parametrize(
    "words", [r"\(AP\) — ", r"\(AFP\) — ", r"\(Reuters\) - ", "— AP$", "—AFP$", "Press contributed"]
)
def test_credits_are_written_in_every_usual_way(words: str) -> None:
    others = [d for d in dispatches() if d.outlet.source.kind != "agency"]
    assert any(re.search(words, d.text) for d in others)


def test_no_sentence_is_taken_from_the_seed_article() -> None:
    default = Path(__file__).parents[4] / "shared" / "gold"
    seed = Path(os.environ.get("TOCSIN_GOLD", default)) / "seed-article.txt"
    if not seed.exists():
        pytest.skip(f"no gold at {seed.parent}: set TOCSIN_GOLD")
    taken = _runs(seed.read_text("utf-8"))
    assert len(taken) > 1000
    for d in dispatches():
        assert not _runs(f"{d.title}. {d.text}") & taken, d.id


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[\w']+", text.lower())
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def test_an_address_is_its_own_identity_so_that_the_desk_is_asked_by_the_right_name() -> None:
    for d in dispatches():
        if d.url:
            assert key(d.url) == d.url


@pytest.mark.parametrize(
    ("outlet", "day"),
    [
        ("New York Times", "09-11"),
        ("Dawn", "09-20"),
        ("Terrorism Focus", "10-01"),
        ("Dawn", "09-13"),
        ("Associated Press", "09-11"),
        ("Daily Times", "09-13"),
        ("The News", "09-13"),
        ("The News", "09-12"),
        ("Air Force Times", "09-29"),
        ("BBC News", "09-15"),
        ("Arab News", "09-14"),
    ],
)
def test_what_the_seed_article_cites_was_published_on_that_day(outlet: str, day: str) -> None:
    of_day = [
        d
        for d in dispatches()
        if d.outlet.source.name == outlet and d.published and f"{d.published:%m-%d}" == day
    ]
    assert of_day
