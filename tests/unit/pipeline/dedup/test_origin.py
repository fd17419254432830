"""Whose voice an article is."""

import pytest

from support.press import FERRY, outlet, piece
from tocsin.pipeline.dedup.origin import (
    UNKNOWN,
    Proof,
    Voice,
    copied_voice,
    own_voice,
    revealed,
)
from tocsin_schemas.article import Credit
from tocsin_schemas.story import Origin

AFP = Voice(Origin(name="AFP", why="credit line"), Proof.CREDIT)
POST = Voice(Origin(name="Harbour Post", why="own report"), Proof.OUTLET)
MAIL = Voice(Origin(name="Evening Mail", why="own report"), Proof.OUTLET)
AGENCIES = Voice(None, Proof.CREDIT)


@pytest.mark.parametrize(
    ("source", "credit", "name", "proof"),
    [
        (outlet("Harbour Post"), Credit(), "Harbour Post", Proof.OUTLET),
        (outlet("Harbour Post", family="Coast"), Credit(), "Coast", Proof.OUTLET),
        (outlet("Harbour Post", owner="Lesna Holding"), Credit(), "Lesna Holding", Proof.OUTLET),
        (outlet("AFP", kind="agency"), Credit(), "AFP", Proof.CREDIT),
        (outlet("Ministry", kind="official"), Credit(), "Ministry", Proof.CREDIT),
        (outlet("All News", kind="aggregator"), Credit(), None, Proof.NONE),
        (outlet("Post"), Credit(role="whole", agencies=("AFP",)), "AFP", Proof.CREDIT),
        (outlet("Post"), Credit(role="contributed", agencies=("AFP",)), "Post", Proof.OUTLET),
        (outlet("Post"), Credit(role="whole", agencies=("AFP", "AP")), None, Proof.CREDIT),
        (outlet("Post"), Credit(role="whole"), None, Proof.CREDIT),
        (
            outlet("All", kind="aggregator"),
            Credit(role="whole", agencies=("AP",)),
            "AP",
            Proof.CREDIT,
        ),
    ],
)
def test_a_credit_names_the_agency_an_outlet_itself_an_aggregator_nobody(
    source: object, credit: Credit, name: str | None, proof: Proof
) -> None:
    voice = own_voice(piece("Ferry", FERRY, by=source).model_copy(update={"credit": credit}))  # type: ignore[arg-type]  # parametrised
    assert (voice.origin and voice.origin.name, voice.proof) == (name, proof)
    assert voice.origin is None or voice.origin.why


def test_a_copy_speaks_with_its_originals_voice_unless_it_is_credited() -> None:
    assert copied_voice(MAIL, AFP, "Harbour Post").origin.name == "AFP"  # type: ignore[union-attr]  # known
    assert copied_voice(MAIL, POST, "Harbour Post").origin.name == "Harbour Post"  # type: ignore[union-attr]  # known
    assert copied_voice(AFP, POST, "Harbour Post") == AFP


def test_a_copy_of_an_unknown_voice_speaks_for_itself_unless_the_unknown_was_credited() -> None:
    assert copied_voice(MAIL, UNKNOWN, "All News") == MAIL
    assert copied_voice(MAIL, AGENCIES, "Harbour Post") == UNKNOWN


def test_a_credited_copy_reveals_its_original_and_a_bare_one_does_not() -> None:
    shown = revealed(POST, AFP, "Evening Mail")
    assert shown is not None
    assert (shown.origin and shown.origin.name, shown.proof) == ("AFP", Proof.CREDIT)
    assert "Evening Mail" in (shown.origin.why if shown.origin else "")
    assert revealed(POST, MAIL, "Evening Mail") is None
    assert revealed(AFP, MAIL, "Evening Mail") is None
    named = revealed(UNKNOWN, MAIL, "Evening Mail")
    assert named is not None
    assert named.origin is not None
    assert named.origin.name == "Evening Mail"
    assert revealed(POST, AGENCIES, "Evening Mail") == AGENCIES
