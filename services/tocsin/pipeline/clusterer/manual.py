"""What a person says about stories: these are one, these are not, and that was a mistake.

The same act twice is one, for ever: its id travels in the lineage of the stories that it formed, so
that it is known even where the rows were lost. An act that can't be carried out (the story has closed,
a split would leave nothing, a merge can't be undone exactly) is passed over: nothing is emitted.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from tocsin.pipeline.cluster.book import Book, Member
from tocsin.pipeline.cluster.snapshot import restate, settle, snapshot
from tocsin.pipeline.clusterer.emission import Mouth, Snapshot
from tocsin.pipeline.clusterer.parting import part
from tocsin.pipeline.clusterer.retelling import bury, due, resend
from tocsin.pipeline.clusterer.working import ACTS, HELD, TOLD, Working
from tocsin.pipeline.dedup import identity
from tocsin.ports.state import Transaction
from tocsin_schemas.act import Act
from tocsin_schemas.identity import digest_id, story_id
from tocsin_schemas.registry import Event

FOLLOW_SHARE = 0.5
"""A partial copy follows its original's story from this share on; below it the score decides."""


def act(w: Working, event: Event, done: Act, tx: Transaction) -> None:
    """Carry out a merge, a split, or the undo of one; any other act, and one known, is nothing."""
    if done.kind not in ("merge", "split", "undo") or tx.get(ACTS, done.id) is not None:
        return
    if done.kind == "undo" and tx.get(ACTS, done.undoes or "") is None:
        return  # of an acknowledgement or a snooze
    if done.kind == "merge":
        made = _merge(w, event, done, tx)
    elif done.kind == "split":
        made = _split(w, event, done, tx)
    else:
        made = _undo(w, event, done, tx)
    tx.put(ACTS, done.id, orjson.dumps(made or {}))
    if made is None:
        _note(w, done, tx)


def _note(w: Working, done: Act, tx: Transaction) -> None:
    """An act passed over is told with the next change of the stories it names, and not before: it
    must not be carried out later, when the rows were lost and it is read again.
    """
    named = (done.subject_id, *done.other_ids, *(w.where.get(a, "") for a in done.other_ids))
    for name in dict.fromkeys(named):
        book = w.books.get(name)
        if book is not None:
            book.acts.append(done.id)
            w.save(tx, book)


def _merge(w: Working, event: Event, done: Act, tx: Transaction) -> dict[str, Any] | None:
    """Unite open stories of one language; the oldest survives. Returns what an undo needs."""
    open_ = [s for i in (done.subject_id, *done.other_ids) if (s := w.stories.get(i))]
    alike = {s.number: s for language, s in open_ if language == open_[0][0]}
    if len(alike) < 2:
        return None
    old, *young = [alike[n] for n in sorted(alike)]
    parts = [
        {
            "number": s.number,
            "head": w.books[s.id].row(),
            "apart": list(s.apart),
            "articles": list(w.books[s.id].members),
        }
        for s in young
    ]
    _unite(w, event, done, tx, old.id, [s.id for s in young])
    return {"into": old.id, "parts": parts}


def _unite(
    w: Working, event: Event, done: Act, tx: Transaction, into: str, ids: Sequence[str]
) -> None:
    old = w.books[into]
    moved: list[Member] = []
    ended: list[Book] = []
    for name in ids:
        young = w.books[name]
        w.stories.unite(into, name)
        moved += young.members.values()
        w.unite(old, young)
        w.forget(tx, name)
        young.acts.append(done.id)
        ended.append(young)
    old.acts.append(done.id)
    old.revision += 1
    old.last_change = event.at
    mouth = Mouth(tx, event)
    told = Snapshot.of(snapshot(old, event.at))
    if due(len(told.story.origins), old.told_origins):
        old.told_origins = len(told.story.origins)
        moved = list(old.members.values())
    resend(w, moved, told, mouth, tx)
    mouth.story(told)
    w.save(tx, old)
    bury(ended, old, mouth, event.at)


def _split(w: Working, event: Event, done: Act, tx: Transaction) -> dict[str, Any] | None:
    """Named articles, with their copies, found a story of their own."""
    first = next((w.where[a] for a in done.other_ids if a in w.where), "")
    book = w.books.get(first)
    if book is None or done.subject_id not in (book.id, *book.ancestors):
        return None
    go = _with_copies(tx, book, done.other_ids)
    if len(go) == len(book.members):
        return None
    name = _name(w, tx, go, done)
    # the head is settled below, when its articles are in it
    young = Book(name, book.language, "", event.at, event.at, event.at, split_from=book.id)
    _part(w, event, done, tx, book, young, go)
    return {"from": book.id, "to": name}


