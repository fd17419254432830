import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.asgi_client import Client
from support.desk_fixture import DeskFixture
from tocsin.api.feeding import address
from tocsin.api.subscribing import Invalid
from tocsin_schemas.identity import feed_id

OPML = b"""<opml version="2.0"><body><outline text="A" xmlUrl="https://a.example/rss"/>
<outline text="B" xmlUrl="https://b.example/rss"/><outline text="no address"/></body></opml>"""


def test_a_feed_is_added_and_polled_at_once(full: DeskFixture, client: Client) -> None:
    answer = client.post("/feeds", form={"url": "https://new.example/rss", "source": "New Paper"})

    identity = feed_id("https://new.example/rss")
    assert answer.status == 303
    assert full.registers.feeds()[identity].source.name == "New Paper"
    assert full.polled == [identity]
    assert "first poll pending" in client.get("/feeds?state=new").text


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "https://", "javascript:alert(1)", "a b", "x:99"]
)
def test_a_wrong_address_is_named_at_its_field(client: Client, url: str) -> None:
    answer = client.post("/feeds", form={"url": url})

    assert answer.status == 400
    assert 'aria-describedby="e-url"' in answer.text


def test_a_list_of_feeds_is_imported_once(full: DeskFixture, client: Client) -> None:
    before = len(full.registers.feeds())

    first = client.post("/api/v1/feeds/import", body=OPML).json()
    second = client.post("/api/v1/feeds/import", body=OPML).json()

    assert (first["found"], first["added"]) == (2, 2)
    assert second["added"] == 0
    assert len(full.registers.feeds()) == before + 2
    assert b"https://a.example/rss" in client.get("/api/v1/feeds/export").body


def test_an_uploaded_list_is_imported_by_the_form(full: DeskFixture, client: Client) -> None:
    body = (
        b'--X\r\nContent-Disposition: form-data; name="opml"; filename="f.opml"\r\n'
        b"Content-Type: text/xml\r\n\r\n" + OPML + b"\r\n--X--\r\n"
    )

    answer = client.post(
        "/feeds/import", body=body, headers={"content-type": "multipart/form-data; boundary=X"}
    )

    assert answer.headers["location"] == "/feeds?done=imported-2"
    assert "2 feeds added" in client.get("/feeds?done=imported-2").text


def test_what_is_no_list_is_refused_with_words(client: Client) -> None:
    answer = client.post("/feeds/import", form={"opml": "<html>hello</html>"})

    assert answer.status == 400
    assert "no OPML" in answer.text


def test_buttons_pause_resume_poll_and_remove(full: DeskFixture, client: Client) -> None:
    identity = full.ids["feed Dawn"]

    client.post(f"/feeds/{identity}", form={"do": "pause"})
    assert not full.registers.feeds()[identity].active
    client.post(f"/feeds/{identity}", form={"do": "resume"})
    assert full.registers.feeds()[identity].active
    client.post(f"/feeds/{identity}", form={"do": "poll"})
    assert full.polled == [identity]
    client.post(
        f"/feeds/{identity}", form={"do": "change", "page_policy": "short", "interval_s": "600"}
    )
    assert full.registers.feeds()[identity].page_policy == "short"
    assert full.registers.feeds()[identity].interval_s == 600
    client.post(f"/feeds/{identity}", form={"do": "remove"})
    assert client.get(f"/feeds/{identity}").status == 404


def test_only_a_feed_that_was_found_on_the_page_can_take_its_place(
    full: DeskFixture, client: Client
) -> None:
    identity = full.ids["feed Old Address"]

    assert client.post(f"/feeds/{identity}", form={"use": "https://evil.example/"}).status == 400
    answer = client.post(f"/feeds/{identity}", form={"use": "https://oldaddress.example/new.xml"})

    assert answer.status == 303
    assert identity not in full.registers.feeds()


def test_the_door_lists_worst_first_with_the_contract_s_fields(client: Client) -> None:
    rows = client.get("/api/v1/feeds").json()

    assert rows[0]["state"] == "failing"
    assert {"id", "url", "source", "state", "reason", "since", "last_item", "next_poll"} <= set(
        rows[0]
    )
    assert {r["state"] for r in client.get("/api/v1/feeds?state=gap").json()} == {"gap"}


@pytest.mark.parametrize(
    "body", [{"page_policy": "often"}, {"interval_s": 1}, {"interval_s": True}, {"active": "yes"}]
)
def test_the_door_refuses_wrong_knobs(
    full: DeskFixture, client: Client, body: dict[str, object]
) -> None:
    answer = client.ask("PATCH", f"/api/v1/feeds/{full.ids['feed Dawn']}", data=body)

    assert answer.status == 400
    assert next(iter(body)) in answer.json()["error"]["message"]


@given(st.text(max_size=80))
def test_an_address_is_refused_or_comes_back_as_itself(text: str) -> None:
    try:
        once = address(text)
    except Invalid:
        return

    assert address(once) == once
    assert once.startswith(("http://", "https://"))
