"""The package's own word lists: text files in `data/`, read once a process.

A file has sections, each a `[name]` line and the entries below it, parted by ';' where the section
holds one and else by blanks; `#` begins a comment line. Word lists are data so that somebody who
knows the world, and not the code, can mend them.
"""

from functools import cache
from importlib.resources import files


@cache
def sections(name: str) -> dict[str, tuple[str, ...]]:
    """Section → entries of the file `data/<name>.txt`, in order. Raises FileNotFoundError for a
    list that the package does not hold.
    """
    found: dict[str, list[str]] = {}
    entries: list[str] = []
    for line in lines(name):
        if line.startswith("[") and line.endswith("]"):
            entries = found.setdefault(line[1:-1], [])
        else:
            entries.append(line)
    return {section: _entries(told) for section, told in found.items()}


def lines(name: str) -> list[str]:
    """The lines of `data/<name>.txt` that say something."""
    text = (files("tocsin.pipeline.enrich") / "data" / f"{name}.txt").read_text(encoding="utf-8")
    return [line for raw in text.splitlines() if (line := raw.strip()) and line[0] != "#"]


def words(name: str, section: str) -> frozenset[str]:
    """One section as a set."""
    return frozenset(sections(name)[section])


def _entries(told: list[str]) -> tuple[str, ...]:
    if any(";" in line for line in told):
        return tuple(e.strip() for line in told for e in line.split(";") if e.strip())
    return tuple(e for line in told for e in line.split())
