"""Every log keeps the same promises."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from contract.bus_suite import BusSuite, NewBus
from contract.retention_suite import RetentionSuite
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.sqlite.bus import SqliteBus
from tocsin.adapters.sqlite.store import SqliteStore


class TestMemoryBus(BusSuite, RetentionSuite):
    @pytest.fixture
    def new_bus(self) -> NewBus:
        return MemoryBus


class TestSqliteBus(BusSuite, RetentionSuite):
    @pytest.fixture
    def new_bus(self, tmp_path: Path) -> Iterator[NewBus]:
        numbers = count()
        stores: list[SqliteStore] = []

        def new() -> SqliteBus:
            stores.append(SqliteStore(tmp_path / str(next(numbers)), ballast_bytes=4096))
            return SqliteBus(stores[-1])

        yield new
        for store in stores:
            store.close()
