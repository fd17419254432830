"""What a reading process does with one item: its bytes in, the article's bytes out, or why not.

`read` is the whole trip of an item through normalise, enrich and what the clusterer wants counted
beforehand. It runs in a process that `workers.pool` may kill at any time, so nothing here needs to
be defended against itself.
"""

from datetime import UTC, datetime

from tocsin.errors import Rejected
from tocsin.pipeline.cluster.terms import terms
from tocsin.pipeline.dedup.fingerprint import fingerprints
from tocsin.pipeline.enrich import enrich
from tocsin.pipeline.normalise import normalise
from tocsin_schemas import registry
from tocsin_schemas.article import Article
from tocsin_schemas.feed import Source
from tocsin_schemas.identity import digest_id
from tocsin_schemas.item import ItemCollected, RawEntry

_NO_CONTENT = "the entry has neither title nor text: nothing to file; look at the feed's raw entry"


def read(value: bytes) -> bytes:
    """An encoded `item.collected` → the encoded `article.enriched` it becomes.

    Same mode, root id and time as the item's event, which is its cause. Deterministic, so a replay
    gives the same event id. Raises WireError (its `code` is the reason) for bytes that are no such
    event, Rejected `no-content` for an item without any words.
    """
    cause = registry.decode(value)
    item = registry.body_of(cause, ItemCollected)
    article = normalise(item)
    if not article.title and not article.text:
        raise Rejected("no-content", _NO_CONTENT)
    article = prepare(enrich(article))
    made = registry.event(
        article, root_id=article.root_id, at=item.collected, mode=cause.mode, cause=cause
    )
    return registry.encode(made)


def prepare(article: Article) -> Article:
    """`article` with its fingerprints and terms: counted here, many times over in parallel, so
    that the one clusterer need not.
    """
    return article.model_copy(
        update={"fingerprints": fingerprints(article.text), "terms": terms(article)}
    )


def warm() -> None:
    """Load every dictionary and model now, so that the first item is not charged for it."""
    nobody = digest_id("warm")
    item = ItemCollected(
        root_id=nobody,
        feed_id=nobody,
        source=Source(id=nobody, name="warm"),
        item_key="warm",
        content_hash=nobody,
        entry=RawEntry(title="Two killed in Kabul", summary="Police said two people were killed."),
        collected=datetime(2000, 1, 1, tzinfo=UTC),
    )
    prepare(enrich(normalise(item)))
