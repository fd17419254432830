"""What a reader says about stories: split, undo; merges are in `test_alert_acts`."""

from support.asgi_client import Client
from support.desk_fixture import DeskFixture
from tocsin.api.acting import new_id
from tocsin.api.whole_story import members_of
from tocsin_schemas.act import Act
from tocsin_schemas.registry import decode
from tocsin_schemas.story import Story
from tocsin_schemas.topics import ACTS


def acts(desk: DeskFixture) -> list[Act]:
    consumer = desk.bus.consumer(new_id(), [ACTS.name])
    found = [decode(r.value or b"").body for r in consumer.poll(500, 0)]
    return [a for a in found if isinstance(a, Act)]


def inside(desk: DeskFixture, story: str) -> list[str]:
    held = desk.search.get("stories", desk.ids[story])
    assert held is not None
    assert isinstance(held.body, Story)
    return [m.article_id for m in members_of(desk.search, held.body)]


def test_the_form_splits_the_ticked_articles_off_by_one_act(
    full: DeskFixture, client: Client
) -> None:
    raid, (first, second, *_) = full.ids["raid"], inside(full, "raid")
    assert f'value="{first}"' in client.get(f"/stories/{raid}").text
    form = {"act_id": new_id(), "article": [first, second]}

    answer = client.post(f"/stories/{raid}/split", form=form)
    client.post(f"/stories/{raid}/split", form=form)

    assert answer.status == 303
    assert [(a.kind, a.subject_id, a.other_ids) for a in acts(full)] == [
        ("split", raid, (first, second))
    ]
    assert "The split was asked for" in client.get(answer.headers["location"]).text


def test_the_door_splits_and_names_what_is_wrong(full: DeskFixture, client: Client) -> None:
    path, members = f"/api/v1/stories/{full.ids['raid']}/split", inside(full, "raid")

    assert client.post(path, data={"articles": []}).status == 400
    assert client.post(path, data={"articles": "all"}).status == 400
    assert client.post(path, data={"articles": [new_id()]}).status == 404
    assert client.post(path, data={"articles": inside(full, "mills-story")[:1]}).status == 400
    assert client.post(path, data={"articles": members}).status == 400
    missing = f"/api/v1/stories/{new_id()}/split"
    assert client.post(missing, data={"articles": members[:1]}).status == 404
    assert not acts(full)

    answer = client.post(path, data={"articles": members[:1]})
    assert answer.status == 202
    assert [a.id for a in acts(full)] == [answer.json()["act"]]


def test_a_merge_is_undone_by_an_act_that_names_it(full: DeskFixture, client: Client) -> None:
    path = f"/api/v1/stories/{full.ids['raid']}"
    merge = client.post(f"{path}/merge", data={"stories": [full.ids["mills-story"]]}).json()["act"]

    assert client.post(f"{path}/undo", data={}).status == 400
    assert client.post(f"{path}/undo", data={"act": new_id()}).status == 400
    answer = client.post(f"{path}/undo", data={"act": merge})

    assert answer.status == 202
    last = acts(full)[-1]
    assert (last.kind, last.undoes, last.subject_id) == ("undo", merge, full.ids["raid"])
