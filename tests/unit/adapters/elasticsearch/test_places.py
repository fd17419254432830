import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.adapters.elasticsearch.places import cursor_after, place_of
from tocsin.errors import UsageError
from tocsin.ports.search import Order

_ORDERS: st.SearchStrategy[Order] = st.sampled_from(["newest", "oldest"])
_IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)


@given(_ORDERS, st.integers(-(2**55), 2**55), _IDS)
def test_a_cursor_tells_its_place_again(order: Order, at_us: int, name: str) -> None:
    assert place_of(order, cursor_after(order, (at_us, name))) == (at_us, name)


def test_the_first_page_has_no_place() -> None:
    assert place_of("newest", "") is None


@given(st.text(max_size=40).filter(lambda text: "." not in text and text))
def test_any_text_without_our_form_is_a_usage_error(cursor: str) -> None:
    with pytest.raises(UsageError, match="first page"):
        place_of("newest", cursor)


@pytest.mark.parametrize(
    "cursor",
    [
        "n",
        "n1",
        "n1.",
        "x1.YQ",
        "n1.YQ==",
        "n1._w",
        "n" + "f" * 16 + ".YQ",
        "n1.A",
        "n-.YQ",
        "o1.YQ",
    ],
)
def test_a_cursor_that_is_not_ours_is_a_usage_error(cursor: str) -> None:
    with pytest.raises(UsageError, match="first page"):
        place_of("newest", cursor)
