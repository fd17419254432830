"""Language accuracy: {text, lang} → {accuracy, docs_per_s}."""

import time
from pathlib import Path
from typing import Any

from tocsin.evaluation import gold
from tocsin.pipeline.normalise.language import detect


def evaluate(path: Path) -> dict[str, Any]:
    """Share of texts whose language is the gold one; `und` is wrong. docs_per_s: processor time.

    Raises UsageError where the file is no gold of this task.
    """
    records = list(gold.texts(path, "text", "lang"))
    detect("warm up")
    began = time.process_time()
    right = sum(detect(r["text"]).code == r["lang"] for r in records)
    return {
        "accuracy": round(right / max(1, len(records)), 4),
        "docs_per_s": gold.rate(len(records), began),
        "texts": len(records),
    }
