"""How many feeds are read, and how often as feedparser reads them: `tocsin evaluate feeds GOLD`.

GOLD is a feed, a folder of feeds, or a folder with .tar.gz archives of them. Same means: the same list
of (title, link), titles compared as the words that a reader sees.
"""

import io
import tarfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser

from tocsin.errors import UsageError
from tocsin.pipeline.collect.parse import NotAFeedError, ParsedFeed, parse_feed
from tocsin.text.clean import one_line
from tocsin.text.html import html_to_text

SUFFIXES = (".xml", ".rss", ".atom", ".rdf")
MAX_FILE = 20 << 20


def evaluate(path: Path) -> dict[str, Any]:
    """{files, feeds, parsed, same, feeds_per_s, feedparser_feeds_per_s, times_as_fast}.

    `feeds` are the files in which feedparser recognises a feed or an entry; `parsed` is the share of
    them that we read, `same` the share with the same list; speeds are over the same files. Raises
    UsageError where there is nothing to read.
    """
    files = feeds = parsed = same = 0
    ours_s = theirs_s = 0.0
    for _, body in _bodies(path):
        files += 1
        began = time.process_time()
        theirs = _theirs(body)
        theirs_s += time.process_time() - began
        began = time.process_time()
        ours = _ours(body)
        ours_s += time.process_time() - began
        if theirs is None:
            continue
        feeds += 1
        parsed += ours is not None
        same += ours is not None and _listed(ours) == theirs
    if not files:
        raise UsageError(f"{path}: no feeds in it ({', '.join(SUFFIXES)} or .tar.gz of them)")
    return {
        "files": files,
        "feeds": feeds,
        "parsed": parsed / max(feeds, 1),
        "same": same / max(feeds, 1),
        "feeds_per_s": files / max(ours_s, 1e-9),
        "feedparser_feeds_per_s": files / max(theirs_s, 1e-9),
        "times_as_fast": theirs_s / max(ours_s, 1e-9),
    }


def _ours(body: bytes) -> ParsedFeed | None:
    try:
        return parse_feed(body)
    except NotAFeedError:
        return None


def _listed(feed: ParsedFeed) -> list[tuple[str, str]]:
    return [(_words(e.title), one_line(e.link)) for e in feed.entries]


def _theirs(body: bytes) -> list[tuple[str, str]] | None:
    """The list of feedparser; None where it recognises nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of its own deprecations
            found = feedparser.parse(body)
    except Exception:  # what the reference cannot read is no measure
        return None
    if not found.entries and not found.get("version"):
        return None
    return [(_words(e.get("title") or ""), one_line(e.get("link") or "")) for e in found.entries]


def _words(title: str) -> str:
    return one_line(html_to_text(title))


def _bodies(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) in the order of names."""
    if path.is_file() and not path.name.endswith(".tar.gz"):
        yield path.name, path.read_bytes()
        return
    found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in found:
        if file.name.endswith(".tar.gz"):
            yield from _archived(file)
        elif file.suffix in SUFFIXES:
            yield str(file.relative_to(path)), file.read_bytes()


def _archived(file: Path) -> Iterator[tuple[str, bytes]]:
    """Read in memory: nothing is unpacked to the disk, whatever the names in the archive say."""
    with tarfile.open(fileobj=io.BytesIO(file.read_bytes()), mode="r:gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda m: m.name):
            if member.isfile() and member.name.endswith(SUFFIXES) and member.size <= MAX_FILE:
                content = archive.extractfile(member)
                if content is not None:
                    yield member.name, content.read()
