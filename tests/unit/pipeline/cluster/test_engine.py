"""Which story an article joins, which stories are united, which are closed."""

from datetime import timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.press import BUDGET, FERRY, MINE, START, killed, piece
from support.streams import stream
from tocsin.pipeline.cluster import background, weights
from tocsin.pipeline.cluster.engine import Engine
from tocsin.pipeline.cluster.state import Cluster, Facts
from tocsin.pipeline.cluster.stories import Stories, language_of
from tocsin.pipeline.cluster.weights import Idf, Vectors, dot, unit
from tocsin_schemas.article import Article, Language
from tocsin_schemas.identity import story_id

REWRITTEN = (
    "Fishing boats and a navy helicopter searched the strait off Kilbaran for passengers of the "
    "ferry Saint Brendan, which capsized on Tuesday with about sixty people on board. The Marrow "
    "Line has been fined before for overloading, and minister Ilse Vandermeer closed the crossing."
)


def place(stories: Stories, article: Article, follow: str | None = None) -> str:
    return stories.place(article, article.root_id, follow).story.id


def test_a_report_told_anew_joins_and_another_event_founds() -> None:
    stories = Stories()
    first = place(stories, piece("Ferry capsizes off Kilbaran", FERRY))
    assert first == story_id(piece("Ferry capsizes off Kilbaran", FERRY).root_id)
    assert place(stories, piece("Saint Brendan ferry lost", REWRITTEN, minutes=30)) == first
    assert place(stories, piece("Mine blast", MINE, minutes=40)) != first


def test_an_article_follows_its_original_without_being_scored() -> None:
    stories = Stories()
    first = place(stories, piece("Ferry capsizes", FERRY))
    assert place(stories, piece("Budget adopted", BUDGET), follow=first) == first
    assert place(stories, piece("Mine", MINE), follow="no such story") != first


def test_an_article_in_another_language_does_not_follow() -> None:
    stories = Stories()
    first = place(stories, piece("Ferry capsizes", FERRY))
    french = piece("Ferry", FERRY, by="Le Port", language="fr")
    assert place(stories, french, follow=first) != first


def test_a_silence_longer_than_the_window_parts() -> None:
    stories = Stories()
    first = place(stories, piece("Ferry capsizes", FERRY))
    late = piece("Ferry capsizes", FERRY, by="Evening Mail", minutes=61 * 24 * 60)
    assert place(stories, late) != first


def test_expired_stories_leave_nothing_behind() -> None:
    stories = Stories()
    for n, text in enumerate((FERRY, MINE, BUDGET)):
        place(stories, piece(f"Title {n}", text))
    closed = stories.expire(START + timedelta(days=60, minutes=1))
    assert len(closed) == 3
    assert all(stories.get(s) is None for s in closed)
    assert not stories.engine("en")._postings


def test_short_items_of_no_known_language_are_read_as_english_if_latin() -> None:
    und = Language(code="und")
    assert language_of(piece("Ferry", "").model_copy(update={"language": und})) == "en"
    assert language_of(piece("Паром", "").model_copy(update={"language": und})) == "und"


@pytest.mark.parametrize(
    ("toll", "day", "more", "joins"),
    [
        (15, "Tuesday", "", True),
        (5, "Monday", "", True),
        (5, "Tuesday", " The toll was revised.", True),
        (5, "Tuesday", "", False),
        (40, "Tuesday", "", True),
    ],
)
def test_a_toll_that_fell_on_another_named_day_is_another_event(
    toll: int, day: str, more: str, *, joins: bool
) -> None:
    stories = Stories()
    text = "A bomb in the market of Dera Kot killed people on {}, police chief Zeb said.{}"
    for n in range(5):
        monday = text.format("Monday", f" Witness {n} spoke.")
        first = place(stories, piece(f"Bomb in Dera Kot {n}", monday, figures=[killed(16)]))
    followed = piece("Dera Kot bomb toll 17", text.format("Tuesday", ""), figures=[killed(17)])
    assert place(stories, followed) == first  # a follow-up's day is not the event's
    later = piece("Bomb in Dera Kot", text.format(day, more), minutes=900, figures=[killed(toll)])
    assert (place(stories, later) == first) is joins


