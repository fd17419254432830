"""The alerter's memory as rows: one idea a table, all rows of a story under its id as prefix.

Bounded: a story untouched for 60 days of stream time goes with all its rows. A story merged into
another answers under the survivor's id from then on; a split starts with a copy of what was known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from tocsin.pipeline.match.known import Known
from tocsin.ports.state import Transaction
from tocsin_schemas.alert import Alert
from tocsin_schemas.story import Story

KNOWN = "known"
ARTICLES = "articles"
STORIES = "stories"
HEARD = "heard"
ALIASES = "aliases"
WAITING = "waiting"
TIMERS = "timers"
TOUCHED = "touched"
CLOCK = "clock"
KEEP = timedelta(days=60)
"""The clusterer's window (design §2): a story is forgotten this long after its last article."""
_PREFIXED = (KNOWN, ARTICLES, WAITING)


def moment(at: datetime) -> str:
    """A time as a key: sorts as the time does."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(slots=True)
class Seen:
    """An article of a story: its newest revision and version, and who matched it."""

    revision: int = 0
    version: int = 0
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands: the id its story answers to, and whether stories came together in it."""

    story_id: str
    joined: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """How many voices a story has by now, as its newest snapshot says."""

    revision: int
    origins: tuple[str, ...]
    first_seen: datetime


