"""Casualty figures: {text, casualties: [{kind, min, max}]} → {precision, recall, f1, docs_per_s}."""

import time
from pathlib import Path
from typing import Any

from tocsin.evaluation import gold
from tocsin.pipeline.enrich.casualties import figures


def evaluate(path: Path) -> dict[str, Any]:
    """Micro scores of (kind, min, max) a passage, background figures included, as the rules of the
    gold ask. Raises UsageError for a file that is no gold of this task.
    """
    records = list(gold.texts(path, "text", "casualties"))
    tally = gold.Tally()
    began = time.process_time()
    for record in records:
        found = figures.read("", record["text"], None)
        tally.add(
            ((f.kind, f.min, f.max) for f in found),
            ((c["kind"], c.get("min"), c.get("max")) for c in record["casualties"]),
        )
    return {**tally.scores(), "docs_per_s": gold.rate(len(records), began)}
