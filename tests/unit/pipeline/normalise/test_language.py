import pytest

from tocsin.pipeline.normalise.language import detect


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Five people were killed when a car bomb exploded outside a hotel in the capital.", "en"),
        (
            "Bei einem Anschlag in der Hauptstadt sind am Samstag fünf Menschen getötet worden.",
            "de",
        ),
        ("Cinq personnes ont été tuées samedi dans un attentat dans la capitale.", "fr"),
        ("Cinco personas murieron el sábado en un atentado en la capital.", "es"),
        ("В результате взрыва в столице погибли пять человек.", "ru"),
        ("首都のホテルで爆発があり、5人が死亡した。", "ja"),
        ("انفجار في العاصمة يقتل خمسة أشخاص يوم السبت", "ar"),
        ("TROOPS KILL TWELVE MILITANTS NEAR THE BORDER, ARMY SAYS", "en"),
    ],
)
def test_a_sentence_of_news_is_told(text: str, code: str) -> None:
    assert detect(text).code == code


@pytest.mark.parametrize("text", ["", "12", "12:30 — 9/11", "😀😀😀", "a"])
def test_too_few_letters_are_undetermined(text: str) -> None:
    assert (detect(text).code, detect(text).confidence) == ("und", 0)


def test_the_beginning_decides_and_length_costs_nothing() -> None:
    words = "Two people were killed on Saturday when a bus fell into a river, officials said. "
    assert detect(words * 30) == detect(words * 20_000)
    assert detect(words).confidence > 0.9


def test_addresses_are_not_read_as_words() -> None:
    assert (
        detect(
            "https://example.org/die-nachrichten-des-tages The minister resigned on Friday evening"
        ).code
        == "en"
    )
