"""Makes the indices that documents are written to, each once, before its first document.

Made explicitly, with our mapping, and never by the node on a write: so a mistyped name cannot become an
index that takes anything, and it does not matter whether `setup` ran or which of several indexers comes
first to a new month.
"""

from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from tocsin.adapters.elasticsearch.faults import asking, cause
from tocsin.adapters.elasticsearch.mappings import SETTINGS, mapping
from tocsin.adapters.elasticsearch.names import MONTHLY, reading_name
from tocsin.errors import StoreError
from tocsin.ports.search import DocKind


class Indices:
    """The indices of one desk that are known to exist. Thread-safe: to make one twice is harmless."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._known: set[str] = set()

    def ensure(self, kind: DocKind, name: str) -> None:
        """Make the index `name` unless it exists. Raises as the port does."""
        if name not in self._known:
            make_index(self._client, self._prefix, kind, name)
            self._known.add(name)

    def forget(self, name: str) -> None:
        """The node says that `name` is gone."""
        self._known.discard(name)


def make_index(client: Elasticsearch, prefix: str, kind: DocKind, name: str) -> bool:
    """Make an index with its mapping and alias; false where it exists already.

    The number of replicas is left to the template (`setup.py`). Raises StoreError where the alias's
    name is taken by an index, Retryable where the cluster can't be reached.
    """
    with asking(client):
        try:
            client.indices.create(
                index=name, settings=SETTINGS, mappings=mapping(kind), aliases=aliases(prefix, kind)
            )
        except BadRequestError as error:
            said, _ = cause(error)
            if said == "resource_already_exists_exception":
                return False
            if said == "invalid_alias_name_exception":
                raise StoreError(alias_taken(prefix, kind)) from error
            raise
    return True


def aliases(prefix: str, kind: DocKind) -> dict[str, Any]:
    """The aliases of each index of a kind."""
    return {reading_name(prefix, kind): {}} if kind in MONTHLY else {}


def alias_taken(prefix: str, kind: DocKind) -> str:
    """What to do where an index has the name of a monthly kind's alias."""
    alias = reading_name(prefix, kind)
    return (
        f"{alias} must be an alias over the months, but is an index; remove it (`DELETE /{alias}`)"
        " and run `tocsin setup`"
    )
