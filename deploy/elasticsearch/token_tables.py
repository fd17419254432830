# ruff: noqa: INP001  # a script run by its path, no package
"""Measures on a node what `services/tocsin/text/tables.json` says: how `tocsin_text` cuts and folds.

    python deploy/elasticsearch/token_tables.py --node http://127.0.0.1:9200            # write it again
    python deploy/elasticsearch/token_tables.py --node http://127.0.0.1:9200 --check    # compare only

For whoever moves to another Elasticsearch: run `--check`; where it differs, write, read the diff, and
run the parity tests. No source of Lucene is read: each code point goes through the node alone and in
some forty surroundings ("a{c}a", "1{c}1" …); those that behave alike in all of them are one class,
named after a member we know. A class of behaviour without such a member ends the run: the pattern of
`text/tokens.py` knows no more classes than these. About three minutes on two cores. It makes one index
of its own on the node, empty, and drops it.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from elasticsearch import Elasticsearch

TABLES = Path(__file__).parents[2] / "services" / "tocsin" / "text" / "tables.json"
INDEX = "tocsin-token-tables"
BATCH = 20_000
"""Texts in one request."""
SHOWN = 20
"""Differences that `--check` prints of each kind."""

_WHOLE = {"type": "custom", "tokenizer": "whole"}
SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    "number_of_replicas": 0,
    "analyze.max_token_count": 2_000_000,
    "analysis": {
        "tokenizer": {"whole": {"type": "keyword"}},
        "analyzer": {
            "tocsin_text": {
                "type": "custom",
                "tokenizer": "standard",
                "filter": ["lowercase", "asciifolding"],
            },
            "cut": {"type": "custom", "tokenizer": "standard"},
            "lower": {**_WHOLE, "filter": ["lowercase"]},
            "fold": {**_WHOLE, "filter": ["asciifolding"]},
        },
    },
}

POINTS = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
"""Every code point; surrogates are replaced at the door (`text/clean.py`)."""
_DETAIL_ENDS = 0x20000
_TAGS = range(0xE0000, 0xE1000)
# Planes 2 and up but for the tags hold ideographs and nothing else: asked alone, and these in detail.
_SAMPLES = frozenset({0x20000, 0x2A700, 0x30000, 0xF0000, 0x10FFFD})

PROBES = (
    "{c}", "a{c}a", "a{c}{c}a", "a{c}", "{c}a", "1{c}1", "1{c}", "{c}1", "א{c}א", "א{c}", "ア{c}ア",
    "ア{c}", "_{c}_", "_{c}", "{c}_", "字{c}字", "あ{c}", "ก{c}", "ก{c}ก", "👍{c}", "🇫{c}", "{c}\u0301a",
    "{c}\ufe0f\u20e3", "👩\u200d{c}", "{c}🏽", "{c}\u200d👩", "{c}\u20e3", "{c}\ufe0f", "{c}{c}", "한{c}",
    "{c}'", '{c}"{c}', 'א"{c}', 'א"{c}א', "a:{c}", "1,{c}", "a{c}1", "1{c}a", "1{c}\u20e3", "👩{c}🏽",
    "👩{c}👩", "🏴{c}",
)  # fmt: skip
"""The surroundings."""

NAMES = {
    "a": "A", "가": "A", "א": "H", "٠": "N", "0": "D", "ア": "K", "_": "E", ":": "M", ",": "m", ".": "B",
    "'": "q", '"': "Q", "\u0301": "X", "\u0e31": "Y", "ก": "S", "一": "J", "あ": "J", "👍": "P",
    "\U0001f3fb": "p", "ℹ": "L", "🇦": "R", "#": "C", "\u20e3": "G", "\u200d": "Z", "\ufe0e": "V",
    "\ufe0f": "W", " ": ".",
}  # fmt: skip
"""A member of each class, and the letter of the class in `text/tokens.py`; "." parts words."""

Token = tuple[str, int, int, int, str]
"""The token, its start and end in UTF-16 units, its position counted from the first, its type."""


class Node:
    """A node with the analysers, on an index that lasts as long as the `with`."""

    def __init__(self, url: str, index: str = INDEX) -> None:
        self._client = Elasticsearch(url, request_timeout=300)
        self._index = index

    def __enter__(self) -> Self:
        self._client.indices.delete(
            index=self._index, ignore_unavailable=True
        )  # of a run cut short
        self._client.indices.create(index=self._index, settings=SETTINGS)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.indices.delete(index=self._index)
        self._client.close()

    def analysed(self, texts: Sequence[str], analyzer: str) -> Iterator[list[Token]]:
        """The tokens of each text."""
        for first in range(0, len(texts), BATCH):
            part = texts[first : first + BATCH]
            answer = self._client.indices.analyze(index=self._index, analyzer=analyzer, text=part)
            yield from _parted(part, answer["tokens"])

    def versions(self) -> str:
        """What was measured, for the table's `source`."""
        said = self._client.info()["version"]
        nodes = self._client.nodes.info(metric="jvm")["nodes"].values()
        java = sorted({node["jvm"]["version"].split(".")[0] for node in nodes})
        return (
            f"Elasticsearch {said['number']}, Lucene {said['lucene_version']}, Java {'/'.join(java)}; "
            "standard tokenizer, lowercase, asciifolding"
        )


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _parted(texts: Sequence[str], tokens: list[dict[str, Any]]) -> Iterator[list[Token]]:
    """An answer for a list of texts, text by text: the node counts offsets on, one unit between two."""
    start, at = 0, 0
    for text in texts:
        end = start + units(text)
        found: list[Token] = []
        first = tokens[at]["position"] if at < len(tokens) else 0
        while at < len(tokens) and tokens[at]["start_offset"] <= end:
            token = tokens[at]
            place = (token["start_offset"] - start, token["end_offset"] - start)
            found.append((token["token"], *place, token["position"] - first, token["type"]))
            at += 1
        yield found
        start = end + 1


