"""Days told in text: {text, published, dates: [{start, end}]} → {precision, recall, f1, docs_per_s}."""

import time
from pathlib import Path
from typing import Any

from tocsin.evaluation import gold
from tocsin.pipeline.enrich.days import told


def evaluate(path: Path) -> dict[str, Any]:
    """Micro scores of (start, end) a passage, each expression counted as often as it stands.
    Raises UsageError for a file that is no gold of this task.
    """
    records = list(gold.texts(path, "text", "published", "dates"))
    refs = [gold.day(r["published"], path, n) for n, r in enumerate(records, start=1)]
    tally = gold.Tally()
    began = time.process_time()
    for record, ref in zip(records, refs, strict=True):
        found = told.read(record["text"], ref)
        tally.add(
            ((d.first.isoformat(), d.last.isoformat()) for d in found),
            ((d["start"], d["end"]) for d in record["dates"]),
        )
    return {**tally.scores(), "docs_per_s": gold.rate(len(records), began)}
