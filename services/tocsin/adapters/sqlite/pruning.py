"""What the log may forget: records past their retention, and superseded ones of compacted topics.

In small deletes, so that the writer is never held for long. Never touches a record that a group of
its topic, living or known, has not committed.
"""

from collections.abc import Iterable

import orjson

from tocsin.adapters.routing import kept_s
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin_schemas.topics import Topic

SMALL = 100
"""Records deleted in one transaction."""

_OLD = "SELECT id, at FROM log WHERE part=? AND off<? ORDER BY off LIMIT ?"
_MORTAL = "SELECT id FROM mortal WHERE part=? AND dies<=? AND off<? ORDER BY dies, off LIMIT ?"


def prune(
    store: SqliteStore, topic: Topic, part: int, living: Iterable[str], at: int, limit: int
) -> int:
    """Delete up to `limit` records of one partition that may go at `at` (milliseconds); returns how
    many went.
    """
    gone = 0
    retention = kept_s(topic)
    while gone < limit:
        size = min(SMALL, limit - gone)
        floor = _floor(store, topic.name, part, living)
        ids: list[int] = []
        if retention is not None:
            for number, written in store.stream(_OLD, (part, floor, size)):
                if at - written <= retention * 1000:
                    break
                ids.append(number)
        if not ids and topic.compacted:
            ids = [row[0] for row in store.rows(_MORTAL, (part, at, floor, size))]
        if not ids:
            break
        gone += _delete(store, part, ids, at if topic.compacted else None)
    return gone


def _floor(store: SqliteStore, topic: str, part: int, living: Iterable[str]) -> int:
    """The offset of the partition below which every group of the topic has committed."""
    known = store.rows(
        "SELECT DISTINCT grp FROM committed JOIN partition ON id = part WHERE topic=?", (topic,)
    )
    groups = {row[0] for row in known} | set(living)
    rows = store.rows("SELECT grp, off FROM committed WHERE part=?", (part,))
    held: dict[str, int] = dict(rows)
    return min((held.get(group, 0) for group in groups), default=1 << 62)


def _delete(store: SqliteStore, part: int, ids: list[int], at: int | None) -> int:
    going = orjson.dumps(ids).decode()
    with store.write(frees=True) as db:
        if at is not None:
            db.execute(
                "DELETE FROM head WHERE part=?1 AND key IN (SELECT key FROM log WHERE id IN"
                " (SELECT value FROM json_each(?2))) AND id IN (SELECT value FROM json_each(?2))",
                (part, going),
            )
            db.execute(
                "DELETE FROM mortal WHERE part=? AND dies<=? AND id IN"
                " (SELECT value FROM json_each(?))",
                (part, at, going),
            )
        db.execute("DELETE FROM log WHERE id IN (SELECT value FROM json_each(?))", (going,))
        return db.changes()
