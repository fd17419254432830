"""`make bench`: every benchmark once, side by side in one run, as a table and as JSON.

Timings on a shared machine move by half; read the ratios. Each `bench_*.py` beside this has
`run() -> list[dict]` with `what`, `figure`, `unit` and, where there is one, `beside` (what it is
compared with), `ratio` and `floor` (design §8).
"""

import argparse
import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAMES = (
    "bench_feeds",
    "bench_log",
    "bench_newness",
    "bench_matcher",
    "bench_path",
)


def main() -> int:
    """Run all, or the named ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(NAMES))
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    rows: list[dict[str, Any]] = []
    for name in arguments.names or NAMES:
        for row in import_module(name).run():
            rows.append({"bench": name} | row)
            print(_line(rows[-1]), flush=True)
    if arguments.json:
        machine = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "machine": platform.machine(),
        }
        arguments.json.write_text(
            json.dumps({"machine": machine, "figures": rows}, indent=1) + "\n", "utf-8"
        )
    missed = [r for r in rows if r.get("floor") is not None and _held(r) < r["floor"]]
    for row in missed:
        print(f"below its floor of {row['floor']}: {row['what']}")
    return 0


def _held(row: dict[str, Any]) -> float:
    """What the floor is of: the ratio where the row says so, else the figure."""
    return float(
        row["ratio"] if row.get("floor_of") == "ratio" else row.get("figure", row["floor"])
    )


def _line(row: dict[str, Any]) -> str:
    if "figure" not in row:  # several figures in one row: side by side
        shown = (
            f"{v:,.1f}" if isinstance(v, float) else str(v) for k, v in row.items() if k != "bench"
        )
        return f"{row['bench']:<15} {'  '.join(shown)}"
    beside = f"  ({row['ratio']:.2f} × {row['beside']})" if row.get("ratio") is not None else ""
    floor = f"  floor {row['floor']}" if row.get("floor") is not None else ""
    return (
        f"{row['bench']:<15} {row['what']:<58} {row['figure']:>12,.1f} {row['unit']}{beside}{floor}"
    )


if __name__ == "__main__":
    sys.exit(main())
