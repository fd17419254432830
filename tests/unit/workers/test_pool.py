"""How the pool cuts and counts; what happens with real processes is in tests/integration."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.workers.pool import CHUNK_BYTES, CHUNK_ITEMS, cut


@given(st.lists(st.binary(max_size=40), max_size=80), st.integers(1, 4))
def test_chunks_hold_every_value_once_and_in_order(values: list[bytes], size: int) -> None:
    chunks = cut(values, size)
    assert [v for c in chunks for v in c.values] == values
    assert all(0 < len(c.values) <= CHUNK_ITEMS for c in chunks)


def test_few_values_are_spread_over_all_children() -> None:
    assert [len(c.values) for c in cut([b"x"] * 8, 4)] == [2, 2, 2, 2]


def test_heavy_values_travel_in_small_chunks() -> None:
    heavy = b"x" * (CHUNK_BYTES // 2 + 1)
    assert [len(c.values) for c in cut([heavy] * 3, 1)] == [1, 1, 1]
    assert [len(c.values) for c in cut([b"x" * (3 * CHUNK_BYTES)], 1)] == [1]
