"""Which model a document's body is, and whether a document can be held at all."""

from collections.abc import Mapping, Sequence

from tocsin.adapters.cursors import first_place
from tocsin.ports.search import DocKind, Document, Put
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.contract import Contract
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.feed import FeedState
from tocsin_schemas.notification import Notification
from tocsin_schemas.story import ClusteredArticle, Story
from tocsin_schemas.subscription import Subscription

MODELS: Mapping[DocKind, type[Contract]] = {
    "articles": ClusteredArticle,
    "versions": ClusteredArticle,
    "stories": Story,
    "alerts": Alert,
    "notifications": Notification,
    "feeds": FeedState,
    "subscriptions": Subscription,
    "acts": Act,
    "dead-letters": DeadLetter,
}


def fault_of(document: Document) -> str:
    """Why `document` can't be held, in words; empty if it can."""
    model = MODELS.get(document.kind)
    if model is None:
        return f"there is no kind {document.kind!r}; known are {', '.join(MODELS)}"
    if not isinstance(document.body, model):
        return f"{document.kind} hold {model.__name__}, not {type(document.body).__name__}"
    try:
        first_place(document.at)
        for text in (
            document.id,
            *document.keys,
            *(v for vs in document.keys.values() for v in vs),
        ):
            text.encode()
    except ValueError as error:  # UnicodeEncodeError is one
        return str(error)
    return ""


def settle(
    documents: Sequence[Document], held: Mapping[tuple[DocKind, str], int]
) -> tuple[list[Put], dict[tuple[DocKind, str], Document]]:
    """What becomes of each document, in order, given the versions held; and those to write: of each
    id only the last that is `indexed`, since the ones before it are superseded in the same breath.
    """
    versions = dict(held)
    results: list[Put] = []
    to_write: dict[tuple[DocKind, str], Document] = {}
    for document in documents:
        name = document.kind, document.id
        if fault := fault_of(document):
            results.append(Put(document.id, "refused", fault))
        elif document.version <= versions.get(name, -1):
            results.append(Put(document.id, "stale"))
        else:
            versions[name] = document.version
            to_write[name] = document
            results.append(Put(document.id, "indexed"))
    return results, to_write


def is_text(value: str) -> bool:
    """False for a string with a lone surrogate, which no store can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
