"""One collected item → one article with identity, words, clocks and language; nothing understood yet."""

from datetime import datetime

from tocsin.pipeline.normalise import address, clocks, language, pages
from tocsin.text.clean import one_line, squeeze
from tocsin.text.content import hash_of_clean
from tocsin.text.html import html_to_text
from tocsin_schemas.article import Article, Stamp
from tocsin_schemas.item import ItemCollected

TITLE_LIMIT = 1000
TEXT_LIMIT = 200_000
"""Characters kept of title and text: the readers' time is bounded by them."""
LIST_LIMIT, NAME_LIMIT = 20, 100
"""Authors and categories kept, and characters of each."""


def normalise(item: ItemCollected) -> Article:
    """The article in `item`, with nothing of enrich filled in. Pure and deterministic.

    `url` is '' where the entry has no usable link (`url_key` is then feed id + '#' + item key).
    `text` is the page's where one was fetched and it says more than the feed. `content_hash` is
    that of the title and text kept here, so page furniture makes no new version. Raises nothing
    for bad content; an item without any words is for the caller to refuse.
    """
    entry = item.entry
    url = address.canonical(entry.link, item.base_url)
    if not url and entry.guid.startswith(("http://", "https://")):
        url = address.canonical(entry.guid)
    title = one_line(html_to_text(entry.title))[:TITLE_LIMIT].rstrip()
    feed_text = _longer(entry.content, entry.summary)
    text, origin, note = feed_text, "feed", item.page_note
    if item.page is not None:
        page_text = pages.text_of(item.page.html, item.page.url)
        if len(page_text) > len(feed_text):
            text, origin = page_text, "page"
        elif not page_text:
            note = note or "no article text found on the page"
    text = text[:TEXT_LIMIT].rstrip()
    return Article(
        root_id=item.root_id,
        feed_id=item.feed_id,
        item_key=item.item_key,
        source=item.source,
        url=url,
        url_key=address.key(url) or f"{item.feed_id}#{item.item_key}",
        title=title,
        text=text,
        content_hash=hash_of_clean(title, text),
        text_origin="page" if origin == "page" else "feed",
        page_note=note,
        language=language.detect(f"{title}. {text[:3000]}", entry.language),
        published=_published(item, url),
        updated=clocks.stamp(entry.updated, item.collected),
        collected=item.collected,
        authors=_names(entry.authors),
        categories=_names(entry.categories),
        demo=item.demo,
    )


def _longer(content: str, summary: str) -> str:
    """The fuller of the two bodies; a summary that says more than the content is rare but real."""
    first, second = squeeze(html_to_text(content)), squeeze(html_to_text(summary))
    return first if len(first) >= len(second) else second


def _published(item: ItemCollected, url: str) -> Stamp:
    """The feed's word, else the page's, else the entry's last change, else the day in the address.

    Null keeps what the feed said, so that a person can see why it was not believed.
    """
    collected: datetime = item.collected
    told = clocks.stamp(item.entry.published, collected)
    if told.at is not None:
        return told
    others = [
        clocks.stamp(item.entry.updated, collected, trust=0.6),
        clocks.from_url(url, collected),
    ]
    if item.page is not None:
        others.insert(0, clocks.stamp(pages.published(item.page.html), collected, "page", 0.9))
    return next((other for other in others if other.at is not None), told)


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    cleaned = (one_line(html_to_text(name))[:NAME_LIMIT].rstrip() for name in names[:LIST_LIMIT])
    return tuple(dict.fromkeys(name for name in cleaned if name))
