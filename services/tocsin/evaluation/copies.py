"""How well earlier articles with the same words are found: `tocsin evaluate copies GOLD`.

The real stage on raw texts, in the order of the file, each asked about and then remembered. A record
counts as a copy if it is not the first of its family (`copy_of` links, in either direction) in the
file; a found original is right if it belongs to the same family.
"""

import time
from pathlib import Path
from typing import Any

from tocsin.evaluation import gold
from tocsin.pipeline.dedup.copies import Copies
from tocsin.pipeline.dedup.fingerprint import decode, fingerprints


def evaluate(path: Path) -> dict[str, Any]:
    """{precision, recall, f1, docs_per_s, documents, copies} of {id, text, copy_of} records.

    `docs_per_s`: processor seconds for fingerprints, question and insertion together.
    """
    records = list(gold.texts(path, "id", "text", "copy_of"))
    family = _families(records)
    index = Copies()
    begun: set[str] = set()
    right = found = wanted = 0
    spent = 0.0
    for at, record in enumerate(records):
        own = str(record["id"])
        start = time.process_time()
        title = str(record.get("title") or "")
        text = f"{title}\n{record['text']}" if title else str(record["text"])
        prints = decode(fingerprints(text))
        copy = index.find(prints)
        index.add(own, prints, float(at), copy)
        spent += time.process_time() - start
        mine = family[own]
        wanted += mine in begun
        found += copy is not None
        right += copy is not None and mine in begun and family[copy.of] == mine
        begun.add(mine)
    precision = right / found if found else 1.0
    recall = right / wanted if wanted else 1.0
    both = precision + recall
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / both if both else 0.0,
        "docs_per_s": len(records) / spent if spent else 0.0,
        "documents": len(records),
        "copies": wanted,
    }


def _families(records: list[dict[str, Any]]) -> dict[str, str]:
    """Id → id that stands for its family: all that `copy_of` joins, whichever came first."""
    parent = {str(r["id"]): str(r["id"]) for r in records}

    def top(one: str) -> str:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for record in records:
        if record["copy_of"] is not None:
            original = str(record["copy_of"])
            parent.setdefault(original, original)
            parent[top(str(record["id"]))] = top(original)
    return {one: top(one) for one in parent}
