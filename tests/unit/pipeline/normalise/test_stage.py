from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.normalise import normalise
from tocsin.pipeline.normalise.stage import TEXT_LIMIT, TITLE_LIMIT
from tocsin.text.content import content_hash
from tocsin_schemas.feed import Source
from tocsin_schemas.identity import digest_id
from tocsin_schemas.item import ItemCollected, Page, RawEntry

NOW = datetime(2008, 9, 21, 12, tzinfo=UTC)
SENTENCE = "Pakistani officials said on Saturday that nine people had been killed in the raid. "


def item(
    page: str | None = None, page_note: str = "", base_url: str = "", **entry: Any
) -> ItemCollected:
    return ItemCollected(
        root_id=digest_id("root"),
        feed_id=digest_id("feed"),
        source=Source(id=digest_id("source"), name="Dawn"),
        item_key="key",
        content_hash=digest_id("content"),
        entry=RawEntry(**entry),
        page=None if page is None else Page(url="https://example.org/a", html=page, fetched=NOW),
        page_note=page_note,
        collected=NOW,
        base_url=base_url,
    )


def test_an_entry_becomes_an_article_with_words_clocks_and_language() -> None:
    article = normalise(
        item(
            title="Raid in <b>South Waziristan</b> &amp; after",
            link="/a?utm_source=rss",
            base_url="https://example.org/rss",
            summary=f"<p>{SENTENCE}</p><p>{SENTENCE}</p>",
            published="Sat, 20 Sep 2008 15:04:05 GMT",
            authors=("A. Writer", "A. Writer"),
        )
    )
    assert article.title == "Raid in South Waziristan & after"
    assert article.text == f"{SENTENCE.strip()}\n{SENTENCE.strip()}"
    assert (article.url, article.url_key) == (
        "https://example.org/a?utm_source=rss",
        "https://example.org/a",
    )
    assert article.published.at == datetime(2008, 9, 20, 15, 4, 5, tzinfo=UTC)
    assert article.language.code == "en"
    assert article.authors == ("A. Writer",)
    assert article.content_hash == content_hash(article.title, article.text)
    assert (article.countries, article.figures, article.fingerprints) == ((), (), "")


def test_without_a_link_the_key_is_feed_and_item() -> None:
    article = normalise(item(title="x"))
    assert (article.url, article.url_key) == ("", f"{digest_id('feed')}#key")


def test_a_guid_that_is_an_address_stands_in_for_a_missing_link() -> None:
    assert normalise(item(title="x", guid="https://example.org/7")).url == "https://example.org/7"
    assert normalise(item(title="x", guid="tag:7", link="javascript:x")).url == ""


def test_a_missing_or_impossible_time_is_null_never_now() -> None:
    assert normalise(item(title="x")).published.at is None
    future = normalise(item(title="x", published="2030-01-01T00:00:00Z"))
    assert (future.published.at, future.published.raw) == (None, "2030-01-01T00:00:00Z")


def test_the_pages_own_time_stands_in_and_says_so() -> None:
    page = '<html><head><meta property="article:published_time" content="2008-09-20T10:00:00Z"></head></html>'
    stamp = normalise(item(title="x", page=page)).published
    assert (stamp.at, stamp.origin) == (datetime(2008, 9, 20, 10, tzinfo=UTC), "page")


def test_a_fuller_page_is_the_text_and_its_furniture_is_not() -> None:
    body = "".join(
        f"<p>{SENTENCE}{n}. The army denied it and promised an inquiry.</p>" for n in range(12)
    )
    page = f"<html><body><nav><a href='/'>Home</a> Subscribe now</nav><article>{body}</article></body></html>"
    article = normalise(item(title="Raid", summary=SENTENCE, page=page))
    assert article.text_origin == "page"
    assert article.text.count("promised an inquiry") == 12
    assert "Subscribe now" not in article.text


def test_a_page_without_an_article_leaves_the_feeds_text_and_says_why() -> None:
    article = normalise(item(title="Raid", summary=SENTENCE, page="<html></html>"))
    assert (article.text_origin, article.page_note) == ("feed", "no article text found on the page")


def test_the_fuller_of_content_and_summary_is_read() -> None:
    assert normalise(item(content=SENTENCE * 3, summary="short")).text.count("raid") == 3
    assert normalise(item(content="short", summary=SENTENCE * 3)).text.count("raid") == 3


def test_title_and_text_are_bounded() -> None:
    article = normalise(item(title="t" * 5000, summary="w " * 300_000))
    assert len(article.title) == TITLE_LIMIT
    assert len(article.text) <= TEXT_LIMIT


@pytest.mark.parametrize(
    "field", ["title", "summary", "content", "link", "guid", "published", "updated", "language"]
)
@given(value=st.text(max_size=200))
def test_no_entry_makes_normalise_fail(field: str, value: str) -> None:
    article = normalise(item(**{field: value}))
    assert normalise(item(**{field: value})) == article
