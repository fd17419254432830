"""kill -9 of every worker, of the broker and of the node, at random moments of one ingest: nothing lost, nothing
twice (I1 to I5, I10). What the desk comes to is what its own order of articles comes to where nothing fails.
"""

import shutil
import time

import pytest

from support.corpus import write
from support.crashing import (
    QUERIES,
    Crashed,
    Flow,
    Outcome,
    bodies,
    nap,
    repeated,
    seeded,
    undisturbed,
)
from support.desk import told, wait_until
from support.loopback import Receiver, receiver
from support.processes import Processes
from tocsin_schemas.notification import Notification
from tocsin_schemas.registry import decode
from tocsin_schemas.story import ClusteredArticle
from tocsin_schemas.topics import ALERTS, CLUSTERED, ITEMS, NOTIFICATIONS
from unit.pipeline.match.test_oracle import Oracle

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(1200)]
ITEMS_SENT = 5_000
WORKERS = ("collector", "enricher-1", "clusterer", "indexer", "alerter", "notifier", "api")
STATEFUL = ("clusterer", "clusterer-spare", "alerter", "notifier")


def test_whatever_is_killed_nothing_is_lost_and_nothing_happens_twice(
    tmp_path, own_kafka, own_elastic
):
    r = seeded()
    lines = write(tmp_path / "news.jsonl", seed=7, count=ITEMS_SENT)
    broker, node = own_kafka(), own_elastic()
    with receiver() as hooks:
        desk = Processes(
            tmp_path / "desk",
            kafka=broker.servers,
            elasticsearch=node.url,
            prefix="crash-",
            TOCSIN_ALLOW_PRIVATE_WEBHOOKS="127.0.0.0/8",
        )
        desk.around["PYTHONFAULTHANDLER"] = "1"
        with desk.start(), Crashed(desk) as seen:
            for name, query in QUERIES:
                hook = () if name != "Raids" else ("--webhook", hooks.url("/raids"))
                told("subscriptions", "add", name, query, *hook, env=desk.env())
            victims = [*(desk[w] for w in WORKERS), broker, node]
            r.shuffle(victims)
            with Flow(lines, desk.env(), tmp_path) as flow:
                for victim in victims:
                    flow.release(len(lines) // len(victims))
                    nap(r, 0.3, 3.0)
                    print(
                        time.strftime("%T"),
                        "kill",
                        getattr(victim, "name", type(victim).__name__),
                        flush=True,
                    )
                    victim.kill()
                    nap(r, 0.0, 2.0)
                    victim.start()
                    print(time.strftime("%T"), "started", flush=True)
                flow.finish()
            accounts = seen.settled()
            assert told("reconcile", env=desk.env()) == accounts.as_dict()
            assert accounts.collected == len(
                {(x["feed"], x["url"], x["title"], x["text"]) for x in lines}
            )
            assert (accounts.missing, accounts.in_flight, accounts.dead) == (0, 0, 0)
            found = Outcome.of(seen.bus)
            assert found.differences(undisturbed(seen.bus)) == []
            seen.agrees(found)
            assert {a[0] for a in found.alerts} == rung_by_the_oracle(seen.bus)
            delivered = wait_until(lambda: delivered_once_each(seen.bus, hooks), 120, 1.0)
            print(
                f"{accounts} {len(found.articles)} articles {len(found.stories)} stories "
                f"{len(found.alerts)} alerts {len(delivered)} deliveries; {flow.runs} ingest runs; "
                f"{repeated(seen.bus, CLUSTERED.name)} repeated articles, "
                f"{repeated(seen.bus, ALERTS.name)} repeated alerts, "
                f"{sum(map(len, hooks.got.values())) - len(delivered)} repeated deliveries",
                flush=True,
            )

            for member in desk.members.values():
                assert member.stop() == 0
            for name in STATEFUL:
                shutil.rmtree(tmp_path / "desk" / name)
            for member in desk.members.values():
                member.start()
            before = {k: seen.versions(k) for k in ("articles", "stories", "alerts")}
            sent = told("replay", "items", env=desk.env())
            assert sent["replayed"] >= ITEMS_SENT
            assert sent["replayed"] == sum(1 for _ in seen.bus.read(ITEMS.name)) / 2
            again = seen.settled()
            assert again == accounts
            assert Outcome.of(seen.bus).differences(found) == []
            assert {k: seen.versions(k) for k in before} == before
            assert delivered_once_each(seen.bus, hooks) == delivered


def rung_by_the_oracle(bus):
    """Ids of the alerts that the clustered articles must ring, read in order by the naive oracle (I3)."""
    subscriptions = [
        s for s in (decode(x.value).body for x in bus.latest("tocsin.subscriptions")) if s.enabled
    ]
    oracles = [Oracle(s) for s in subscriptions]
    articles = bodies(bus, CLUSTERED.name, ClusteredArticle)
    return {rung[0] for o in oracles for c in articles if (rung := o.read(c)) is not None}


def delivered_once_each(bus, hooks: Receiver):
    """Ids of the notifications that reached the receiver, once all are delivered: one for each alert of the
    subscription, whatever the number of attempts. None before.
    """
    newest = {}
    for n in bodies(bus, NOTIFICATIONS.name, Notification):
        if n.channel_kind == "webhook" and n.revision >= getattr(newest.get(n.id), "revision", 0):
            newest[n.id] = n
    if not newest or any(n.status != "delivered" for n in newest.values()):
        return None
    got = {x.headers["webhook-id"] for x in hooks.got["/raids"]}
    wanted = {
        a.id
        for a in (decode(x.value).body for x in bus.latest(ALERTS.name))
        if a.subscription_name == "Raids"
    }
    assert got == set(newest)
    assert {n.alert_id for n in newest.values()} == wanted
    assert len(newest) == len(wanted)
    return got
