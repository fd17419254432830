"""Puts each article into the story it belongs to, or founds one: one pass, no second thoughts.

Online, with bounded candidates, a linear score over twelve kinds of evidence, and cautious merges
at fixed sizes (reference/newness.md §2, §8). One engine per language: the scores of two languages
are not comparable. Reads no clock and no random source; ties go to the older story.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tocsin.pipeline.cluster import weights as w
from tocsin.pipeline.cluster.days import apart
from tocsin.pipeline.cluster.state import Cluster, Facts
from tocsin.pipeline.cluster.weights import Idf, Vector, Vectors, dot
from tocsin_schemas.article import Terms


@dataclass(frozen=True, slots=True)
class Counted:
    """A change of the idf, so that it can be written down and made again."""

    stories: int
    more: tuple[str, ...] = ()
    fewer: tuple[str, ...] = ()


Part = tuple[Vectors, Facts, float]
"""What one article brings to a story: vectors, facts, stream time of its arrival."""


class Engine:
    """The open stories of one language. Not thread-safe."""

    def __init__(self, background: Mapping[str, int], documents: int, bias: float = w.BIAS) -> None:
        self.idf = Idf(background, documents)
        self.open: dict[int, Cluster] = {}
        self.counted: list[Counted] = []
        """Changes of the idf since the caller last emptied this list."""
        self._bias = bias
        self._postings: defaultdict[str, dict[int, None]] = defaultdict(dict)

    def vectors(self, terms: Terms) -> Vectors:
        """What the article weighs now; the idf moves with every story founded."""
        return w.vectors(terms, self.idf)

    def best(self, v: Vectors, facts: Facts) -> Cluster | None:
        """The open story that the article belongs to; null: it founds one."""
        found, top = None, 0.0
        for story in self._candidates(v.all, facts.ts):
            score = self._score(v, facts, story)
            if score > top or (found is not None and score == top and story.number < found.number):
                found, top = story, score
        return found

    def join(self, story: Cluster, v: Vectors, terms: Terms, facts: Facts, seen: float) -> None:
        """Add an article to an open story, or to a new one (n = 0), which opens it."""
        founding = story.n == 0
        self.open[story.number] = story
        story.note(facts, seen)
        # A term counts once per story, so that a big story does not wear out its own words.
        words = dict.fromkeys((*terms.body, *terms.title)) if founding else v.all
        more = tuple(t for t in words if t not in story.all)
        self._count(Counted(int(founding), more))
        self._grown(story, *story.grow(v))

    def merge(self, story: Cluster) -> tuple[Cluster, list[Cluster]]:
        """Unite `story` with others as long as the evidence says so, if its size is one at which
        this is looked for. Returns the survivor (the oldest) and those that ended, in order.
        """
        ended: list[Cluster] = []
        if story.n not in w.MERGE_AT:
            return story, ended
        while True:
            other = self._partner(story)
            if other is None:
                return story, ended
            story, gone = (story, other) if story.number < other.number else (other, story)
            self.unite(story, gone)
            ended.append(gone)

    def unite(self, old: Cluster, young: Cluster) -> None:
        """The older story takes in the younger, whose number is gone for good."""
        self._close(young)
        self._count(Counted(-1, (), tuple(t for t in young.all if t in old.all)))
        self._grown(old, *old.swallow(young))

    def remake(self, story: Cluster, parts: Iterable[Part]) -> Cluster:
        """The story, open or new, as the sum of these articles alone: some of its articles were
        taken out of it, or into it, by hand. Returns what stands in its place.
        """
        made = Cluster(story.number, story.id, apart=story.apart)
        for v, facts, seen in parts:
            made.note(facts, seen)
            made.grow(v)
        known = self.open.get(story.number)
        before: Vector = {} if known is None else known.all
        if known is not None:
            self._close(known)
        more = tuple(t for t in made.all if t not in before)
        fewer = tuple(t for t in before if t not in made.all)
        self._count(Counted(int(known is None), more, fewer))
        self.reopen(made)
        return made

    def expire(self, now: float) -> list[Cluster]:
        """Close the stories that nobody added to within the window; returns them, oldest first."""
        gone = [s for s in self.open.values() if now - s.seen > w.WINDOW_S]
        for story in sorted(gone, key=lambda s: s.number):
            self._close(story)
        return gone

    def reopen(self, story: Cluster) -> None:
        """Hold a story read from its row."""
        self.open[story.number] = story
        for t in story.all:
            self._postings[t][story.number] = None

    def _count(self, change: Counted) -> None:
        self.idf.add(change.stories, change.more, change.fewer)
        self.counted.append(change)

    def _grown(self, story: Cluster, fresh: list[str], cut: list[str]) -> None:
        for t in fresh:
            self._postings[t][story.number] = None
        for t in cut:
            self._unpost(t, story.number)

    def _close(self, story: Cluster) -> None:
        del self.open[story.number]
        for t in story.all:
            self._unpost(t, story.number)

    def _unpost(self, term: str, number: int) -> None:
        """Closed stories must leave the postings, or they eat the visits (newness.md §5)."""
        held = self._postings.get(term)
        if held is not None:
            held.pop(number, None)
            if not held:
                del self._postings[term]

    def _candidates(self, v: Vector, ts: float | None) -> list[Cluster]:
        """Open stories that share the heaviest terms of `v` (heaviest first), best first."""
        hits: dict[int, float] = {}
        left = w.VISITS
        for t, weight in list(v.items())[: w.PROBES]:
            held = self._postings.get(t)
            if held and len(held) <= left:
                left -= len(held)
                for number in held:
                    hits[number] = hits.get(number, 0.0) + weight
        top = sorted(hits.items(), key=lambda x: (-x[1], x[0]))[: w.CANDIDATES]
        found = [self.open[number] for number, _ in top]
        return [s for s in found if ts is None or s.last is None or abs(ts - s.last) <= w.WINDOW_S]

    def _score(self, v: Vectors, facts: Facts, s: Cluster) -> float:
        """Evidence times weight; above 0 the article belongs. −9 where nothing else is looked at."""
        d_all = dot(v.all, s.all)
        if d_all < w.REJECT * s.norms[0] or (s.n >= w.FLOOR_FROM and d_all < w.FLOOR * s.n):
            return -9.0
        mine, n_all, n_ttl, n_ent = v.all, *s.norms
        d_ent = dot(v.ent, s.ent)
        share = 0.0
        if facts.numbers:
            share = sum([1 for x in facts.numbers if x in s.numbers]) / len(facts.numbers)
        covered = sum([x for t, x in s.ttl.items() if t in mine])
        gap = w.UNKNOWN_GAP_DAYS
        if facts.ts is not None and s.last is not None:
            gap = abs(facts.ts - s.last) / w.DAY_S
        score = (
            self._bias
            + w.W_ALL * d_all / n_all
            + w.W_TTL * dot(v.ttl, s.ttl) / n_ttl
            + w.W_ENT * d_ent / n_ent
            + w.W_NUM * share
            + w.W_TCOV * sum([x * x for t, x in v.ttl.items() if t in s.all])
            + (w.W_SCOV * covered / s.ttl_mass if s.ttl_mass else 0.0)
            + w.W_AVG * d_all / s.n
            + w.W_AVGE * d_ent / s.n
            + w.W_GAP * math.log1p(gap)
            + w.W_SIZE * math.log(s.n)
        )
        if w.SHORT_FROM <= len(mine) < w.SHORT_TO:
            score += w.W_SHORT * (1 - len(mine) / w.SHORT_TO)
        if facts.days and s.days and apart(facts.days, s.days):
            score += w.W_DAYNO
            if facts.numbers and s.numbers and not share:
                score += w.W_CLASH
        if _differ(facts.named, s.named):
            score += w.W_OTHER_DAY
            if _fell(facts, s):
                score += w.W_FELL_ONE if facts.killed == 1 else w.W_FELL
        return score

    def _partner(self, story: Cluster) -> Cluster | None:
        """The story that `story` should be united with, best first; ties: as candidates come."""
        heavy = dict(sorted(story.all.items(), key=lambda x: (-x[1], x[0]))[: w.PROBES])
        found, top = None, 0.0
        for other in self._candidates(heavy, story.last):
            if other is story or _vetoed(story, other):
                continue
            score = self._merge_score(story, other)
            if score > top:
                found, top = other, score
        return found

    def _merge_score(self, a: Cluster, b: Cluster) -> float:
        pairs = a.n * b.n
        score = w.M_BIAS + (w.M_AVG * dot(a.all, b.all) + w.M_TITLE * dot(a.ttl, b.ttl)) / pairs
        if b.n == 1:  # a lone article may join late, as if it came now
            return max(score, w.M_LATE + self._score(*b.lone(), a))
        if a.n == 1:
            return max(score, w.M_LATE + self._score(*a.lone(), b))
        return score


def _fell(facts: Facts, s: Cluster) -> bool:
    """The toll fell without a word of revision (newness.md §8): on another day, another event."""
    return facts.killed is not None and not facts.revised and 0 < facts.killed < w.FELL * s.toll


def _differ(mine: tuple[int, ...], theirs: Mapping[int, int]) -> bool:
    """Both name days of one sort (dated, or bare words), and share none: exact, no tolerance. A day
    that few members of the story name is a follow-up's, not the event's.
    """
    few = w.FEW_NAME * sum(theirs.values())
    theirs = {d: n for d, n in theirs.items() if n >= few}
    if not mine or not theirs or any(d in theirs for d in mine):
        return False
    return {d > 0 for d in mine} == {d > 0 for d in theirs}


def _vetoed(a: Cluster, b: Cluster) -> bool:
    """A person parted them; no common event day though both name some; too long a silence; tolls of
    two events.
    """
    if a.id in b.apart or b.id in a.apart:
        return True
    if a.days and b.days and apart(b.days, a.days):
        return True
    if _silence(a, b) > w.MERGE_GAP_S:
        return True
    low, high = sorted((a.toll, b.toll))
    return 0 < low < w.FELL * high and _differ(tuple(a.named), b.named)


def _silence(a: Cluster, b: Cluster) -> float:
    """Seconds between the end of one story and the start of the other; 0 where they overlap."""
    if a.first is None or a.last is None or b.first is None or b.last is None:
        return 0.0
    return max(0.0, a.first - b.last, b.first - a.last)
