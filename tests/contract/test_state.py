"""Every worker's state keeps the same promises."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from contract.state_suite import NewState, StateSuite
from tocsin.adapters.memory.state import MemoryState
from tocsin.adapters.sqlite.state import SqliteState
from tocsin.adapters.sqlite.store import SqliteStore


class TestMemoryState(StateSuite):
    @pytest.fixture
    def new_state(self) -> NewState:
        return MemoryState


class TestSqliteState(StateSuite):
    @pytest.fixture
    def new_state(self, tmp_path: Path) -> Iterator[NewState]:
        # Each state is another worker of one store: isolation is tested along the way.
        store = SqliteStore(tmp_path, ballast_bytes=4096)
        numbers = count()
        yield lambda: SqliteState(store, f"worker{next(numbers)}")
        store.close()
