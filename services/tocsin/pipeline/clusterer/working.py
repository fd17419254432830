"""The clusterer's working set, and the same as rows: thrown away at any time, read again exactly.

Bounded by its windows: texts 7 days and a million, stories 60 days, terms 500,000 (I7). Every change
is written in the transaction of the event that caused it.
"""

from dataclasses import dataclass, field
from datetime import datetime

import orjson

from tocsin.pipeline.cluster.book import Book, Member
from tocsin.pipeline.cluster.engine import Counted
from tocsin.pipeline.cluster.state import Cluster
from tocsin.pipeline.cluster.stories import Stories
from tocsin.pipeline.dedup.copies import Copies, Text
from tocsin.ports.state import Transaction

BOOKS, MEMBERS, ENGINE, TEXTS, IDF, COUNTERS, HELD, TOLD, ACTS = (
    "clusterer.books",
    "clusterer.members",
    "clusterer.engine",
    "clusterer.texts",
    "clusterer.idf",
    "clusterer.counters",
    "clusterer.articles",
    "clusterer.stories",
    "clusterer.acts",
)
"""`HELD`: article id → body of its newest emission without the story. `TOLD`: story id → its newest
snapshot, or its revision alone once it has closed."""
EXPIRE_EVERY = 256
"""Articles handled between two looks at the windows."""
CHECKPOINT_EVERY = 512
"""Changes of the idf between two checkpoints of all counts."""
_COUNTERS = "counters"


@dataclass(slots=True)
class Working:
    """Memory of the clusterer. `arrivals` numbers articles; `handled` counts decided events."""

    stories: Stories = field(default_factory=Stories)
    copies: Copies = field(default_factory=Copies)
    books: dict[str, Book] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    """Article id → the open story it is in."""
    arrivals: int = 0
    handled: int = 0
    changes: dict[str, int] = field(default_factory=dict)
    """Language → idf changes written since the last checkpoint."""

    def member(self, article: str) -> Member | None:
        """An article of an open story."""
        story = self.where.get(article)
        return None if story is None else self.books[story].members[article]

    def enter(self, book: Book, member: Member) -> None:
        """Put an article into a book."""
        book.members[member.article_id] = member
        self.books[book.id] = book
        self.where[member.article_id] = book.id

    def unite(self, old: Book, young: Book) -> None:
        """Move the members of the younger book into the older one; the engines did so already."""
        del self.books[young.id]
        for article in young.members:
            self.where[article] = old.id
        old.swallow(young)

    # -- rows ----------------------------------------------------------------------------------

    def save(self, tx: Transaction, *books: Book) -> None:
        """Write heads and engine states of `books`, the idf's changes, the counters."""
        for book in books:
            tx.put(BOOKS, book.id, orjson.dumps(book.row()))
            held = self.stories.get(book.id)
            if held is not None:
                row = {"language": held[0], "story": held[1].row()}
                tx.put(ENGINE, book.id, orjson.dumps(row))
        for language in sorted(self.stories.engines):
            self._save_idf(tx, language)
        counters = [self.arrivals, self.handled, self.stories.born, self.copies.count]
        tx.put(COUNTERS, _COUNTERS, orjson.dumps(counters))

    @staticmethod
    def save_member(tx: Transaction, member: Member) -> None:
        """Write one article's row."""
        tx.put(MEMBERS, member.article_id, orjson.dumps(member.row()))

    @staticmethod
    def save_texts(tx: Transaction, texts: list[Text]) -> None:
        """Write what `Copies.add` changed."""
        for text in texts:
            tx.put(TEXTS, text.article, orjson.dumps(text.row()))

    @staticmethod
    def forget(tx: Transaction, story: str) -> None:
        """Remove a story that was united into another."""
        tx.delete(BOOKS, story)
        tx.delete(ENGINE, story)

    def _save_idf(self, tx: Transaction, language: str) -> None:
        engine = self.stories.engines[language]
        if not engine.counted:
            return
        changes = [[c.stories, c.more, c.fewer] for c in engine.counted]
        engine.counted.clear()
        written = self.changes.get(language, 0)
        tx.put(IDF, f"{language}/{written:08d}", orjson.dumps(changes))
        if written + 1 < CHECKPOINT_EVERY:
            self.changes[language] = written + 1
            return
        for key, _ in list(tx.scan(IDF, f"{language}/")):
            tx.delete(IDF, key)
        held = [engine.idf.stories, engine.idf.counts]
        tx.put(IDF, f"{language}/", orjson.dumps(held))
        self.changes[language] = 0

    def expire(self, tx: Transaction, now: datetime) -> None:
        """Close what the windows have left; identity rows and the last revision stay."""
        for story in self.stories.expire(now):
            book = self.books.pop(story)
            self.forget(tx, story)
            tx.put(TOLD, story, orjson.dumps({"id": story, "revision": book.revision}))
            for article in book.members:
                del self.where[article]
                tx.delete(MEMBERS, article)
                tx.delete(HELD, article)
        for article in self.copies.expire(now.timestamp()):
            tx.delete(TEXTS, article)

    @classmethod
    def load(cls, tx: Transaction) -> "Working":
        """The working set that the rows describe."""
        made = cls()
        for _, row in tx.scan(ENGINE):
            held = orjson.loads(row)
            made.stories.reopen(held["language"], Cluster.of_row(held["story"]))
        for story, row in tx.scan(BOOKS):
            made.books[story] = Book.of_row(orjson.loads(row))
        members = [Member.of_row(orjson.loads(row)) for _, row in tx.scan(MEMBERS)]
        for member in sorted(members, key=lambda m: m.number):
            made.enter(made.books[member.story], member)
        texts = [Text.of_row(article, orjson.loads(row)) for article, row in tx.scan(TEXTS)]
        for text in sorted(texts, key=lambda t: t.touched):
            made.copies.hold(text)
        made._load_idf(tx)
        counters = tx.get(COUNTERS, _COUNTERS)
        if counters is not None:
            made.arrivals, made.handled, made.stories.born, made.copies.count = orjson.loads(
                counters
            )
        return made

    def _load_idf(self, tx: Transaction) -> None:
        """Checkpoints sort before the changes that follow them."""
        for key, row in tx.scan(IDF):
            language, _, number = key.partition("/")
            engine = self.stories.engine(language)
            held = orjson.loads(row)
            if not number:
                engine.idf.stories = held[0]
                engine.idf.counts.update(held[1])
                continue
            for change in held:
                counted = Counted(*change)
                engine.idf.add(counted.stories, counted.more, counted.fewer)
            self.changes[language] = int(number) + 1
