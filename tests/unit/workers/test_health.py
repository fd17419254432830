"""A worker's door for machines: alive while it starts, ready when nothing stands in the way."""

import json
import urllib.error
import urllib.request

import pytest

from tocsin.errors import Retryable, TocsinError
from tocsin.workers.health import Condition, HealthDoor


def ask(door: HealthDoor, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{door.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def now():
    return {"is": Condition("indexer")}


@pytest.fixture
def door(now):
    made = HealthDoor("127.0.0.1", 0, lambda: now["is"], ready_lag=100)
    yield made
    made.close()


def test_a_worker_without_a_problem_is_ready(door):
    status, body = ask(door, "/readyz")
    assert (status, json.loads(body)) == (
        200,
        {"worker": "indexer", "problem": "", "lag": 0, "status": "ok"},
    )


def test_a_problem_is_told_with_503_and_the_process_is_alive_all_the_same(door, now):
    now["is"] = Condition("indexer", "Kafka is away")
    status, body = ask(door, "/readyz")
    assert (status, json.loads(body)["problem"]) == (503, "Kafka is away")
    assert ask(door, "/healthz")[0] == 200


@pytest.mark.parametrize(("lag", "status"), [(100, 200), (101, 503)])
def test_a_worker_too_far_behind_is_not_ready(door, now, lag, status):
    now["is"] = Condition("indexer", lag=lag)
    found, body = ask(door, "/readyz")
    assert found == status
    assert json.loads(body)["lag"] == lag


def test_a_condition_that_cannot_be_told_is_a_problem():
    def away() -> Condition:
        raise Retryable("no broker answers at 127.0.0.1:9")

    door = HealthDoor("127.0.0.1", 0, away, ready_lag=1)
    try:
        status, body = ask(door, "/readyz")
    finally:
        door.close()
    assert (status, json.loads(body)["problem"]) == (503, "no broker answers at 127.0.0.1:9")


def test_metrics_are_served_and_anything_else_is_named_404(door):
    status, body = ask(door, "/metrics")
    assert status == 200
    assert "# HELP tocsin_lag_records" in body
    status, body = ask(door, "/nope")
    assert (status, "/readyz" in body) == (404, True)


def test_a_port_in_use_is_told_with_its_mend(door):
    with pytest.raises(TocsinError, match="TOCSIN_HEALTH_PORT"):
        HealthDoor("127.0.0.1", door.port, lambda: Condition("x"), ready_lag=1)
