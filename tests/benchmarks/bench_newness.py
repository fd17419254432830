"""Copies and stories: articles a second of each stage, and of the whole clusterer with its events.

Processor seconds on one core, on an invented press of reports, reprints, cuts and noise of about 400
words (gold texts are not needed). Stages start from what the enricher hands over, but for the rows
that say "from raw text".
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from support.press import arrival, piece
from tocsin.adapters.memory.state import MemoryState
from tocsin.pipeline.cluster.stories import Stories
from tocsin.pipeline.cluster.terms import terms
from tocsin.pipeline.clusterer import Clusterer
from tocsin.pipeline.dedup.copies import Copies
from tocsin.pipeline.dedup.fingerprint import decode, winnow
from tocsin_schemas.article import Article

ARTICLES = 2_000
WORDS = 400
VOCABULARY = 20_000
OUTLETS = 40
SEED = 11


def run() -> list[dict[str, Any]]:
    """One row for each figure: `{what, figure, unit, floor}`."""
    news = list(_press(ARTICLES))
    return [
        _row("copies: question and insertion", _copies(news), 1_500),
        _row("copies: from raw text", _copies_raw(news), 1_500),
        _row("stories: placing", _stories(news), 1_000),
        _row("stories: from raw text", _stories_raw(news), 1_000),
        _row("clusterer: dedup, cluster, rows, events", _clusterer(news), None),
    ]


def _row(what: str, spent: float, floor: int | None) -> dict[str, Any]:
    return {"what": what, "figure": ARTICLES / spent, "unit": "articles/s", "floor": floor}


def _press(count: int) -> Iterator[Article]:
    """Reports of events with words of their own; four in ten tell a known event anew, one in ten is
    a reprint, cut or whole.
    """
    r = random.Random(SEED)
    # Word frequencies fall as in any language (Zipf), so that postings have a real shape.
    weights = [1 / (n + 20) for n in range(VOCABULARY)]
    words = [f"w{n}" if n % 3 else f"Name{n}" for n in range(VOCABULARY)]
    events: list[list[str]] = []
    told: list[str] = []
    for n in range(count):
        if not events or r.random() < 0.5:
            events.append(r.choices(words, k=40))
        own = r.choice(events[-60:])
        if told and r.random() < 0.1:
            text = r.choice(told[-200:])
            text = text if r.random() < 0.5 else text[: len(text) // 2]
        else:
            mixed = r.choices(words, weights, k=WORDS * 3 // 4) + r.choices(own, k=WORDS // 4)
            r.shuffle(mixed)
            text = ". ".join(" ".join(mixed[i : i + 18]) for i in range(0, WORDS, 18))
        told.append(text)
        title = " ".join(r.choices(own, k=8))
        yield piece(title, text, by=f"Paper {n % OUTLETS}", url=f"u{n}", minutes=n / 10)


def _spent(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _copies(news: list[Article]) -> float:
    prints = [list(decode(a.fingerprints)) for a in news]

    def work() -> None:
        index = Copies()
        for n, (article, own) in enumerate(zip(news, prints, strict=True)):
            index.add(article.root_id, own, float(n), index.find(own))

    return _spent(work)


def _copies_raw(news: list[Article]) -> float:
    def work() -> None:
        index = Copies()
        for n, article in enumerate(news):
            own = winnow(f"{article.title}\n{article.text}")
            index.add(article.root_id, own, float(n), index.find(own))

    return _spent(work)


def _stories(news: list[Article]) -> float:
    def work() -> None:
        stories = Stories()
        for article in news:
            stories.place(article, article.root_id)

    return _spent(work)


def _stories_raw(news: list[Article]) -> float:
    def work() -> None:
        stories = Stories()
        for article in news:
            counted = article.model_copy(update={"terms": terms(article)})
            stories.place(counted, article.root_id)

    return _spent(work)


def _clusterer(news: list[Article]) -> float:
    start = datetime(2021, 3, 2, tzinfo=UTC)
    events = [
        arrival(a.model_copy(update={"collected": start + timedelta(seconds=n)}))
        for n, a in enumerate(news)
    ]

    def work() -> None:
        clusterer, state = Clusterer(), MemoryState()
        for at in range(0, len(events), 50):
            with state.begin() as tx:
                for event in events[at : at + 50]:
                    clusterer.handle(event, tx)
            state.sent([u.number for u in state.unsent(10_000)])

    return _spent(work)
