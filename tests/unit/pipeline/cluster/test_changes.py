"""What a later version takes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.press import FERRY
from tocsin.pipeline.cluster.changes import MOST, figures, words
from tocsin_schemas.story import Change

Told = tuple[str, int | None, int | None]


def told(before: Told, after: Told) -> list[tuple[str, str, str, bool]]:
    found = figures([before], [after])  # type: ignore[list-item]  # literals
    return [(c.field, c.before, c.after, c.rises) for c in found]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (("killed", 9, 9), ("killed", 9, 9), []),
        (("killed", 9, 9), ("killed", 20, 20), [("killed", "9", "20", True)]),
        (("killed", 20, 20), ("killed", 9, 9), [("killed", "20", "9", False)]),
        (("killed", 9, 20), ("killed", 9, 25), [("killed", "9–20", "9–25", True)]),
        (("killed", 9, 20), ("killed", 8, 25), [("killed", "9–20", "8–25", False)]),
        (
            ("killed", 9, None),
            ("killed", 12, None),
            [("killed", "at least 9", "at least 12", True)],
        ),
        (("killed", None, 20), ("killed", None, 15), [("killed", "up to 20", "up to 15", False)]),
        (("killed", 9, 9), ("wounded", 9, 9), []),
    ],
)
def test_figures_replaced(
    before: Told, after: Told, changes: list[tuple[str, str, str, bool]]
) -> None:
    assert told(before, after) == changes


def fields(before: str, after: str) -> list[tuple[str, str, str]]:
    return [(c.field, c.before, c.after) for c in words(before, after)]


def test_a_name_replaced_by_another_is_told() -> None:
    after = FERRY.replace("Ilse Vandermeer", "Marit Solberg")
    assert fields(FERRY, after) == [("name", "Ilse Vandermeer", "Marit Solberg")]


def test_a_quote_replaced_by_another_is_told() -> None:
    before = 'The captain said: "We had sixty passengers on board."'
    after = 'The captain said: "We never counted who was on board."'
    assert fields(before, after) == [
        ("quote", "We had sixty passengers on board.", "We never counted who was on board.")
    ]


@pytest.mark.parametrize(
    "after",
    [
        FERRY,
        FERRY + " Divers from Halden joined the search.",
        ". ".join(FERRY.split(". ")[:-1]),
        ". ".join(reversed(FERRY.split(". "))),
        FERRY.replace("Tuesday", "Wednesday"),
        FERRY.replace("about sixty", "some sixty"),
        FERRY.replace("The minister of transport, Ilse Vandermeer,", "Minister Ilse Vandermeer"),
    ],
)
def test_additions_removals_moves_and_wording_are_no_changes(after: str) -> None:
    assert fields(FERRY, after) == []


def test_a_name_that_still_stands_elsewhere_is_not_taken_back() -> None:
    before = "Vandermeer ordered it. Vandermeer closed the crossing at noon."
    after = "Solberg ordered it. Vandermeer closed the crossing at noon."
    assert fields(before, after) == []


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_can_be_compared(before: str, after: str) -> None:
    for change in words(before, after):
        assert change.before
        assert change.after
        assert change.before != change.after


@pytest.mark.parametrize("character", [".", "A", '"', " ", "a.", "A b. "])
def test_long_monotonous_texts_have_no_names_or_quotes_to_change(character: str) -> None:
    assert words(character * 200_000, character * 199_999 + "x") == []


def test_changes_are_few() -> None:
    before = " ".join(
        f"Witness Abcd{n}x stood at the gate of pit number {n} then." for n in range(40)
    )
    after = before.replace("Abcd", "Wxyz")
    found = words(before, after)
    assert len(found) == MOST
    assert all(isinstance(c, Change) for c in found)
