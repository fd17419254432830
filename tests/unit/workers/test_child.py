import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import an_item
from tocsin.errors import Rejected
from tocsin.workers.child import read
from tocsin_schemas import registry
from tocsin_schemas.article import Article
from tocsin_schemas.item import ItemCollected, RawEntry


def encoded(item: ItemCollected, mode: str = "live") -> bytes:
    event = registry.event(
        item,
        root_id=item.root_id,
        at=item.collected,
        mode="backfill" if mode == "backfill" else "live",
    )
    return registry.encode(event)


def item_of(title: str, summary: str) -> ItemCollected:
    return an_item().model_copy(update={"entry": RawEntry(title=title, summary=summary)})


def test_an_item_becomes_its_article_in_one_trip() -> None:
    text = (
        "Nine people were killed in the raid on a village in South Waziristan, officials said. " * 2
    )
    item = item_of("Nine killed in raid", text)
    cause = registry.decode(encoded(item, "backfill"))
    made = registry.decode(read(encoded(item, "backfill")))
    article = registry.body_of(made, Article)
    assert (made.type, made.mode, made.root_id, made.at) == (
        "article.enriched",
        "backfill",
        item.root_id,
        item.collected,
    )
    assert made.trace == (cause.id,)
    assert [(f.kind, f.min, f.max) for f in article.figures] == [("killed", 9, 9)]
    assert [c.value for c in article.countries] == ["PK"]
    assert base64.b64decode(article.fingerprints)
    assert article.terms.title


def test_the_same_item_gives_the_same_bytes() -> None:
    item = item_of("Nine killed in raid", "Officials said so on Monday.")
    assert read(encoded(item)) == read(encoded(item))


@pytest.mark.parametrize("empty", ["", " \n ", "<p> </p>", "\u200e\u2060"])
def test_an_item_without_words_is_refused(empty: str) -> None:
    with pytest.raises(Rejected) as error:
        read(encoded(item_of(empty, empty)))
    assert error.value.code == "no-content"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", "bad-json"),
        (b"{", "bad-json"),
        (b'{"id": 1}', "bad-json"),
        (encoded(an_item()).replace(b'"version":1', b'"version":99'), "unknown-version"),
        (encoded(an_item()).replace(b'"item.collected"', b'"item.imagined"'), "unknown-version"),
        (encoded(an_item()).replace(b'"item_key"', b'"item_kez"'), "invalid"),
    ],
)
def test_bytes_that_are_no_item_say_why(value: bytes, code: str) -> None:
    with pytest.raises(registry.WireError) as error:
        read(value)
    assert error.value.code == code


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=80), summary=st.text(max_size=300))
def test_every_span_of_any_article_holds(title: str, summary: str) -> None:
    try:
        made = read(
            encoded(item_of(title, f"Pakistan: 9 killed on May 3 (Dawn, May 4). {summary}"))
        )
    except Rejected:
        return
    article = registry.body_of(registry.decode(made), Article)
    spanned: list[Any] = [
        *article.countries, *article.places, *article.persons, *article.actors, *article.tags,
        *article.figures, *article.dates, *article.cites,
    ]  # fmt: skip
    assert spanned
    for one in spanned:
        whole = article.title if one.span.field == "title" else article.text
        assert whole[one.span.start : one.span.end] == one.words
