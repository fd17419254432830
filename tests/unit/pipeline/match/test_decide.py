"""The rules of design §6 that one subscription's answer to one happening is made of."""

from support.ring import Press, Said
from tocsin.pipeline.match.decide import Asks, Happening, first_match, happening, later, unconfirmed
from tocsin.pipeline.match.known import Known
from tocsin.pipeline.match.told import claims_of
from tocsin_schemas.identity import article_id
from tocsin_schemas.story import Change, ClusteredArticle
from tocsin_schemas.subscription import REASONS

ALL = Asks(frozenset(REASONS), (2,), frozenset({"killed", "missing", "kidnapped"}))


def what(c: ClusteredArticle) -> Happening:
    return happening(c, c.story, tuple(claims_of(c.statements, c.story)), new_version=True)


def entered(press: Press, *, asks: Asks = ALL, says: tuple[Said, ...] = ()) -> Known:
    known = Known()
    first_match(asks, known, press.article("first", says=says).story)
    return known


def facts(rings: list) -> list[tuple[str, str]]:
    return [(r.reason, r.fact) for r in rings]


def test_the_first_match_rings_and_all_that_the_story_holds_counts_as_told():
    press, known = Press(), Known()
    press.article("a", says=[Said("killed", 9, 9)], origin="AFP")
    story = press.article("b", says=[Said("killed", 20, 20)], origin="BBC").story
    assert facts(first_match(ALL, known, story)) == [("first-match", "")]
    assert (known.told["killed"].min, known.told["killed"].max, known.origins) == (9, 20, 2)


def test_a_story_with_two_origins_at_its_first_match_does_not_ring_for_the_second():
    press = Press()
    press.article("a", origin="AFP")
    known = Known()
    first_match(ALL, known, press.article("b", origin="BBC").story)
    assert facts(later(ALL, known, what(press.article("c", origin="BBC")), followed=False)) == []


def test_the_second_origin_rings_once():
    press = Press()
    known = entered(press)
    one = later(ALL, known, what(press.article("b", origin="BBC")), followed=False)
    assert facts(one) == [("origins", "2")]
    assert one[0].sentence == "2nd independent origin: BBC. Before: AFP."
    again = later(ALL, known, what(press.article("c", origin="Dawn")), followed=False)
    assert facts(again) == []


def test_an_unknown_origin_adds_none():
    press = Press()
    known = entered(press)
    assert facts(later(ALL, known, what(press.article("b", origin=None)), followed=False)) == []


def test_the_numbers_of_origins_are_the_subscriptions():
    press = Press()
    asks = Asks(frozenset(REASONS), (2, 3), frozenset())
    known = entered(press, asks=asks)
    found = []
    for n, origin in enumerate(("BBC", "Dawn", "Reuters")):
        found += later(asks, known, what(press.article(f"x{n}", origin=origin)), followed=False)
    assert facts(found) == [("origins", "2"), ("origins", "3")]


def test_a_toll_rings_by_any_article_of_a_story_that_has_rung():
    press = Press()
    known = entered(press, says=(Said("killed", 9, 9),))
    rings = later(
        ALL, known, what(press.article("b", says=[Said("killed", 20, 20)])), followed=False
    )
    assert facts(rings) == [("toll", "killed:9-20")]


def test_a_kind_that_was_not_asked_for_rings_no_toll():
    press = Press()
    known = entered(press)
    wounded = what(press.article("b", says=[Said("wounded", 30, 30)]))
    assert facts(later(ALL, known, wounded, followed=False)) == []
    asks = Asks(ALL.reasons, (2,), frozenset({"wounded"}))
    assert facts(later(asks, known, wounded, followed=False)) == [("toll", "wounded:30-30")]


def change(
    field: str, before: str = "three", after: str = "nine", *, rises: bool = False
) -> Change:
    return Change(field=field, before=before, after=after, rises=rises)  # type: ignore[arg-type]


def test_a_correction_of_a_matched_article_rings_with_article_version_and_field():
    press = Press()
    known = entered(press)
    v2 = what(press.article("first", version=2, changes=[change("quote", "a", "b")]))
    rings = later(ALL, known, v2, followed=True)
    assert facts(rings) == [("correction", f"{article_id('first')}@2#quote")]
    assert rings[0].sentence == "Dawn v2: ‘a’ became ‘b’."


def test_a_correction_of_an_article_that_did_not_match_rings_nothing():
    press = Press()
    known = entered(press)
    v2 = what(press.article("other", version=2, changes=[change("name")]))
    assert facts(later(ALL, known, v2, followed=False)) == []


def test_a_figure_that_only_rises_is_no_correction():
    press = Press()
    known = entered(press, says=(Said("killed", 3, 3),))
    v2 = what(
        press.article(
            "first", version=2, changes=[change("killed", rises=True)], says=[Said("killed", 9, 9)]
        )
    )
    assert facts(later(ALL, known, v2, followed=True)) == [("toll", "killed:3-9")]


def test_a_correction_leads_before_toll_and_origins_which_count_as_rung():
    press = Press()
    known = entered(press, says=(Said("killed", 20, 20),))
    v2 = what(
        press.article(
            "first",
            version=2,
            origin="BBC",
            changes=[change("name"), change("killed"), change("wounded")],
            says=[Said("killed", 9, 9), Said("missing", 2, 2)],
        )
    )
    mark = f"{article_id('first')}@2#"
    assert facts(later(ALL, known, v2, followed=True)) == [
        ("correction", f"{mark}killed"),
        ("correction", f"{mark}wounded"),
        ("correction", f"{mark}name"),
        ("toll", "killed:9-20"),
        ("toll", "missing:2-2"),
        ("origins", "2"),
    ]
    assert facts(later(ALL, known, v2, followed=True)) == []


def test_a_reason_that_was_not_asked_for_is_silent_and_its_silence_does_not_grow():
    press = Press()
    asks = Asks(frozenset({"first-match"}), (2,), ALL.kinds)
    known = entered(press, asks=asks, says=(Said("killed", 9, 9),))
    louder = press.article("b", origin="BBC", says=[Said("killed", 20, 20)])
    assert facts(later(asks, known, what(louder), followed=True)) == []


def test_a_subscription_without_first_match_still_hears_of_tolls_after_it():
    press = Press()
    asks = Asks(frozenset({"toll"}), (), ALL.kinds)
    known = Known()
    story = press.article("a", says=[Said("killed", 9, 9)]).story
    assert facts(first_match(asks, known, story)) == []
    louder = what(press.article("b", says=[Said("killed", 20, 20)]))
    assert facts(later(asks, known, louder, followed=False)) == [("toll", "killed:9-20")]


def test_unconfirmed_rings_once_while_there_is_one_origin():
    known = Known(entered=True)
    assert unconfirmed(known, ("AFP", "BBC"), 43_200, 0) is None
    ring = unconfirmed(known, ("AFP",), 43_200, 4)
    assert ring is not None
    assert ring.sentence == "Still one origin (AFP) after 12 h; 4 feeds not ok meanwhile."
    assert unconfirmed(known, ("AFP",), 43_200, 0) is None


def test_the_row_gives_back_what_was_known():
    press = Press()
    known = entered(press, says=(Said("killed", None, 9), Said("missing", 2, 4)))
    known.copies = 3
    assert Known.from_bytes(known.to_bytes()) == known
