"""What the clusterer decides about one article after another."""

from datetime import timedelta

import pytest

from support.press import (
    BUDGET,
    FERRY,
    MINE,
    START,
    Newsroom,
    arrival,
    killed,
    outcomes,
    outlet,
    piece,
)
from tocsin.errors import Rejected
from tocsin_schemas.act import Act
from tocsin_schemas.article import Stamp
from tocsin_schemas.identity import digest_id
from tocsin_schemas.registry import event
from tocsin_schemas.story import ClusteredArticle, Story


@pytest.fixture
def desk() -> Newsroom:
    return Newsroom()


def test_an_article_founds_a_story_with_its_own_id(desk: Newsroom) -> None:
    first = piece("Ferry capsizes off Kilbaran", FERRY)
    said = desk.read(first)
    assert [e.type for e in said] == ["article.clustered", "story.changed"]
    told = desk.of(first)
    assert (told.version, told.revision, told.relation) == (1, 1, "original")
    assert told.story == desk.story(first)
    assert told.origin is not None
    assert told.origin.name == "Harbour Post"
    assert told.roots == {first.root_id: "indexed"}
    assert desk.story(first).articles == 1


def test_unlike_articles_stand_in_stories_of_their_own(desk: Newsroom) -> None:
    a, b, c = piece("Ferry capsizes", FERRY), piece("Mine blast", MINE), piece("Budget", BUDGET)
    desk.read(a, b, c)
    assert len(desk.standing()) == 3


def test_the_same_item_again_tells_the_same_and_changes_nothing(desk: Newsroom) -> None:
    first = piece("Ferry capsizes off Kilbaran", FERRY)
    once = desk.read(first)
    again = desk.read(first)
    assert [e.body for e in again] == [once[0].body]
    assert again[0].id == once[0].id


def test_forty_reprints_of_one_report_are_one_origin(desk: Newsroom) -> None:
    first = piece("Ferry capsizes off Kilbaran", FERRY, credit="AFP")
    reprints = [
        piece(f"Ferry disaster, {n} hours on", FERRY, by=f"Paper {n}", minutes=n)
        for n in range(1, 41)
    ]
    desk.read(first, *reprints)
    (story,) = desk.standing()
    assert (story.articles, story.copies, len(story.origins)) == (41, 40, 1)
    assert story.origins[0].name == "AFP"
    assert story.origins[0].copies == 40
    assert {a.copy_of for a in desk.articles().values()} == {None, desk.of(first).article_id}


def test_more_reprints_than_template_text_stands_in_are_still_copies(desk: Newsroom) -> None:
    first = piece("Ferry capsizes off Kilbaran", FERRY, credit="AFP")
    desk.read(first, *(piece("Ferry", FERRY, by=f"P {n}", minutes=n) for n in range(1, 70)))
    (story,) = desk.standing()
    assert (story.copies, len(story.origins)) == (69, 1)


def test_a_reprint_without_a_new_figure_states_nothing(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, figures=[killed(9)])
    copy = piece("Ferry sinks", FERRY, by="Evening Mail", minutes=5, figures=[killed(9)])
    desk.read(first, copy)
    assert desk.of(copy).statements == ()
    assert desk.story(first).statements_total == 1


def test_a_copy_with_another_toll_states_it_and_adds_no_origin(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, figures=[killed(9)])
    copy = piece("Ferry sinks", FERRY, by="Evening Mail", minutes=5, figures=[killed(20)])
    desk.read(first, copy)
    story = desk.story(first)
    (statement,) = desk.of(copy).statements
    assert (statement.min, statement.max, statement.copy_of) == (20, 20, desk.of(first).article_id)
    assert (statement.range_min, statement.range_max) == (9, 20)
    assert len(story.origins) == 1
    assert [(f.kind, f.min, f.max) for f in story.figures] == [("killed", 9, 20)]


def test_a_reprint_of_a_corrected_report_does_not_argue_against_it(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, url="https://h.example/1", figures=[killed(20)])
    mended = piece(
        "Ferry capsizes",
        FERRY.replace("sixty", "fifty"),
        url="https://h.example/1",
        minutes=30,
        figures=[killed(9)],
        updated=Stamp(at=START + timedelta(minutes=29)),
    )
    late = piece("Ferry sinks", FERRY, by="Evening Mail", minutes=60, figures=[killed(20)])
    desk.read(first, mended, late)
    story = desk.story(first)
    assert desk.of(late).statements == ()
    assert [(f.min, f.max) for f in story.figures] == [(9, 9)]


def test_a_later_version_retracts_the_figure_it_no_longer_tells(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, url="https://h.example/1", figures=[killed(20)])
    second = piece(
        "Ferry capsizes", FERRY + " More soon.", url="https://h.example/1", minutes=9,
        figures=[killed(12)],
    )  # fmt: skip
    desk.read(first, second)
    told = desk.of(second)
    assert (told.version, told.revision) == (2, 2)
    assert [n.version for n in told.versions] == [1, 2]
    assert [(c.field, c.before, c.after, c.rises) for c in told.changes] == [
        ("killed", "20", "12", False)
    ]
    story = desk.story(first)
    assert [(s.max, s.retracted) for s in story.statements] == [
        (20, second.collected),
        (12, None),
    ]
    assert [(f.min, f.max, f.held_max) for f in story.figures] == [(12, 12, 12)]


