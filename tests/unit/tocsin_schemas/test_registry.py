"""Events travel: encoded, decoded, refused with the place."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import WHEN, an_item, one_of_each
from tocsin_schemas.registry import (
    EVENTS,
    BadJsonError,
    EventType,
    UnknownVersionError,
    WireError,
    body_of,
    decode,
    encode,
    event,
)
from tocsin_schemas.story import Story

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_an_event_comes_back_as_it_was_sent(name):
    body = one_of_each()[name]
    sent = event(body, root_id="r", at=WHEN)

    assert decode(encode(sent)) == sent


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.rglob("*.json")), ids=lambda p: f"{p.parts[-3]}-{p.stem}"
)
def test_every_message_ever_published_parses_for_ever(path):
    found = decode(path.read_bytes())

    assert found.type == path.parts[-3]
    assert isinstance(found.body, EVENTS[found.type].model)


def test_every_event_has_a_golden_example_of_its_newest_version():
    for name, known in EVENTS.items():
        assert list((EXAMPLES / name / f"v{known.version}").glob("*.json")), name


def test_the_same_decision_made_again_has_the_same_event_id():
    first = event(an_item(), root_id="r", at=WHEN, discriminator="a@1")
    again = event(an_item(), root_id="r", at=WHEN, discriminator="a@1")
    other = event(an_item(), root_id="r", at=WHEN, discriminator="a@2")

    assert first.id == again.id != other.id


def test_a_field_that_a_newer_writer_added_is_ignored():
    wire = json.loads(encode(event(one_of_each()["story.changed"], root_id="r", at=WHEN)))
    wire["body"]["mood"] = "grim"
    wire["colour"] = "red"

    assert isinstance(decode(json.dumps(wire).encode()).body, Story)


@pytest.mark.parametrize(
    ("damage", "error", "place"),
    [
        (lambda w: b"{", BadJsonError, "envelope"),
        (lambda w: b"[]", BadJsonError, "envelope"),
        (
            lambda w: json.dumps(w | {"type": "story.sung"}).encode(),
            UnknownVersionError,
            "story.sung",
        ),
        (lambda w: json.dumps(w | {"version": 99}).encode(), UnknownVersionError, "v99"),
        (lambda w: json.dumps(w | {"body": {}}).encode(), WireError, "story.changed.id"),
        (
            lambda w: json.dumps(w | {"at": "2008-09-03T14:05:00"}).encode(),
            BadJsonError,
            "envelope.at",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(damage, error, place):
    wire = json.loads(encode(event(one_of_each()["story.changed"], root_id="r", at=WHEN)))

    with pytest.raises(error, match=place.replace(".", r"\.")):
        decode(damage(wire))


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data):
    with pytest.raises(WireError):
        decode(data)


def test_a_record_on_the_wrong_topic_is_named():
    with pytest.raises(WireError, match="wrong topic"):
        body_of(event(an_item(), root_id="r", at=WHEN), Story)


def test_an_older_version_is_read_through_its_upcasters(monkeypatch):
    def renamed(body):
        return {k: v for k, v in body.items() if k != "headline"} | {"title": body["headline"]}

    wire = json.loads(encode(event(one_of_each()["story.changed"], root_id="r", at=WHEN)))
    wire["body"]["headline"] = wire["body"].pop("title")
    monkeypatch.setitem(
        EVENTS,
        "story.changed",
        EventType("story.changed", Story, version=2, upcasters={1: renamed}),
    )

    assert decode(json.dumps(wire).encode()).body == one_of_each()["story.changed"]


def test_a_gap_in_the_upcasters_is_an_unknown_version(monkeypatch):
    wire = encode(event(one_of_each()["story.changed"], root_id="r", at=WHEN))
    monkeypatch.setitem(
        EVENTS, "story.changed", EventType("story.changed", Story, version=3, upcasters={2: dict})
    )

    with pytest.raises(UnknownVersionError, match="v1"):
        decode(wire)
