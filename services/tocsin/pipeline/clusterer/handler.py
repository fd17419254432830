"""Decides, for each article in turn: seen before or new, whose words, which story, what it changes.

One partition, one thread, no clock: the same stream gives the same decisions. What was decided for a
root id is only ever told again. Everything is written in the transaction of the event; the memory is
a copy of the rows.
"""

from collections.abc import Iterable

import orjson

from tocsin.errors import Rejected
from tocsin.pipeline.cluster import changes as replaced
from tocsin.pipeline.cluster import ledger
from tocsin.pipeline.cluster.book import Book, Member
from tocsin.pipeline.cluster.snapshot import settle, snapshot
from tocsin.pipeline.cluster.terms import terms
from tocsin.pipeline.clusterer import manual, voicing
from tocsin.pipeline.clusterer.emission import Body, Mouth, Snapshot, body
from tocsin.pipeline.clusterer.folding import fold_article, fold_story
from tocsin.pipeline.clusterer.manual import FOLLOW_SHARE
from tocsin.pipeline.clusterer.retelling import bury, due, resend
from tocsin.pipeline.clusterer.working import EXPIRE_EVERY, HELD, TOLD, Working
from tocsin.pipeline.dedup import identity
from tocsin.pipeline.dedup.fingerprint import decode, winnow
from tocsin.pipeline.dedup.identity import Ended, Known, Seen
from tocsin.ports.state import Transaction
from tocsin_schemas.act import Act
from tocsin_schemas.article import Article
from tocsin_schemas.registry import Event
from tocsin_schemas.story import Change, ClusteredArticle, Statement, Story


