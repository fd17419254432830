from datetime import timedelta

from support.desk_fixture import big_story
from tocsin.api import disagreement
from tocsin_schemas.story import Statement, Story


def story(*statements: Statement) -> Story:
    return big_story().model_copy(update={"statements": statements})


def one(
    origin: str | None, low: int | None, high: int | None, hours: int = 0, **given: object
) -> Statement:
    first = big_story().statements[0]
    return first.model_copy(update={
        "origin": origin, "outlet": origin or "?", "min": low, "max": high, "revision": hours,
        "at": (first.at or first.collected) + timedelta(hours=hours), **given})  # fmt: skip


def verdict(*statements: Statement) -> str:
    return disagreement.of(story(*statements))[0].verdict


def test_disjoint_figures_of_two_origins_disagree_and_name_each_other() -> None:
    field = disagreement.of(story(one("Dawn", 9, 9), one("BBC", 20, 20), one("Reuters", 9, 20)))[0]

    assert field.verdict == "disagree"
    says = {v.origin: (v.excludes, v.holds) for v in field.voices}
    assert says == {
        "Dawn": (("BBC",), ()),
        "Reuters": ((), ("Dawn", "BBC")),
        "BBC": (("Dawn",), ()),
    }


def test_a_nested_figure_is_narrower_and_an_equal_one_agrees() -> None:
    assert verdict(one("Dawn", 9, 9), one("Reuters", 9, 20)) == "narrower"
    assert verdict(one("Dawn", 9, 9), one("BBC", 9, 9)) == "agree"


def test_one_origin_that_changes_its_mind_is_no_disagreement() -> None:
    assert verdict(one("Dawn", 9, 9), one("Dawn", 20, 20, hours=2, version=2)) == "single"


def test_a_retracted_an_old_and_an_unknown_voice_do_not_argue() -> None:
    first = big_story().statements[0]

    assert verdict(one("Dawn", 9, 9), one("BBC", 30, 30, retracted=first.collected)) == "single"
    assert verdict(one("Dawn", 9, 9), one("BBC", 30, 30, hours=30)) == "single"
    field = disagreement.of(story(one("Dawn", 9, 9), one(None, 30, 30)))[0]
    assert field.verdict == "single"
    assert len(field.unknown) == 1


def test_an_open_bound_excludes_only_what_lies_below_it() -> None:
    assert verdict(one("AFP", 15, None), one("Dawn", 9, 9)) == "disagree"
    assert verdict(one("AFP", 15, None), one("BBC", 20, 20)) == "narrower"
    assert verdict(one("AFP", None, 20), one("BBC", 25, 25)) == "disagree"


def test_two_figures_of_one_article_are_one_statement_their_span() -> None:
    field = disagreement.of(story(one("Dawn", 9, 9), one("Dawn", 12, 12)))[0]

    assert [(v.min, v.max) for v in field.voices] == [(9, 12)]
