"""A story as it stands, within its bound."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.press import FERRY, START, killed, piece
from tocsin.pipeline.cluster.book import Book, Member, dated
from tocsin.pipeline.cluster.ledger import stated
from tocsin.pipeline.cluster.snapshot import (
    MAX_BYTES,
    chronology,
    cut,
    settle,
    snapshot,
    voices,
)
from tocsin_schemas.article import Article, EventDate, Mention, Stamp
from tocsin_schemas.contract import Span
from tocsin_schemas.identity import digest_id
from tocsin_schemas.story import Origin, Story


def book(members: int, *, url: str = "https://h.example/", words: str = "killed") -> Book:
    made = Book("s" * 26, "en", "Ferry capsizes", START, START, START, revision=members or 1)
    for n in range(members):
        article = piece(
            f"Ferry {n}", FERRY, url=f"{url}{n}", minutes=n, by=f"Paper {n}",
            figures=[killed(n + 1).model_copy(update={"words": words})],
        )  # fmt: skip
        own = digest_id("a", str(n))
        member = Member(own, made.id, n, article.source.name)
        member.origin = Origin(name=f"Paper {n}", why="own report of the outlet " * 10)
        member.read(article)
        made.members[own] = member
        said = stated(article, own, 1, origin=member.origin, copy_of=None, revision=n + 1)
        member.statements = said
        if n % 50 == 0:  # the ranges between are not what these tests are about
            now = settle(made, START)["killed"]
            member.statements = [
                s.model_copy(update={"range_min": now.min, "range_max": now.max}) for s in said
            ]
    return made


def test_a_small_story_is_told_whole() -> None:
    told = snapshot(book(3), START + timedelta(hours=1))
    assert (told.articles, told.copies, told.unknown, told.statements_total) == (3, 0, 0, 3)
    assert [s.max for s in told.statements] == [1, 2, 3]
    (figure,) = told.figures
    assert (figure.min, figure.max, figure.held_min, figure.held_max) == (1, 3, 1, 3)
    assert figure.moved == START + timedelta(hours=1)
    assert Story.model_validate_json(told.model_dump_json()) == told


def test_a_huge_story_fits_and_its_counts_are_whole() -> None:
    big = book(350, url="https://h.example/" + "x" * 1500, words="ü" * 2000)
    told = snapshot(big, START)
    assert len(told.model_dump_json().encode()) <= MAX_BYTES
    assert (told.articles, len(told.origins), told.statements_total) == (350, 350, 350)
    assert (told.statements[0].max, told.statements[-1].max) == (1, 350)
    assert (told.figures[0].min, told.figures[0].max) == (1, 350)


def test_even_a_thousand_voices_fit() -> None:
    few = book(4)
    for n, name in enumerate("x" * 70 + str(i) for i in range(1000)):
        own = digest_id(name)
        few.members[own] = Member(own, few.id, n, name, origin=Origin(name=name, why="own"))
    told = snapshot(few, START)
    assert len(told.model_dump_json().encode()) <= MAX_BYTES
    assert told.articles == 1004
    assert len(told.origins) > 200


def test_cutting_keeps_first_last_and_what_moved_the_range() -> None:
    statements = [s for m in book(200).members.values() for s in m.statements]
    kept = cut(statements, 8)
    assert len(kept) == 8
    assert (kept[0], kept[-1]) == (statements[0], statements[-1])
    assert {151, 101} <= {s.max for s in kept}  # after these the told range stood otherwise
    assert [s.collected for s in kept] == sorted(s.collected for s in kept)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(1, 50))
def test_cutting_never_invents_or_reorders(count: int, most: int) -> None:
    statements = [s for m in book(count).members.values() for s in m.statements]
    kept = cut(statements, most)
    assert len(kept) == min(count, most)
    assert [statements.index(s) for s in kept] == sorted(statements.index(s) for s in kept)


def test_voices_count_originals_and_copies_in_order_of_arrival() -> None:
    held = list(book(4).members.values())
    afp = Origin(name="AFP", why="credit line")
    held[1].origin = held[2].origin = afp
    held[2].relation = "shortened"
    held[3].origin = None
    assert [(o.name, o.originals, o.copies, o.shortened) for o in voices(held)] == [
        ("Paper 0", 1, 0, 0),
        ("AFP", 1, 1, 1),
    ]


def test_places_are_told_by_how_many_articles_name_them() -> None:
    three = book(3)
    for names, member in zip(("ab", "b", "cb"), three.members.values(), strict=True):
        member.places = list(names)
    assert snapshot(three, START).places == ("b", "a", "c")


def test_the_chronology_tells_each_sentence_once_by_day() -> None:
    text = "It began. The raid of September 3 killed nine. A letter followed on September 5. End."
    spans = [(text.index("September 3"), 3), (text.index("September 5"), 5)]
    dates = tuple(
        EventDate(
            start=date(2008, 9, d), end=date(2008, 9, d), words=f"September {d}",
            span=Span(start=at, end=at + 11),
        )
        for at, d in reversed(spans)
    )  # fmt: skip
    article = piece("Raid", text).model_copy(update={"dates": dates})
    members = [Member(digest_id(n), "s" * 26, 0, "Post") for n in "ab"]
    for m in members:
        m.dates = dated(article, m.article_id)
    told = chronology(members, 10)
    assert [t.words for t in told] == [
        "The raid of September 3 killed nine",
        "A letter followed on September 5",
    ]
    assert {t.article_id for t in told} == {members[0].article_id}
    assert len(chronology(members, 1)) == 1


def day_told(text: str, phrase: str = "September 3", **over: Any) -> Article:
    at = text.index(phrase)
    told = EventDate(
        start=date(2008, 9, 3), end=date(2008, 9, 3), words=phrase,
        span=Span(start=at, end=at + len(phrase)), rule=over.pop("rule", "days: day"),
    )  # fmt: skip
    return piece("Raid", text, **over).model_copy(update={"dates": (told,)})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Peace. On September 3, the raid killed nine, and a letter came, said the chief. End.",
            "On September 3, the raid killed nine, and a letter came",
        ),
        (
            "A long beginning; commandos landed in three helicopters on September 3, said he. End.",
            "commandos landed in three helicopters on September 3",
        ),
        ("A raid that killed nine villagers, police said September 3.",
         "A raid that killed nine villagers, police said September 3"),
        ("He spoke (on September 3) of it.", "He spoke (on September 3) of it"),
        ("September 3", "September 3"),
    ],
)  # fmt: skip
def test_a_happening_is_told_by_its_clause(text: str, wanted: str) -> None:
    (told,) = dated(day_told(text), "a")
    assert told.words == wanted


@given(st.text("ab .,(\n", max_size=400), st.text("ab .,(\n", max_size=400))
def test_a_clause_is_short_and_holds_the_dated_phrase(before: str, after: str) -> None:
    text = f"{before}September 3{after}"
    (told,) = dated(day_told(text), "a")
    assert len(told.words) <= 120
    assert "September 3" in told.words


def test_a_happening_is_first_reported_when_its_article_was_published() -> None:
    known, unknown = day_told("On September 3."), day_told("On September 3.", dated=False)
    assert [t.first_reported for t in dated(known, "a")] == [START - timedelta(minutes=1)]
    assert [t.first_reported for t in dated(unknown, "a")] == [START]
    odd = known.model_copy(update={"published": Stamp(at=START + timedelta(days=9))})
    assert [t.first_reported for t in dated(odd, "a")] == [START]


def test_the_day_of_a_citation_is_no_happening() -> None:
    assert not dated(day_told("(Dawn, September 3)", rule="days: report date"), "a")


def test_two_versions_of_an_article_tell_a_happening_once_first_reported_by_the_first() -> None:
    member = Member(digest_id("a"), "s" * 26, 0, "Post")
    member.read(day_told("The raid of September 3 killed nine people.", dated=False))
    member.read(day_told("The raid of September 3 killed 12 people.", dated=False, minutes=9))
    (told,) = chronology([member], 10)
    assert (told.words, told.first_reported) == (
        "The raid of September 3 killed 12 people",
        START,
    )


def test_two_papers_tell_a_happening_once_as_first_reported() -> None:
    late, early = Member("b" * 26, "s" * 26, 0, "Mail"), Member("a" * 26, "s" * 26, 1, "Post")
    late.read(day_told("The raid of September 3 killed nine.", by="Mail", minutes=9))
    early.read(day_told("A raid on September 3 that killed nine."))
    (told,) = chronology([late, early], 10)
    assert told.outlet == "Harbour Post"


def test_a_copys_dates_are_its_originals() -> None:
    copy = Member(digest_id("a"), "s" * 26, 0, "Post", relation="copy")
    dates = (EventDate(start=date(2008, 9, 3), end=date(2008, 9, 3), span=Span(start=0, end=3)),)
    copy.read(piece("Raid", FERRY).model_copy(update={"dates": dates}))
    assert copy.dates == []


def test_books_and_members_survive_as_rows() -> None:
    made = book(3)
    settle(made, START)
    made.ancestors = ["x" * 26]
    for member in made.members.values():
        member.told = [("killed", 9, None)]
        member.countries = ["PK"]
        assert Member.of_row(member.row()) == member
    head = Book.of_row(made.row())
    head.members = made.members
    assert head == made


def test_mentions_of_one_article_are_bounded() -> None:
    many = tuple(Mention(value=f"p{n}" * 99, span=Span(start=0, end=1)) for n in range(500))
    member = Member(digest_id("a"), "s" * 26, 0, "Post")
    member.read(piece("Raid", FERRY).model_copy(update={"places": many, "persons": many}))
    assert len(member.places) <= 24
    assert max(map(len, member.places)) <= 120
