from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipeline.enrich.casualties.figures import read

REF = date(2008, 9, 21)


def told(text: str) -> list[tuple[str, int | None, int | None]]:
    return [(f.kind, f.min, f.max) for f in read("", text, REF)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Nine people were killed in the raid.", [("killed", 9, 9)]),
        ("The raid caused the death of nine to twenty individuals.", [("killed", 9, 20)]),
        ("Between 9 and 20 people died in the attack, residents said.", [("killed", 9, 20)]),
        ("Forces fired missiles at the village, killing more than 12 people.", [("killed", 13, None)]),
        ("At least 53 people died in the blast.", [("killed", 53, None)]),
        ("Up to 20 people were killed in the raid.", [("killed", None, 20)]),
        ("Fewer than 10 soldiers were wounded.", [("wounded", None, 9)]),
        ("A suicide bombing left 30 dead and 50 wounded.", [("killed", 30, 30), ("wounded", 50, 50)]),
        ("About two dozen insurgents were killed.", [("killed", 24, 24)]),
        ("Dozens were injured in the crush.", [("wounded", 24, None)]),
        ("Soldiers died in the ambush.", [("killed", 2, None)]),
        ("Three soldiers and two civilians were killed in the clash.", [("killed", 5, 5)]),
        ("Twelve people, including four children, were killed.", [("killed", 12, 12)]),
        ("The army said 20 people, most of them civilians, were killed.", [("killed", 20, 20)]),
        ("A policeman was shot dead by gunmen.", [("killed", 1, 1)]),
        ("Gunmen kidnapped the Polish engineer and killed his three guards.", [("kidnapped", 1, 1), ("killed", 3, 3)]),
        ("Four people drowned and two were missing.", [("killed", 4, 4), ("missing", 2, 2)]),
        ("The death toll rose from 20 to 25.", [("killed", 25, 25)]),
        ("Rescuers pulled six bodies from the rubble.", [("killed", 6, 6)]),
        ("An explosion ripped through a market, claiming 18 lives.", [("killed", 18, 18)]),
        ("Of the 45 people on board, 41 died.", [("killed", 41, 41)]),
        ("A car bomb attack on the mosque wounded dozens.", [("wounded", 24, None)]),
        ("Two gunmen killed a settler before being shot dead by the army.", [("killed", 1, 1), ("killed", 2, 2)]),
        ("The bomber blew himself up at the gate.", [("killed", 1, 1)]),
        ("Two miners fell to their deaths.", [("killed", 2, 2)]),
    ],
)  # fmt: skip
def test_a_casualty_is_a_range(
    text: str, figures: list[tuple[str, int | None, int | None]]
) -> None:
    assert told(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "No one was killed in the attack.",
        "There were no reports of casualties.",
        "The storm could kill 20 people.",
        "They threatened to kill two hostages.",
        "The former minister died of cancer, aged 78.",
        "The striker was injured in the first half of the match against the champions.",
        "About 500 people die on the roads each year.",
        "The bill was killed in committee.",
        "A mother of 12 spoke to reporters.",
        "Twelve birds have been killed by the cold.",
        "The 24-year-old was arrested in 2008.",
        "Seven helicopters landed in the province.",
    ],
)
def test_what_tells_of_no_victim_is_no_figure(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Tuesday's bombing, which killed 16 people, was claimed by the group.",
        "It was the worst attack since 2004, when 130 people died in a bombing.",
        "Last month a similar attack in Wah killed 64 people.",
        "The attack came two weeks after a bombing in Wah that killed 67.",
        "The 2005 earthquake killed 73,000 people.",
        "The September 11 attacks killed nearly 3,000 people.",
        "In August, 64 people were killed in a twin bombing in Wah.",
        "Some 1,200 people have been killed in attacks since July 2007.",
    ],
)
def test_a_figure_of_another_event_is_background(text: str) -> None:
    assert [f.role for f in read("", text, REF)] == ["background"]


