"""Every index keeps the same promises."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from contract.documents_suite import Engine, NewEngine
from contract.search_suite import SearchSuite
from support.servers.fixtures import ElasticServer
from tocsin.adapters.elasticsearch.client import client_of
from tocsin.adapters.elasticsearch.index import ElasticIndex
from tocsin.adapters.elasticsearch.search import ElasticSearch
from tocsin.adapters.memory.search import MemorySearch
from tocsin.adapters.sqlite.index import SqliteIndex
from tocsin.adapters.sqlite.search import SqliteSearch
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.settings import Settings


class TestMemorySearch(SearchSuite):
    @pytest.fixture
    def new_engine(self) -> NewEngine:
        def new() -> Engine:
            memory = MemorySearch()
            return Engine(memory, memory)

        return new


class TestSqliteSearch(SearchSuite):
    @pytest.fixture
    def new_engine(self, tmp_path: Path) -> Iterator[NewEngine]:
        numbers = count()
        stores: list[SqliteStore] = []

        def new() -> Engine:
            stores.append(SqliteStore(tmp_path / str(next(numbers)), ballast_bytes=4096))
            return Engine(SqliteIndex(stores[-1]), SqliteSearch(stores[-1]))

        yield new
        for store in stores:
            store.close()


@pytest.mark.servers
class TestElasticSearch(SearchSuite):
    @pytest.fixture
    def new_engine(self, elastic_server: ElasticServer, prefix: str) -> Iterator[NewEngine]:
        client = client_of(Settings(elasticsearch=elastic_server.url))
        numbers = count()

        def new() -> Engine:
            own = f"{prefix}{next(numbers)}-"
            return Engine(
                ElasticIndex(client, prefix=own),
                ElasticSearch(client, prefix=own),
                lambda: client.indices.refresh(index=f"{own}*") and None,
            )

        yield new
        if made := list(client.indices.get(index=f"{prefix}*", features="aliases")):
            client.indices.delete(index=made)
        client.close()
