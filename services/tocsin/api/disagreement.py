"""Where the origins of a story part: per kind, over each origin's latest statement in the range.

Disjoint figures of different origins disagree; a nested one is narrower; equal ones agree. One
origin that changes its mind is revised, never a disagreement; unknown origins are listed apart and
never argue (design §6, desk.md §2.4). Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from tocsin_schemas.contract import KINDS, Kind
from tocsin_schemas.story import Statement, Story

FRESH = timedelta(hours=24)
"""Statements older than the newest by more are "earlier": a toll that rises is no dispute."""
Verdict = Literal["agree", "narrower", "disagree", "single"]


@dataclass(frozen=True, slots=True)
class Voice:
    """What one origin holds of one kind; open sides stand as null, `statement` is its latest."""

    origin: str
    min: int | None
    max: int | None
    statement: Statement
    excludes: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()

    @property
    def ends(self) -> tuple[int, int]:
        """Known end for a missing one, as the query reads it (design §5); "up to n" reaches to 0."""
        return _ends(self.min, self.max)


@dataclass(frozen=True, slots=True)
class Field:
    """One kind: the voices by their lowest figure, and how they stand to one another."""

    kind: Kind
    verdict: Verdict
    voices: tuple[Voice, ...]
    unknown: tuple[Statement, ...] = ()

    def row(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "kind": self.kind,
            "verdict": self.verdict,
            "voices": [
                {
                    "origin": v.origin,
                    "min": v.min,
                    "max": v.max,
                    "attribution": v.statement.attribution,
                    "article": v.statement.article_id,
                    "source": v.statement.outlet,
                    "excludes": list(v.excludes),
                    "holds": list(v.holds),
                }
                for v in self.voices
            ],
        }


def of(story: Story) -> list[Field]:
    """How the origins stand, for each kind that the story holds."""
    return [f for f in (_field(k, story) for k in KINDS) if f is not None]


def _time(s: Statement) -> datetime:
    return s.at or s.collected


def _field(kind: Kind, story: Story) -> Field | None:
    held = [s for s in story.statements if s.kind == kind and s.retracted is None]
    if not held:
        return None
    newest = max(_time(s) for s in held)
    latest: dict[str, list[Statement]] = {}
    unknown: list[Statement] = []
    for s in sorted(held, key=lambda s: (_time(s), s.revision)):
        if newest - _time(s) > FRESH:
            continue
        if s.origin is None or s.copy_of is not None:
            unknown.append(s)
        elif s.origin in latest and _same_text(latest[s.origin][-1], s):
            latest[s.origin].append(s)
        else:
            latest[s.origin] = [s]
    voices = sorted((_voice(o, ss) for o, ss in latest.items()), key=lambda v: (v.ends, v.origin))
    return Field(kind, _verdict(voices), tuple(_related(voices)), tuple(unknown))


def _same_text(a: Statement, b: Statement) -> bool:
    return (a.article_id, a.version) == (b.article_id, b.version)


def _voice(origin: str, statements: list[Statement]) -> Voice:
    """Figures of one kind in one article are one statement, their span."""
    lows = [s.min for s in statements]
    highs = [s.max for s in statements]
    known_lows = [v for v in lows if v is not None]
    known_highs = [v for v in highs if v is not None]
    return Voice(
        origin,
        min(known_lows) if known_lows and None not in lows else None,
        max(known_highs) if known_highs and None not in highs else None,
        statements[-1],
    )


def _ends(low: int | None, high: int | None) -> tuple[int, int]:
    if low is None:
        return 0, high or 0
    return low, 10**9 if high is None else high


def _relation(a: tuple[int, int], b: tuple[int, int]) -> Verdict:
    if a == b:
        return "agree"
    return "disagree" if a[1] < b[0] or b[1] < a[0] else "narrower"


def _verdict(voices: list[Voice]) -> Verdict:
    if len(voices) < 2:
        return "single"
    found = {_relation(a.ends, b.ends) for i, a in enumerate(voices) for b in voices[i + 1 :]}
    for worst in ("disagree", "narrower"):
        if worst in found:
            return worst
    return "agree"


def _related(voices: list[Voice]) -> list[Voice]:
    out = []
    for v in voices:
        others = [o for o in voices if o.origin != v.origin]
        out.append(
            Voice(
                v.origin,
                v.min,
                v.max,
                v.statement,
                tuple(o.origin for o in others if _relation(v.ends, o.ends) == "disagree"),
                tuple(
                    o.origin
                    for o in others
                    if v.ends != o.ends and v.ends[0] <= o.ends[0] and o.ends[1] <= v.ends[1]
                ),
            )
        )
    return out