def test_stories_are_united_at_fixed_sizes_and_the_older_survives() -> None:
    table, documents = background.english()
    engine = Engine(table, documents)
    texts = [("Ferry Saint Brendan lost", FERRY), ("Ferry capsizes off Kilbaran", REWRITTEN)]
    held = []
    for number, (title, text) in enumerate(texts):  # founded apart, as if neither had been found
        article = piece(title, text, minutes=number)
        story = Cluster(number, f"story {number}")
        engine.join(story, engine.vectors(article.terms), article.terms, _facts(article), 0.0)
        held.append(story)
    third = piece("Saint Brendan ferry: what is known", FERRY[:300] + REWRITTEN[:200], minutes=9)
    engine.join(held[1], engine.vectors(third.terms), third.terms, _facts(third), 0.0)
    survivor, ended = engine.merge(held[1])
    assert (survivor.id, [e.id for e in ended]) == ("story 0", ["story 1"])
    assert survivor.n == 3
    assert list(engine.open) == [0]


def _facts(article: Article) -> Facts:
    at = article.published.at
    return Facts.of(article.terms, at.timestamp() if at else None)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_a_story_read_from_its_row_is_the_same(seed: int) -> None:
    stories = Stories()
    for n, article in enumerate(stream(seed, 25)):
        stories.place(article, article.root_id + str(n))
    for engine in stories.engines.values():
        for story in engine.open.values():
            again = Cluster.of_row(orjson.loads(orjson.dumps(story.row())))
            assert again == story
            assert list(again.all) == list(story.all)  # the order of a sum is part of it


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_postings_and_counts_stay_in_step_with_the_stories(seed: int) -> None:
    stories = Stories()
    for n, article in enumerate(stream(seed, 40)):
        stories.place(article, article.root_id + str(n))
    for engine in stories.engines.values():
        posted = {(t, n) for t, held in engine._postings.items() for n in held}
        assert posted == {(t, s.number) for s in engine.open.values() for t in s.all}
        assert engine.idf.stories == len(engine.open)
        assert min(engine.idf.counts.values()) >= 0


def test_unit_vectors_are_cut_by_weight_then_term() -> None:
    made = unit({"b": 3.0, "a": 3.0, "c": 4.0, "d": 1.0}, 3)
    assert list(made) == ["c", "a", "b"]
    assert dot(made, made) == pytest.approx(1.0, abs=1e-4)
    assert unit({}, 5) == {}
    assert dot({"a": 2.0}, {"a": 3.0, "b": 1.0}) == 6.0


def test_vectors_survive_the_wire() -> None:
    made = Vectors({"a": 0.6}, {}, {"b": 0.8})
    assert Vectors.of_dict(orjson.loads(orjson.dumps(made.as_dict()))) == made


def test_a_term_is_rarer_the_fewer_stories_hold_it_and_the_past_fades(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    idf = Idf({"police": 900}, 2525)
    assert idf.of(["kilbaran"])["kilbaran"] > idf.of(["police"])["police"]
    before = idf.of(["kilbaran"])["kilbaran"]
    idf.add(1, ["kilbaran"])
    assert idf.of(["kilbaran"])["kilbaran"] < before
    idf.add(-1, [], ["kilbaran"])
    assert idf.of(["kilbaran"])["kilbaran"] == before
    monkeypatch.setattr(weights, "MAX_TERMS", 100)
    for n in range(101):
        idf.add(1, [f"t{n}", "often"])
    assert len(idf.counts) <= 100
    assert idf.counts["often"] > 1


def test_the_background_is_counts_of_single_words() -> None:
    table, documents = background.english()
    assert documents == 2525
    assert table["police"] > table["helicopter"] > 1
    assert all(1 < n <= documents for n in table.values())
    assert not any(" " in term for term in table)
