from datetime import date
from typing import Any

from support.asgi_client import Client
from support.desk_fixture import DeskFixture, at, clustered, small_story, source
from tocsin.api.citations import not_held
from tocsin_schemas.article import Citation
from tocsin_schemas.contract import Span
from tocsin_schemas.story import ClusteredArticle
from tocsin_schemas.topics import CLUSTERED

STORY = small_story("cites", "An essay", at(5, 8))


def article(
    key: str, outlet: str, *cites: tuple[str, date | None], **given: Any
) -> ClusteredArticle:
    made = clustered(key, outlet=source(outlet), title=f"{outlet} tells", text="Some words.",
                     when=at(5, 8), story=STORY, **given)  # fmt: skip
    held = tuple(Citation(outlet=o, day=d, span=Span(start=0, end=4)) for o, d in cites)
    return made.model_copy(update={"article": made.article.model_copy(update={"cites": held})})


def test_a_source_that_no_article_is_stands_as_not_held_with_who_cites_it() -> None:
    essay = article("essay", "Monitor", ("The Times", date(2008, 9, 4)), ("Dawn", date(2008, 9, 5)))
    dawn = article("dawn", "Dawn", ("The Times", date(2008, 9, 4)))

    found = not_held([essay, dawn])

    assert [(c.words, len(c.by)) for c in found] == [("The Times, 4 Sept", 2)]


def test_an_outlet_held_on_another_day_is_not_what_was_cited() -> None:
    essay = article("essay", "Monitor", ("Dawn", date(2008, 8, 1)), ("Dawn", None))

    assert [c.words for c in not_held([essay, article("dawn", "Dawn")])] == ["Dawn, 1 Aug"]


def test_the_story_and_its_brief_name_what_is_not_held_in_italics(
    full: DeskFixture, client: Client
) -> None:
    essay = article("essay", "Monitor", ("The <b>Times", date(2008, 9, 4)))
    full.put(CLUSTERED, essay.article_id, essay)
    full.story("essay-story", STORY)

    for address in (f"/stories/{STORY.id}", f"/stories/{STORY.id}/brief"):
        text = client.get(address).text
        assert "Cited, not held" in text
        assert '<i><bdi dir="auto">The &lt;b&gt;Times, 4 Sept</bdi></i>' in text
