import re
from datetime import timedelta

import pytest

from support.asgi_client import Answer, Client
from support.desk_fixture import DeskFixture
from tocsin.api.acting import new_id
from tocsin.ports.bus import Record
from tocsin_schemas.act import Act
from tocsin_schemas.registry import decode
from tocsin_schemas.topics import ACTS


def acts(full: DeskFixture) -> list[Record]:
    return list(full.bus.read(ACTS.name))


def do(client: Client, full: DeskFixture, key: str, verb: str, **form: str) -> Answer:
    return client.post(f"/alerts/{full.ids[key]}/{verb}", form={"act_id": new_id(), **form})


def test_an_acknowledged_story_leaves_the_open_list_and_stays_visible(
    full: DeskFixture, client: Client
) -> None:
    answer = do(client, full, "toll", "ack", next="/alerts?state=open")

    assert answer.status == 303
    assert answer.headers["location"].startswith("/alerts?done=ack&act=")
    assert "state=open" in answer.headers["location"]
    after = client.get(answer.headers["location"].partition("#")[0]).text
    assert "Acknowledged “Raid by helicopter-borne troops on Angoor Ada” for “Waziristan”." in after
    assert "Undo" in after
    assert "Killed moved" not in after
    assert "Killed moved" in client.get("/alerts?state=acknowledged").text
    assert "2 acknowledged" in after


def test_an_alert_that_rang_later_than_the_acknowledged_one_stays_open(
    full: DeskFixture, client: Client
) -> None:
    do(client, full, "first", "ack")

    assert "Killed moved" in client.get("/alerts").text
    assert "First match in this story." not in client.get("/alerts").text


def test_the_same_form_sent_twice_is_one_act(full: DeskFixture, client: Client) -> None:
    form = {"act_id": new_id(), "next": "/alerts"}

    first = client.post(f"/alerts/{full.ids['toll']}/ack", form=form)
    second = client.post(f"/alerts/{full.ids['toll']}/ack", form=form)

    assert first.headers["location"] == second.headers["location"]
    assert len(acts(full)) == 1


def test_each_form_of_a_card_carries_its_own_act_id(client: Client) -> None:
    ids = re.findall(r'name="act_id" value="([a-z2-7]{26})"', client.get("/alerts").text)

    assert len(ids) == len(set(ids)) == 6


def test_undo_takes_an_act_back(full: DeskFixture, client: Client) -> None:
    act = re.search(r"act=([a-z2-7]{26})", do(client, full, "toll", "ack").headers["location"])
    assert act

    answer = do(client, full, "toll", "undo", undoes=act.group(1))

    assert answer.status == 303
    assert "Killed moved" in client.get("/alerts").text


def test_snooze_holds_a_subscription_until_its_time_and_says_when_it_ended(
    full: DeskFixture, client: Client
) -> None:
    do(client, full, "toll", "snooze", **{"for": "1h"})
    assert "Killed moved" in client.get("/alerts?state=snoozed").text
    assert "until" in client.get("/alerts?state=snoozed").text

    full.clock.time += timedelta(hours=2)

    after = client.get("/alerts").text
    assert "Killed moved" in after
    assert "A snooze ended" in after


def test_mute_holds_the_story_for_every_subscription(full: DeskFixture, client: Client) -> None:
    do(client, full, "first", "mute", note="not ours")

    muted = client.get("/alerts?state=muted").text
    assert "Killed moved" in muted
    assert "First match" in muted
    assert "not ours" in muted


@pytest.mark.parametrize(
    "form",
    [
        {"for": "", "until": "soon"},
        {"for": "", "until": "2001-01-01T00:00"},
        {"for": "", "until": "2030-01-01T00:00"},
    ],
)
def test_a_snooze_needs_a_time_to_come(
    full: DeskFixture, client: Client, form: dict[str, str]
) -> None:
    answer = do(client, full, "toll", "snooze", **form)

    assert answer.status == 400
    assert "until:" in answer.text
    assert not acts(full)


