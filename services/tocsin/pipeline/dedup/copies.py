"""Finds the earlier article whose words this one repeats: whole, cut, enlarged, or in part.

Containment of the smaller text, not likeness of the whole, is the measure for wire copy
(reference/enrichment.md §2). Text that stands in many articles, or in part in two of one house, is a
template and proves nothing; but a report that fifty papers have taken up in part is none, so what a
copy shares with its original is not counted again. Says what is a copy of what; never drops anything.

Bounded: seven days of stream time since a text was last seen, and a number of articles. Only some
fingerprints of a long text are indexed (its opening and every fifth), to find candidates; these are
then compared by all of theirs. A plain copy is not indexed: its original stands for both, and stays
while it is being reprinted.
"""

from __future__ import annotations  # array[int] is for the type checker alone

from array import array
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin.pipeline.dedup.fingerprint import decode, encode
from tocsin_schemas.article import Relation

WINDOW_S = 7 * 86_400
"""Stream seconds for which a text is remembered after it was last seen."""
MAX_ARTICLES = 1_000_000
"""Texts remembered at most; the longest unseen go first (I7)."""
SHARE = 0.25
"""Share of the smaller text below which two articles are not copies."""
WHOLE = 0.8
"""Share from which the smaller text stands wholly in the other."""
HITS = 3
"""Common fingerprints needed."""
TEMPLATE = 50
"""Articles in which a fingerprint may stand before it counts as template text."""
SIZE = 0.8
"""Ratio of sizes below which a whole copy is shortened (or its inverse: extended)."""
OPENING, EVERY, SMALL = 12, 5, 24
"""Indexed: the first 12 fingerprints and each divisible by 5; of texts up to 24, all."""
COMPARED = 24
"""Candidates compared in full."""
NEAR_BEST = 0.1
"""Of several originals within this share of the best, the earliest is the original."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`of` an earlier article; `share` of the smaller text's fingerprints held in common."""

    of: str
    relation: Relation
    share: float


@dataclass(slots=True)
class Text:
    """A text remembered. `number` orders texts by arrival, `touched` by when they were last seen."""

    article: str
    house: str
    number: int
    touched: int
    seen: float
    prints: array[int]
    keys: array[int]
    """Fingerprints it is indexed under."""

    def row(self) -> dict[str, int | float | str]:
        """As JSON."""
        return {
            "house": self.house,
            "number": self.number,
            "touched": self.touched,
            "seen": self.seen,
            "prints": encode(self.prints),
            "keys": encode(self.keys),
        }

    @classmethod
    def of_row(cls, article: str, row: Mapping[str, Any]) -> Text:
        """The inverse of `row`."""
        return cls(
            article,
            row["house"],
            row["number"],
            row["touched"],
            row["seen"],
            decode(row["prints"]),
            decode(row["keys"]),
        )


