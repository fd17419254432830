"""The live matcher at 1 k, 10 k and 100 k subscriptions on generated articles of 400 words.

Words and names are made here, frequent as in a language (the n-th word 1/n as often). The queries are of
the kind people save: names, rare words, places, a few prefixes and misspellings; 0.1 to 0.5 % of the
pairs meet. Processor time of this thread, tokenising included.
"""

import random
import time
from bisect import bisect
from collections import Counter
from itertools import accumulate
from typing import Any

from tocsin.pipeline.match.engine import Engine
from tocsin.query.ast import Node
from tocsin.query.evaluate import matches
from tocsin.query.parse import parse
from tocsin.query.view import View
from tocsin.text.tokens import tokenize

SEED = 20240607
ARTICLES = 300
WORDS = 400
VOCABULARY = 40_000
NAMES = 12_000
SIZES = (1_000, 10_000, 100_000)
BRUTE_ARTICLES = 10
HISTORY = 1_000
FLOOR = 1_000.0
"""Articles a second and core at 100 k (design §8)."""

_SYLLABLES = [f"{c}{v}" for c in "bdfgklmnprstvz" for v in "aeiou"]
_PLACES = ("Swat Valley", "Angoor Adda", "Miranshah", "Tall Kayf", "Dir", "Kolofata", "Gwoza")


class Press:
    """A language of its own, and what is written in it."""

    def __init__(self, seed: int = SEED) -> None:
        self.random = random.Random(seed)
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            words["".join(self.random.choices(_SYLLABLES, k=self.random.randint(1, 4)))] = None
        self.words = list(words)
        self._weights = list(accumulate(1 / (n + 3) for n in range(VOCABULARY)))
        self.names = [
            f"{self.random.choice(self.words[2000:]).title()} {self.random.choice(self.words[2000:]).title()}"
            for _ in range(NAMES)
        ]

    def word(self) -> str:
        """A word, as often as it is used."""
        at = bisect(self._weights, self.random.random() * self._weights[-1])
        return self.words[min(at, VOCABULARY - 1)]

    def rare(self) -> str:
        return self.words[int(1_000 * (VOCABULARY / 1_000) ** self.random.random()) - 1]

    def name(self) -> str:
        return self.names[int(NAMES * self.random.random() ** 2)]

    def article(self) -> View:
        """Title and 400 words, ten names among them, and what an enricher finds."""
        parts = [self.word() for _ in range(WORDS - 20)]
        for _ in range(10):
            parts.insert(self.random.randrange(len(parts)), self.name())
        places = frozenset(
            p.lower() for p in self.random.sample(_PLACES, self.random.randint(0, 2))
        )
        low = self.random.randint(1, 60)
        return View(
            title=tuple(tokenize(" ".join(self.word() for _ in range(9)))),
            text=tuple(tokenize(" ".join(parts))),
            keywords={"place": places, "country": frozenset({self.random.choice(("pk", "iq"))})},
            figures=(("killed", low, low + 3),) if self.random.random() < 0.2 else (),
        )

    def query(self) -> str:
        """A saved query."""
        kind = self.random.random()
        if kind < 0.30:
            return f'"{self.name()}"'
        if kind < 0.55:
            return f"{self.rare()} AND {self.rare()}"
        if kind < 0.65:
            return f"({self.rare()} OR {self.rare()} OR {self.rare()}) AND {self.rare()}"
        if kind < 0.75:
            return f'"{self.name()}" AND ({self.rare()} OR {self.rare()})'
        if kind < 0.82:
            return f'"{self.name()}" AND NOT {self.word()}'
        if kind < 0.87:
            return f'place:"{self.random.choice(_PLACES)}" AND {self.rare()} AND killed:>={self.random.randint(1, 30)}'
        if kind < 0.91:
            first, last = self.name().split()
            return f'"{last} {first}"~5'
        if kind < 0.935:
            return f"title:{self.rare()} AND {self.rare()}"
        if kind < 0.97:
            return f"{self.long()[:5]}* AND {self.rare()}"
        return f"{self.long()}~1 AND {self.rare()}"

    def long(self) -> str:
        while len(found := self.rare()) < 6:
            pass
        return found


def run() -> list[dict[str, Any]]:
    """Articles a second at each size, and brute force beside the smallest."""
    press = Press()
    history = [press.article() for _ in range(HISTORY)]
    frequencies: Counter[str] = Counter()
    for view in history:
        frequencies.update({*view.title, *view.text})
    texts = [
        (" ".join(v.title), " ".join(v.text), v) for v in (press.article() for _ in range(ARTICLES))
    ]
    rows: list[dict[str, Any]] = []
    for size in SIZES:
        roots: list[tuple[str, Node]] = [(f"q{n}", parse(press.query()).root) for n in range(size)]
        engine = Engine(frequencies, articles=HISTORY)
        started = time.thread_time()
        for name, root in roots:
            engine.add(name, root)
        load = time.thread_time() - started
        for view in history[:50]:
            engine.match(view)
        started = time.thread_time()
        hits = 0
        for title, text, view in texts:
            fresh = View(tuple(tokenize(title)), tuple(tokenize(text)), view.keywords, view.figures)
            hits += len(engine.match(fresh))
        rate = ARTICLES / (time.thread_time() - started)
        row: dict[str, Any] = {
            "what": f"match, {size:,} subscriptions, {hits / ARTICLES / size:.2%} of pairs meet",
            "figure": rate,
            "unit": "articles/s",
        }
        if size == SIZES[0]:
            brute = _brute(roots, [view for _, _, view in texts[:BRUTE_ARTICLES]])
            row |= {"beside": "every query read", "ratio": rate / brute}
        if size == SIZES[-1]:
            row["floor"] = FLOOR
        rows.append(row)
        rows.append(
            {"what": f"file {size:,} subscriptions", "figure": size / load, "unit": "queries/s"}
        )
    return rows


def _brute(roots: list[tuple[str, Node]], views: list[View]) -> float:
    started = time.thread_time()
    for view in views:
        for _, root in roots:
            matches(root, view)
    return len(views) / (time.thread_time() - started)


if __name__ == "__main__":
    for line in run():
        print(line)