def _with_copies(tx: Transaction, book: Book, named: Iterable[str]) -> list[str]:
    """Those of `named` that are in the story, and the copies that follow them, as they came."""
    copies: dict[str, list[str]] = {}
    for member in book.members.values():
        if member.copy_of is not None and _follows(tx, member):
            copies.setdefault(member.copy_of, []).append(member.article_id)
    go: set[str] = set()
    left = [a for a in named if a in book.members]
    while left:
        article = left.pop()
        if article not in go:
            go.add(article)
            left += copies.get(article, ())
    return [a for a in book.members if a in go]


def _follows(tx: Transaction, copy: Member) -> bool:
    row = tx.get(HELD, copy.article_id) if copy.relation == "partial" else None
    return row is None or orjson.loads(row)["share"] >= FOLLOW_SHARE


def _name(w: Working, tx: Transaction, articles: Sequence[str], done: Act) -> str:
    """The id of a story that the first collected of `articles` founded; where that already names a
    story, the next one's; where each is taken, one that only this act gives.
    """
    known = [k for a in articles if (k := identity.known(tx, a)) is not None]
    known.sort(key=lambda k: k.first)
    for k in known:
        name = story_id(k.article_id)
        if name not in w.books and tx.get(TOLD, name) is None:
            return name
    return digest_id("story", articles[0], done.id)


def _undo(w: Working, event: Event, done: Act, tx: Transaction) -> dict[str, Any] | None:
    """Take a merge back, if all its articles still stand where it put them; a split by a merge."""
    row = tx.get(ACTS, done.undoes) if done.undoes else None
    held = orjson.loads(row) if row else None
    if not isinstance(held, dict) or done.undoes is None:
        return None
    if "parts" in held:
        if not _unmerge(w, event, done, tx, held):
            return None
    elif "to" in held:
        old, young = w.stories.get(held["from"]), w.stories.get(held["to"])
        if old is None or young is None or old[0] != young[0]:
            return None
        _unite(w, event, done, tx, held["from"], [held["to"]])
    else:
        return None
    tx.put(ACTS, done.undoes, b"{}")
    return {}


def _unmerge(w: Working, event: Event, done: Act, tx: Transaction, held: dict[str, Any]) -> bool:
    old = w.books.get(held["into"])
    if old is None:
        return False
    moved = [a for each in held["parts"] for a in each["articles"]]
    names = [each["head"]["id"] for each in held["parts"]]
    if any(a not in old.members for a in moved) or any(n in w.books for n in names):
        return False
    if len(_with_copies(tx, old, moved)) == len(old.members):
        return False
    for each in held["parts"]:
        young = Book.of_row(each["head"])
        told = tx.get(TOLD, young.id)
        young.revision = orjson.loads(told)["revision"] if told else young.revision
        young.split_from = young.split_from or old.id
        gone = {young.id, *young.ancestors}
        old.ancestors = [a for a in old.ancestors if a not in gone]
        young.acts += [a for a in (done.undoes or "",) if a not in young.acts]
        go = _with_copies(tx, old, each["articles"])
        _part(w, event, done, tx, old, young, go, each["number"])
        for other in each["apart"]:
            w.stories.keep_apart(young.id, other)
        w.save(tx, young)
    return True


def _part(
    w: Working,
    event: Event,
    done: Act,
    tx: Transaction,
    old: Book,
    young: Book,
    go: Sequence[str],
    number: int | None = None,
) -> None:
    """Move articles, take stock of both stories, and tell both with all their articles."""
    mouth = Mouth(tx, event)
    sightings = sum(k.sightings for a in go if (k := identity.known(tx, a)))
    young.sightings = min(sightings, old.sightings)
    old.sightings -= young.sightings
    part(w, tx, old, young, go, number)
    w.stories.keep_apart(old.id, young.id)
    for book in (young, old):
        book.acts.append(done.id)
        book.revision += 1
        book.last_change = event.at
        _retitle(book, tx)
        restate(book)
        settle(book, event.at)
        told = Snapshot.of(snapshot(book, event.at))
        book.told_origins = len(told.story.origins)
        resend(w, book.members.values(), told, mouth, tx)
        mouth.story(told)
        w.save(tx, book)


def _retitle(book: Book, tx: Transaction) -> None:
    """Title and times of a story by the articles that it holds now."""
    first = next(iter(book.members))
    row = tx.get(HELD, first)
    if row is not None:
        book.title = orjson.loads(row)["article"]["title"]
    known = [k for a in book.members if (k := identity.known(tx, a)) is not None]
    if known:
        book.first_seen = min(k.first for k in known)
        book.last_seen = max(k.last for k in known)