class Clusterer:
    """`pipeline.handler.Handler` of the stages dedup and cluster. One thread.

    Handles `article.enriched`, and `act.done` of kinds merge, split and undo (of one of these; all
    other acts are passed over). Emits `article.clustered`, `story.changed`, and `outcome.recorded`
    for sightings and merged items.
    """

    def __init__(self) -> None:
        self._w = Working()

    def restore(self, tx: Transaction) -> None:
        """Forget the working set and read it from the rows."""
        self._w = Working.load(tx)

    def fold(self, event: Event, tx: Transaction) -> None:
        """Take in one of our own published events; emits nothing; an older revision is ignored."""
        if isinstance(event.body, ClusteredArticle):
            fold_article(self._w, event.body, tx)
        elif isinstance(event.body, Story):
            fold_story(self._w, event.body, tx)

    def handle(self, event: Event, tx: Transaction) -> None:
        """Decide. Raises Rejected (`invalid`) for an event that is not ours, or fingerprints that
        are none, before anything has changed.
        """
        if isinstance(event.body, Act):
            manual.act(self._w, event, event.body, tx)
            return
        if not isinstance(event.body, Article):
            msg = f"the clusterer reads article.enriched and act.done, not {event.type}"
            raise Rejected("invalid", msg)
        article = event.body
        prints = list(dict.fromkeys(decode(article.fingerprints)))
        if not article.fingerprints:
            prints = winnow(f"{article.title}\n{article.text}")
        if not (article.terms.title or article.terms.body):
            article = article.model_copy(update={"terms": terms(article)})
        mouth = Mouth(tx, event)
        past = identity.recorded(tx, article.root_id)
        if past is not None:
            self._repeat(past.article_id, past.ended, article.root_id, mouth, tx)
            return
        self._w.handled += 1
        if self._w.handled % EXPIRE_EVERY == 0:
            self._w.expire(tx, event.at)
        seen = identity.identify(tx, article, len(prints))
        if seen.ended != "indexed":
            self._sighting(article, seen, mouth, tx, event)
        elif seen.known is not None and seen.article_id in self._w.where:
            self._version(article, seen.known, prints, mouth, tx, event)
        else:
            self._first(article, seen, prints, mouth, tx, event)

    # -- an item that was decided before --------------------------------------------------------

    def _repeat(self, article: str, ended: Ended, root: str, mouth: Mouth, tx: Transaction) -> None:
        """Tell the recorded outcome again; change nothing."""
        known = identity.known(tx, article)
        plain = tx.get(HELD, article)
        story = tx.get(TOLD, known.story) if known else None
        if ended != "indexed" or known is None or plain is None or story is None:
            mouth.outcome(root, ended, known, article)
            return
        held = orjson.loads(plain)
        mouth.again(article, known.revision, plain, story, held["article"]["root_id"], held["mode"])

    def _sighting(
        self, article: Article, seen: Seen, mouth: Mouth, tx: Transaction, event: Event
    ) -> None:
        """Seen again elsewhere: counted, no document. In the same feed: merged, not even counted."""
        known = seen.known
        assert known is not None
        book = self._w.books.get(known.story)
        if seen.ended == "sighting":
            known.sightings += 1
        if seen.elsewhere:
            identity.answers_to(known, article)
        identity.record(tx, article, known, seen.ended)
        mouth.outcome(article.root_id, seen.ended, known, known.article_id)
        if book is not None and seen.ended == "sighting":
            book.sightings += 1
            member = book.members[known.article_id]
            if article.feed_id not in member.feeds:
                member.feeds.append(article.feed_id)
                self._w.save_member(tx, member)
            book.revision += 1
            told = Snapshot.of(snapshot(book, event.at))
            if seen.elsewhere:  # so that a rebuilt clusterer knows the address too
                resend(self._w, [member], told, mouth, tx)
            mouth.story(told)
            self._w.save(tx, book)
        else:
            self._w.save(tx)

    # -- a new article --------------------------------------------------------------------------

    def _first(
        self,
        article: Article,
        seen: Seen,
        prints: list[int],
        mouth: Mouth,
        tx: Transaction,
        event: Event,
    ) -> None:
        """An article never seen (or whose story has closed): voice, story, statements."""
        w = self._w
        own_id = seen.article_id
        house = identity.house(article)
        copy = w.copies.find(prints, but=own_id, house=house)
        original = w.member(copy.of) if copy else None
        follow = None
        if copy and original and (copy.relation != "partial" or copy.share >= FOLLOW_SHARE):
            follow = original.story
        placed = w.stories.place(article, own_id, follow)
        now = article.collected
        book = w.books.get(placed.joined) or self._open(tx, placed.joined, article)
        member = Member(own_id, book.id, w.arrivals, article.source.name)
        w.arrivals += 1
        if copy:
            member.relation, member.copy_of = copy.relation, copy.of
        voicing.speak(member, article, original)
        w.enter(book, member)
        moved: dict[str, Member] = {}
        ended: list[Book] = []
        for gone in placed.ended:
            young, old = w.books[gone.id], w.books[placed.story.id]
            moved.update((m.article_id, m) for m in young.members.values())
            w.unite(old, young)
            w.forget(tx, young.id)
            ended.append(young)
        book = w.books[placed.story.id]
        book.last_seen = max(book.last_seen, now)
        member.read(article)
        known = seen.known or Known(own_id, book.id, now, now)
        known.story = book.id
        known.revise(article)
        made = self._state(article, member, known.version, book)
        book.revision += 1
        changed = voicing.reveal(w, member, copy, article.source.name)
        self._range(book, member, made, event)
        w.save_texts(tx, w.copies.add(own_id, prints, now.timestamp(), copy, house))
        known.revision += 1
        identity.record(tx, article, known, "indexed")
        share = round(copy.share, 4) if copy else 0.0
        statements = [s for s in member.statements if s.version == known.version]
        plain = body(article, known, member, placed.vectors, share, [], statements, event.mode)
        self._tell(book, member, known, plain, article.root_id, moved | changed, mouth, tx, event)
        bury(ended, book, mouth, event.at)

    def _open(self, tx: Transaction, story: str, article: Article) -> Book:
        """A book for a story just founded. Where the id has answered before, revisions go on."""
        now = article.collected
        book = Book(story, article.language.code, article.title, now, now, now)
        before = tx.get(TOLD, story)
        if before is not None:
            book.revision = orjson.loads(before)["revision"]
        return book

    # -- a new version --------------------------------------------------------------------------

    def _version(
        self,
        article: Article,
        known: Known,
        prints: list[int],
        mouth: Mouth,
        tx: Transaction,
        event: Event,
    ) -> None:
        """New words of an article of an open story: it stays there; what it takes back is told."""
        w = self._w
        member = w.member(known.article_id)
        assert member is not None
        book = w.books[member.story]
        row = tx.get(HELD, known.article_id)
        held: Body = orjson.loads(row) if row else {"vectors": {}, "share": 0.0}
        changes: list[Change] = []
        before: list[ledger.Told] = []
        if row:
            old = Article.model_validate(held["article"])
            before = _told(
                ledger.stated(old, known.article_id, 1, origin=None, copy_of=None, revision=0)
            )
            changes = replaced.words(f"{old.title}\n{old.text}", f"{article.title}\n{article.text}")
        if next(iter(book.members)) == known.article_id:
            book.title = article.title
        original = w.member(member.copy_of) if member.copy_of else None
        changed = voicing.respeak(w, member, article, original)
        known.revise(article)
        member.read(article)
        book.last_seen = max(book.last_seen, article.collected)
        book.revision += 1
        made = self._state(article, member, known.version, book)
        told = _told(
            ledger.stated(
                article, known.article_id, known.version, origin=None, copy_of=None, revision=0
            )
        )
        changes = [*replaced.figures(before, told), *changes]
        member.statements = ledger.retract(
            [s for s in member.statements if s.version < known.version],
            told,
            article.collected,
        )
        self._range(book, member, made, event)
        w.save_texts(
            tx,
            w.copies.add(
                known.article_id,
                prints,
                article.collected.timestamp(),
                None,
                identity.house(article),
            ),
        )
        known.revision += 1
        identity.record(tx, article, known, "indexed")
        statements = [s for s in member.statements if s.version == known.version]
        plain = body(
            article, known, member, held["vectors"], held["share"], changes, statements, event.mode
        )
        self._tell(book, member, known, plain, article.root_id, changed, mouth, tx, event)

    # -- what both do ---------------------------------------------------------------------------

    def _state(self, article: Article, member: Member, version: int, book: Book) -> list[Statement]:
        """The statements of a version that count; notes every figure told."""
        copied = member.relation != "original"
        all_made = ledger.stated(
            article,
            member.article_id,
            version,
            origin=member.origin,
            copy_of=member.copy_of if copied else None,
            revision=book.revision + 1,
        )
        before = voicing.told_by_originals(self._w, member)
        made = ledger.own(all_made, member.relation, before)
        member.told += [t for t in _told(all_made) if t not in member.told]
        del member.told[: -ledger.MOST]
        return made

    @staticmethod
    def _range(book: Book, member: Member, made: list[Statement], event: Event) -> None:
        """Add statements to the ledger with the range that stands after them."""
        if not made:
            return
        origin = member.origin.name if member.origin else None
        member.statements += made
        ranges = settle(book, event.at)
        done = len(member.statements) - len(made)
        member.statements[done:] = [
            s.model_copy(
                update={
                    "origin": origin,
                    "revision": book.revision,
                    "range_min": ranges[s.kind].min,
                    "range_max": ranges[s.kind].max,
                }
            )
            for s in made
        ]

    def _tell(
        self,
        book: Book,
        member: Member,
        known: Known,
        plain: bytes,
        root: str,
        others: dict[str, Member],
        mouth: Mouth,
        tx: Transaction,
        event: Event,
    ) -> None:
        """Send the article, the members that must follow it, and the story."""
        book.last_change = event.at
        told = Snapshot.of(snapshot(book, event.at))
        if due(len(told.story.origins), book.told_origins):
            book.told_origins = len(told.story.origins)
            others = book.members
        mouth.article(known, plain, told, root, event.mode)
        self._w.save_member(tx, member)
        again = [m for m in others.values() if m is not member]
        resend(self._w, again, told, mouth, tx)
        mouth.story(told)
        self._w.save(tx, book)


def _told(statements: Iterable[Statement]) -> list[ledger.Told]:
    return [(s.kind, s.min, s.max) for s in statements]