class Rows:
    """Reads and writes the alerter's rows within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def settle(self, story: Story) -> Place:
        """Follow the story's lineage: take over what was known under ids merged into it, or what
        its parent knew at a split. Idempotent.
        """
        self.hear(story)
        alias = self._tx.get(ALIASES, story.id)
        if alias is not None:
            into, revision = orjson.loads(alias)
            if story.lineage.merged_into is not None or story.revision <= revision:
                return Place(self.answers_to(into), joined=False)
            # It lives again (a merge undone): what was known stays known on both sides.
            self._tx.delete(ALIASES, story.id)
            self._share(self.answers_to(into), story.id)
        row = self._tx.get(STORIES, story.id)
        held = None if row is None else orjson.loads(row)
        parent = story.lineage.split_from
        if held is None and alias is None and parent is not None:
            self._share(self.answers_to(parent), story.id)
        merged = [
            a
            for a in story.lineage.ancestors
            if a != story.id and (held is None or a not in held["ancestors"])
        ]
        joined = False
        for ancestor in merged:
            joined = self._absorb(ancestor, story.id) or joined
        revision = story.revision if held is None else max(held["revision"], story.revision)
        ancestors = sorted({*(held["ancestors"] if held else ()), *story.lineage.ancestors})
        day = held["day"] if held else ""
        wanted = {"revision": revision, "ancestors": ancestors, "day": day}
        if wanted != held:
            self._tx.put(STORIES, story.id, orjson.dumps(wanted))
        return Place(story.id, joined)

    def hear(self, story: Story) -> None:
        """Note a snapshot's voices; a revision ≤ the one held is ignored."""
        held = self.heard(story.id)
        if held is None or story.revision > held.revision:
            names = [o.name for o in story.origins]
            row = orjson.dumps([story.revision, names, story.first_seen])
            self._tx.put(HEARD, story.id, row)

    def told_of(self, story: Story) -> None:
        """A story's own event: its voices, for a story whose articles were met here."""
        if self.heard(story.id) is not None:
            self.hear(story)

    def heard(self, story_id: str) -> Heard | None:
        """The newest snapshot's voices; null for a story never heard of, or forgotten."""
        row = self._tx.get(HEARD, story_id)
        if row is None:
            return None
        revision, names, first_seen = orjson.loads(row)
        return Heard(revision, tuple(names), datetime.fromisoformat(first_seen))

    def answers_to(self, story_id: str) -> str:
        """The id under which a story's rows stand now."""
        for _ in range(64):  # a chain of merges; longer ones do not happen, loops must not hang
            alias = self._tx.get(ALIASES, story_id)
            if alias is None:
                break
            story_id = orjson.loads(alias)[0]
        return story_id

    def _absorb(self, ancestor: str, survivor: str) -> bool:
        row = self._tx.get(STORIES, ancestor)
        revision = 0 if row is None else orjson.loads(row)["revision"]
        self._tx.put(ALIASES, ancestor, orjson.dumps([survivor, revision]))
        moved = row is not None
        for key, value in list(self._tx.scan(KNOWN, f"{ancestor}:")):
            moved = True
            self._inherit(survivor, key.partition(":")[2], value, counts=True)
            self._tx.delete(KNOWN, key)
        for table in (ARTICLES, WAITING):
            for key, value in list(self._tx.scan(table, f"{ancestor}:")):
                self._tx.put(table, f"{survivor}:{key.partition(':')[2]}", value)
                self._tx.delete(table, key)
        self._tx.delete(STORIES, ancestor)
        return moved

    def _share(self, parent: str, child: str) -> None:
        for key, value in list(self._tx.scan(KNOWN, f"{parent}:")):
            self._inherit(child, key.partition(":")[2], value, counts=False)
        for table in (ARTICLES, WAITING):
            for key, value in list(self._tx.scan(table, f"{parent}:")):
                self._tx.put(table, f"{child}:{key.partition(':')[2]}", value)

    def _inherit(self, story_id: str, subscription: str, value: bytes, *, counts: bool) -> None:
        known = self.known(story_id, subscription)
        known.inherit(Known.from_bytes(value), counts=counts)
        self.put_known(story_id, subscription, known)

    def known(self, story_id: str, subscription: str) -> Known:
        """What a subscription knows of a story; empty at first."""
        row = self._tx.get(KNOWN, f"{story_id}:{subscription}")
        return Known() if row is None else Known.from_bytes(row)

    def all_known(self, story_id: str) -> dict[str, Known]:
        """What each subscription knows of a story."""
        rows = self._tx.scan(KNOWN, f"{story_id}:")
        return {k.partition(":")[2]: Known.from_bytes(v) for k, v in rows}

    def put_known(self, story_id: str, subscription: str, known: Known) -> None:
        """Keep what a subscription knows of a story."""
        self._tx.put(KNOWN, f"{story_id}:{subscription}", known.to_bytes())

    def seen(self, story_id: str, article_id: str) -> Seen | None:
        """An article as this story last had it."""
        row = self._tx.get(ARTICLES, f"{story_id}:{article_id}")
        if row is None:
            return None
        revision, version, matched = orjson.loads(row)
        return Seen(revision, version, tuple(matched))

    def put_seen(self, story_id: str, article_id: str, seen: Seen) -> None:
        """Keep an article of a story."""
        row = orjson.dumps([seen.revision, seen.version, list(seen.matched)])
        self._tx.put(ARTICLES, f"{story_id}:{article_id}", row)

    def waiting(self, story_id: str) -> dict[str, Alert]:
        """First matches whose story did not yet meet the subscription's conditions."""
        rows = self._tx.scan(WAITING, f"{story_id}:")
        return {k.partition(":")[2]: Alert.model_validate_json(v) for k, v in rows}

    def wait(self, story_id: str, subscription: str, draft: Alert) -> None:
        """Keep a first match, the earliest, until its story meets the conditions."""
        key = f"{story_id}:{subscription}"
        if self._tx.get(WAITING, key) is None:
            self._tx.put(WAITING, key, draft.model_dump_json().encode())

    def stop_waiting(self, story_id: str, subscription: str) -> None:
        """The conditions are met, or the subscription no longer asks."""
        self._tx.delete(WAITING, f"{story_id}:{subscription}")

    def set_timer(self, due: datetime, alert: Alert) -> None:
        """Look again at `due` whether the story has a second origin."""
        key = f"{moment(due)}:{alert.story_id}:{alert.subscription_id}"
        self._tx.put(TIMERS, key, alert.model_dump_json().encode())

    def take_timers(self, now: datetime) -> Iterator[Alert]:
        """Timers due at `now`, oldest first; each is taken once."""
        end = moment(now)
        for key, value in self._tx.scan(TIMERS):
            if key.partition("Z:")[0] + "Z" > end:
                return
            self._tx.delete(TIMERS, key)
            yield Alert.model_validate_json(value)

    def clock(self) -> datetime | None:
        """Stream time: the newest `collected` or heartbeat seen."""
        row = self._tx.get(CLOCK, "stream")
        return None if row is None else datetime.fromisoformat(row.decode())

    def tick(self, at: datetime) -> None:
        """Stream time moves forward; on a new day, stories past their 60 days are forgotten."""
        before = self.clock()
        if before is not None and at <= before:
            return
        self._tx.put(CLOCK, "stream", at.isoformat().encode())
        if before is None or before.date() != at.date():
            self._forget(f"{(at - KEEP).date().isoformat()}")

    def touch(self, story_id: str, at: datetime) -> None:
        """The story lives: note the day, which starts its 60 days again."""
        row = self._tx.get(STORIES, story_id)
        held: dict[str, Any] = {"revision": 0, "ancestors": [], "day": ""}
        if row is not None:
            held = orjson.loads(row)
        day = at.date().isoformat()
        if day <= held["day"]:
            return
        if held["day"]:
            self._tx.delete(TOUCHED, f"{held['day']}:{story_id}")
        self._tx.put(TOUCHED, f"{day}:{story_id}", b"")
        held["day"] = day
        self._tx.put(STORIES, story_id, orjson.dumps(held))

    def _forget(self, before: str) -> None:
        gone: list[str] = []
        for key, _ in self._tx.scan(TOUCHED):
            if key >= before:
                break
            gone.append(key)
        for key in gone:
            self._tx.delete(TOUCHED, key)
            story_id = key.partition(":")[2]
            row = self._tx.get(STORIES, story_id)
            ids = [story_id, *(orjson.loads(row)["ancestors"] if row is not None else ())]
            for one in ids:
                self._tx.delete(ALIASES, one)
                self._tx.delete(HEARD, one)
                for table in _PREFIXED:
                    for row_key, _ in list(self._tx.scan(table, f"{one}:")):
                        self._tx.delete(table, row_key)
            self._tx.delete(STORIES, story_id)
