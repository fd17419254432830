from hypothesis import given
from hypothesis import strategies as st

from tocsin.adapters.elasticsearch.bulk import MAX_BYTES, MAX_DOCUMENTS, Line, chunks

_SIZES = (0, 1, MAX_BYTES // 3, MAX_BYTES, MAX_BYTES + 1)
_LINES = {size: Line("feeds", "tocsin-feeds", "x", b"", bytes(size)) for size in _SIZES}


@given(st.lists(st.sampled_from(_SIZES), max_size=12))
def test_every_line_is_sent_once_in_order_and_no_request_is_too_large(sizes: list[int]) -> None:
    lines = [_LINES[size] for size in sizes]
    sent = list(chunks(lines))
    assert [id(line) for chunk in sent for line in chunk] == [id(line) for line in lines]
    for chunk in sent:
        assert chunk
        assert len(chunk) == 1 or sum(len(line.source) + 2 for line in chunk) <= MAX_BYTES


def test_a_request_holds_a_bounded_number_of_documents() -> None:
    assert [len(c) for c in chunks([_LINES[1]] * (2 * MAX_DOCUMENTS + 1))] == [
        MAX_DOCUMENTS,
        MAX_DOCUMENTS,
        1,
    ]
