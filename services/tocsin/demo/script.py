"""What the demo press tells, and when: outlets and dispatches read from the TOML files beside this.

The news of September 2008 in our own words. A dispatch is released in a *wave*; whatever decides an
alert stands alone in its story's wave, so the order in which feeds are polled decides nothing.
Never reads a clock, never opens a connection.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

from tocsin.text.clean import squeeze
from tocsin_schemas.feed import Source, SourceKind
from tocsin_schemas.identity import source_id

Format = Literal["rss", "atom", "rdf", "json"]

WAVE_S = 4.2
"""Seconds between two waves at speed 1: the whole script takes about two minutes."""

PLOTS = ("raid", "statements", "frontier", "marriott", "elsewhere")
"""The files of dispatches."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """A publisher of the demo and the format of its feed."""

    key: str
    source: Source
    format: Format
    section: str

    @property
    def home(self) -> str:
        """The outlet's address. `.invalid` never resolves (RFC 2606): no real site is named."""
        return f"https://{self.key}.demo.invalid"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One version of one item. `id` names the item; `version` rises from 1."""

    id: str
    version: int
    outlet: Outlet
    wave: int
    title: str
    paragraphs: tuple[str, ...]
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    linked: bool = True

    @property
    def url(self) -> str:
        """The item's address, the same on every port and in every run; empty without a link."""
        return f"{self.outlet.home}/{self.outlet.section}/{self.id}" if self.linked else ""

    @property
    def guid(self) -> str:
        """The item's key in its feed."""
        return self.url or f"{self.outlet.key}-{self.id}"

    @property
    def text(self) -> str:
        """The words, paragraphs parted by a blank line."""
        return "\n\n".join(self.paragraphs)


@cache
def outlets() -> dict[str, Outlet]:
    """Outlets by key, in the order of the file."""
    return {key: _outlet(key, row) for key, row in _toml(_folder() / "outlets.toml").items()}


@cache
def dispatches() -> tuple[Dispatch, ...]:
    """Every version of every item, by wave, then in the order of the files."""
    rows = list(_rows())
    by_id = {row["id"]: row for row in rows}
    versions: dict[str, int] = {}
    found = []
    for row in sorted(rows, key=lambda r: int(r["wave"])):
        name = row.get("replaces", row["id"])
        versions[name] = versions.get(name, 0) + 1
        found.append(
            Dispatch(
                id=name,
                version=versions[name],
                outlet=outlets()[row["outlet"]],
                wave=row["wave"],
                title=row["title"],
                paragraphs=_paragraphs(row, by_id),
                author=row.get("author", ""),
                published=_utc(row.get("published")),
                updated=_utc(row.get("updated")),
                linked=row.get("link", True),
            )
        )
    return tuple(found)


def waves() -> dict[int, tuple[Dispatch, ...]]:
    """Dispatches by wave, waves in order."""
    numbers = sorted({d.wave for d in dispatches()})
    return {n: tuple(d for d in dispatches() if d.wave == n) for n in numbers}


def _paragraphs(row: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """A dispatch's own words; or an agency's: the first `keep` paragraphs, without its dateline if
    the outlet drops that, and what the outlet wrote under them.
    """
    original = row.get("reprints")
    if original is None:
        return _split(row["text"])
    paragraphs = list(_split(by_id[original]["text"]))[: row.get("keep")]
    if not row.get("dateline", True):
        paragraphs[0] = paragraphs[0].partition(") — ")[2]
    return (*paragraphs, *_split(row.get("after", "")))


def _split(text: str) -> tuple[str, ...]:
    return tuple(squeeze(p) for p in text.split("\n\n") if p.strip())


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC)


def _outlet(key: str, row: dict[str, Any]) -> Outlet:
    kind: SourceKind = row.get("kind", "outlet")
    source = Source(
        id=source_id(row["name"]),
        name=row["name"],
        owner=row.get("owner", ""),
        family=row.get("family", ""),
        kind=kind,
        country=row["country"],
        place=row["place"],
        tier=row.get("tier", 2),
    )
    return Outlet(key, source, row["format"], row["section"])


def _rows() -> Iterator[dict[str, Any]]:
    for plot in PLOTS:
        yield from _toml(_folder() / "dispatches" / f"{plot}.toml")["dispatch"]


def _toml(path: Traversable) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _folder() -> Traversable:
    return files("tocsin.demo")
