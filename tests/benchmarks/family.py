"""Memory and processor time of a process and its children, as the kernel tells them (Linux)."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """Of one process, MiB: resident now, and at its height."""

    resident: float
    peak: float


def children(pid: int) -> list[int]:
    """Children, grandchildren and so on, oldest first."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            parents[int(folder.name)] = int(fields[1])
    found: list[int] = []
    wave = [pid]
    while wave:
        wave = sorted(child for child, parent in parents.items() if parent in wave)
        found += wave
    return found


def memory(pid: int) -> Memory:
    """Of that process alone."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return Memory(*(int(told[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")))


def processor_s(pids: Iterable[int]) -> float:
    """Processor time of those processes and their children till now, seconds."""
    all_of_them = {p for pid in pids for p in (pid, *children(pid))}
    spent = [_stat(pid) for pid in sorted(all_of_them)]
    return sum(int(f[11]) + int(f[12]) for f in spent if f) / _TICKS


def _stat(pid: int) -> list[str]:
    """The fields after the name (which may hold blanks): state, parent … ; [] for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
