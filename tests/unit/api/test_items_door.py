import base64
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from support.asgi_client import Client
from support.desk_fixture import NOW, DeskFixture
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.api.ingesting import ingest
from tocsin.errors import DiskFull
from tocsin_schemas.item import ItemCollected
from tocsin_schemas.registry import decode
from tocsin_schemas.topics import DEAD_LETTERS, ITEMS

GOOD = {"url": "https://a.example/1", "title": "Raid", "text": "Nine killed.", "source": "Dawn"}


def lines(*items: object) -> bytes:
    return b"\n".join(i if isinstance(i, bytes) else json.dumps(i).encode() for i in items)


def test_each_line_is_answered_and_a_bad_one_costs_no_other(
    full: DeskFixture, client: Client
) -> None:
    body = lines(GOOD, b"{broken", b"", {"text": 3}, {**GOOD, "url": "https://a.example/2"})

    answers = client.post("/api/v1/items", body=body).json()

    assert [(a["line"], a["accepted"]) for a in answers] == [
        (1, True), (2, False), (4, False), (5, True)]  # fmt: skip
    assert "line 2" in answers[1]["error"]
    kept = [decode(r.value or b"").body for r in full.bus.read(ITEMS.name)]
    assert {k.root_id for k in kept if isinstance(k, ItemCollected)} == {
        answers[0]["root_id"],
        answers[3]["root_id"],
    }


def test_the_same_line_is_the_same_event(client: Client) -> None:
    first = client.post("/api/v1/items", body=lines(GOOD)).json()
    second = client.post("/api/v1/items", body=lines(GOOD)).json()

    assert first[0]["root_id"] == second[0]["root_id"]


def test_mode_and_first_line_number_are_kept(full: DeskFixture, client: Client) -> None:
    answers = client.post("/api/v1/items?mode=backfill&first=101", body=lines(GOOD)).json()

    assert answers[0]["line"] == 101
    record = next(iter(full.bus.read(ITEMS.name)))
    assert decode(record.value or b"").mode == "backfill"
    assert client.post("/api/v1/items?mode=sometimes", body=lines(GOOD)).status == 400


class FullBus(MemoryBus):
    def produce(self, messages: object) -> list[int]:
        raise DiskFull("no room in the data folder: 12 MiB missing")


def test_a_full_disk_refuses_lines_and_says_so() -> None:
    answers, fault = ingest(FullBus(), lines(GOOD, GOOD), NOW)

    assert isinstance(fault, DiskFull)
    assert [a["accepted"] for a in answers] == [False, False]
    assert "12 MiB missing" in answers[0]["error"]


def test_a_line_too_large_for_the_log_is_refused_alone() -> None:
    huge = {**GOOD, "url": "https://a.example/9", "html": "<p>" + "x<b>y</b>" * 320_000}
    bus = MemoryBus()

    answers, fault = ingest(bus, lines(GOOD, huge, {**GOOD, "id": "z"}), NOW)

    assert fault is None
    assert [a["accepted"] for a in answers] in ([True, False, True], [True, True, True])
    assert len(list(bus.read(ITEMS.name))) == sum(a["accepted"] for a in answers)


@settings(max_examples=50)
@given(st.lists(st.one_of(st.binary(max_size=40), st.just(lines(GOOD))), max_size=6))
def test_every_line_that_is_not_blank_gets_one_answer(parts: list[bytes]) -> None:
    data = b"\n".join(parts)

    answers, _ = ingest(MemoryBus(), data, NOW)

    wanted = [n for n, line in enumerate(data.splitlines(), 1) if line.strip()]
    assert [a["line"] for a in answers] == wanted


def test_records_of_a_command_reach_the_log(full: DeskFixture, client: Client) -> None:
    record = {"topic": ITEMS.name, "key": "k", "value": base64.b64encode(b"{}").decode(),
              "headers": {"a": "b"}}  # fmt: skip

    answer = client.post("/api/v1/log", body=lines(record))

    assert answer.json() == {"offsets": [0]}
    kept = next(iter(full.bus.read(ITEMS.name)))
    assert (kept.key, kept.value, dict(kept.headers)) == ("k", b"{}", {"a": "b"})


def test_records_for_no_topic_are_refused_whole(full: DeskFixture, client: Client) -> None:
    good: dict[str, object] = {"topic": ITEMS.name, "key": "k", "value": None, "headers": {}}

    for bad in ({**good, "topic": "nope"}, {"topic": ITEMS.name}, [1], {**good, "value": "%"}):
        answer = client.post("/api/v1/log", body=lines(good, bad))
        assert answer.status == 400
        assert "line 2" in answer.json()["error"]["message"]
    assert not list(full.bus.read(ITEMS.name))


def test_a_dead_letter_is_sent_through_again_once(full: DeskFixture, client: Client) -> None:
    path = f"/deadletters/{full.ids['letter']}/replay"

    assert client.post(path).status == 303
    record = next(iter(full.bus.read(ITEMS.name)))
    assert record.value == b'{"not": "an event"}'
    assert record.headers["replay_of"] == full.ids["letter"]
    marks = [decode(r.value or b"").body for r in full.bus.read(DEAD_LETTERS.name)]
    assert [getattr(m, "replayed", None) for m in marks] == [False, True]
