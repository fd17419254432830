"""What a person says about stories: merged, split, taken back; and that it outlives everything."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.press import BUDGET, FERRY, MINE, START, Newsroom, killed, piece
from support.streams import stream
from tocsin_schemas.act import Act
from tocsin_schemas.article import Article
from tocsin_schemas.identity import digest_id, story_id
from tocsin_schemas.registry import Event, event
from tocsin_schemas.story import ClusteredArticle, Story

LATE = START + timedelta(hours=9)
A = piece("Ferry capsizes off Kilbaran", FERRY, figures=[killed(9)])
B = piece("Mine blast at Hollin", MINE, minutes=5, by="Mail", figures=[killed(20)])
C = piece("Varmia budget", BUDGET, minutes=7, by="Coast Times")
B_COPY = piece("Hollin blast", MINE, minutes=9, by="Evening Mail")


def done(kind: str, subject: str, *others: str, undoes: str | None = None) -> Event:
    identity = digest_id("act", kind, subject, *others, undoes or "")
    act = Act.model_validate(
        {"id": identity, "kind": kind, "subject_id": subject, "other_ids": others,
         "undoes": undoes, "at": LATE}
    )  # fmt: skip
    return event(act, root_id=act.id, at=LATE)


def merged(*news: Article) -> tuple[Newsroom, Event]:
    """A desk that has read the news, and was told that it is all one story."""
    desk = Newsroom()
    desk.read(*news)
    first, *rest = dict.fromkeys(desk.of(a).story_id for a in news)
    act = done("merge", first, *rest)
    desk.handle([act])
    return desk, act


def undo(act: Event) -> Event:
    assert isinstance(act.body, Act)
    return done("undo", act.body.subject_id, undoes=act.body.id)


def one_story() -> Newsroom:
    """A story of three articles and a copy that are about one thing, as far as words go."""
    desk = Newsroom()
    desk.read(
        piece("Ferry capsizes", FERRY, url="https://h.example/a", figures=[killed(9)]),
        piece("Ferry sinks", FERRY, by="Mail", url="https://h.example/b", minutes=2),
        piece("Ferry lost", FERRY + " " + MINE, by="Coast", url="https://h.example/c", minutes=4,
              figures=[killed(20)]),
    )  # fmt: skip
    assert len(desk.standing()) == 1
    return desk


def by_path(desk: Newsroom, letter: str) -> ClusteredArticle:
    return desk.articles()[f"https://h.example/{letter}"]


def test_split_articles_found_a_story_under_the_id_of_the_earliest() -> None:
    desk = one_story()
    old, b, c = by_path(desk, "a").story_id, by_path(desk, "b"), by_path(desk, "c")
    said = desk.handle([done("split", old, c.article_id, b.article_id)])
    new = story_id(b.article_id)
    assert {by_path(desk, x).story_id for x in "bc"} == {new}
    assert by_path(desk, "a").story_id == old
    first, second = desk.stories()[old], desk.stories()[new]
    assert (first.articles, second.articles) == (1, 2)
    assert second.lineage.split_from == old
    assert second.title == "Ferry sinks"
    assert second.first_seen == START + timedelta(minutes=2)
    sent = [e.body for e in said if isinstance(e.body, ClusteredArticle)]
    assert [a.story.id for a in sent] == [new, new, old]
    assert all(a.story == desk.stories()[a.story_id] for a in sent)


def test_ranges_and_origins_are_recomputed_for_both_halves() -> None:
    desk, _ = merged(A, B)
    old = desk.of(A).story_id
    (figure,) = desk.stories()[old].figures
    assert (figure.min, figure.max) == (9, 20)
    desk.handle([done("split", old, desk.of(B).article_id)])
    for article, toll, outlet in ((A, 9, "Harbour Post"), (B, 20, "Mail")):
        story = desk.story(article)
        (figure,) = story.figures
        assert (figure.min, figure.max) == (toll, toll)
        (statement,) = story.statements
        assert (statement.range_min, statement.range_max) == (toll, toll)
        assert statement.revision <= story.revision
        assert [o.name for o in story.origins] == [outlet]


def test_copies_follow_their_original_out() -> None:
    desk, _ = merged(A, B, C)
    desk.read(B_COPY)
    old = desk.of(A).story_id
    assert desk.of(B_COPY).story_id == old
    desk.handle([done("split", old, desk.of(B).article_id)])
    assert desk.of(B_COPY).story_id == desk.of(B).story_id != old
    assert desk.of(C).story_id == old


def test_later_reprints_of_a_split_article_go_where_it_went() -> None:
    desk, _ = merged(A, B)
    desk.handle([done("split", desk.of(A).story_id, desk.of(B).article_id)])
    desk.read(B_COPY)
    assert desk.of(B_COPY).story_id == desk.of(B).story_id != desk.of(A).story_id


def test_halves_that_a_person_parted_are_not_merged_again_by_themselves() -> None:
    desk = one_story()
    old, b = by_path(desk, "a").story_id, by_path(desk, "b")
    desk.handle([done("split", old, b.article_id)])
    parted = {by_path(desk, x).story_id for x in "ab"}
    more = [piece(f"Ferry {n}", FERRY, by=f"P {n}", minutes=20 + n) for n in range(20)]
    desk.read(*more)
    assert {s.id for s in desk.standing()} == parted


def test_an_id_that_named_a_story_is_not_given_to_another() -> None:
    desk, _ = merged(A, B)
    old, young = desk.of(A).story_id, story_id(desk.of(B).article_id)
    desk.handle([done("split", old, desk.of(B).article_id)])
    assert desk.of(B).story_id not in {old, young}
    assert desk.stories()[young].lineage.merged_into == old


def test_the_next_article_names_the_story_where_the_first_id_is_taken() -> None:
    reprint = piece("Ferry sinks", FERRY, minutes=2, by="Evening Mail")
    desk, _ = merged(A, reprint, B)
    old = desk.of(A).story_id
    desk.handle([done("split", old, desk.of(A).article_id)])  # its copy goes with it
    assert desk.of(A).story_id == desk.of(reprint).story_id == story_id(desk.of(reprint).article_id)
    assert desk.of(B).story_id == old


@pytest.mark.parametrize("letters", ["", "abc", "x"])
def test_a_split_that_leaves_nothing_or_takes_nothing_is_passed_over(letters: str) -> None:
    desk = one_story()
    before, old = desk.stories(), by_path(desk, "a").story_id
    named = [digest_id("x") if x == "x" else by_path(desk, x).article_id for x in letters]
    assert not desk.handle([done("split", old, *named)])
    assert desk.stories() == before


def test_the_same_act_twice_is_one() -> None:
    desk = one_story()
    act = done("split", by_path(desk, "a").story_id, by_path(desk, "c").article_id)
    assert desk.handle([act])
    assert not desk.handle([act])
    back = undo(act)
    assert desk.handle([back])
    assert not desk.handle([back, act])


def test_an_undone_merge_brings_the_younger_story_back_under_its_id() -> None:
    desk = Newsroom()
    desk.read(A, B, C)
    old, young = desk.of(A).story_id, desk.of(B).story_id
    before = desk.stories()
    act = done("merge", old, young, desk.of(C).story_id)
    desk.handle([act])
    desk.read(B_COPY)
    assert desk.of(B_COPY).story_id == old
    desk.handle([undo(act)])
    assert {a.story_id for a in map(desk.of, (B, B_COPY))} == {young}
    assert len(desk.standing()) == 3
    again = desk.stories()[young]
    assert (again.lineage.merged_into, again.lineage.split_from) == (None, old)
    assert (again.figures[0].min, again.figures[0].max) == (20, 20)
    assert (again.title, again.first_seen) == (before[young].title, before[young].first_seen)
    assert again.revision > 2
    assert desk.stories()[old].lineage.ancestors == ()
    assert [(f.min, f.max) for f in desk.stories()[old].figures] == [(9, 9)]


def test_a_merge_that_can_no_longer_be_undone_exactly_stays() -> None:
    desk, act = merged(A, B)
    old = desk.of(A).story_id
    desk.handle([done("split", old, desk.of(B).article_id)])
    before = desk.stories()
    assert not desk.handle([undo(act)])
    assert desk.stories() == before


def test_an_undone_split_is_one_story_again_under_the_older_id() -> None:
    desk = one_story()
    old, c = by_path(desk, "a").story_id, by_path(desk, "c").article_id
    act = done("split", old, c)
    desk.handle([act])
    new = by_path(desk, "c").story_id
    desk.handle([undo(act)])
    assert {by_path(desk, x).story_id for x in "abc"} == {old}
    assert desk.stories()[new].lineage.merged_into == old


def test_an_undo_of_something_else_is_passed_over() -> None:
    desk = one_story()
    assert not desk.handle([done("undo", by_path(desk, "a").story_id, undoes=digest_id("ack"))])


def placed(events: list[Event]) -> dict[str, tuple[int, str]]:
    """The newest revision of each article, and its story."""
    held: dict[str, tuple[int, str]] = {}
    for e in events:
        if isinstance(e.body, ClusteredArticle):
            told = (e.body.revision, e.body.story_id)
            held[e.body.article_id] = max(told, held.get(e.body.article_id, told))
    return held


def busy(seed: int, desk: Newsroom) -> list[Event]:
    """News, then a split, a merge, an undo of each: what was handled, in order."""
    desk.read(*stream(seed, 25))
    acts: list[Event] = []
    big = max(desk.standing(), key=lambda s: (s.articles, s.id))
    inside = [a.article_id for a in desk.articles().values() if a.story_id == big.id]
    acts.append(done("split", big.id, *sorted(inside)[: max(1, len(inside) // 2)]))
    desk.handle(acts[-1:])
    ids = [s.id for s in desk.standing()]
    if len(ids) > 1:
        acts.append(done("merge", ids[0], ids[1]))
        desk.handle(acts[-1:])
        acts.append(undo(acts[-1]))
        if seed % 2:
            desk.handle(acts[-1:])
        else:
            acts.pop()
    return acts


FEW = settings(max_examples=8, deadline=None)
SEEDS = st.integers(0, 10**6)


@FEW
@given(SEEDS)
def test_manual_decisions_survive_a_restart(seed: int) -> None:
    steady, broken = Newsroom(), Newsroom()
    acts = busy(seed, steady)
    busy(seed, broken)
    broken.restart()
    news = stream(seed + 1, 25)
    for desk in (steady, broken):
        desk.handle(acts)
        desk.read(*news)
    assert broken.said == steady.said


@FEW
@given(SEEDS, st.booleans(), st.booleans())
def test_manual_decisions_survive_a_lost_file(seed: int, compacted: bool, stories: bool) -> None:
    desk = Newsroom()
    acts = busy(seed, desk)
    published = [e for e in desk.said if isinstance(e.body, ClusteredArticle | Story)]
    articles = [e for e in published if isinstance(e.body, ClusteredArticle)]
    if compacted:
        last = {e.body.article_id: e for e in articles if isinstance(e.body, ClusteredArticle)}
        articles = [e for e in articles if e in last.values()]
    told = [e for e in published if isinstance(e.body, Story)]
    folded = Newsroom()
    with folded.state.begin() as tx:
        for e in [*told, *articles] if stories else [*articles, *told]:
            folded.clusterer.fold(e, tx)
    held = folded.clusterer._w
    wanted = {a: story for a, (_, story) in placed(published).items()}
    assert held.where == wanted
    assert set(held.books) == set(wanted.values())
    for name, book in held.books.items():
        mine = held.stories.get(name)
        assert mine is not None
        assert mine[1].n == len(book.members)
    # the acts are read again from the start, since the position was lost too
    assert not [e for e in folded.handle(acts) if isinstance(e.body, ClusteredArticle)]


def test_a_fold_keeps_parted_stories_apart() -> None:
    desk = one_story()
    desk.handle([done("split", by_path(desk, "a").story_id, by_path(desk, "b").article_id)])
    folded = Newsroom()
    with folded.state.begin() as tx:
        for e in desk.said:
            folded.clusterer.fold(e, tx)
    folded.said = list(desk.said)
    folded.read(*(piece(f"Ferry {n}", FERRY, by=f"P {n}", minutes=20 + n) for n in range(20)))
    assert len(folded.standing()) == 2
