import pytest

from tocsin.pipeline.enrich.places import decide, gazetteer


def about(text: str, title: str = "", source: str = "") -> list[str]:
    return decide.Reader(gazetteer.load()).read(title, text, source)[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Troops raided a village in South Waziristan.", ["PK"]),
        ("Afghan forces left the province of Paktika.", ["AF"]),
        ("The U.S. and Pakistan agreed.", ["PK", "US"]),
        ("A blast shook Mogadishu on Monday.", ["SO"]),
        ("Protesters marched in Springfield, Ill., on Monday.", ["US"]),
        ("Georgia and Russia signed a truce over South Ossetia.", ["GE", "RU"]),
        ("Police in Atlanta, Georgia, said so.", ["US"]),
    ],
)
def test_countries_are_those_the_names_lie_in(text: str, wanted: list[str]) -> None:
    assert sorted(about(text)) == sorted(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "The Washington Post reported it.",
        "Paris Hilton sang.",
        "Michael Jordan scored.",
        "They ate turkey and French fries.",
        "He spoke in Arabic and she in French.",
        "The meeting was long.",
        "",
    ],
)
def test_names_that_only_hold_a_place_are_none(text: str) -> None:
    assert about(text) == []


def test_the_country_told_of_most_leads() -> None:
    text = (
        "Pakistan protested. The U.S. said nothing. Islamabad wrote a letter, and Karachi marched."
    )
    assert about(text, "Pakistan protests over raid")[0] == "PK"


def test_the_sources_own_country_helps_a_small_town() -> None:
    text = "A fire broke out in Mardan and spread."
    assert about(text, source="PK") == ["PK"]


def test_places_have_spans_that_hold_and_do_not_overlap() -> None:
    title, text = (
        "Raid in Waziristan",
        "MIRANSHAH: U.S. troops left Angoori Ada, South Waziristan, for Paktika.",
    )
    _, places = decide.Reader(gazetteer.load()).read(title, text)
    full = f"{title}\n{text}"
    end = 0
    for place in places:
        assert place.start >= end
        end = place.end
        assert full[place.start : place.end]
    assert {"South Waziristan", "Waziristan", "Paktika"} <= {p.name for p in places}
