from support.desk_fixture import big_story
from tocsin.api.drawing import ranges
from tocsin_schemas.story import Story


def drawn(**given: object) -> ranges.RangeDrawing:
    made = ranges.draw(big_story().model_copy(update=given), "killed")
    assert made is not None
    return made


def test_each_statement_is_a_row_in_the_order_told() -> None:
    assert [r.statement.outlet for r in drawn().rows] == [
        "Dawn", "BBC", "AFP", "Daily Times", "Reuters"]  # fmt: skip


def test_marks_differ_by_shape_and_stand_at_value_over_top() -> None:
    marks = [(r.mark.kind, r.mark.x, r.mark.x2) for r in drawn().rows]

    assert marks == [
        ("dot", "45.00%", ""),
        ("dot", "100.00%", ""),
        ("up", "75.00%", ""),
        ("gone", "60.00%", ""),
        ("range", "45.00%", "100.00%"),
    ]


def test_the_band_is_read_from_the_statements_and_never_recomputed() -> None:
    story = big_story()
    rows = tuple(
        s.model_copy(update={"range_min": 2, "range_max": 4}) if s.kind == "killed" else s
        for s in story.statements
    )

    bands = {(r.band.x, r.band.width) for r in drawn(statements=rows).rows}

    assert bands == {("10.00%", "10.00%")}


def test_equal_ends_are_one_line_and_an_unknown_one_is_none() -> None:
    story = big_story()
    first = story.statements[0]

    assert drawn(statements=(first,)).rows[0].band == ranges.Band(edges=("90.00%",))
    open_low = first.model_copy(update={"range_min": None, "range_max": 9})
    assert len(drawn(statements=(open_low,)).rows[0].band.edges) == 1
    nothing = first.model_copy(update={"range_min": None, "range_max": None})
    assert drawn(statements=(nothing,)).rows[0].band == ranges.Band()


def test_not_attributed_is_hollow_and_up_to_points_down() -> None:
    first = big_story().statements[0]
    plain = first.model_copy(update={"attribution": ""})
    up_to = first.model_copy(update={"min": None, "max": 9})

    assert drawn(statements=(plain,)).rows[0].mark.kind == "hollow"
    assert drawn(statements=(up_to,)).rows[0].mark.kind == "down"


def test_the_sentence_names_both_ends_and_counts_retractions() -> None:
    assert drawn().summary == (
        "Lowest nine people (Dawn, officials, 3 Sept); highest 20 people (BBC, provincial governor, "
        "3 Sept). 5 statements, 1 retracted; range last moved 3 Sept 16:40."
    )
    assert drawn().heading == "Killed: 9 to 20"


def test_a_long_ledger_keeps_first_last_and_what_moved_the_range() -> None:
    story = big_story()
    first = story.statements[0]
    many = [first.model_copy(update={"revision": n}) for n in range(60)]
    many[30] = first.model_copy(update={"range_max": 40, "revision": 30})

    made = drawn(statements=tuple(many))

    assert made.total == 60
    kept = [r.statement.revision for r in made.rows]
    assert kept == [0, 1, 2, 3, 4, 30, 31, *range(50, 60)]
    assert made.hidden == 60 - len(kept)


def test_a_figure_ten_times_the_next_is_said_to_set_the_scale() -> None:
    story = big_story()
    wild = story.statements[0].model_copy(update={"min": 900, "max": 900})

    assert drawn(statements=(*story.statements, wild)).outlier == "Dawn’s 900 sets the scale."
    assert drawn().outlier == ""


def test_a_story_without_that_kind_has_no_drawing() -> None:
    story: Story = big_story()

    assert ranges.draw(story, "kidnapped") is None
