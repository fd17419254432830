"""Reading gold files: JSON Lines, plain or gzipped; an error names the file, the line and the mend.

A file that is half read judges nothing, so a bad line ends the evaluation instead of being
skipped.
"""

import gzip
import time
import zlib
from collections import Counter
from collections.abc import Container, Hashable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from tocsin.errors import UsageError


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of `path`, one a line, in order; blank lines are passed over.

    Gzip is told by its first two bytes, not by the name. Raises UsageError where the file
    cannot be read, or where a line is no JSON object (line number from 1).
    """
    number = 0
    try:
        for line in _lines(path):
            number += 1
            if line.strip():
                yield _record(path, number, line)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{path}: {reason} (after line {number}); give a .jsonl file") from error
    except (EOFError, zlib.error) as error:
        raise UsageError(f"{path}: the gzip stream breaks off after line {number}") from error


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not zipped:
            yield from raw
            return
        with gzip.open(raw) as plain:
            yield from plain


def texts(path: Path, *names: str) -> Iterator[dict[str, Any]]:
    """Like `read`, with the fields `names` required. UsageError names the line that lacks one."""
    for number, record in enumerate(read(path), start=1):
        missing = [name for name in names if name not in record]
        if missing:
            raise UsageError(f"{path}: record {number} has no field {missing[0]!r}")
        yield record


def _record(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{path}, line {number}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UsageError(f"{path}, line {number}: a JSON object is expected, one a line")
    return value


def rate(documents: int, began: float) -> float:
    """Documents per second of this process's processor time since `began` (`time.process_time`)."""
    return round(documents / max(time.process_time() - began, 1e-9), 1)


class Tally:
    """Hits, inventions and misses, counted with how often each stands."""

    def __init__(self) -> None:
        self.hits = self.invented = self.missed = 0

    def add(
        self, got: Iterable[Hashable], want: Iterable[Hashable], neutral: Container[Hashable] = ()
    ) -> None:
        """One text's answers against the gold ones; those in `neutral` count neither way."""
        told, asked = Counter(got), Counter(want)
        shared = (told & asked).total()
        self.hits += shared
        self.invented += sum(n for value, n in (told - asked).items() if value not in neutral)
        self.missed += (asked - told).total()

    def scores(self) -> dict[str, float]:
        """Precision, recall, F1; 0 where nothing was told or asked."""
        return {
            "precision": round(self.hits / max(1, self.hits + self.invented), 4),
            "recall": round(self.hits / max(1, self.hits + self.missed), 4),
            "f1": round(2 * self.hits / max(1, 2 * self.hits + self.invented + self.missed), 4),
        }


def day(told: object, path: Path, number: int) -> date:
    """An ISO day of a record; UsageError names it otherwise."""
    try:
        return date.fromisoformat(str(told)[:10])
    except ValueError as error:
        raise UsageError(
            f"{path}: record {number}: {told!r} is no ISO date (2008-09-20)"
        ) from error
