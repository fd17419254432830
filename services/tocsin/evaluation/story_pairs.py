"""How well two articles are told to be of one story or of two: `tocsin evaluate story-pairs GOLD`.

Each pair is put through the real stages with no other story open. How common a word is comes from
the package's table for English; for other languages, which have none, it is counted over the file's
own texts first, as a desk would know it after a while.
"""

import time
from collections import Counter
from pathlib import Path
from typing import Any

from tocsin.errors import UsageError
from tocsin.evaluation import gold
from tocsin.evaluation.stories import article_of, counted, language_of, moment
from tocsin.pipeline.cluster import background
from tocsin.pipeline.cluster import weights as w
from tocsin.pipeline.cluster.engine import Engine
from tocsin.pipeline.cluster.state import Cluster, Facts
from tocsin_schemas.article import Article


def evaluate(path: Path) -> dict[str, Any]:
    """{precision, recall, f1, docs_per_s, pairs, language} of {first, second, same_story} records.

    Undated articles are told apart by their words alone. Raises UsageError as `gold.texts`.
    """
    records = list(gold.texts(path, "first", "second", "same_story"))
    for number, record in enumerate(records, start=1):
        for side in ("first", "second"):
            if not isinstance(record[side], dict) or not {"title", "text"} <= record[side].keys():
                raise UsageError(f"{path}: record {number}: {side!r} needs title and text")
    sides = [r[side] for r in records for side in ("first", "second")]
    language = language_of(sides)
    start = time.process_time()
    articles = [
        counted(article_of({"ts": None, **s}, moment(s, n), language)) for n, s in enumerate(sides)
    ]
    table, documents = _background(language, articles)
    hit = made = wanted = 0
    for n, record in enumerate(records):
        same = bool(record["same_story"])
        together = _together(articles[2 * n], articles[2 * n + 1], language, table, documents)
        hit += same and together
        made += together
        wanted += same
    spent = time.process_time() - start
    precision, recall = (hit / made if made else 1.0), (hit / wanted if wanted else 1.0)
    both = precision + recall
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / both if both else 0.0,
        "docs_per_s": len(sides) / spent if spent else 0.0,
        "pairs": len(records),
        "language": language,
    }


def _background(language: str, articles: list[Article]) -> tuple[dict[str, int], int]:
    if language == "en":
        return background.english()
    counts: Counter[str] = Counter()
    for a in articles:
        counts.update(a.terms.body.keys() | a.terms.title.keys())
    return dict(counts), len(articles)


def _together(
    first: Article, second: Article, language: str, table: dict[str, int], documents: int
) -> bool:
    """Whether the later of two articles joins the story that the earlier one founded."""
    bias = w.BIAS if language == "en" else w.BIAS + w.OTHER_LANGUAGE_BIAS
    engine = Engine(table, documents, bias)
    older, newer = sorted((first, second), key=lambda a: a.collected)
    story = Cluster(0, "pair")
    engine.join(
        story, engine.vectors(older.terms), older.terms, _facts(older), older.collected.timestamp()
    )
    return engine.best(engine.vectors(newer.terms), _facts(newer)) is story


def _facts(article: Article) -> Facts:
    at = article.published.at
    return Facts.of(article.terms, None if at is None else at.timestamp())
