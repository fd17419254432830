"""The demo press on the distributed desk: the very services of docker-compose.yml as processes, the very
stories and alerts of `expected.json`; what one process is told rings in another; and the page beside.
"""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.demo_run import expected, telling
from support.desk import tocsin, told, wait_until
from support.processes import PATH, Processes, free_port
from support.servers.fixtures import ElasticServer, KafkaServer
from tocsin.adapters.elasticsearch.client import client_of
from tocsin.adapters.elasticsearch.names import reading_name
from tocsin.adapters.elasticsearch.search import ElasticSearch
from tocsin.demo.script import dispatches
from tocsin.demo.standing import MAIN
from tocsin.ports.search import Search, bodies
from tocsin.settings import Settings
from tocsin_schemas.alert import Alert
from tocsin_schemas.story import ClusteredArticle

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(900)]

ITEMS = len({d.guid for d in dispatches()})
EDITS = {d.url: d.version for d in dispatches() if d.version > 1}


class Told:
    """The desk after the script, and what reads it."""

    def __init__(self, desk: Processes, client: Any) -> None:
        self.desk = desk
        self.client = client
        self.search: Search = ElasticSearch(client, prefix=desk.values["TOCSIN_PREFIX"])

    def articles(self) -> list[ClusteredArticle]:
        return bodies(self.search, "articles", ClusteredArticle)

    def alerts(self) -> list[Alert]:
        return bodies(self.search, "alerts", Alert)

    def settled(self) -> bool:
        held = {c.article.url: c.version for c in self.articles()}
        return len(held) == ITEMS and EDITS.items() <= held.items()

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            self.desk.url + path,
            json.dumps(body).encode(),
            {"content-type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.loads(answer.read()))


@pytest.fixture(scope="module")
def at(
    tmp_path_factory: pytest.TempPathFactory,
    kafka_server: KafkaServer,
    elastic_server: ElasticServer,
) -> Iterator[Told]:
    folder: Path = tmp_path_factory.mktemp("distributed")
    prefix = f"demo{free_port()}-"
    with Processes(
        folder / "desk",
        kafka=kafka_server.servers,
        elasticsearch=elastic_server.url,
        prefix=prefix,
        services=(*PATH, "press"),
        TOCSIN_PRESS=f"http://127.0.0.1:{free_port()}",
        TOCSIN_DEMO_SPEED="20",
    ) as desk:
        client = client_of(Settings(elasticsearch=elastic_server.url))
        made = Told(desk.start(), client)
        wait_until(made.settled, timeout_s=400, pause_s=1.0)
        wait_until(lambda: at_rest(made), timeout_s=60, pause_s=1.0)
        yield made
        client.close()


def at_rest(at: Told) -> dict[str, Any]:
    answer: dict[str, Any] = told("reconcile", env=at.desk.env())
    return answer if answer["in_flight"] == 0 else {}


def test_both_desks_tell_the_same_stories_and_ring_the_same_alerts(at: Told) -> None:
    wait_until(lambda: len(at.alerts()) >= len(expected()["alerts"]), timeout_s=30)
    assert telling(at.articles(), at.alerts()) == expected()


def test_the_main_subscription_rings_exactly_twice(at: Told) -> None:
    assert [a.reason for a in at.alerts() if a.subscription_name == MAIN] == ["toll", "first-match"]


def test_every_item_has_its_one_end(at: Told) -> None:
    counts = at_rest(at)
    assert (counts["missing"], counts["dead"]) == (0, 0)
    assert counts["collected"] == counts["indexed"] + counts["copies"]


def test_a_subscription_made_on_the_page_s_process_rings_in_the_alerter_s(at: Told) -> None:
    at.post("/api/v1/subscriptions", {"name": "Elsewhere", "query": "zwolle AND flood"})
    line = {
        "url": "http://dutch.example/1",
        "title": "Flood in Zwolle",
        "text": "A flood in Zwolle killed 3 people on Monday, the mayor said. The river rose fast.",
        "published": "2026-11-20T10:00:00Z",
        "source": "Dutch News",
        "feed": "http://dutch.example/feed",
    }
    done = tocsin("ingest", "-", stdin=json.dumps(line) + "\n", env=at.desk.env())
    assert done.returncode == 0, done.stderr

    def rang() -> list[Alert]:
        return [a for a in at.alerts() if a.subscription_name == "Elsewhere"]

    (alert,) = wait_until(rang, timeout_s=60)
    assert (alert.reason, alert.article_title) == ("first-match", "Flood in Zwolle")


@pytest.mark.parametrize(
    "path", ["/", "/stories", "/alerts", "/feeds", "/subscriptions", "/search?q=waziristan"]
)
def test_the_page_shows_it(at: Told, path: str) -> None:
    with urllib.request.urlopen(at.desk.url + path, timeout=60) as answer:
        page = answer.read().decode()
    assert "</html>" in page
    assert "Waziristan" in page or path == "/feeds"


def test_commands_speak_of_the_distributed_desk(at: Told) -> None:
    env = at.desk.env()
    assert len(told("stories", env=env)) >= len(expected()["stories"])
    assert {f["state"] for f in told("feeds", "list", env=env)} == {"ok"}
    assert told("search", "waziristan", env=env)["total"] > 0
    assert all(c["ok"] for c in told("doctor", env=env))


def test_a_lost_index_is_filled_again_from_the_log(at: Told) -> None:
    before = {c.article_id: c.revision for c in at.articles()}
    alerts = {a.id for a in at.alerts()}
    index = reading_name(at.desk.values["TOCSIN_PREFIX"], "articles")
    months = list(at.client.indices.get(index=index).body)
    at.client.indices.delete(index=",".join(months))
    assert not at.articles()

    assert tocsin("setup", env=at.desk.env()).returncode == 0
    assert told("reindex", env=at.desk.env())["refused"] == 0
    wait_until(lambda: {c.article_id: c.revision for c in at.articles()} == before, timeout_s=30)
    assert {a.id for a in at.alerts()} == alerts
    assert at_rest(at)["missing"] == 0


def test_every_process_drains_and_ends_well_when_it_is_told_to(at: Told) -> None:
    assert {name: m.stop() for name, m in at.desk.members.items()} == dict.fromkeys(
        at.desk.members, 0
    )
