import re
from datetime import timedelta

import pytest

from support.asgi_client import Client
from support.desk_fixture import NOW, DeskFixture, small_story, source
from tocsin.api.acting import new_id

DOOR = "/api/v1/subscriptions"

FORM = {
    "name": "Bannu",
    "query": "bannu AND bomb",
    "reasons": ["first-match", "toll", "origins"],
    "origins": "2, 3",
    "kinds": ["killed", "wounded"],
    "schedule": "hourly",
    "webhook": "https://hooks.example/a\nhttps://hooks.example/b",
}


def test_the_form_shows_how_the_query_would_have_rung(full: DeskFixture, client: Client) -> None:
    text = client.get("/subscriptions/new?q=waziristan").text

    assert "Would have rung 1 time" in text
    assert "11 copies" in text
    assert "First match in this story." in text
    assert not list(full.bus.read("tocsin.acts"))


def test_a_form_makes_a_subscription_that_rings_from_now_on(
    full: DeskFixture, client: Client
) -> None:
    answer = client.post("/subscriptions", form={**FORM, "token": new_id()})

    assert answer.status == 303
    identity = answer.headers["location"].split("/")[2].partition("?")[0]
    made = full.registers.subscriptions()[identity]
    assert made.effective_from == NOW
    assert made.reasons == ("first-match", "toll", "origins")
    assert made.origins == (2, 3)
    assert made.kinds == ("killed", "wounded")
    assert [c.kind for c in made.channels] == ["feed", "webhook", "webhook"]
    assert made.channels[1].secret.startswith("whsec_")
    assert "It rings for articles collected since" in client.get(answer.headers["location"]).text


