"""Writes documents to be found: rows, exact keys, and for articles the words in FTS5.

A call is one transaction. An article whose words did not change (only its story or its counts moved)
is written without touching FTS5, which is where the time goes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import apsw
import orjson

from tocsin.adapters.cursors import EPOCH, TIES, first_place
from tocsin.adapters.documents import is_text, settle
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.adapters.sqlite.words import Words
from tocsin.ports.search import DocKind, Document, Put
from tocsin_schemas.story import ClusteredArticle

_US = 1_000_000

_HELD = """
    SELECT d.id, d.version, w.print
    FROM json_each(?2) AS wanted
    JOIN document AS d ON d.kind = ?1 AND d.id = wanted.value
    LEFT JOIN article_words AS w ON w.place = d.place
"""
_FTS_DELETE = """
    INSERT INTO article_fts(article_fts, rowid, title, body, kw)
    SELECT 'delete', place, title, body, kw FROM article_words WHERE place=?
"""
_FTS_INSERT = "INSERT INTO article_fts(rowid, title, body, kw) VALUES(?,?,?,?)"

Name = tuple[DocKind, str]

STORY = "=story"
"""A key of our own on every article: the story that its view names, for `story:` in queries."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document made ready outside the lock."""

    document: Document
    at: int
    keys: dict[str, list[str]]
    body: bytes
    words: Words | None


class SqliteIndex:
    """A `ports.search.Index` on a store. Thread-safe."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def put(self, documents: Sequence[Document]) -> list[Put]:
        """Write, in one transaction, each document whose version is above the one held; durable on
        return. Of several versions of one id in a call only the last is written.
        """
        held = self._held(documents)
        versions = {name: version for name, (version, _) in held.items()}
        results, to_write = settle(documents, versions)
        prepared: dict[Name, _Prepared] = {}
        refused: dict[Name, str] = {}
        for name, document in to_write.items():
            try:
                prepared[name] = _prepare(document, held.get(name, (0, None))[1])
            except ValueError as error:  # a body that JSON can't hold
                refused[name] = str(error)
        if prepared:
            self._write(prepared.values())
        if refused:
            results = [
                Put(put.id, "refused", refused[document.kind, document.id])
                if put.result == "indexed" and (document.kind, document.id) in refused
                else put
                for put, document in zip(results, documents, strict=True)
            ]
        return results

    def optimise(self) -> None:
        """Merge the words' index into one piece: faster search, for a quiet hour."""
        with self._store.write() as db:
            db.execute("INSERT INTO article_fts(article_fts) VALUES('optimize')")

    def integrity(self) -> None:
        """Compare the words' index with the words held. Raises StoreError where they differ."""
        with self._store.write() as db:
            db.execute("INSERT INTO article_fts(article_fts, rank) VALUES('integrity-check', 1)")

    def _held(self, documents: Iterable[Document]) -> dict[Name, tuple[int, bytes | None]]:
        wanted: defaultdict[DocKind, set[str]] = defaultdict(set)
        for document in documents:
            wanted[document.kind].add(document.id)
        held: dict[Name, tuple[int, bytes | None]] = {}
        for kind, ids in wanted.items():
            listed = orjson.dumps(sorted(i for i in ids if is_text(i))).decode()
            for name, version, words in self._store.rows(_HELD, (kind, listed)):
                held[kind, name] = version, words
        return held

    def _write(self, prepared: Iterable[_Prepared]) -> None:
        with self._store.write() as db:
            worded: list[tuple[int, Words, bytes | None]] = []
            for p in prepared:
                place, words_held = _write_document(db, p)
                if place is not None and p.words is not None and p.words.print != words_held:
                    worded.append((place, p.words, words_held))
            # In order of place: FTS5 starts a new segment whenever a rowid falls.
            for place, words, words_held in sorted(worded, key=lambda w: w[0]):
                _write_words(db, place, words, replaces=words_held is not None)


