"""Rebuilds the clusterer from what it published, where its rows were lost: decisions are taken over,
never taken again. A revision not above the one held is ignored; a later event may come first.
"""

import orjson

from tocsin.pipeline.cluster import ledger
from tocsin.pipeline.cluster.book import Book, Member
from tocsin.pipeline.cluster.snapshot import ranges_of, statements_of
from tocsin.pipeline.cluster.weights import Vectors
from tocsin.pipeline.clusterer.emission import Snapshot
from tocsin.pipeline.clusterer.parting import part
from tocsin.pipeline.clusterer.working import ACTS, HELD, TOLD, Working
from tocsin.pipeline.dedup import identity
from tocsin.pipeline.dedup.copies import Copy
from tocsin.pipeline.dedup.fingerprint import decode, winnow
from tocsin.pipeline.dedup.identity import Known
from tocsin.pipeline.dedup.origin import Proof, own_voice
from tocsin.ports.state import Transaction
from tocsin_schemas.article import Article
from tocsin_schemas.story import ClusteredArticle, Story


def fold_article(w: Working, told: ClusteredArticle, tx: Transaction) -> None:
    """Take over one decision about an article."""
    known = identity.known(tx, told.article_id)
    if known is not None and told.revision <= known.revision:
        return
    article = told.article
    book = _book(w, told, tx)
    member = w.member(told.article_id)
    if member is None:
        state = w.stories.put(article, told.story_id, Vectors.of_dict(told.vectors))
        member = Member(told.article_id, state.id, w.arrivals, article.source.name)
        w.arrivals += 1
        w.enter(book, member)
    elif member.story != told.story_id:  # a person split the story, or took a merge back
        left = w.books[member.story]
        part(w, tx, left, book, [told.article_id])
        w.save(tx, left)
    newer = known is None or told.version > known.version
    known = known or Known(told.article_id, told.story_id, told.first_collected, article.collected)
    known.story, known.version, known.revision = told.story_id, told.version, told.revision
    known.sightings, known.hashes = told.sightings, list(told.content_hashes)
    known.addresses = list(told.addresses)
    known.notes = [n.model_dump(mode="json") for n in told.versions]
    member.relation, member.copy_of = told.relation, told.copy_of
    _voice(w, member, told)
    if newer:
        _words(w, member, told, tx)
    identity.remember(tx, known, article, told.roots)
    tx.put(HELD, told.article_id, told.model_dump_json(exclude={"story"}).encode())
    w.save_member(tx, member)
    _head(w, book, told.story, tx)
    w.save(tx, book)


def fold_story(w: Working, told: Story, tx: Transaction) -> None:
    """Take over a story's snapshot, and the merge that it may tell of."""
    into = told.lineage.merged_into
    if into is not None:
        if told.revision > _revision(w, told.id, tx):  # it may have come back since
            _unite(w, into, told.id, tx)
            tx.put(TOLD, told.id, Snapshot.of(told).json)
            _acts(told, tx)
        return
    book = w.books.get(told.id)
    if book is not None and told.revision > book.revision:
        for ancestor in told.lineage.ancestors:
            _unite(w, told.id, ancestor, tx)
        _head(w, book, told, tx)
        w.save(tx, book)


def _book(w: Working, told: ClusteredArticle, tx: Transaction) -> Book:
    """The book that the article is in, after the merges that its story tells of."""
    story = told.story
    book = w.books.get(told.story_id)
    if book is None:
        book = Book(
            story.id,
            story.language,
            story.title,
            story.first_seen,
            story.last_seen,
            story.last_change,
        )
    w.books[book.id] = book
    if story.revision > book.revision:
        for ancestor in story.lineage.ancestors:
            _unite(w, book.id, ancestor, tx)
    return book


def _revision(w: Working, story: str, tx: Transaction) -> int:
    """The newest revision known of a story, open or not; 0 for one never heard of."""
    book = w.books.get(story)
    told = tx.get(TOLD, story)
    closed: int = orjson.loads(told)["revision"] if told else 0
    return closed if book is None else max(closed, book.revision)


def _acts(story: Story, tx: Transaction) -> None:
    """Note the acts that formed a story: read again, they must do nothing."""
    for act in story.lineage.acts:
        if tx.get(ACTS, act) is None:
            tx.put(ACTS, act, b"{}")


def _unite(w: Working, old: str, young: str, tx: Transaction) -> None:
    a, b = w.books.get(old), w.books.get(young)
    if a is None or b is None or a is b:
        return
    if not w.stories.unite(old, young):
        # The older story's own articles are yet to come: it starts with what the younger holds.
        w.stories.rename(young, old)
    w.unite(a, b)
    w.forget(tx, young)
    for member in a.members.values():
        w.save_member(tx, member)


def _head(w: Working, book: Book, story: Story, tx: Transaction) -> None:
    """Counts and times of a snapshot that is newer than what is held."""
    if story.revision <= book.revision:
        return
    book.revision, book.title = story.revision, story.title
    book.first_seen, book.last_seen = story.first_seen, story.last_seen
    book.last_change, book.sightings = story.last_change, story.sightings
    book.told_origins = len(story.origins)
    book.ancestors = list(story.lineage.ancestors)
    book.acts = list(story.lineage.acts)
    book.split_from = story.lineage.split_from
    _acts(story, tx)
    if book.split_from is not None:
        parent = w.books.get(book.split_from)
        if w.stories.keep_apart(book.id, book.split_from) and parent is not None:
            w.save(tx, parent)
    book.moved = {f.kind: f.moved for f in story.figures if f.moved is not None}
    ranges = ranges_of(statements_of(book))
    book.ranges = {f.kind: (f.min, f.max) for f in story.figures if f.kind in ranges}
    tx.put(TOLD, story.id, Snapshot.of(story).json)


def _voice(w: Working, member: Member, told: ClusteredArticle) -> None:
    own = own_voice(told.article)
    member.own_origin, member.own_proof = own.origin, int(own.proof)
    member.origin = told.origin
    original = w.member(told.copy_of) if told.copy_of else None
    if told.origin == own.origin:
        member.proof = int(own.proof)
    else:  # from its original, or shown by a credited copy
        member.proof = int(Proof.CREDIT) if original is None else original.proof


def _words(w: Working, member: Member, told: ClusteredArticle, tx: Transaction) -> None:
    """Statements, mentions and fingerprints of a version not held yet."""
    article = told.article
    member.read(article)
    figures = [
        (s.kind, s.min, s.max)
        for s in ledger.stated(
            article, told.article_id, told.version, origin=None, copy_of=None, revision=0
        )
    ]
    member.statements = [
        *ledger.retract(
            [s for s in member.statements if s.version < told.version], figures, article.collected
        ),
        *told.statements,
    ]
    member.told += [t for t in figures if t not in member.told]
    del member.told[: -ledger.MOST]
    copy = None
    if told.copy_of and told.version == 1:
        copy = Copy(told.copy_of, told.relation, told.share)
    prints = _prints(article)
    w.save_texts(
        tx,
        w.copies.add(
            told.article_id,
            prints,
            article.collected.timestamp(),
            copy,
            identity.house(article),
        ),
    )


def _prints(article: Article) -> list[int]:
    if article.fingerprints:
        return list(dict.fromkeys(decode(article.fingerprints)))
    return winnow(f"{article.title}\n{article.text}")
