"""How well articles are put into stories: `tocsin evaluate stories GOLD`.

The real stages, from raw texts: words, toll and days are counted, copies follow their original, the
clusterer decides online. Dated records are read in the order of time, then id. The order of an
undated file is an accident worth ±.03 (reference/newness.md §5), so those are read in six seeded
orders and the mean is told.
"""

import random
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tocsin.evaluation import gold
from tocsin.pipeline.cluster.stories import Stories
from tocsin.pipeline.cluster.terms import TOLL_CHARACTERS, terms
from tocsin.pipeline.dedup.copies import Copies
from tocsin.pipeline.dedup.fingerprint import decode, fingerprints
from tocsin.pipeline.enrich.casualties.figures import read
from tocsin.pipeline.normalise.language import detect
from tocsin_schemas.article import Article, Figure, Language, Stamp
from tocsin_schemas.feed import Source
from tocsin_schemas.identity import digest_id

ORDERS = 6
LARGE = 4000
"""Undated records above which one order must do."""
EXPIRE_EVERY = 500
SAMPLE = 20
"""Texts by which the language of a set is told."""
_START = datetime(2024, 1, 1, tzinfo=UTC)
_SOURCE = Source(id=digest_id("source", "gold"), name="gold")
FOLLOWED = ("copy", "shortened", "extended")


def evaluate(path: Path) -> dict[str, Any]:
    """{bcubed, pair: {p, r, f1}, ari, docs_per_s, whole_docs_per_s, documents, stories,
    gold_stories, orders}.

    `docs_per_s`: processor seconds of the clustering stage, from text to story: words counted,
    article placed. `whole_docs_per_s` has the casualty reader and the search for copies in it, which
    are measured by their own tasks. Raises UsageError as `gold.texts`.
    """
    records = list(gold.texts(path, "id", "title", "text", "ts", "label"))
    language = language_of(records)
    runs: list[dict[str, Any]] = []
    clustering = whole = 0.0
    for stream in orders(records):
        start = time.process_time()
        told, spent = assign(stream, language)
        whole += time.process_time() - start
        clustering += spent
        runs.append(scores([str(r["label"]) for r in stream], told))
    mean = _mean(runs)
    articles = len(records) * len(runs)
    mean["docs_per_s"] = articles / clustering if clustering else 0.0
    mean["whole_docs_per_s"] = articles / whole if whole else 0.0
    mean["documents"] = len(records)
    mean["orders"] = len(runs)
    return mean


