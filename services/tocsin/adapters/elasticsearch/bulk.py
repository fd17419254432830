"""Writes prepared lines in requests of bounded size, and tells the fate of each.

Versions are external: the node itself refuses a version it holds already (409), which is success. All
retrying is the caller's; nothing here waits. After an error some lines may have been written: writing
them again is harmless.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson
from elastic_transport import ApiError as AnyApiError
from elastic_transport import TransportError
from elasticsearch import Elasticsearch

from tocsin.adapters.elasticsearch.faults import (
    addresses,
    cause,
    cause_of,
    may_be_one_document,
    told,
    told_of,
)
from tocsin.adapters.elasticsearch.indices import Indices
from tocsin.errors import Retryable, StoreError
from tocsin.ports.search import DocKind, Put

MAX_DOCUMENTS = 500
MAX_BYTES = 5 * 1024 * 1024
"""Of one request; a larger document goes alone."""

_ANSWER = ["items.index.status", "items.index.error"]


class Line(NamedTuple):
    """One document ready to be sent."""

    kind: DocKind
    into: str
    id: str
    action: bytes
    source: bytes


def line_of(kind: DocKind, index: str, name: str, version: int, source: bytes) -> Line:
    """The document `name` of `index` under an external version."""
    action = {"_index": index, "_id": name, "version": version, "version_type": "external"}
    return Line(kind, index, name, orjson.dumps({"index": action}), source)


class BulkWriter:
    """Sends lines to one cluster. Thread-safe."""

    def __init__(self, client: Elasticsearch, indices: Indices) -> None:
        self._client = client.options(max_retries=0, retry_on_status=(), retry_on_timeout=False)
        self._indices = indices

    def write(self, lines: Sequence[Line]) -> list[Put]:
        """The fate of each line, in order. Raises Overloaded, Retryable or StoreError for all."""
        return [put for chunk in chunks(lines) for put in self._chunk(chunk)]

    def _chunk(self, lines: Sequence[Line]) -> list[Put]:
        puts = self._send(lines)
        lost = [number for number, put in enumerate(puts) if put is None]
        if not lost:
            return [put for put in puts if put is not None]
        for name, kind in {lines[n].into: lines[n].kind for n in lost}.items():
            self._indices.forget(name)
            self._indices.ensure(kind, name)
        for number, put in zip(lost, self._send([lines[n] for n in lost]), strict=True):
            if put is None:
                raise StoreError(
                    f"the index {lines[number].into} at {addresses(self._client)} is removed as"
                    " soon as it is made; see what removes it"
                )
            puts[number] = put
        return [put for put in puts if put is not None]

    def _send(self, lines: Sequence[Line]) -> list[Put | None]:
        """The fate of each line; null where its index is missing."""
        operations: list[Any] = [part for line in lines for part in (line.action, line.source)]
        try:
            answer = self._client.bulk(operations=operations, filter_path=_ANSWER)
        except AnyApiError as error:
            if not may_be_one_document(error):
                raise told(error, addresses(self._client)) from error
            # One document spoils the whole request (an id of more than 512 bytes does): find it.
            if len(lines) == 1:
                return [Put(lines[0].id, "refused", ": ".join(cause(error)))]
            middle = len(lines) // 2
            return self._send(lines[:middle]) + self._send(lines[middle:])
        except TransportError as error:
            raise told(error, addresses(self._client)) from error
        items = answer.body.get("items", [])
        if len(items) != len(lines):
            raise Retryable(
                f"{addresses(self._client)} answered {len(items)} of {len(lines)} documents"
            )
        return [self._fate(line, item["index"]) for line, item in zip(lines, items, strict=True)]

    def _fate(self, line: Line, item: dict[str, Any]) -> Put | None:
        status = item["status"]
        if status < 300:
            return Put(line.id, "indexed")
        name, reason = cause_of(item.get("error"))
        if status == 409:
            return Put(line.id, "stale")
        if status == 404 and name == "index_not_found_exception":
            return None
        if fault := told_of(status, name, reason, addresses(self._client)):
            raise fault
        return Put(line.id, "refused", f"{name}: {reason}")


def chunks(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """`lines` in order, in runs that fit one request."""
    first = size = 0
    for number, line in enumerate(lines):
        more = len(line.action) + len(line.source) + 2
        if number > first and (number - first >= MAX_DOCUMENTS or size + more > MAX_BYTES):
            yield lines[first:number]
            first, size = number, 0
        size += more
    if first < len(lines):
        yield lines[first:]
