"""Reconciliation: a question that can be answered with no (invariant I1)."""

import pytest

from support.builders import WHEN, a_clustered, an_article, an_item
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.search import MemorySearch
from tocsin.pipeline.collect.ingest import message_of
from tocsin.pipeline.index.document import documents
from tocsin.ports.bus import Message
from tocsin.workers.endings import outcome
from tocsin.workers.reconcile import reconcile
from tocsin_schemas.registry import encode, event
from tocsin_schemas.topics import CLUSTERED, ENRICHED, ITEMS


def an_event(body, root):
    return encode(event(body, root_id=root, at=WHEN))


def handled(bus, group, topic):
    consumer = bus.consumer(group, [topic])
    while records := consumer.poll(1000, 0.0):
        consumer.commit(records)
    consumer.close()


@pytest.fixture
def desk():
    """Three items collected; the enricher, clusterer and indexer have handled all there was."""
    bus, search = MemoryBus(), MemorySearch()
    items = [an_item(title=f"Item {n}", link=f"http://dawn.example/{n}") for n in range(3)]
    bus.produce([message_of(i, "live") for i in items])
    handled(bus, "enricher", ITEMS.name)
    return bus, search, items


def counts(found):
    return {k: v for k, v in found.as_dict().items() if isinstance(v, int) and v}


def test_an_item_that_vanished_is_missing_and_named(desk):
    bus, search, items = desk

    found = reconcile(bus, search)

    assert counts(found) == {"collected": 3, "missing": 3}
    assert found.missing_ids == sorted(i.root_id for i in items)


def test_each_end_is_counted_once_however_often_it_is_told(desk):
    bus, search, items = desk
    article = a_clustered(an_article(url="http://dawn.example/0"))
    search.put(documents(event(article, root_id="r", at=WHEN)))
    bus.produce(
        [
            outcome(items[0].root_id, "indexed", at=WHEN, article=article.article_id),
            outcome(items[0].root_id, "indexed", at=WHEN, article=article.article_id),
            outcome(items[1].root_id, "sighting", at=WHEN),
            outcome(items[2].root_id, "dead", at=WHEN, reason="cpu"),
        ]
    )

    assert counts(reconcile(bus, search)) == {"collected": 3, "indexed": 1, "copies": 1, "dead": 1}


def test_an_outcome_whose_article_the_index_does_not_hold_is_missing(desk):
    bus, search, items = desk
    bus.produce([outcome(i.root_id, "indexed", at=WHEN, article="a" * 26) for i in items])

    assert counts(reconcile(bus, search)) == {"collected": 3, "missing": 3}


def test_a_replayed_dead_letter_supersedes_and_is_not_superseded(desk):
    bus, search, items = desk
    bus.produce(
        [
            outcome(items[0].root_id, "dead", at=WHEN, reason="cpu"),
            outcome(items[0].root_id, "merged", at=WHEN),
            outcome(items[0].root_id, "dead", at=WHEN, reason="cpu"),
        ]
    )

    assert reconcile(bus, search).copies == 1


@pytest.mark.parametrize(("topic", "group"), [(ENRICHED, "clusterer"), (CLUSTERED, "indexer")])
def test_an_item_on_its_way_is_in_flight(desk, topic, group):
    bus, search, items = desk
    bus.produce([Message(topic.name, "k", an_event(an_article(), items[1].root_id))])

    assert counts(reconcile(bus, search)) == {"collected": 3, "in_flight": 1, "missing": 2}

    handled(bus, group, topic.name)
    assert counts(reconcile(bus, search)) == {"collected": 3, "missing": 3}


def test_an_item_not_yet_read_is_in_flight_and_the_same_item_again_is_the_same(desk):
    bus, search, items = desk
    bus.produce(
        [
            message_of(items[0], "live"),
            message_of(an_item(title="New", link="http://dawn.example/9"), "live"),
        ]
    )

    found = reconcile(bus, search)

    assert counts(found) == {"collected": 4, "in_flight": 2, "missing": 2}


def test_records_that_are_no_events_are_counted_apart(desk):
    bus, search, _ = desk
    bus.produce([Message(ITEMS.name, "k", b"{")])

    assert reconcile(bus, search).unreadable == 1
