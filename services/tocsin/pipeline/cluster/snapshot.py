"""A story as it stands, for everybody who reads it: counts, voices, ranges, ledger, chronology.

At most 64 KiB on the wire, whatever the story's size: statements and chronology are cut, the first,
the last and those that moved a range are kept; counts are never cut. Decides nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from tocsin.pipeline.cluster.book import Book, Member
from tocsin.pipeline.cluster.ledger import Range, span_of
from tocsin_schemas.contract import KINDS, Kind
from tocsin_schemas.story import Lineage, OriginCount, Statement, Story, StoryFigure, Told

MAX_BYTES = 64 << 10
"""Of one snapshot, encoded (design §2)."""
STATEMENTS, CHRONOLOGY, MENTIONED, FEEDS, ANCESTORS, ACTS = 100, 60, 30, 200, 200, 100
"""Entries kept of each at first; halved until the snapshot fits."""
A_DAY = 3
"""Happenings kept of one day."""
ALIKE = 2 / 3
"""Share of the shorter clause's words, from which two clauses of one day tell one happening."""
_WORD = re.compile(r"[^\W_]+")
TITLE = 300


def statements_of(book: Book) -> list[Statement]:
    """All statements, oldest first: by collection, then by arrival."""
    return sorted(
        (s for m in book.members.values() for s in m.statements), key=lambda s: s.collected
    )


def ranges_of(statements: Iterable[Statement]) -> dict[Kind, Range]:
    """Range of each kind told, in the order of `KINDS`."""
    by_kind: dict[Kind, list[Statement]] = {}
    for s in statements:
        by_kind.setdefault(s.kind, []).append(s)
    return {k: span_of(by_kind[k]) for k in KINDS if k in by_kind}


def voices(members: Iterable[Member]) -> tuple[OriginCount, ...]:
    """The independent voices, in order of their first article, with their copies."""
    counts: dict[str, dict[str, Any]] = {}
    for m in members:
        if m.origin is None:
            continue
        held = counts.setdefault(
            m.origin.name,
            {
                "name": m.origin.name[:120],
                "why": m.origin.why[:160],
                "article_id": m.article_id,
                "originals": 0,
                "copies": 0,
                "shortened": 0,
            },
        )
        held["originals" if m.relation == "original" else "copies"] += 1
        held["shortened"] += m.relation == "shortened"
    return tuple(OriginCount.model_construct(**c) for c in counts.values())


def settle(book: Book, at: datetime) -> dict[Kind, Range]:
    """Compute the ranges, and note which moved at stream time `at`."""
    found = ranges_of(statements_of(book))
    for kind in KINDS:
        ends = (found[kind].min, found[kind].max) if kind in found else (None, None)
        if book.ranges.get(kind, (None, None)) != ends:
            book.ranges[kind] = ends
            book.moved[kind] = at
    return found


def restate(book: Book) -> None:
    """Compute anew the range that stood after each statement, since some came or went by hand; none
    is told to have come at a later revision than the story's own.
    """
    held: dict[Kind, list[tuple[Statement, datetime | None]]] = {}
    anew: dict[int, Statement] = {}
    for s in statements_of(book):
        told = held.setdefault(s.kind, [])
        told.append((s.model_copy(update={"retracted": None}), s.retracted))
        then = span_of(x for x, gone in told if gone is None or gone > s.collected)
        now = {"range_min": then.min, "range_max": then.max}
        revision = min(s.revision, book.revision)
        anew[id(s)] = s.model_copy(update={**now, "revision": revision})
    for member in book.members.values():
        member.statements = [anew[id(s)] for s in member.statements]


def snapshot(book: Book, at: datetime, *, merged_into: str | None = None) -> Story:
    """The story after its change at stream time `at`, under its current revision. Fits 64 KiB."""
    members = list(book.members.values())
    statements = statements_of(book)
    ranges = settle(book, at)
    story = Story.model_construct(
        id=book.id,
        revision=book.revision,
        title=book.title[:TITLE],
        language=book.language,
        first_seen=book.first_seen,
        last_seen=book.last_seen,
        last_change=book.last_change,
        articles=len(members),
        copies=sum(m.relation != "original" for m in members),
        sightings=book.sightings,
        origins=voices(members),
        unknown=sum(m.origin is None for m in members),
        figures=tuple(
            StoryFigure.model_construct(
                kind=kind,
                min=r.min,
                max=r.max,
                held_min=r.held_min,
                held_max=r.held_max,
                newest=r.newest,
                moved=book.moved.get(kind),
            )
            for kind, r in ranges.items()
        ),
        countries=_most(m.countries for m in members),
        places=_most(m.places for m in members),
        persons=_most(m.persons for m in members),
        statements=cut(statements, STATEMENTS),
        statements_total=len(statements),
        chronology=chronology(members, CHRONOLOGY),
        feeds=tuple(dict.fromkeys(f for m in members for f in m.feeds))[:FEEDS],
        lineage=Lineage(
            ancestors=tuple(book.ancestors[-ANCESTORS:]),
            merged_into=merged_into,
            split_from=book.split_from,
            acts=tuple(book.acts[-ACTS:]),
        ),
    )
    return fit(story)