def orders(records: Sequence[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """The stream, or streams, to read the records in."""
    by_id = sorted(records, key=lambda r: str(r["id"]))
    if all(r["ts"] is not None for r in records):
        yield sorted(by_id, key=lambda r: float(r["ts"]))
        return
    for seed in range(ORDERS if len(records) <= LARGE else 1):
        shuffled = list(by_id)
        random.Random(seed).shuffle(shuffled)  # noqa: S311  # a seeded order, not a secret
        yield shuffled


def article_of(record: dict[str, Any], at: datetime, language: str = "en") -> Article:
    """A gold record, read but not counted; `at` is when it was collected."""
    title, text = str(record["title"] or "")[:1000], str(record["text"] or "")
    ts = record.get("ts")
    published = None if ts is None else datetime.fromtimestamp(float(ts), UTC)
    name = str(record.get("id", title))
    made = Article.model_construct(
        root_id=digest_id("root", name),
        feed_id=_SOURCE.id,
        item_key=name,
        source=_SOURCE,
        url="",
        url_key=name,
        title=title,
        text=text,
        content_hash=digest_id("content", title, text),
        language=Language(code=language),
        published=Stamp.model_construct(at=published),
        collected=at,
    )
    return made.model_copy(update={"figures": figures(made)})


def counted(article: Article) -> Article:
    """The article with its words counted, as the enricher hands it over."""
    return article.model_copy(update={"terms": terms(article)})


def figures(article: Article) -> tuple[Figure, ...]:
    """The casualty figures that the enricher reads where the clusterer looks for the toll."""
    published = article.published.at
    day = published.date() if published else None
    return tuple(read(article.title, article.text[:TOLL_CHARACTERS], day))


def language_of(records: Sequence[dict[str, Any]]) -> str:
    """The language of a set, by its first texts; one set is read as one language."""
    sample = [f"{r.get('title') or ''}. {str(r.get('text') or '')[:300]}" for r in records[:SAMPLE]]
    codes = Counter(detect(text).code for text in sample)
    code = max(sorted(codes), key=lambda c: codes[c], default="en")
    return "en" if code == "und" else code


def moment(record: dict[str, Any], n: int) -> datetime:
    """When the `n`th record is taken to be collected: at its time, or a second after the last."""
    ts = record.get("ts")
    return _START + timedelta(seconds=n) if ts is None else datetime.fromtimestamp(float(ts), UTC)


def assign(records: Sequence[dict[str, Any]], language: str = "en") -> tuple[list[str], float]:
    """Story id of each record, read as one stream, after all merges; and the processor seconds spent
    on counting and placing.
    """
    stories, copies = Stories(), Copies()
    went: dict[str, str] = {}
    into: dict[str, str] = {}
    spent = 0.0
    for n, record in enumerate(records):
        now = moment(record, n)
        article = article_of(record, now, language)
        own = str(record["id"])
        prints = decode(fingerprints(f"{article.title}\n{article.text}"))
        copy = copies.find(prints)
        copies.add(own, prints, now.timestamp(), copy)
        follow = None
        if copy is not None and copy.relation in FOLLOWED:
            follow = final(went[copy.of], into)
        start = time.process_time()
        placed = stories.place(counted(article), digest_id("article", own), follow)
        for gone in placed.ended:
            into[gone.id] = placed.story.id
        if n % EXPIRE_EVERY == EXPIRE_EVERY - 1:
            stories.expire(now)
        spent += time.process_time() - start
        went[own] = placed.story.id
        if n % EXPIRE_EVERY == EXPIRE_EVERY - 1:
            list(copies.expire(now.timestamp()))
    return [final(went[str(r["id"])], into) for r in records], spent


def final(story: str, into: dict[str, str]) -> str:
    """The story that `story` was united into, at the end of the chain."""
    while story in into:
        story = into[story]
    return story


def scores(wanted: Sequence[Hashable], told: Sequence[Hashable]) -> dict[str, Any]:
    """BCubed, pairs and adjusted Rand index of a hard clustering against the labels."""
    n = len(wanted)
    gold_sizes, sizes = Counter(wanted), Counter(told)
    both = Counter(zip(wanted, told, strict=True))
    precision = sum(v * v / sizes[t] for (_, t), v in both.items()) / n if n else 1.0
    recall = sum(v * v / gold_sizes[g] for (g, _), v in both.items()) / n if n else 1.0
    hit, made, real = (sum(_pairs(v) for v in c.values()) for c in (both, sizes, gold_sizes))
    p, r = (hit / made if made else 1.0), (hit / real if real else 1.0)
    chance, top = (made * real / _pairs(n) if n > 1 else 0.0), (made + real) / 2
    return {
        "bcubed": _prf(precision, recall),
        "pair": _prf(p, r),
        "ari": (hit - chance) / (top - chance) if top != chance else 1.0,
        "stories": len(sizes),
        "gold_stories": len(gold_sizes),
    }


def _pairs(n: int) -> float:
    return n * (n - 1) / 2


def _prf(p: float, r: float) -> dict[str, float]:
    return {"p": p, "r": r, "f1": 2 * p * r / (p + r) if p + r else 0.0}


def _mean(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mean of every figure; F1 is the mean of the runs' F1."""
    first = runs[0]
    return {
        k: _mean([r[k] for r in runs])
        if isinstance(v, dict)
        else sum(r[k] for r in runs) / len(runs)
        for k, v in first.items()
    }
