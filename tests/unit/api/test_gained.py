from datetime import timedelta
from typing import Any

from support.asgi_client import Client
from support.desk_fixture import DeskFixture, at, big_story, clustered, small_story, source
from tocsin.api import gained
from tocsin_schemas.identity import article_id
from tocsin_schemas.story import ClusteredArticle, Origin, OriginCount, Story


def told(key: str, outlet: str, minute: int, story: Story, **given: Any) -> ClusteredArticle:
    when = at(5, 9, minute)
    return clustered(
        key, outlet=source(outlet), title=f"{outlet} tells", text="Words.", when=when, story=story,
        origin=Origin(name=outlet, why="own byline"), **given
    )  # fmt: skip


def a_story(revision: int, *origins: str) -> Story:
    return small_story(
        "first", "Raid", at(5, 9), revision=revision,
        origins=tuple(OriginCount(name=o, article_id=article_id(o.lower())) for o in origins),
    )  # fmt: skip


def test_articles_voices_versions_and_copies_since_a_revision_are_told() -> None:
    before, now = a_story(1, "Dawn"), a_story(4, "Dawn", "BBC")
    members = [
        told("dawn", "Dawn", 0, before),
        told("bbc", "BBC", 5, now),
        told("copy-1", "Post", 6, now, copy_of=article_id("bbc"), relation="copy"),
        told("copy-2", "Mail", 7, now, copy_of=article_id("bbc"), relation="copy"),
    ]

    lines = gained.since(now, 1, members)

    assert [g.words for g in lines] == [
        "New independent origin: BBC.",
        "BBC: BBC tells",
        "2 copies: 2 of BBC.",
    ]
    assert lines[1].href == f"/articles/{article_id('bbc')}"


def test_nothing_is_new_at_the_revision_that_stands() -> None:
    story = a_story(4, "Dawn")

    assert gained.since(story, 4, [told("dawn", "Dawn", 0, story)]) == []


def test_a_later_version_of_an_article_held_is_no_new_article() -> None:
    story = a_story(1, "Dawn")
    first = told("dawn", "Dawn", 0, story)
    later = first.article.model_copy(
        update={"collected": first.article.collected + timedelta(hours=1)}
    )
    again = first.model_copy(update={"article": later, "version": 2, "story": a_story(3, "Dawn")})
    other = told("bbc", "BBC", 5, story)

    assert [g.words for g in gained.since(a_story(3, "Dawn"), 1, [again, other])] == [
        "Dawn published version 2."
    ]


def test_a_figure_withdrawn_since_is_told_and_one_that_moves_nothing_says_so() -> None:
    story = big_story()

    words = [g.words for g in gained.since(story, 9, [])]

    assert (
        words[0]
        == "Reuters, security officials: “nine to twenty”, killed; the range stays 9–20 after it."
    )
    assert "Daily Times withdrew its “twelve people”." in words


def test_the_page_lists_what_came_since(full: DeskFixture, client: Client) -> None:
    text = client.get(f"/stories/{full.ids['raid']}?since=4").text

    assert "New since revision 4" in text
    assert "the range stays 9–20" in text
    assert "Nothing. The story stands" in client.get(f"/stories/{full.ids['raid']}?since=99").text
