"""kill -9 of the desk at random during an ingest: nothing lost, nothing twice (I1, I2, I3, I5).

The disturbed desk must end where an undisturbed one ends: the same documents, the same alerts.
"""

import os
import random
import subprocess
import time

import pytest

from support.corpus import write
from support.desk import TOCSIN, Desk, told, wait_until

ITEMS = 3_000
KILLS = 5
SUBSCRIPTIONS = (
    ("Miranshah", "miranshah AND killed:>=1"),
    ("Raids", "tag:raid OR raid"),
    ("Large tolls", "killed:>=15 AND (bombing OR airstrike)"),
    ("Two origins", "quetta AND origins:>=2"),
)


def subscribe(data):
    for name, query in SUBSCRIPTIONS:
        told("subscriptions", "add", name, query, "--data", str(data))


def outcome(data):
    alerts = told("alerts", "--limit", "100000", "--data", str(data))
    found = told("search", "published:>=2020-01-01", "--limit", "10000", "--data", str(data))
    return {
        "alerts": sorted(
            (a["subscription_name"], a["story"], a["reason"], a["fact"]) for a in alerts
        ),
        "alert_ids": [a["id"] for a in alerts],
        "articles": sorted(h["article"] for h in found["hits"]),
        "total": found["total"],
    }


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_desk_killed_at_random_loses_nothing_and_does_nothing_twice(tmp_path):
    seed = int(os.environ.get("TOCSIN_SEED", random.randrange(1 << 30)))
    print(f"TOCSIN_SEED={seed}")
    r = random.Random(seed)
    corpus = tmp_path / "news.jsonl"
    lines = write(corpus, seed=7, count=ITEMS)
    calm, wild = tmp_path / "calm", tmp_path / "wild"
    subscribe(calm)
    told("ingest", str(corpus), "--data", str(calm), timeout=900)
    expected = outcome(calm)
    assert expected["alerts"], "a test without alerts proves nothing"

    subscribe(wild)
    desk = Desk(wild, env={"TOCSIN_COLLECT": "0"})
    with (tmp_path / "ingest.out").open("w") as out:
        ingest = subprocess.Popen(
            [*TOCSIN, "ingest", str(corpus), "--data", str(wild), "--json"], stdout=out
        )
        for _ in range(KILLS):
            time.sleep(r.uniform(0.5, 4.0))
            desk.kill()
            time.sleep(r.uniform(0.0, 1.5))
            desk = Desk(wild, env={"TOCSIN_COLLECT": "0"})
        assert ingest.wait(900) == 0
    assert (tmp_path / "ingest.out").read_text().count('"accepted": true') == ITEMS, (
        "every line answered"
    )

    def drained():
        counts = told("reconcile", "--data", str(wild))
        return counts if counts["in_flight"] == 0 else None

    counts = wait_until(drained, timeout_s=300, pause_s=1.0)
    wait_until(
        lambda: outcome(wild)["alerts"] == expected["alerts"] or None, timeout_s=60, pause_s=2.0
    )
    found = outcome(wild)
    desk.stop()

    assert counts["missing"] == 0
    assert counts["dead"] == 0
    assert counts["collected"] == counts["indexed"] + counts["copies"]
    assert len({(x["url"], x["title"], x["text"], x["feed"]) for x in lines}) == counts["collected"]
    assert found["articles"] == expected["articles"], "the same documents, each once"
    assert len(set(found["articles"])) == len(found["articles"]) == found["total"]
    assert found["alerts"] == expected["alerts"], "the same alerts, none lost"
    assert len(set(found["alert_ids"])) == len(found["alert_ids"]), "none twice"

    told("ingest", str(corpus), "--data", str(wild), timeout=900)
    assert outcome(wild) == found, "the same file again changes nothing"