def test_known_words_from_another_feed_are_a_sighting(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, feed="front page")
    again = piece("Ferry capsizes", FERRY, feed="world news", minutes=3)
    desk.read(first)
    said = desk.read(again)
    assert [o.ended for o in outcomes(said)] == ["sighting"]
    assert not [e for e in said if isinstance(e.body, ClusteredArticle)]
    assert desk.story(first).sightings == 1
    assert len(desk.story(first).feeds) == 2


def test_known_words_in_the_same_feed_are_merged_and_not_counted(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY)
    again = first.model_copy(update={"root_id": digest_id("other key"), "item_key": "other"})
    desk.read(first)
    said = desk.read(again)
    assert [o.ended for o in outcomes(said)] == ["merged"]
    assert desk.story(first).sightings == 0


def test_equal_words_of_one_house_at_another_address_are_a_sighting(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, url="https://h.example/1")
    again = piece("Ferry capsizes", FERRY, url="https://h.example/amp/1", minutes=3)
    desk.read(first)
    said = desk.read(again)
    (told,) = outcomes(said)
    assert (told.ended, told.article_id) == ("sighting", desk.of(first).article_id)
    newer = piece("Ferry capsizes", FERRY + " New.", url="https://h.example/amp/1", minutes=9)
    desk.read(newer)
    assert [a.version for a in desk.articles().values()] == [2]


def test_a_recurring_headline_without_words_is_another_article_days_later(desk: Newsroom) -> None:
    first = piece("Pictures of the day", "", url="https://h.example/1")
    later = piece("Pictures of the day", "", url="https://h.example/2", minutes=3000)
    desk.read(first)
    assert not outcomes(desk.read(later))


def test_the_count_of_sightings_is_carried_in_the_next_emission(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, url="https://h.example/1")
    desk.read(first, piece("Ferry capsizes", FERRY, url="https://h.example/1", feed="b"))
    second = piece("Ferry capsizes", FERRY + " More.", url="https://h.example/1", minutes=9)
    desk.read(second)
    told = desk.of(first)
    assert told.sightings == 1
    assert sorted(told.roots.values()) == ["indexed", "indexed", "sighting"]


def test_members_are_sent_again_when_the_number_of_origins_changes(desk: Newsroom) -> None:
    first = piece("Ferry Saint Brendan capsizes off Kilbaran", FERRY)
    other = piece(
        "Saint Brendan ferry capsizes off Kilbaran, harbour office says",
        "Rescuers searched the strait off Kilbaran after the ferry Saint Brendan of the Marrow Line "
        "went down. Transport minister Ilse Vandermeer spoke of overloading; the lighthouse crew "
        "counted survivors, and cement from the cargo drifted ashore with fishing nets.",
        by="Evening Mail",
        minutes=20,
    )
    desk.read(first)
    said = desk.read(other)
    sent = [
        (e.body.article.url, e.body.revision) for e in said if isinstance(e.body, ClusteredArticle)
    ]
    assert sent == [(other.url, 1), (first.url, 2)]
    assert [o.name for o in desk.of(first).story.origins] == ["Harbour Post", "Evening Mail"]
    assert said[1].root_id == first.root_id


def test_a_credited_reprint_corrects_the_paper_that_left_the_credit_out(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, figures=[killed(9)])
    bare = piece("Ferry sinks", FERRY, by="Evening Mail", minutes=3)
    credited = piece("Ferry lost", FERRY, by="Coast Times", minutes=6, credit="AFP")
    desk.read(first, bare, credited)
    origins = {a.article.source.name: a.origin and a.origin.name for a in desk.articles().values()}
    assert origins == {"Harbour Post": "AFP", "Evening Mail": "AFP", "Coast Times": "AFP"}
    story = desk.story(first)
    assert [o.name for o in story.origins] == ["AFP"]
    assert [s.origin for s in story.statements] == ["AFP"]


def test_an_aggregator_is_unknown_and_adds_nothing(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, by=outlet("All News", kind="aggregator"))
    desk.read(first)
    story = desk.story(first)
    assert (desk.of(first).origin, len(story.origins), story.unknown) == (None, 0, 1)


def test_two_papers_that_print_an_aggregators_item_are_one_origin(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, by=outlet("All News", kind="aggregator"))
    desk.read(
        first,
        piece("Ferry sinks", FERRY, by="Evening Mail", minutes=3),
        piece("Ferry lost", FERRY, by="Coast Times", minutes=6),
    )
    assert [o.name for o in desk.story(first).origins] == ["Evening Mail"]


