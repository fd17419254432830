import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from support.asgi_client import HOST, Client
from support.desk_fixture import DeskFixture
from tocsin.api.guard import BODY_LIMIT, allowed_hosts, host_name, refusal
from tocsin.settings import Settings

FORM = {"url": "https://new.example/feed.xml", "source": "New"}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
    ],
)
def test_a_form_of_another_site_is_refused_and_changes_nothing(
    full: DeskFixture, client: Client, headers: dict[str, str]
) -> None:
    before = len(full.registers.feeds())

    answer = client.post("/feeds", form=FORM, headers=headers)

    assert answer.status == 403
    assert len(full.registers.feeds()) == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": f"http://{HOST}"},
        {"sec-fetch-site": "none"},
        {"origin": f"http://{HOST}"},
    ],
)
def test_our_own_form_and_a_script_pass(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/feeds", form=FORM, headers=headers).status == 303


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8420",
        "127.0.0.1.evil.example",
        "",
        "user@127.0.0.1",
        "127.1",
        "[::2]",
    ],
)
def test_a_foreign_host_name_is_refused(client: Client, host: str) -> None:
    assert client.get("/", headers={"host": host}).status == 400
    assert client.get("/api/v1/feeds", headers={"host": host}).json()["error"]["message"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8420", "127.0.0.1", "[::1]:8420"])
def test_loopback_names_are_ours(client: Client, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status == 200


def test_configured_names_are_ours_too() -> None:
    hosts = allowed_hosts(Settings(hosts="desk.lan, Tocsin.Local", host="0.0.0.0"))

    assert {"desk.lan", "tocsin.local", "127.0.0.1"} <= hosts
    assert "0.0.0.0" not in hosts


@given(st.text(max_size=60))
def test_a_host_name_once_read_reads_as_itself(text: str) -> None:
    name = host_name(text)

    assert host_name(name) == name


@given(st.sampled_from(["GET", "POST"]), st.dictionaries(st.sampled_from(
    ["host", "origin", "sec-fetch-site"]), st.text(max_size=30)))  # fmt: skip
def test_only_our_host_is_ever_let_in(method: str, headers: dict[str, str]) -> None:
    passed = refusal(method, headers, frozenset({"localhost"})) is None

    if passed:
        assert host_name(headers.get("host", "")) == "localhost"


def test_every_answer_carries_the_policy(client: Client) -> None:
    for path in ("/", "/nope", "/static/desk.css", "/api/v1/feeds", "/healthz"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_refusal_carries_the_policy_too(client: Client) -> None:
    answer = client.get("/", headers={"host": "evil.example"})

    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_body_above_the_limit_is_refused(client: Client) -> None:
    answer = client.post("/api/v1/subscriptions", body=b" " * (BODY_LIMIT + 1))

    assert answer.status == 413
    assert "2 MiB" in answer.json()["error"]["message"]


def test_a_bug_is_told_without_its_traceback(full: DeskFixture, client: Client) -> None:
    full.ids.clear()
    full.search.listing = None  # type: ignore[method-assign,assignment]  # a bug, on purpose

    with capture_logs() as logged:
        page, door = client.get("/"), client.get("/api/v1/articles")

    assert {entry["event"] for entry in logged} == {"request_failed"}
    assert page.status == door.status == 500
    assert "NoneType" not in page.text + door.text
    assert "A fault of the desk" in page.text
    assert door.json()["error"]["mend"]


def test_a_wrong_parameter_is_named(client: Client) -> None:
    answer = client.get("/api/v1/articles?limit=many")

    assert answer.status == 400
    assert answer.json()["error"]["message"].startswith("limit:")
