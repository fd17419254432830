"""Agency credits: {title, text, role, agencies: []} → {precision, recall, f1, docs_per_s}."""

import time
from pathlib import Path
from typing import Any

from tocsin.evaluation import gold
from tocsin.pipeline.enrich import credit_lines


def evaluate(path: Path) -> dict[str, Any]:
    """Micro scores of (credited, agency) over all texts: a credit given to a text whose role is
    `none` is invented. Raises UsageError for a file that is no gold of this task.
    """
    records = list(gold.texts(path, "text", "role"))
    tally = gold.Tally()
    began = time.process_time()
    for record in records:
        found = credit_lines.read(record["text"] or "")
        credited = record["role"] != "none"
        tally.add(
            found.agencies if found.role != "none" else (),
            (record.get("agencies") or ()) if credited else (),
        )
    return {**tally.scores(), "docs_per_s": gold.rate(len(records), began)}
