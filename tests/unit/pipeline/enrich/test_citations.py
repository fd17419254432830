from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.enrich.citations import read

REF = date(2008, 10, 2)


def cited(text: str) -> list[tuple[str, str, str]]:
    return [(c.outlet, c.place, c.day.isoformat() if c.day else "") for c in read(text, REF)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("(Dawn [Karachi], September 20; see Terrorism Focus, October 1)", [("Dawn", "Karachi", "2008-09-20"), ("Terrorism Focus", "", "2008-10-01")]),
        ("(New York Times, September 11)", [("New York Times", "", "2008-09-11")]),
        ("(The News, September12)", [("The News", "", "2008-09-12")]),
        ("(RFE/RL, 3 May 2007)", [("RFE/RL", "", "2007-05-03")]),
        ("(AP, AFP, December 30)", [("AP", "", "2007-12-30"), ("AFP", "", "2007-12-30")]),
        ("(dawn.com, 2008-09-20)", [("dawn.com", "", "2008-09-20")]),
        ("They left – Dawn, May 3", [("Dawn", "", "2008-05-03")]),
    ],
)  # fmt: skip
def test_an_outlet_and_a_day_in_brackets_are_a_citation(
    text: str, wanted: list[tuple[str, str, str]]
) -> None:
    assert cited(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["(PAF)", "(CENTO, 1955-79)", "(born May 3, 1960)", "(updated September 3)", "(from May 3)", "(May 3)",
     "(retd)", "(The raid was on September 3)"],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert cited(text) == []


def test_a_photo_caption_is_none() -> None:
    assert read("(Kabul, March 1, 2002)", REF, frozenset({"Kabul"})) == []


def test_a_place_is_inherited_by_later_bare_mentions() -> None:
    assert cited("(Dawn [Karachi], September 20) and (Dawn, September 13)")[1] == (
        "Dawn",
        "Karachi",
        "2008-09-13",
    )


def test_without_a_day_of_publication_the_day_stays_open() -> None:
    (citation,) = read("(Dawn, September 20)", None)
    assert citation.day is None


@given(
    st.lists(
        st.sampled_from(
            ["(", ")", "Dawn", ", ", "May 3", "; ", "[Karachi]", " ", "2008", "–", "\n"]
        ),
        max_size=40,
    ).map("".join)
)
def test_spans_hold(text: str) -> None:
    for citation in read(text, REF):
        assert text[citation.span.start : citation.span.end] == citation.words
