"""`make quality`: every task of `tocsin evaluate` on the gold data, dev and test apart.

Split rule of the gold data: sha256(id), first hex digit 0–b is dev (tuned on), c–f is test (reported).
"""

import gzip
import hashlib
import json
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
GOLD = Path(os.environ.get("TOCSIN_GOLD", ROOT.parent / "shared" / "gold"))
SETS = (
    (
        "stories",
        "stories",
        (
            "ecbplus-dev",
            "ecbplus-train",
            "basil",
            "partisan",
            "wikinews",
            "wikinews-big",
            "wcl50",
            "wikiref220",
        ),
    ),
    ("casualties", "reading", ("casualties",)),
    ("event-dates", "reading", ("event-dates",)),
    ("credits", "reading", ("credits",)),
    ("countries", "geo", ("geovirus", "geowebnews")),
)
WHOLE = {"stories"}
"""Tasks whose sets are streams: splitting one would break its stories."""


def main() -> int:
    """Print one line a set."""
    if not GOLD.is_dir():
        print(f"no gold data at {GOLD}: set TOCSIN_GOLD")
        return 1
    for task, folder, names in SETS:
        module = import_module(f"tocsin.evaluation.{task.replace('-', '_')}")
        for name in names:
            path = GOLD / folder / f"{name}.jsonl.gz"
            for part in ("all",) if task in WHOLE else ("dev", "test"):
                with tempfile.TemporaryDirectory() as place:
                    found = module.evaluate(_part(path, part, Path(place)))
                print(f"{task:<12} {name:<14} {part:<5} {json.dumps(_rounded(found))}", flush=True)
    return 0


def _part(path: Path, part: str, place: Path) -> Path:
    if part == "all":
        return path
    out = place / "part.jsonl"
    with (
        gzip.open(path, "rt", encoding="utf-8") as source,
        out.open("w", encoding="utf-8") as target,
    ):
        for line in source:
            digit = hashlib.sha256(str(json.loads(line)["id"]).encode()).hexdigest()[0]
            if (digit <= "b") == (part == "dev"):
                target.write(line)
    return out


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return round(value, 3) if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
