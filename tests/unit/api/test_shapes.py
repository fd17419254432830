from support.asgi_client import Client
from support.desk_fixture import DeskFixture, big_story
from tocsin.api import shapes
from tocsin_schemas.feed import Feed


def test_a_story_row_has_the_fields_of_the_contract(client: Client, full: DeskFixture) -> None:
    rows = {r["id"]: r for r in client.get("/api/v1/stories").json()["stories"]}

    row = rows[full.ids["raid"]]
    assert {"id", "title", "first_seen", "last_seen", "articles", "copies", "origins", "figures",
            "places"} <= set(row)  # fmt: skip
    assert (row["articles"], row["copies"], row["origins"]) == (17, 11, 5)
    assert row["figures"]["killed"] == {"min": 9, "max": 20}
    assert full.ids["merged"] not in rows


def test_a_story_in_full_has_members_ledger_chronology_and_disagreements(
    client: Client, full: DeskFixture
) -> None:
    story = client.get(f"/api/v1/stories/{full.ids['raid']}").json()

    assert len(story["members"]) == 17
    member = next(m for m in story["members"] if m["copy_of"])
    assert {"article", "url", "title", "source", "published", "version", "relation", "copy_of",
            "origin"} <= set(member)  # fmt: skip
    assert member["copy_of"] in {m["article"] for m in story["members"]}
    assert [(s["source"], s["min"], s["max"]) for s in story["ledger"] if s["kind"] == "killed"] == [
        ("Dawn", 9, 9), ("BBC", 20, 20), ("AFP", 15, None), ("Daily Times", 12, 12),
        ("Reuters", 9, 20)]  # fmt: skip
    assert story["chronology"]
    assert story["disagreements"][0]["kind"] == "killed"


def test_an_alert_has_the_fields_of_the_contract(client: Client) -> None:
    row = client.get("/api/v1/alerts").json()["alerts"][0]

    assert {"id", "subscription", "subscription_name", "story", "reason", "fact", "also", "article",
            "url", "rang", "why", "coverage"} <= set(row)  # fmt: skip
    assert row["coverage"][0]["state"] == "gap"
    assert row["why"]["sentence"]


def test_alerts_are_listed_by_state(client: Client) -> None:
    assert len(client.get("/api/v1/alerts?state=open").json()["alerts"]) == 3
    assert client.get("/api/v1/alerts?state=muted").json()["alerts"] == []


def test_a_feed_never_polled_is_new_and_one_switched_off_is_paused(full: DeskFixture) -> None:
    feed = next(iter(full.registers.feeds().values()))

    assert shapes.feed_row(feed, None)["state"] == "new"
    off = Feed.model_validate({**feed.model_dump(), "active": False})
    assert shapes.feed_row(off, None)["state"] == "paused"


def test_a_subscription_never_shows_its_secret(full: DeskFixture) -> None:
    held = full.registers.subscriptions()[full.ids["waziristan"]]

    row = shapes.subscription_row(held, full.search)

    assert "whsec" not in str(row)
    assert row["last_rang"] == "2008-09-03T16:41:22Z"
    assert row["alerts"] == 2


def test_a_command_can_make_the_same_story(full: DeskFixture, client: Client) -> None:
    made = shapes.story_full(big_story(), full.search)

    assert made == client.get(f"/api/v1/stories/{full.ids['raid']}").json()


def test_an_article_in_full_holds_its_clocks(full: DeskFixture, client: Client) -> None:
    row = client.get(f"/api/v1/articles/{full.ids['bbc']}").json()

    assert row["clocks"]["published"]["at"]
    assert row["figures"][0]["kind"] == "killed"
    assert row["changes"][0]["after"] == "20 people"
