"""Writes documents to be found in Elasticsearch; the higher version wins, whoever comes first.

Every document goes to the node, which decides alone: two indexers of one article, or a replay of the
whole log, leave the same index behind.
"""

from collections.abc import Sequence
from datetime import datetime

from elasticsearch import Elasticsearch

from tocsin.adapters.documents import fault_of
from tocsin.adapters.elasticsearch.bulk import BulkWriter, Line, line_of
from tocsin.adapters.elasticsearch.indices import Indices
from tocsin.adapters.elasticsearch.names import index_name
from tocsin.adapters.elasticsearch.sources import source_of
from tocsin.ports.clock import Clock, SystemClock
from tocsin.ports.search import Document, Put

_MACHINE = SystemClock()


class ElasticIndex:
    """A `ports.search.Index` on a cluster. Thread-safe. The clock stamps `indexed` on articles."""

    def __init__(self, client: Elasticsearch, *, prefix: str = "", clock: Clock = _MACHINE) -> None:
        self._prefix = prefix
        self._clock = clock
        self._indices = Indices(client, prefix)
        self._bulk = BulkWriter(client, self._indices)

    def put(self, documents: Sequence[Document]) -> list[Put]:
        """Write, in order, each document whose version is above the one held; durable on return, found
        within 2 s. Raises Overloaded, Retryable or StoreError for the whole call, which may then have
        been written in part and can be made again; a document that can't be held is `refused` alone.
        """
        now = self._clock.now()
        puts: list[Put | None] = [None] * len(documents)
        lines: dict[int, Line] = {}
        for number, document in enumerate(documents):
            fault = fault_of(document)
            if not fault:
                try:
                    lines[number] = self._line(document, now)
                except ValueError as error:  # a body that JSON can't hold
                    fault = str(error)
            if fault:
                puts[number] = Put(document.id, "refused", fault)
        for name, kind in {line.into: line.kind for line in lines.values()}.items():
            self._indices.ensure(kind, name)
        for number, put in zip(lines, self._bulk.write(list(lines.values())), strict=True):
            puts[number] = put
        return [put for put in puts if put is not None]

    def _line(self, document: Document, now: datetime) -> Line:
        index = index_name(self._prefix, document.kind, document.at)
        source = source_of(document, now)
        return line_of(document.kind, index, document.id, document.version, source)