def _most(values: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Most told first (articles that name it), ties by name."""
    counts = Counter(v for each in values for v in each)
    return tuple(sorted(counts, key=lambda v: (-counts[v], v))[:MENTIONED])


def cut(statements: Sequence[Statement], most: int) -> tuple[Statement, ...]:
    """At most `most` statements: the first, the last and those after which a range stood otherwise
    first, then the newest.
    """
    if len(statements) <= most:
        return tuple(statements)
    moving: list[int] = []
    stood: dict[Kind, tuple[int | None, int | None]] = {}
    for i, s in enumerate(statements):
        now = (s.range_min, s.range_max)
        if stood.get(s.kind) != now:
            moving.append(i)
            stood[s.kind] = now
    last = len(statements) - 1
    wanted = dict.fromkeys([0, last, *reversed(moving), *range(last, -1, -1)])
    return tuple(statements[i] for i in sorted(list(wanted)[:most]))


def chronology(members: Iterable[Member], most: int) -> tuple[Told, ...]:
    """Dated happenings, by day; each once, however it is worded, at most three of a day, as first
    reported. Above `most` the first and the last days are kept.
    """
    by_day: dict[tuple[Any, Any], list[Told]] = {}
    for m in members:
        for told in m.dates:
            day = by_day.setdefault((told.start, told.end), [])
            if len(day) == A_DAY and all(t.first_reported <= told.first_reported for t in day):
                continue  # most of a big story's: nothing to look at
            same = next((i for i, t in enumerate(day) if alike(t.words, told.words)), -1)
            if same >= 0:
                if told.first_reported < day[same].first_reported:
                    day[same] = told
            elif len(day) < A_DAY:
                day.append(told)
    found = [t for day in sorted(by_day) for t in by_day[day]]
    if len(found) <= most:
        return tuple(found)
    return (*found[: most // 2], *found[len(found) - (most - most // 2) :])


def alike(one: str, other: str) -> bool:
    """Whether two clauses about the same days tell one happening: one has most words of the other."""
    if one == other:
        return True
    a, b = _words(one), _words(other)
    least = min(len(a), len(b))
    return least > 0 and len(a & b) >= ALIKE * least


@lru_cache(maxsize=20_000)
def _words(clause: str) -> frozenset[str]:
    """Its words but the shortest, folded."""
    return frozenset(w for w in _WORD.findall(clause.casefold()) if len(w) > 3)


def fit(story: Story) -> Story:
    """`story`, cut until it fits `MAX_BYTES`: lists and reasons first; of the origins, which are
    counted by their readers, only what would not fit even as bare names (beyond about 500).
    """
    keep = 64
    while _size(story) > MAX_BYTES and keep:
        story = story.model_copy(
            update={
                "statements": tuple(
                    s.model_copy(update={"url": s.url[:300], "outlet": s.outlet[:80]})
                    for s in cut(story.statements, keep)
                ),
                "chronology": (
                    *story.chronology[: keep // 2],
                    *story.chronology[max(keep // 2, len(story.chronology) - keep // 2) :],
                ),
                "feeds": story.feeds[: 2 * keep],
                "persons": story.persons[:keep],
                "places": story.places[:keep],
                "origins": tuple(
                    o.model_copy(update={"why": o.why[:keep], "name": o.name[:80]})
                    for o in story.origins
                ),
                "lineage": story.lineage.model_copy(
                    update={
                        "ancestors": story.lineage.ancestors[-4 * keep :],
                        "acts": story.lineage.acts[-keep:],
                    }
                ),
            }
        )
        keep //= 2
    while _size(story) > MAX_BYTES and story.origins:
        fewer = story.origins[: len(story.origins) * 7 // 8]
        story = story.model_copy(update={"origins": fewer})
    return story


def _size(story: Story) -> int:
    return len(story.model_dump_json().encode())
