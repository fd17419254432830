"""Which article an item is: one never seen, a new version of one, or one seen again.

An address is an article; equal words of one house at another address are the same article; words
that an article has held before are no version. What was decided once for a root id is never decided
again (invariants I1, I10). Rows only: identity outlives every window, so it is not kept in memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson

from tocsin.ports.state import Transaction
from tocsin_schemas.article import Article
from tocsin_schemas.identity import article_id, digest_id

ROOTS, KNOWN, ALIASES, CONTENTS = (
    "clusterer.roots",
    "clusterer.known",
    "clusterer.aliases",
    "clusterer.contents",
)
SAME_WORDS = timedelta(days=7)
"""Time for which equal words at another address of one house are the same article: the copy window."""
SAME_HEADLINE = timedelta(hours=24)
"""The same for an item of a few words: "Picture of the day" is another one tomorrow."""
FEW_PRINTS = 8
"""Fingerprints below which an item has few words (about twenty)."""
NOTES, ROOTS_TOLD = 100, 256
"""Versions listed, and root ids (and feeds by hash) told, of one article."""

Ended = Literal["indexed", "sighting", "merged"]


@dataclass(slots=True)
class Known:
    """What outlives an article's story: its words' hashes, versions, and where it stands."""

    article_id: str
    story: str
    first: datetime
    last: datetime
    version: int = 0
    revision: int = 0
    sightings: int = 0
    hashes: list[str] = field(default_factory=list)
    feeds: dict[str, list[str]] = field(default_factory=dict)
    """Content hash → feeds that carried it."""
    roots: dict[str, str] = field(default_factory=dict)
    """The newest root ids → how they ended."""
    notes: list[dict[str, Any]] = field(default_factory=list)
    """`VersionNote` of each version, the first and the newest."""
    addresses: list[str] = field(default_factory=list)
    """Other addresses that it answers to (same words, same house), the newest."""

    def saw(self, article: Article, ended: Ended) -> None:
        """Note an item that ended in this article."""
        feeds = self.feeds.setdefault(article.content_hash, [])
        if article.feed_id not in feeds:
            feeds.append(article.feed_id)
        self.roots[article.root_id] = ended
        for held in (self.roots, self.feeds):
            while len(held) > ROOTS_TOLD:
                del held[next(iter(held))]  # the oldest; their rows stay
        self.last = max(self.last, article.collected)

    def revise(self, article: Article) -> None:
        """Note a new version."""
        self.version += 1
        self.hashes.append(article.content_hash)
        self.notes.append(
            {
                "version": self.version,
                "content_hash": article.content_hash,
                "title": article.title,
                "collected": article.collected.isoformat(),
                "updated": article.updated.at and article.updated.at.isoformat(),
            }
        )
        if len(self.notes) > NOTES:
            del self.notes[1]

    def row(self) -> bytes:
        """As JSON."""
        held = {name: getattr(self, name) for name in self.__slots__}
        return orjson.dumps(held)

    @classmethod
    def of_row(cls, row: bytes) -> "Known":
        """The inverse of `row`."""
        held = orjson.loads(row)
        for name in ("first", "last"):
            held[name] = datetime.fromisoformat(held[name])
        return cls(**held)


@dataclass(frozen=True, slots=True)
class Recorded:
    """How a root id ended."""

    article_id: str
    ended: Ended


@dataclass(frozen=True, slots=True)
class Seen:
    """What an item is. `known` null: an article never seen. `elsewhere`: at another address."""

    article_id: str
    known: Known | None
    ended: Ended
    elsewhere: bool = False


def recorded(tx: Transaction, root_id: str) -> Recorded | None:
    """How a root id ended, if it was decided before."""
    row = tx.get(ROOTS, root_id)
    return None if row is None else Recorded(**orjson.loads(row))


def known(tx: Transaction, article: str) -> Known | None:
    """What is known of an article id."""
    row = tx.get(KNOWN, article)
    return None if row is None else Known.of_row(row)


def identify(tx: Transaction, article: Article, prints: int) -> Seen:
    """Which article this item is; `prints` is the number of its fingerprints. Reads only."""
    address = _address(article)
    alias = tx.get(ALIASES, address)
    own = alias.decode() if alias else article_id(address)
    held = known(tx, own)
    if held is not None:
        if article.content_hash not in held.hashes:
            return Seen(own, held, "indexed")
        same_feed = article.feed_id in held.feeds.get(article.content_hash, ())
        return Seen(own, held, "merged" if same_feed else "sighting")
    other = tx.get(CONTENTS, _content(article))
    if other is not None:
        held = known(tx, other.decode())
        span = SAME_HEADLINE if prints < FEW_PRINTS else SAME_WORDS
        if held is not None and article.collected - held.last <= span:
            return Seen(held.article_id, held, "sighting", elsewhere=True)
    return Seen(own, None, "indexed")


def record(tx: Transaction, article: Article, of: Known, ended: Ended) -> None:
    """Write down how an item ended and what is now known of its article."""
    of.saw(article, ended)
    tx.put(KNOWN, of.article_id, of.row())
    note = orjson.dumps({"article_id": of.article_id, "ended": ended})
    tx.put(ROOTS, article.root_id, note)
    tx.put(CONTENTS, _content(article), of.article_id.encode())
    address = _address(article)
    if article_id(address) != of.article_id:
        tx.put(ALIASES, address, of.article_id.encode())


def answers_to(of: Known, article: Article) -> None:
    """Note the address of an item that ended in this article; `record` writes it down."""
    address = _address(article)
    if article_id(address) != of.article_id and address not in of.addresses:
        of.addresses = [*of.addresses, address][-ROOTS_TOLD:]  # the oldest; their rows stay


def remember(tx: Transaction, of: Known, article: Article, roots: Mapping[str, str]) -> None:
    """Write down what a published decision says (a fold): rows as `record` left them."""
    for root, ended in roots.items():
        tx.put(ROOTS, root, orjson.dumps({"article_id": of.article_id, "ended": ended}))
    of.roots = {**of.roots, **roots}
    for address in of.addresses:
        tx.put(ALIASES, address, of.article_id.encode())
    record(tx, article, of, "indexed")


def _address(article: Article) -> str:
    """What identifies the address: its identity form, else the feed's own key."""
    return article.url_key or f"{article.feed_id} {article.item_key}"


def house(article: Article) -> str:
    """Who prints it: family, owner, or the source itself."""
    source = article.source
    return source.family or source.owner or source.id


def _content(article: Article) -> str:
    """Row of equal words of one house."""
    return digest_id("content of", house(article), article.content_hash)