def test_the_same_form_twice_is_one_subscription(full: DeskFixture, client: Client) -> None:
    form = {**FORM, "token": new_id()}
    before = len(full.registers.subscriptions())

    first = client.post("/subscriptions", form=form)
    second = client.post("/subscriptions", form=form)

    assert first.headers["location"] == second.headers["location"]
    assert len(full.registers.subscriptions()) == before + 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"query": "plase:swat"}, "query"),
        ({"reasons": []}, "reasons"),
        ({"origins": "1"}, "origins"),
        ({"origins": "many"}, "origins"),
        ({"schedule": "never"}, "schedule"),
        ({"webhook": "ftp://hooks.example/"}, "webhook"),
        ({"webhook": "https:///nohost"}, "webhook"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(
    full: DeskFixture, client: Client, change: dict[str, str], field: str
) -> None:
    before = len(full.registers.subscriptions())

    answer = client.post("/subscriptions", form={**FORM, **change})

    assert answer.status == 400
    assert f'href="#f-{field}"' in answer.text
    assert f'id="f-{field}"' in answer.text
    assert "Error" in answer.text.partition("</title>")[0]
    assert len(full.registers.subscriptions()) == before


def test_a_change_of_the_query_raises_its_version_and_keeps_its_date(
    full: DeskFixture, client: Client
) -> None:
    identity = full.ids["waziristan"]
    before = full.registers.subscriptions()[identity]

    client.post(
        f"/subscriptions/{identity}",
        form={**FORM, "query": "waziristan", "webhook": "https://hooks.example/x"},
    )

    after = full.registers.subscriptions()[identity]
    assert after.query_version == before.query_version + 1
    assert after.effective_from == before.effective_from
    assert after.channels[1].secret == before.channels[1].secret


def test_switching_on_again_starts_anew(full: DeskFixture, client: Client) -> None:
    identity = full.ids["waziristan"]

    client.post(f"/subscriptions/{identity}", form={"do": "disable"})
    assert not full.registers.subscriptions()[identity].enabled
    client.post(f"/subscriptions/{identity}", form={"do": "enable"})

    assert full.registers.subscriptions()[identity].effective_from == NOW


def test_removing_ends_it_and_keeps_its_alerts(full: DeskFixture, client: Client) -> None:
    client.post(f"/subscriptions/{full.ids['waziristan']}", form={"do": "remove"})

    assert client.get(f"/subscriptions/{full.ids['waziristan']}").status == 404
    assert client.get(f"/alerts/{full.ids['toll']}").status == 200


def test_a_query_whose_list_was_removed_says_that_it_stopped(
    full: DeskFixture, client: Client
) -> None:
    answer = client.post("/api/v1/subscriptions", data={"name": "T", "query": "@list:towns"})
    assert answer.status == 201

    client.ask("DELETE", "/api/v1/lists/towns")

    assert "no longer valid" in client.get(f"/subscriptions/{answer.json()['id']}").text
    assert "Rings for nothing" in client.get("/subscriptions").text


def test_the_door_makes_changes_tests_and_removes(full: DeskFixture, client: Client) -> None:
    body = {"name": "Door", "query": "raid", "reasons": ["toll"], "webhook": "https://h.example/1"}

    made = client.post("/api/v1/subscriptions", data=body).json()
    path = f"/api/v1/subscriptions/{made['id']}"

    assert made["secrets"]["https://h.example/1"].startswith("whsec_")
    assert "secret" not in str(client.get(path).json())
    assert client.ask("PATCH", path, data={"enabled": False}).json()["enabled"] is False
    assert client.ask("DELETE", path).status == 204
    assert client.get(path).status == 404
    tested = client.post("/api/v1/subscriptions/test", data={"query": "waziristan"}).json()
    assert tested["rang"] == 1
    assert tested["kept_quiet"]["copies"] == 11


def test_the_door_names_wrong_fields(client: Client) -> None:
    answer = client.post("/api/v1/subscriptions", data={"name": "x", "query": "raid", "kinds": 3})

    assert answer.status == 400
    assert "kinds" in answer.json()["error"]["message"]
    assert client.post("/api/v1/subscriptions", body=b"[1]").status == 400
    assert client.post("/api/v1/subscriptions", body=b"{oops").status == 400


def too_noisy(full: DeskFixture) -> None:
    """300 stories, each of which would ring, over the two days held."""
    for i in range(300):
        key = f"flood-{i}"
        title = f"Flood number{i} reported"
        when = full.clock.time - timedelta(minutes=i)
        story = small_story(key, title, when)
        full.article(
            key, outlet=source("Dawn"), title=title, text=f"Flood {i}.", when=when, story=story
        )


def test_more_than_a_hundred_alerts_a_day_must_be_wanted_by_page_and_door(
    full: DeskFixture, client: Client
) -> None:
    too_noisy(full)
    form = {"name": "Floods", "query": "flood", "reasons": "first-match"}
    body = {"name": "Floods", "query": "flood"}

    page, door = client.post("/subscriptions", form=form), client.post(DOOR, data=body)

    assert page.status == door.status == 400
    assert 'name="noisy"' in page.text
    assert "tick the box" in page.text
    assert "tick the box" in door.text
    assert client.post("/subscriptions", form={**form, "noisy": "1"}).status == 303
    made = client.post(DOOR, data={**body, "noisy": True})
    assert made.status == 201
    at = f"{DOOR}/{made.json()['id']}"
    assert client.ask("PATCH", at, data={"name": "Water"}).status == 200
    assert client.ask("PATCH", at, data={"query": "flood AND reported"}).status == 400


def test_an_edit_shows_what_would_ring_no_longer_and_what_anew(
    full: DeskFixture, client: Client
) -> None:
    address = f"/subscriptions/{full.ids['waziristan']}/edit"

    same, other = (
        client.get(address).text,
        client.get(f"{address}?query=mills&reasons=first-match").text,
    )

    assert "Before:" not in same
    assert re.search(r"Before: \d+ alerts?; now: 1\. \d+ no longer, 1 anew\.", other)
    assert "Flour mills" in other
    assert "− " in other
    assert "+ " in other
