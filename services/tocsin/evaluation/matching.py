"""Whether the live matcher finds the pairs that it should, and how fast: `tocsin evaluate matching DIR`.

The real parser and engine, each document tokenised and matched as the alerter does it, no index.
"""

import gc
import gzip
import time
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from tocsin.errors import UsageError
from tocsin.evaluation import gold
from tocsin.pipeline.match.engine import Engine
from tocsin.query.ast import Node
from tocsin.query.errors import QueryError
from tocsin.query.parse import parse
from tocsin.query.view import View
from tocsin.text.clean import clean, one_line
from tocsin.text.tokens import tokenize

HISTORY = 1_000
"""Documents whose words are counted before the queries are filed, as an alerter has seen articles."""


def evaluate(folder: Path) -> dict[str, Any]:
    """{pairs, differ, docs_per_s, us_per_doc, load_s, bytes_per_query, documents, queries, refused, hits}.

    `folder` holds documents {id, title, text}, queries {id, query} (both .jsonl or .jsonl.gz) and
    expected.json(.gz): {document id: [query ids]}. `pairs` are all (document, query); `differ` those
    found and not expected or the reverse. Times are processor seconds of this thread, tokenising
    included; `load_s` is parsing and filing; `bytes_per_query` is what the process grew by (null
    where the system does not tell). A query that the grammar refuses finds nothing and is listed.
    """
    expected = _expected(_found(folder, "expected.json"))
    documents = [
        (str(d["id"]), str(d["title"] or ""), str(d["text"] or ""))
        for d in gold.texts(_found(folder, "documents.jsonl"), "id", "title", "text")
    ]
    queries = [
        (str(q["id"]), str(q["query"]))
        for q in gold.texts(_found(folder, "queries.jsonl"), "id", "query")
    ]
    frequencies: Counter[str] = Counter()
    history = documents[:HISTORY]
    for _, title, text in history:
        view = _view(title, text)
        frequencies.update({*view.title, *view.text})
    engine = Engine(frequencies, articles=len(history))
    refused: dict[str, str] = {}
    before = _resident()
    started = time.thread_time()
    for name, text in queries:
        root = _root(name, text, refused)
        if root is not None:
            engine.add(name, root)
    load_s = time.thread_time() - started
    grown = _resident() - before
    spent = 0.0
    differ = hits = 0
    for name, title, text in documents:
        started = time.thread_time()
        found = engine.match(_view(title, text))
        spent += time.thread_time() - started
        hits += len(found)
        differ += len(expected.get(name, frozenset()) ^ set(found))
    known = {name for name, _, _ in documents}
    differ += sum(len(ids) for name, ids in expected.items() if name not in known)
    return {
        "pairs": len(documents) * len(queries),
        "differ": differ,
        "docs_per_s": len(documents) / spent if spent else 0.0,
        "us_per_doc": spent / len(documents) * 1e6 if documents else 0.0,
        "load_s": load_s,
        "bytes_per_query": grown / len(queries) if grown > 0 and queries else None,
        "documents": len(documents),
        "queries": len(queries),
        "hits": hits,
        "refused": dict(sorted(refused.items())[:20]) | {"total": len(refused)},
    }


def _root(name: str, text: str, refused: dict[str, str]) -> Node | None:
    try:
        return parse(text).root
    except QueryError as error:
        refused[name] = str(error)
        return None


def _view(title: str, text: str) -> View:
    """As the path makes it: cleaned, then cut."""
    return View(title=tuple(tokenize(one_line(title))), text=tuple(tokenize(clean(text))))


def _found(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.gz", folder / name):
        if path.is_file():
            return path
    raise UsageError(f"{folder}: no {name} or {name}.gz in it")


def _expected(path: Path) -> dict[str, set[str]]:
    try:
        raw = path.read_bytes()
        held = orjson.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    except (OSError, EOFError, zlib.error, orjson.JSONDecodeError) as error:
        raise UsageError(f"{path}: can't be read: {error}") from error
    if not isinstance(held, dict) or not all(isinstance(ids, list) for ids in held.values()):
        raise UsageError(f"{path}: an object of lists is expected: {{document id: [query ids]}}")
    return {name: {str(id_) for id_ in ids} for name, ids in held.items()}


def _resident() -> int:
    """Bytes of memory that the process holds; 0 where the system does not tell."""
    gc.collect()
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
