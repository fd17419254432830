"""Document countries: {id, title, text, countries: [ISO2]} → {precision, recall, f1, docs_per_s}."""

import time
from pathlib import Path
from typing import Any

from tocsin.evaluation import gold
from tocsin.pipeline.enrich.places import decide, gazetteer


def evaluate(path: Path) -> dict[str, Any]:
    """Micro scores of the countries an article is about. A country in the record's optional
    `only_adjective` counts neither way. Raises UsageError for a file that is no gold of this task.
    """
    records = list(gold.texts(path, "text", "countries"))
    reader = decide.Reader(gazetteer.load())
    tally = gold.Tally()
    began = time.process_time()
    for record in records:
        found, _ = reader.read(record.get("title") or "", record["text"] or "")
        neutral = set(record.get("only_adjective") or ())
        tally.add(found, set(record["countries"]) - neutral, neutral)
    return {**tally.scores(), "docs_per_s": gold.rate(len(records), began)}