def _prepare(document: Document, words_held: bytes | None) -> _Prepared:
    body = document.body
    words = None
    keys = {name: list(values) for name, values in document.keys.items()}
    if document.kind == "articles" and isinstance(body, ClusteredArticle):
        words = Words(body)
        if words.print != words_held:
            words.prepare()
        keys[STORY] = [words.story_id]
    return _Prepared(
        document,
        microseconds(document),
        keys,
        body.model_dump_json().encode(),
        words,
    )


def microseconds(document: Document) -> int:
    """`at` as microseconds since `cursors.EPOCH`."""
    since = document.at - EPOCH
    return (since.days * 86_400 + since.seconds) * _US + since.microseconds


def _write_document(db: apsw.Connection, p: _Prepared) -> tuple[int | None, bytes | None]:
    """Write the row and its keys. Returns its place, null where a version ≥ it came meanwhile, and
    the print of the words that stand there.
    """
    d = p.document
    facts = p.words.facts if p.words is not None else None
    keys = orjson.dumps(p.keys).decode()
    row = db.execute(
        "SELECT d.place, d.version, d.at, d.keys, w.print FROM document AS d"
        " LEFT JOIN article_words AS w ON w.place = d.place WHERE d.kind=? AND d.id=?",
        (d.kind, d.id),
    ).fetchone()
    if row is not None:
        place, version, at, keys_held, words_held = row
        if version >= d.version:
            return None, None
        if at == p.at:
            db.execute(
                "UPDATE document SET version=?, keys=?, facts=?, body=? WHERE place=?",
                (d.version, keys, facts, p.body, place),
            )
            if keys != keys_held:
                _write_keys(db, d.kind, place, orjson.loads(keys_held), p.keys)
            return place, words_held
        _write_keys(db, d.kind, place, orjson.loads(keys_held), {})
        _remove(db, place, worded=words_held is not None)
    place = _free_place(db, first_place(d.at))
    db.execute(
        "INSERT INTO document(place, kind, id, version, at, keys, facts, body)"
        " VALUES(?,?,?,?,?,?,?,?)",
        (place, d.kind, d.id, d.version, p.at, keys, facts, p.body),
    )
    _write_keys(db, d.kind, place, {}, p.keys)
    return place, None


def _write_keys(
    db: apsw.Connection,
    kind: DocKind,
    place: int,
    before: Mapping[str, Sequence[str]],
    after: Mapping[str, Sequence[str]],
) -> None:
    held = {(name, value) for name, values in before.items() for value in values}
    wanted = {(name, value) for name, values in after.items() for value in values}
    db.executemany(
        "DELETE FROM document_key WHERE kind=? AND name=? AND value=? AND place=?",
        [(kind, *pair, place) for pair in sorted(held - wanted)],
    )
    db.executemany(
        "INSERT INTO document_key(kind, name, value, place) VALUES(?,?,?,?)",
        [(kind, *pair, place) for pair in sorted(wanted - held)],
    )


def _remove(db: apsw.Connection, place: int, *, worded: bool) -> None:
    """Take a document away whose time has moved: it will stand at another place."""
    if worded:
        db.execute(_FTS_DELETE, (place,))
        db.execute("DELETE FROM article_words WHERE place=?", (place,))
    db.execute("DELETE FROM document WHERE place=?", (place,))


def _write_words(db: apsw.Connection, place: int, words: Words, *, replaces: bool) -> None:
    title, body = words.tokens
    if replaces:
        db.execute(_FTS_DELETE, (place,))
    db.execute(
        "INSERT INTO article_words(place, print, title, body, kw) VALUES(?,?,?,?,?)"
        " ON CONFLICT(place) DO UPDATE SET print=excluded.print, title=excluded.title,"
        " body=excluded.body, kw=excluded.kw",
        (place, words.print, title, body, words.keywords),
    )
    db.execute(_FTS_INSERT, (place, title, body, words.keywords))


def _free_place(db: apsw.Connection, place: int) -> int:
    """The first free place of a moment, spilling into the next where it is full."""
    while True:
        last = db.execute(
            "SELECT max(place) FROM document WHERE place>=? AND place<?", (place, place + TIES)
        ).get
        if last is None:
            return place
        if last < place + TIES - 1:
            return int(last) + 1
        place += TIES
