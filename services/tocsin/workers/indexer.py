"""The indexer: events to documents, and the outcome `indexed` for each article that stands in the index.

Stateless. A version already held is success (`stale`); a document the index refuses is a dead letter,
but for a dead letter: that one stands in the log and is told there.
"""

from collections.abc import Iterable, Sequence

from tocsin.pipeline.index.document import documents
from tocsin.ports.bus import Message, Record
from tocsin.ports.search import Document, Index
from tocsin.telemetry import logger
from tocsin.workers.endings import dead_letter, outcome
from tocsin_schemas.registry import WireError, decode
from tocsin_schemas.story import ClusteredArticle
from tocsin_schemas.topics import DEAD_LETTERS


class Indexer:
    """The effect of the indexer's `Pipe`."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._log = logger(worker="indexer")

    def __call__(self, records: Sequence[Record]) -> list[Message]:
        """Puts the documents of one batch; returns outcomes and dead letters."""
        messages: list[Message] = []
        made: list[tuple[Record, Document]] = []
        for record in records:
            if record.value is None:
                continue
            try:
                found = documents(decode(record.value))
            except WireError as error:
                messages += self._bury(record, error.code, str(error))
                continue
            made += [(record, document) for document in found]
        newest = _newest(document for _, document in made)
        refused = {
            (document.kind, document.id): put.reason
            for document, put in zip(newest, self._index.put(newest), strict=True)
            if put.result == "refused"
        }
        for record, document in made:
            reason = refused.get((document.kind, document.id))
            if reason is not None:
                messages += self._bury(record, "refused", f"{document.kind}: {reason}")
            elif document.kind == "articles":
                messages.append(_indexed(document.body))
        return messages

    def _bury(self, record: Record, code: str, text: str) -> list[Message]:
        self._log.warning(
            "dead-letter", topic=record.topic, offset=record.offset, reason=code, why=text
        )
        if record.topic == DEAD_LETTERS.name:  # another would hold this one, and be refused alike
            return []
        return dead_letter(record, stage="indexer", code=code, text=text, at=record.written)


def _newest(made: Iterable[Document]) -> list[Document]:
    """Of several versions of one document in a batch only the highest is worth writing; the text of
    each version of an article is a document of its own and stays.
    """
    best: dict[tuple[str, str], Document] = {}
    for document in made:
        key = (document.kind, document.id)
        if key not in best or document.version > best[key].version:
            best[key] = document
    return list(best.values())


def _indexed(body: object) -> Message:
    assert isinstance(body, ClusteredArticle)
    return outcome(
        body.article.root_id,
        "indexed",
        at=body.article.collected,
        article=body.article_id,
        story=body.story_id,
        revision=body.revision,
    )
