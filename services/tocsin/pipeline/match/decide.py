"""When it rings: the rules of design §6, for one subscription, one story and one happening.

Pure: reads what the subscription knows, says what is worth telling, and notes what was told. Which
subscriptions are asked, and what becomes of the answer, is the alerter's affair.
"""

from dataclasses import dataclass

from tocsin.pipeline.match.known import Known
from tocsin.pipeline.match.told import Claim, weigh
from tocsin_schemas.contract import KINDS, Kind
from tocsin_schemas.story import Change, ClusteredArticle, Statement, Story
from tocsin_schemas.subscription import REASONS, Reason

_FIELDS = (*KINDS, "name", "quote")
"""Within one reason, what leads (design §6)."""


@dataclass(frozen=True, slots=True)
class Asks:
    """What a subscription wants to be told: reasons, n of `origins`, kinds of tolls."""

    reasons: frozenset[Reason]
    origins: tuple[int, ...]
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Happening:
    """A clustered article, and what it brings that its story had not heard from it before."""

    clustered: ClusteredArticle
    story: Story
    claims: tuple[Claim, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Ring:
    """One thing worth telling, with the words of its evidence."""

    reason: Reason
    fact: str
    sentence: str
    statement: Statement | None = None
    change: Change | None = None


def happening(
    clustered: ClusteredArticle, story: Story, claims: tuple[Claim, ...], *, new_version: bool
) -> Happening:
    """A happening; changes count only with the version that brings them, and without rises, which
    are the toll's affair.
    """
    fresh = new_version and clustered.version > 1
    changes = tuple(c for c in clustered.changes if not c.rises) if fresh else ()
    return Happening(clustered, story, claims, changes)


def first_match(asks: Asks, known: Known, story: Story) -> list[Ring]:
    """The first match in this story. What the story holds counts as told from here on, also for a
    subscription that does not ask to hear of first matches.
    """
    known.enter(story)
    return _untold(known, [Ring("first-match", "", "First match in this story.")], asks)


def later(asks: Asks, known: Known, what: Happening, *, followed: bool) -> list[Ring]:
    """What a happening in a story that has rung brings, the leader first. `followed`: an earlier
    version of this article matched. Afterwards all of it counts as told and as rung.
    """
    if what.story.revision <= known.folded:
        return []
    rings = _corrections(what) if followed else []
    if "toll" in asks.reasons:
        rings += _tolls(asks, known, what)
    rings += _origins(asks, known, what)
    return _untold(known, rings, asks)


def unconfirmed(known: Known, origins: tuple[str, ...], after_s: int, dark: int) -> Ring | None:
    """Still one origin, or none, so long after the first match; null once a second one spoke."""
    if len(origins) > 1 or known.has_rung("unconfirmed", ""):
        return None
    known.ring("unconfirmed", "")
    who = f"one origin ({origins[0]})" if origins else "no known origin"
    seen = f"; {dark} feed{'s' if dark > 1 else ''} not ok meanwhile" if dark else ""
    return Ring("unconfirmed", "", f"Still {who} after {_duration(after_s)}{seen}.")


def _untold(known: Known, rings: list[Ring], asks: Asks) -> list[Ring]:
    """Those asked for and never rung, in order of lead; noted as rung."""
    fresh: list[Ring] = []
    for ring in sorted(rings, key=lambda r: REASONS.index(r.reason)):
        if ring.reason in asks.reasons and not known.has_rung(ring.reason, ring.fact):
            known.ring(ring.reason, ring.fact)
            fresh.append(ring)
    return fresh


def _corrections(what: Happening) -> list[Ring]:
    c = what.clustered
    rings: dict[str, Ring] = {}
    for change in sorted(what.changes, key=lambda x: _FIELDS.index(x.field)):
        sentence = (
            f"{c.article.source.name} v{c.version}: "
            f"‘{_brief(change.before)}’ became ‘{_brief(change.after)}’."
        )
        fact = f"{c.article_id}@{c.version}#{change.field}"
        rings.setdefault(fact, Ring("correction", fact, sentence, change=change))
    return list(rings.values())


def _tolls(asks: Asks, known: Known, what: Happening) -> list[Ring]:
    rings: list[Ring] = []
    for kind in KINDS:
        claims = [c for c in what.claims if c.kind == kind]
        if not claims or kind not in asks.kinds:
            continue
        told, tolls = weigh(known.told.get(kind), claims)
        if told is not None:
            known.told[kind] = told
        rings += [Ring("toll", t.fact, t.sentence, statement=t.statement) for t in tolls]
    return rings


def _origins(asks: Asks, known: Known, what: Happening) -> list[Ring]:
    count, before = len(what.story.origins), known.origins
    known.origins = max(count, before)
    names = [o.name for o in what.story.origins]
    own = what.clustered.origin
    newest = own.name if own is not None and own.name in names else names[-1] if names else ""
    others = ", ".join(n for n in names if n != newest)
    return [
        Ring("origins", str(n), f"{_ordinal(n)} independent origin: {newest}. Before: {others}.")
        for n in sorted(set(asks.origins), reverse=True)
        if before < n <= count
    ]


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _duration(seconds: int) -> str:
    if seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _brief(words: str) -> str:
    return words if len(words) <= 120 else f"{words[:119]}…"
