"""Print-style citations: {text, reference_date, citations: [{outlet, date}]} → {precision, …}."""

import time
from pathlib import Path
from typing import Any

from tocsin.evaluation import gold
from tocsin.pipeline.enrich import citations


def evaluate(path: Path) -> dict[str, Any]:
    """Micro scores of (outlet, day) a text. Raises UsageError for a file that is no gold of this
    task.
    """
    records = list(gold.texts(path, "text", "reference_date", "citations"))
    refs = [gold.day(r["reference_date"], path, n) for n, r in enumerate(records, start=1)]
    tally = gold.Tally()
    began = time.process_time()
    for record, ref in zip(records, refs, strict=True):
        found = citations.read(record["text"], ref)
        tally.add(
            ((c.outlet, c.day.isoformat() if c.day else "") for c in found),
            ((c["outlet"], c["date"]) for c in record["citations"]),
        )
    return {**tally.scores(), "docs_per_s": gold.rate(len(records), began)}