@pytest.mark.parametrize(
    "text",
    [
        "Twelve people were killed in the deadliest attack since 2004.",
        "In the worst attack since 2004, gunmen killed 12 people.",
        "Twelve people were killed on September 20.",
        "Militants killed three soldiers they had captured last week.",
        "Twelve people were killed on Saturday night.",
    ],
)
def test_a_figure_of_this_event_stays_the_events(text: str) -> None:
    assert [f.role for f in read("", text, REF)] == ["event"]


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("The death toll was revised down to 25, officials said.", True),
        ("Officials lowered the toll to 25.", True),
        ("The toll stands at 25, not 40 as earlier reported.", True),
        ("The toll stands at 40, not 25 as earlier reported.", False),
        ("The death toll was revised up to 25.", False),
        ("The death toll rose to 25.", False),
        ("A second blast brought the toll to 25.", False),
    ],
)
def test_a_toll_taken_back_is_said_to_be_lowered(text: str, *, lowered: bool) -> None:
    assert [f.lowered for f in read("", text, REF)] == [lowered]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Nine people were killed, officials said.", "officials"),
        ("Residents said nine people were killed.", "Residents"),
        ("Nine people died, according to the provincial governor.", "the provincial governor"),
        ("Nine insurgents were reported killed.", ""),
        ("Nine people were killed.", ""),
    ],
)
def test_a_figure_names_who_says_so(text: str, who: str) -> None:
    assert [f.attribution for f in read("", text, REF)] == [who]


def test_the_same_figure_told_again_is_given_once() -> None:
    text = "Nine people were killed. The nine people killed in the raid were villagers. Police said nine people died."
    assert told(text) == [("killed", 9, 9)]


def test_a_figure_of_the_title_has_its_span_there() -> None:
    (figure,) = read("Raid kills 20 in village", "The army denied it.", REF)
    assert (figure.span.field, figure.role) == ("title", "event")
    assert (
        "Raid kills 20 in village"[figure.span.start : figure.span.end]
        == figure.words
        == "kills 20"
    )


def test_dead_and_wounded_undivided_are_mixed() -> None:
    (figure,) = read("", "The fighting caused 100 casualties.", REF)
    assert (figure.kind, figure.min, figure.mixed) == ("killed", 100, True)


def _split(text: str) -> list[str]:
    return text.split(" ")


_WORDS = st.sampled_from(
    [
        "nine",
        "12",
        "killed",
        "and",
        ",",
        ".",
        "the",
        "soldiers",
        "people",
        "wounded",
        "dead",
        "of",
        "in",
        "more",
        "than",
        "to",
        "who",
        "were",
        "one",
        "body",
        "lives",
        "missing",
        "hostages",
        "shot",
        "himself",
        "toll",
        "not",
        "it's",
        "Kabul",
        "A",
        "\n",
        "3,000",
        "dozens",
        "either",
        "death",
        "took",
        "found",
    ]
)


@given(st.lists(_WORDS, max_size=60).map(" ".join) | st.text(max_size=200))
def test_any_text_is_read_and_spans_hold(text: str) -> None:
    for figure in read("", text, REF):
        assert text[figure.span.start : figure.span.end] == figure.words
        assert figure.min is None or figure.max is None or figure.min <= figure.max


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("The raid killed nine people, a military spokesman and villagers said.", [("killed", 9, 9)]),
        ("A raid that is said to have killed 17 people was denied.", [("killed", 17, 17)]),
        ("Soldiers from across the border are said to have killed 17 people.", [("killed", 17, 17)]),
        ("A woman of 80 was killed by a falling tree.", [("killed", 1, 1)]),
        ("Two climbers, a Spaniard and his guide, were killed in a fall.", [("killed", 2, 2)]),
        ("They showed the graves of 19 people who they said had been killed.", [("killed", 19, 19)]),
    ],
)  # fmt: skip
def test_speakers_agents_and_ages_are_no_victims(
    text: str, figures: list[tuple[str, int | None, int | None]]
) -> None:
    assert told(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "The July bombing that killed 58 people shook the city.",
        "The conflict has claimed 70,000 lives in two decades.",
        "The group has killed hundreds of people in bombings and ambushes.",
        "He is wanted for a string of attacks in which more than 200 people died.",
        "Strikes have killed hundreds of people in the region in recent years.",
        "The deaths bring to 120 the number of soldiers killed this year.",
    ],
)
def test_what_a_career_or_a_conflict_has_cost_is_background(text: str) -> None:
    assert {f.role for f in read("", text, REF)} <= {"background"}


def test_a_part_keeps_its_words_and_is_background() -> None:
    text = "At least 53 people were killed. The Czech ambassador was among the dead."
    whole, part = read("", text, REF)
    assert (whole.role, part.role, part.min) == ("event", "background", 1)
    assert text[part.span.start : part.span.end] == part.words
