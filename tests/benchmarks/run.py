"""`make bench`: every benchmark once, side by side in one run, as a table and as JSON.

Timings on a shared machine move by half; read the ratios. Each `bench_*.py` beside this has
`run() -> rows` (dicts, as they come) with `what`, `figure`, `unit` and, where there is one, `beside` (what it is
compared with), `ratio`, `floor` (design §8) and `at_most` (§7). Those of the distributed desk get real
servers, started once for all; where there are none to be had they are left out with the reason.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

from tocsin.telemetry import configure

HERE = Path(__file__).parent
NAMES = (
    "bench_feeds",
    "bench_log",
    "bench_newness",
    "bench_matcher",
    "bench_path",
)
ON_SERVERS = (
    "bench_distributed",
    "bench_indexer",
    "bench_faust",
    "bench_latency",
    "bench_alerter",
    "bench_recovery",
)


def main() -> int:
    """Run all, or the named ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(NAMES + ON_SERVERS))
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    configure("error")  # servers are killed on purpose: their clients need not say so
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    rows: list[dict[str, Any]] = []
    for row in _rows(arguments.names or [*NAMES, *ON_SERVERS]):
        rows.append(row)
        print(_line(row), flush=True)
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
    for row in rows:
        if row.get("at_most") is not None and row["figure"] > row["at_most"]:
            print(f"above its limit of {row['at_most']} {row['unit']}: {row['what']}")
    return 0


def _rows(names: list[str]) -> Iterator[dict[str, Any]]:
    """The rows of each benchmark, as they come; after each, how long it took and how busy the machine was."""
    with ExitStack() as held:
        servers: Any = None
        for name in names:
            given: list[Any] = []
            if name in ON_SERVERS:
                begin = import_module("servers")  # needs the extra `distributed`
                try:
                    servers = servers or held.enter_context(begin.servers())
                except begin.Unavailable as reason:
                    yield {"bench": name, "what": "left out", "why": str(reason)}
                    continue
                given = [servers.kafka if name == "bench_faust" else servers]
            began = time.monotonic()
            for row in import_module(name).run(*given):
                yield {"bench": name} | row
            yield {
                "bench": name,
                "what": f"took {time.monotonic() - began:.0f} s; load of the machine "
                + " ".join(f"{load:.1f}" for load in os.getloadavg()),
            }


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
        return f"{row['bench']:<17} {'  '.join(shown)}"
    beside = f"  ({row['ratio']:.2f} × {row['beside']})" if row.get("ratio") is not None else ""
    floor = f"  floor {row['floor']}" if row.get("floor") is not None else ""
    if row.get("at_most") is not None:
        floor += f"  at most {row['at_most']}"
    return (
        f"{row['bench']:<17} {row['what']:<72} {row['figure']:>12,.1f} {row['unit']}{beside}{floor}"
    )


if __name__ == "__main__":
    sys.exit(main())