def foldings(node: Node, points: Sequence[int]) -> dict[int, str]:
    """What lower case and then folding make of each code point; those that stay are left out."""
    changed: dict[str, dict[int, str]] = {}
    signs = [chr(point) for point in points]
    for analyzer in ("lower", "fold"):
        answers = node.analysed(signs, analyzer)
        said = ["".join(token for token, *_ in tokens) for tokens in answers]
        changed[analyzer] = {
            point: value
            for point, sign, value in zip(points, signs, said, strict=True)
            if value != sign
        }
    both: dict[int, str] = {}
    for point in sorted({*changed["lower"], *changed["fold"]}):
        value = changed["lower"].get(point, chr(point)).translate(changed["fold"])
        if value != chr(point):
            both[point] = value
    return both


def classes(node: Node, points: Iterable[int]) -> dict[int, str]:
    """The class letter of each code point; those that part words are left out.

    Raises ValueError for a behaviour that is none of the known classes'.
    """
    asked = set(points)
    known = {ord(sign): letter for sign, letter in NAMES.items()}
    detail = sorted(
        {p for p in asked if p < _DETAIL_ENDS or p in _TAGS or p in _SAMPLES} | {*known}
    )
    behaviour: dict[int, list[tuple[tuple[int, int, str], ...]]] = {p: [] for p in detail}
    for probe in PROBES:
        texts = [probe.replace("{c}", chr(point)) for point in detail]
        for point, text, tokens in zip(detail, texts, node.analysed(texts, "cut"), strict=True):
            behaviour[point].append(_spans(text, tokens))
    letters: dict[tuple[tuple[tuple[int, int, str], ...], ...], str] = {}
    for point, letter in known.items():
        if letters.setdefault(tuple(behaviour[point]), letter) != letter:
            message = (
                f"{letters[tuple(behaviour[point])]} and {letter} can't be told apart any more"
            )
            raise ValueError(message)
    found: dict[int, str] = {}
    for point in detail:
        of_it = letters.get(tuple(behaviour[point]))
        if of_it is None:
            raise ValueError(f"U+{point:04X} behaves like no class that text/tokens.py knows")
        found[point] = of_it
    rest = sorted(asked - found.keys())
    for point, tokens in zip(rest, node.analysed([chr(p) for p in rest], "cut"), strict=True):
        kinds = {kind for *_, kind in tokens}
        if kinds - {"<IDEOGRAPHIC>"}:
            raise ValueError(f"U+{point:04X} was taken for an ideograph and is {sorted(kinds)}")
        found[point] = "J" if kinds else "."
    return {point: letter for point, letter in found.items() if letter != "." and point in asked}