@dataclass(slots=True)
class Copies:
    """The index. Not thread-safe."""

    max_articles: int = MAX_ARTICLES
    count: int = 0
    """Next number, of arrivals and refreshes alike."""
    _texts: OrderedDict[int, Text] = field(default_factory=OrderedDict)
    """By number, longest unseen first."""
    _numbers: dict[str, int] = field(default_factory=dict)
    _postings: dict[int, int | dict[int, None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._texts)

    def find(self, prints: Sequence[int], *, but: str = "", house: str = "") -> Copy | None:
        """The original of a text with these fingerprints, or null. `but`: an article that can't be
        it (an earlier version of the same). `house`: who prints it; what it has in part in common
        with another text of its own is page furniture or background. Changes nothing.
        """
        if len(prints) < HITS:
            return None
        hits: dict[int, int] = {}
        templates = False
        get = self._postings.get
        for p in prints:
            held = get(p)
            if held is None:
                continue
            if isinstance(held, int):
                hits[held] = hits.get(held, 0) + 1
            elif len(held) <= TEMPLATE:
                for number in held:
                    hits[number] = hits.get(number, 0) + 1
            else:
                templates = True
        return self._compare(prints, hits, but, house, templates=templates) if hits else None

    def _compare(
        self, prints: Sequence[int], hits: dict[int, int], but: str, house: str, *, templates: bool
    ) -> Copy | None:
        mine = frozenset(prints)
        found: list[tuple[float, int, int]] = []
        for number, own in sorted(hits.items(), key=lambda x: (-x[1], x[0]))[:COMPARED]:
            text = self._texts[number]
            shared: float = len(mine.intersection(text.prints))
            if templates:  # the part of it that is not template text, as far as is indexed
                shared *= own / max(own, len(mine.intersection(text.keys)))
            share = shared / min(len(mine), len(text.prints))
            least = WHOLE if house and house == text.house else SHARE
            if shared >= HITS and share >= least and text.article != but:
                found.append((share, number, len(text.prints)))
        if not found:
            return None
        best = max(share for share, _, _ in found)
        share, number, size = min(
            (f for f in found if f[0] >= best - NEAR_BEST), key=lambda f: f[1]
        )
        return Copy(self._texts[number].article, _relation(share, len(mine), size), share)

    def add(
        self,
        article: str,
        prints: Sequence[int],
        seen: float,
        copy: Copy | None,
        house: str = "",
    ) -> list[Text]:
        """Remember a text; returns the texts that changed. A plain copy is not remembered, but its
        original for longer. `seen`: stream time, epoch seconds. Idempotent for one article: the
        newer text stands for it.
        """
        known: frozenset[int] = frozenset()
        changed: list[Text] = []
        original = self._numbers.get(copy.of) if copy else None
        if original is not None:
            changed.append(self._refresh(original, seen))
            known = frozenset(self._texts[original].prints)
        if prints and not (copy and copy.relation == "copy"):
            keys = [
                p
                for i, p in enumerate(prints)
                if (i < OPENING or len(prints) <= SMALL or p % EVERY == 0) and p not in known
            ]
            held = self._numbers.get(article)  # a newer version stands where the first one stood
            n = self.count if held is None else held
            text = Text(article, house, n, self.count, seen, array("Q", prints), array("Q", keys))
            self.hold(text)
            changed.append(text)
        return changed

    def hold(self, text: Text) -> None:
        """Hold a text as it was indexed. Texts read from rows come in the order of `touched`."""
        self.drop(text.article)
        self.count = max(self.count, text.number + 1, text.touched + 1)
        self._texts[text.number] = text
        self._numbers[text.article] = text.number
        for p in text.keys:
            held = self._postings.get(p)
            if held is None:
                self._postings[p] = text.number
            elif isinstance(held, int):
                self._postings[p] = {held: None, text.number: None}
            else:
                held[text.number] = None

    def _refresh(self, number: int, seen: float) -> Text:
        text = self._texts[number]
        text.seen, text.touched = max(text.seen, seen), self.count
        self.count += 1
        self._texts.move_to_end(number)
        return text

    def expire(self, now: float) -> Iterator[str]:
        """Forget texts outside the window or above the bound; yields the articles."""
        while self._texts:
            text = next(iter(self._texts.values()))
            if now - text.seen <= WINDOW_S and len(self._texts) <= self.max_articles:
                return
            self.drop(text.article)
            yield text.article

    def drop(self, article: str) -> None:
        """Forget a text; nothing happens if it is not remembered."""
        number = self._numbers.pop(article, None)
        if number is None:
            return
        for p in self._texts.pop(number).keys:
            held = self._postings[p]
            if isinstance(held, int):
                del self._postings[p]
            else:
                held.pop(number, None)
                if len(held) == 1:
                    self._postings[p] = next(iter(held))


def _relation(share: float, mine: int, original: int) -> Relation:
    if share < WHOLE:
        return "partial"
    if mine < SIZE * original:
        return "shortened"
    return "extended" if original < SIZE * mine else "copy"
