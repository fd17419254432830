from support.builders import a_clustered, a_source, an_article
from tocsin.query.view import filled, view_of
from tocsin_schemas.article import Figure, Mention
from tocsin_schemas.contract import Span

HERE = Span(start=0, end=1)


def test_open_ends_are_filled_by_the_known_end_and_background_is_left_out() -> None:
    assert filled(Figure(kind="killed", min=13, max=None, span=HERE)) == (13, 13)
    assert filled(Figure(kind="killed", min=None, max=20, span=HERE)) == (20, 20)
    assert filled(Figure(kind="killed", span=HERE)) is None
    article = an_article(
        figures=(
            Figure(kind="killed", min=9, max=None, span=HERE),
            Figure(kind="wounded", min=3, max=4, role="background", span=HERE),
        )
    )
    assert view_of(a_clustered(article=article)).figures == (("killed", 9, 9),)


def test_keyword_values_are_folded_and_empty_ones_are_none() -> None:
    article = an_article(
        source=a_source("Daily Times", family="", place="Lahore"),
        persons=(Mention(value="Zardāri", span=HERE), Mention(value="?!", span=HERE)),
    )
    held = view_of(a_clustered(article=article)).keywords
    assert held["source"] == held["family"] == {"daily times"}
    assert held["person"] == {"zardari"}


def test_the_story_and_its_origins_are_seen() -> None:
    clustered = a_clustered()
    view = view_of(clustered)
    assert view.story_id == clustered.story_id
    assert view.origins == len(clustered.story.origins)
    assert view.title[0] == "nine"