def _spans(text: str, tokens: Sequence[Token]) -> tuple[tuple[int, int, str], ...]:
    """Spans in code points, so that members of a class on any plane behave alike."""
    places: dict[int, int] = {}
    at = 0
    for n, sign in enumerate(text):
        places[at] = n
        at += 2 if sign > "\uffff" else 1
    places[at] = len(text)
    return tuple(
        (places.get(start, -1), places.get(end, -1), kind) for _, start, end, _, kind in tokens
    )


def tables(node: Node) -> str:
    """The text of `tables.json`."""
    runs: list[tuple[int, int, str]] = []
    for point, letter in sorted(classes(node, POINTS).items()):
        if runs and point == runs[-1][0] + runs[-1][1] and letter == runs[-1][2]:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, letter)
        else:
            runs.append((point, 1, letter))
    folded = foldings(node, POINTS)
    made = {
        "source": node.versions(),
        "classes": " ".join(f"{start:x}:{size:x}:{letter}" for start, size, letter in runs),
        "from": "".join(map(chr, folded)),
        "to": " ".join(folded.values()),
    }
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def _classes_of(table: dict[str, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for run in table["classes"].split(" "):
        start, size, letter = run.split(":", 2)
        first = int(start, 16)
        found.update(dict.fromkeys(range(first, first + int(size, 16)), letter))
    return found


def _foldings_of(table: dict[str, str]) -> dict[int, str]:
    return dict(zip(map(ord, table["from"]), table["to"].split(" "), strict=True))


def _told(what: str, before: dict[int, str], now: dict[int, str]) -> Iterator[str]:
    """One line for each code point that differs, at most `SHOWN`, and how many they are."""
    differ = sorted(p for p in before.keys() | now.keys() if before.get(p) != now.get(p))
    yield f"{what}: {len(differ)} code points differ"
    for point in differ[:SHOWN]:
        yield f"  U+{point:04X}: {before.get(point, 'none')} in the table, {now.get(point, 'none')} on the node"


def main() -> int:
    """Exit code 0: written, or equal; 1: `--check` found differences."""
    parser = argparse.ArgumentParser(description="Measure the token tables on a node.")
    parser.add_argument("--node", required=True, help="its address, as http://host:port")
    parser.add_argument(
        "--check", action="store_true", help="compare with the table; write nothing"
    )
    parser.add_argument("--table", type=Path, default=TABLES, help="the table")
    options = parser.parse_args()
    with Node(options.node) as node:
        made = tables(node)
    if not options.check:
        options.table.write_text(made, encoding="utf-8")
        sys.stdout.write(f"{options.table}: written, {len(made.encode())} bytes\n")
        return 0
    held = options.table.read_text(encoding="utf-8")
    if made == held:
        sys.stdout.write(f"{options.table}: as the node has it\n")
        return 0
    before, now = json.loads(held), json.loads(made)
    sys.stdout.write(f"table:  {before['source']}\nnode:   {now['source']}\n")
    for what, read in (("class", _classes_of), ("folding", _foldings_of)):
        for line in _told(what, read(before), read(now)):
            sys.stdout.write(f"{line}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
