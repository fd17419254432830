"""Odd requests, empty stores, large ones: an answer with place and mend, never a fault."""

from dataclasses import replace

import pytest

from support.asgi_client import Client
from support.desk_fixture import DeskFixture, big_story, source
from support.pages import page_addresses
from tocsin.api.acting import new_id
from tocsin.api.app import create_app

LISTS = ("/", "/stories", "/search?q=raid", "/deadletters")
EMPTY = (
    "/",
    "/stories",
    "/search",
    "/search?q=raid",
    "/subscriptions",
    "/subscriptions/new",
    "/subscriptions/new?q=raid",
    "/alerts",
    "/alerts?state=snoozed",
    "/feeds",
    "/feeds?state=failing",
    "/deadletters",
    "/preferences",
    "/help/query",
    "/help/keys",
)


@pytest.mark.parametrize("address", EMPTY)
def test_an_empty_desk_answers_and_leads_on(bare_client: Client, address: str) -> None:
    answer = bare_client.get(address)

    assert answer.status == 200
    assert "no article yet" in answer.text


@pytest.mark.parametrize("cursor", ["garbage", "%00%ff", "A" * 3000, "bnVsbA", "-1"])
def test_a_cursor_that_is_not_ours_is_told_as_one(client: Client, cursor: str) -> None:
    for address in LISTS:
        answer = client.get(f"{address}{'&' if '?' in address else '?'}cursor={cursor}")
        assert answer.status == 400, address
        assert "cursor" in answer.text


@pytest.mark.parametrize(
    "address",
    ["/articles/x", "/articles/" + "a" * 26, "/stories/" + "a" * 26, "/alerts/x", "/feeds/x",
     "/subscriptions/x", "/subscriptions/x/edit", "/subscriptions/x/feed.atom",
     "/articles/" + "a" * 26 + "/versions", "/stories/%00/brief", "/articles/..%2f..%2fetc"],
)  # fmt: skip
def test_an_unknown_id_is_a_page_that_says_so(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status == 404
    assert "<h1>Not found</h1>" in answer.text


@pytest.mark.parametrize(
    "query",
    ["raid AND " * 450 + "raid", "(" * 4000, "x" * 4090, '"' + "a " * 2000 + '"', "x" * 5000,
     "NOT " * 1000, "\ud7ff" * 1300, "a* " * 1300],
)  # fmt: skip
def test_a_query_of_four_kilobytes_gets_hits_or_its_fault(client: Client, query: str) -> None:
    for path in ("/search?q=", "/subscriptions/new?q="):
        answer = client.get(path + query)
        assert answer.status in {200, 400}
        assert len(answer.text) < 200_000


def test_a_head_has_the_headers_of_the_page_and_no_body(full: DeskFixture, client: Client) -> None:
    for address in page_addresses(full):
        answer = client.ask("HEAD", address)
        assert (answer.status, answer.body) == (200, b""), address
        assert answer.headers["content-type"].startswith("text/html")
    assert client.ask("HEAD", "/articles/x").status == 404
    assert client.ask("HEAD", "/live").status == 405


def test_a_subscription_that_was_removed_keeps_its_alerts_and_its_name(
    full: DeskFixture, client: Client
) -> None:
    gone = full.ids["waziristan"]

    assert client.post(f"/subscriptions/{gone}", form={"do": "remove"}).status == 303
    assert client.get(f"/subscriptions/{gone}").status == 404
    assert client.post(f"/subscriptions/{gone}", form={"do": "remove"}).status == 404
    for address in ("/alerts", f"/alerts/{full.ids['toll']}", f"/stories/{full.ids['raid']}"):
        answer = client.get(address)
        assert answer.status == 200
        assert "Waziristan" in answer.text


def test_a_form_sent_twice_makes_one_subscription(full: DeskFixture, client: Client) -> None:
    form = {"name": "Twice", "query": "bannu", "reasons": "first-match", "token": new_id()}

    first, second = (
        client.post("/subscriptions", form=form),
        client.post("/subscriptions", form=form),
    )

    assert first.status == second.status == 303
    assert first.headers["location"] == second.headers["location"]
    assert sum(s.name == "Twice" for s in full.registers.subscriptions().values()) == 1


@pytest.mark.parametrize(
    ("press", "url", "leads_to"),
    [
        ("http://127.0.0.1:9", "https://dawn.demo.invalid/news/raid-1", "http://127.0.0.1:9/pages/dawn/news/raid-1"),
        ("", "https://dawn.demo.invalid/news/raid-1", ""),
        ("http://127.0.0.1:9", "https://dawn.demo.invalid/../x", ""),
        ("http://127.0.0.1:9", "https://dawn.example/news/raid-1", "https://dawn.example/news/raid-1"),
        ("http://127.0.0.1:9", "https://demo.invalid.evil.example/a/b", "https://demo.invalid.evil.example/a/b"),
    ],
)  # fmt: skip
def test_a_demo_address_leads_to_the_press_while_it_runs(
    full: DeskFixture, press: str, url: str, leads_to: str
) -> None:
    desk = replace(full.desk, press_url=press)
    made = full.article(
        "demo", outlet=source("Dawn"), title="A raid told", text="Words.", when=full.clock.time,
        story=big_story(), url=url,
    )  # fmt: skip

    for address in (f"/articles/{made.article_id}", "/"):
        text = Client(create_app(desk)).get(address).text
        if leads_to:
            assert f'href="{leads_to}"' in text
        else:
            assert f'href="{url}"' not in text
            assert f'<span class="meta break">{url}</span>' in text
