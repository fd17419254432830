from datetime import UTC, date, datetime

import pytest

from support.desk_fixture import big_story
from tocsin.api.drawing import timeline
from tocsin_schemas.story import Story, Told


def drawn(*, by_report: bool = False) -> timeline.Timeline:
    made = timeline.draw(big_story(), by_report=by_report)
    assert made is not None
    return made


def test_events_stand_in_their_order_with_their_lag() -> None:
    told = [(h.happened, h.lag, h.kind) for h in drawn().rows]

    assert told == [
        ("1955", "", "before"),
        ("27 Aug", "8 days later", "point"),
        ("1–2 Sept", "2 days later", "bar"),
        ("3 Sept", "same day", "point"),
    ]


def test_reports_of_one_event_are_one_line_with_every_source() -> None:
    raid = drawn().rows[-1]

    assert [t.outlet for t in raid.sources] == ["Dawn", "BBC"]
    assert raid.reported == datetime(2008, 9, 3, 14, 5, tzinfo=UTC)


def test_the_order_of_report_can_be_asked_for() -> None:
    assert drawn(by_report=True).rows[0].words == "Raid on Angoor Ada"


def test_an_event_before_the_scale_does_not_stretch_it() -> None:
    assert drawn().scale.start == datetime(2008, 8, 27, tzinfo=UTC)


def test_a_report_before_its_event_is_announced() -> None:
    told = big_story().chronology[0]
    ahead = told.model_copy(update={"start": date(2008, 9, 5), "end": date(2008, 9, 5)})

    made = timeline.draw(big_story().model_copy(update={"chronology": (ahead,)}))

    assert made is not None
    assert made.rows[0].lag == "announced 2 days ahead"


def test_a_story_without_dated_events_has_no_timeline() -> None:
    story: Story = big_story().model_copy(update={"chronology": ()})

    assert timeline.draw(story) is None


def test_a_month_is_named_as_a_month() -> None:
    told: Told = (
        big_story()
        .chronology[0]
        .model_copy(update={"start": date(2008, 8, 1), "end": date(2008, 8, 31)})
    )

    made = timeline.draw(big_story().model_copy(update={"chronology": (told,)}))

    assert made is not None
    assert made.rows[0].happened == "Aug"


def test_a_report_stands_at_its_publication_where_that_is_known() -> None:
    story = big_story()
    when = datetime(2008, 9, 3, 18, tzinfo=UTC)

    made = timeline.draw(story, published={story.chronology[0].article_id: when})

    assert made is not None
    raid = made.rows[-1]
    assert raid.reported == datetime(2008, 9, 3, 16, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("WANA, Pakistan (AP) — Helicopters crossed.", "Helicopters crossed."),
        ("WANA, Sept 3: Nine villagers died.", "Nine villagers died."),
        ("PESHAWAR (AFP) - Troops landed.", "Troops landed."),
        ("The governor spoke: twenty died.", "The governor spoke: twenty died."),
        ("NATO said it knew nothing.", "NATO said it knew nothing."),
        ("WANA: ", "WANA: "),
    ],
)
def test_a_dateline_is_no_part_of_what_happened(words: str, kept: str) -> None:
    assert timeline.said(words) == kept


def test_a_megabyte_of_one_letter_is_read_in_one_go() -> None:
    for letter in ("A", " ", "(", "-", ","):
        assert timeline.said(letter * 1_000_000)