def test_two_bombings_of_one_city_on_two_days_stay_apart(desk: Newsroom) -> None:
    monday = [
        piece(
            "Bomb kills 16 at Dera Kot market",
            "DERA KOT: A bomb tore through the cattle market of Dera Kot on Monday, killing 16 "
            "people, police chief Anwar Zeb said. The device was hidden in a rickshaw. No group "
            "claimed the attack. Shops closed and the wounded were taken to the city hospital.",
            by="Harbour Post",
            minutes=0,
            figures=[killed(16)],
        ),
        piece(
            "16 dead in blast at market in Dera Kot",
            "A rickshaw bomb exploded in the cattle market at Dera Kot on Monday and killed 16, "
            "said police chief Anwar Zeb. Hospital staff treated the wounded. Shops closed.",
            by="Evening Mail",
            minutes=40,
            figures=[killed(16)],
        ),
    ]
    tuesday = [
        piece(
            "Bomb kills 5 at Dera Kot bus stand",
            "DERA KOT: A bomb killed five people at the bus stand of Dera Kot on Tuesday, police "
            "chief Anwar Zeb said, a day after the attack on the cattle market. The device was "
            "hidden in a rickshaw. No group claimed it. The wounded were taken to the city hospital.",
            by="Harbour Post",
            minutes=1500,
            figures=[killed(5)],
        ),
        piece(
            "5 dead in new blast in Dera Kot",
            "A rickshaw bomb exploded at the bus stand in Dera Kot on Tuesday and killed 5, said "
            "police chief Anwar Zeb. Hospital staff treated the wounded. Shops closed.",
            by="Evening Mail",
            minutes=1530,
            figures=[killed(5)],
        ),
    ]
    desk.read(*monday, *tuesday)
    stories = [desk.of(a).story_id for a in (*monday, *tuesday)]
    assert stories[0] == stories[1]
    assert stories[2] == stories[3]
    assert stories[0] != stories[2]


def test_the_mode_of_an_item_is_carried_on(desk: Newsroom) -> None:
    old = piece("Ferry capsizes", FERRY)
    said = desk.read(old, mode="backfill")
    assert {e.mode for e in said} == {"backfill"}
    assert desk.of(old).mode == "backfill"


def test_another_language_is_another_story(desk: Newsroom) -> None:
    a = piece("Ferry capsizes", FERRY)
    b = piece("Ferry capsizes", FERRY, by="Le Port", language="fr", minutes=2)
    desk.read(a, b)
    assert desk.of(a).story_id != desk.of(b).story_id


def test_a_person_can_merge_two_stories_and_the_older_id_survives(desk: Newsroom) -> None:
    a, b = piece("Ferry capsizes", FERRY), piece("Mine blast", MINE, minutes=5, by="Mail")
    desk.read(a, b)
    old, young = desk.of(a).story_id, desk.of(b).story_id
    act = Act(id=digest_id("act"), kind="merge", subject_id=young, other_ids=(old,), at=START)
    said = desk.handle([event(act, root_id=act.id, at=START + timedelta(hours=1))] * 2)
    assert desk.of(b).story_id == old
    assert desk.of(b).revision == 2
    assert desk.stories()[young].lineage.merged_into == old
    assert desk.stories()[old].lineage.ancestors == (young,)
    assert desk.stories()[old].articles == 2
    assert len([e for e in said if isinstance(e.body, Story)]) == 2


def test_a_story_closes_after_its_window_and_its_articles_are_still_known(desk: Newsroom) -> None:
    first = piece("Ferry capsizes", FERRY, url="https://h.example/1")
    desk.read(first)
    day = 24 * 60
    desk.read(*(piece(f"Note {n}", f"{BUDGET} {n}", minutes=61 * day + n) for n in range(256)))
    (told,) = outcomes(desk.read(first))
    assert (told.ended, told.article_id) == ("indexed", desk.of(first).article_id)
    newer = piece(
        "Ferry capsizes", FERRY + " A year on.", url="https://h.example/1", minutes=62 * day
    )
    desk.read(newer)
    told_again = desk.of(newer)
    assert (told_again.version, told_again.revision) == (2, 2)
    assert told_again.story.revision > 1


def test_hostile_fingerprints_are_rejected_before_anything_changes(desk: Newsroom) -> None:
    bad = piece("Ferry", FERRY).model_copy(update={"fingerprints": "no base64!"})
    with pytest.raises(Rejected, match="fingerprints"):
        desk.read(bad)
    assert not desk.said


def test_an_event_of_another_kind_is_rejected(desk: Newsroom) -> None:
    desk.read(piece("Ferry", FERRY))
    stray = next(e for e in desk.said if isinstance(e.body, Story))
    with pytest.raises(Rejected, match=r"story\.changed"):
        desk.handle([stray])


def test_an_article_without_counts_is_counted_here(desk: Newsroom) -> None:
    bare = piece("Ferry capsizes", FERRY).model_copy(update={"fingerprints": ""})
    same = piece("Ferry sinks", FERRY, by="Evening Mail", minutes=2)
    desk.handle([arrival(bare), arrival(same)])
    assert desk.of(same).copy_of == desk.of(bare).article_id