@pytest.mark.parametrize(
    "target",
    ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""],
)
def test_the_way_back_stays_local(full: DeskFixture, client: Client, target: str) -> None:
    answer = do(client, full, "toll", "ack", next=target)

    assert answer.headers["location"].startswith("/alerts?done=ack")


def test_a_get_never_acts(full: DeskFixture, client: Client) -> None:
    assert client.get(f"/alerts/{full.ids['toll']}/ack").status == 405
    assert not acts(full)


def test_an_unknown_verb_and_a_crooked_act_id_are_refused(
    full: DeskFixture, client: Client
) -> None:
    assert do(client, full, "toll", "destroy").status == 400
    answer = client.post(f"/alerts/{full.ids['toll']}/ack", form={"act_id": "../../etc"})
    assert answer.status == 400
    assert not acts(full)


def test_the_doors_do_the_same_acts(full: DeskFixture, client: Client) -> None:
    path = f"/api/v1/alerts/{full.ids['toll']}"

    done = client.post(f"{path}/ack", data={"note": "seen"}).json()
    assert done["state"] == "acknowledged"
    assert client.get(path).json()["state"] == "acknowledged"
    assert client.post(f"{path}/undo", data={}).json()["state"] == "open"
    assert client.post(f"{path}/snooze", data={"for": "4h"}).json()["state"] == "snoozed"
    assert client.post(f"{path}/mute", data={}).json()["state"] == "muted"
    assert len(acts(full)) == 4


def test_undo_without_an_act_is_refused(full: DeskFixture, client: Client) -> None:
    answer = client.post(f"/api/v1/alerts/{full.ids['toll']}/undo", data={})

    assert answer.status == 400
    assert "no such act" in answer.json()["error"]["message"]


def test_two_stories_are_merged_by_one_act(full: DeskFixture, client: Client) -> None:
    raid, mills = full.ids["raid"], full.ids["mills-story"]
    form = {"act_id": new_id(), "other": f"http://127.0.0.1:8420/stories/{mills}?since=3"}

    first = client.post(f"/stories/{raid}/merge", form=form)
    client.post(f"/stories/{raid}/merge", form=form)

    assert first.status == 303
    made = [decode(r.value or b"").body for r in acts(full)]
    assert [(a.kind, a.subject_id, a.other_ids) for a in made if isinstance(a, Act)] == [
        ("merge", raid, (mills,))
    ]
    assert "The merge was asked for" in client.get(first.headers["location"]).text


def test_a_merge_names_what_is_missing(full: DeskFixture, client: Client) -> None:
    path = f"/api/v1/stories/{full.ids['raid']}/merge"

    assert client.post(path, data={"stories": []}).status == 400
    assert client.post(path, data={"stories": [full.ids["raid"]]}).status == 400
    assert client.post(path, data={"stories": [new_id()]}).status == 404
    assert client.post(path, data={"stories": [full.ids["mills-story"]]}).status == 202


def test_the_script_gets_words_an_undo_and_fresh_ids_instead_of_a_redirect(
    full: DeskFixture, client: Client
) -> None:
    at = f"/alerts/{full.ids['toll']}"
    form = {"act_id": new_id(), "next": "/alerts"}

    answer = client.post(f"{at}/ack", form=form, headers={"accept": "application/json"})

    assert answer.status == 200
    told = answer.json()
    assert told["words"].startswith("Acknowledged “Raid by helicopter-borne")
    assert told["undoes"] == form["act_id"]
    assert form["act_id"] not in told["ids"].values()
    undone = client.post(
        f"{at}/undo",
        form={"act_id": told["ids"]["undo"], "undoes": told["undoes"]},
        headers={"accept": "application/json"},
    )
    assert (undone.json()["words"], undone.json()["undoes"]) == ("Taken back.", "")
    assert len(acts(full)) == 2
