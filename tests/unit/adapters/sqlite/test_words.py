from hypothesis import given

from contract.queries import articles
from support import builders as b
from tocsin.adapters.sqlite.words import Words, view_from
from tocsin.query.view import view_of
from tocsin_schemas.article import Mention
from tocsin_schemas.contract import Span
from tocsin_schemas.story import ClusteredArticle


@given(articles())
def test_the_view_put_together_again_is_the_live_matchers(clustered: ClusteredArticle) -> None:
    words = Words(clustered)
    assert view_from(*words.tokens, words.facts) == view_of(clustered)


def test_a_keyword_value_is_one_token_with_its_field() -> None:
    place = Mention(value="Angoor Adda", span=Span(start=0, end=1))
    words = Words(b.a_clustered(b.an_article(places=(place,))))
    assert "place=angoor\u2581adda" in words.keywords.split(" ")
    assert "source=dawn" in words.keywords.split(" ")


def test_the_print_tells_whether_words_differ_and_nothing_else() -> None:
    one = b.a_clustered()
    again = one.model_copy(update={"revision": 7, "story": b.a_story(origins=()), "sightings": 3})
    assert Words(one).print == Words(again).print
    place = Mention(value="Wana", span=Span(start=0, end=1))
    for changed in ({"title": "Other"}, {"text": "other"}, {"places": (place,)}):
        article = one.article.model_copy(update=changed)
        assert Words(one.model_copy(update={"article": article})).print != Words(one).print


def test_words_do_not_move_between_title_and_text_unseen() -> None:
    one = Words(b.a_clustered(b.an_article("ab", "c")))
    two = Words(b.a_clustered(b.an_article("a", "bc")))
    assert one.print != two.print
