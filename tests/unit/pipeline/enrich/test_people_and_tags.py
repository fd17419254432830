import pytest

from tocsin.pipeline.enrich import people, tags
from tocsin.pipeline.enrich.automaton import Phrases


def test_the_longest_actor_wins_and_capitals_count() -> None:
    found = people.actors("", "Al-Qaeda in Iraq fought the Pakistani Taliban. Who is to say?")
    assert [m.value for m in found] == ["Al-Qaeda in Iraq", "Pakistani Taliban"]
    assert [m.rule for m in found] == ["actors: group", "actors: group"]


def test_a_surname_later_is_the_person_named_in_full() -> None:
    found = people.persons(
        "", "General Ashfaq Kayani spoke. General Kayani left. Mr Robert Gates stayed."
    )
    assert [m.value for m in found] == ["Ashfaq Kayani", "Robert Gates"]


@pytest.mark.parametrize(
    "text",
    ["General Headquarters said so.", "The President of the council left.", "Will The army go?"],
)
def test_a_title_without_a_name_is_nobody(text: str) -> None:
    assert people.persons("", text) == []


@pytest.mark.parametrize(
    ("title", "text", "tag"),
    [
        ("Car bomb kills nine", "", "bombing"),
        ("", "A suicide bomber struck a hotel.", "suicide-bombing"),
        ("Missile strike in Miranshah", "", "airstrike"),
        ("", "Gunmen kidnapped an engineer.", "kidnapping"),
        ("Polls open in election", "", "election"),
        ("", "Thousands of protesters marched.", "protest"),
        ("Magnitude 7 earthquake", "", "earthquake"),
        ("", "The foreign minister summoned the ambassador.", "diplomacy"),
    ],
)
def test_a_phrase_in_title_or_lead_gives_a_tag(title: str, text: str, tag: str) -> None:
    assert tag in [m.value for m in tags.read(title, text)]


def test_a_forbidden_phrase_takes_the_tag_back() -> None:
    assert "attack" not in [m.value for m in tags.read("Singer dies of heart attack", "")]


def test_one_phrase_far_down_is_not_enough_and_two_are() -> None:
    filler = "Words of no weight at all. " * 30
    assert "election" not in [m.value for m in tags.read("", f"{filler} An election.")]
    assert "election" in [m.value for m in tags.read("", f"{filler} An election and a referendum.")]


def test_phrases_are_whole_words_and_a_star_takes_any_ending() -> None:
    phrases = Phrases([("bomb", "b"), ("kidnap*", "k")])
    text = "İ bombast, bomb, kidnappers"
    assert [(text[h.start : h.end], h.value) for h in phrases.find(text)] == [
        ("bomb", "b"),
        ("kidnappers", "k"),
    ]


def test_spans_hold() -> None:
    title, text = (
        "Taliban attack NATO convoy",
        "President Asif Ali Zardari condemned the bombing by the Taliban.",
    )
    for mention in (
        *people.actors(title, text),
        *people.persons(title, text),
        *tags.read(title, text),
    ):
        whole = title if mention.span.field == "title" else text
        assert whole[mention.span.start : mention.span.end] == mention.words
