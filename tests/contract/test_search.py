"""Every index keeps the same promises."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from contract.documents_suite import Engine, NewEngine
from contract.search_suite import SearchSuite
from tocsin.adapters.memory.search import MemorySearch
from tocsin.adapters.sqlite.index import SqliteIndex
from tocsin.adapters.sqlite.search import SqliteSearch
from tocsin.adapters.sqlite.store import SqliteStore


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
