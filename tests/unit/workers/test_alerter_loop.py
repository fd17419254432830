"""The alerter's worker on a log: alerts once, over restarts, and what is unconfirmed at lag 0 alone."""

from collections.abc import Callable

import pytest

from support.ring import Press, Said, at, subscription
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.state import MemoryState
from tocsin.pipeline.match.alerter import Alerter
from tocsin.pipeline.topology import worker
from tocsin.ports.registers import Registers, message
from tocsin.workers.alerter import AlerterLoop
from tocsin.workers.host import Host
from tocsin_schemas.alert import Alert
from tocsin_schemas.registry import body_of, decode
from tocsin_schemas.story import ClusteredArticle
from tocsin_schemas.topics import ALERTS, CLUSTERED


def loop(
    bus: MemoryBus, state: MemoryState, quiet: Callable[[], bool] = lambda: True
) -> AlerterLoop:
    w, handler = worker("alerter"), Alerter()
    host = Host.of(w, handler, bus=bus, state=state)
    made = AlerterLoop(host, handler, state=state, quiet=quiet)
    made.start()
    return made


def publish(bus: MemoryBus, *articles: ClusteredArticle) -> None:
    bus.produce(
        message(
            CLUSTERED,
            a.article_id,
            a,
            root_id=a.article.root_id,
            at=a.article.collected,
            discriminator=f"{a.article_id}@{a.revision}",
        )
        for a in articles
    )


def told(bus: MemoryBus) -> list[tuple[str, str]]:
    alerts = [body_of(decode(r.value), Alert) for r in bus.read(ALERTS.name) if r.value]
    return [(a.reason, a.fact) for a in alerts]


def test_alerts_stand_in_the_log_once_over_restarts():
    bus, state, p = MemoryBus(), MemoryState(), Press()
    Registers(bus).put_subscription(subscription(), at=at(-60))
    publish(bus, p.article("a", says=[Said("killed", 9, 9)]))
    publish(bus, p.article("b", says=[Said("killed", 20, 20)]))
    first = loop(bus, state)
    while first.step(0.0):
        pass
    first.close()
    assert told(bus) == [("first-match", ""), ("toll", "killed:9-20")]
    again = loop(bus, state)
    publish(bus, p.article("c", says=[Said("killed", 20, 20)]))
    while again.step(0.0):
        pass
    again.close()
    assert len(told(bus)) == 2


def test_unconfirmed_waits_until_every_article_is_read():
    bus, state, p = MemoryBus(), MemoryState(), Press()
    sub = subscription(reasons=("first-match", "unconfirmed"), unconfirmed_after_s=60)
    Registers(bus).put_subscription(sub, at=at(-60))
    publish(bus, p.article("a", minutes=1))
    worker_ = loop(bus, state)
    assert worker_.step(0.0) == 2
    assert told(bus) == [("first-match", "")]
    publish(bus, p.article("x", "t", title="Calm", minutes=5), p.article("y", "u", title="Calm"))
    assert worker_.step(0.0) == 2
    assert told(bus) == [("first-match", "")]
    assert worker_.step(0.0) == 0
    assert told(bus) == [("first-match", ""), ("unconfirmed", "")]
    worker_.close()


def test_a_spare_with_an_old_state_says_of_nothing_that_it_is_unconfirmed():
    bus, old, p = MemoryBus(), MemoryState(), Press()
    sub = subscription(reasons=("first-match", "unconfirmed"), unconfirmed_after_s=60)
    Registers(bus).put_subscription(sub, at=at(-60))
    publish(bus, p.article("a", minutes=1), p.article("x", "t", title="Calm", minutes=5))
    first = loop(bus, old)
    assert first.step(0.0) == 3
    first.close()
    second = loop(bus, MemoryState())
    publish(bus, p.article("b", origin="Reuters", minutes=6))
    while second.step(0.0):
        pass
    spare = loop(bus, old)  # it knows of one voice, and that the time is up
    spare.step(0.0)
    assert told(bus) == [("first-match", "")]
    spare.close()
    second.close()


def test_what_arrived_while_the_log_was_asked_whether_it_is_quiet_is_read_before_anything_is_unconfirmed():
    bus, p = MemoryBus(), Press()
    sub = subscription(reasons=("first-match", "unconfirmed"), unconfirmed_after_s=60)
    Registers(bus).put_subscription(sub, at=at(-60))
    late = [p.article("a", minutes=1), p.article("x", "t", title="Calm", minutes=5)]
    publish(bus, *late)
    late = [p.article("b", origin="Reuters", minutes=6)]

    def quiet() -> bool:
        publish(bus, *late)
        late.clear()
        return True

    worker_ = loop(bus, MemoryState(), quiet)
    while worker_.step(0.0):
        pass
    assert told(bus) == [("first-match", "")]
    worker_.close()


@pytest.mark.parametrize("kept", ["its state", "an old state", "no state"])
def test_a_match_that_waits_for_its_story_rings_whoever_works_by_then(kept):
    bus, p = MemoryBus(), Press()
    Registers(bus).put_subscription(subscription(query="raid AND origins:>=2"), at=at(-60))
    states = {"its state": MemoryState(), "an old state": MemoryState(), "no state": MemoryState()}
    before = loop(bus, states["an old state"])
    before.step(0.0)
    before.close()
    publish(bus, p.article("a", minutes=1))
    first = loop(bus, states["its state"])
    while first.step(0.0):
        pass
    first.close()
    heir = loop(bus, states[kept])
    publish(bus, p.article("b", title="Ministry confirms", origin="Reuters", minutes=3))
    while heir.step(0.0):
        pass
    heir.close()
    assert told(bus) == [("first-match", "")]


def test_what_rang_does_not_ring_again_for_one_without_state():
    bus, p = MemoryBus(), Press()
    Registers(bus).put_subscription(subscription(), at=at(-60))
    publish(bus, p.article("a", says=[Said("killed", 9, 9)]))
    publish(bus, p.article("b", says=[Said("killed", 20, 20)]))
    first = loop(bus, MemoryState())
    while first.step(0.0):
        pass
    first.close()
    heir = loop(bus, MemoryState())
    publish(bus, p.article("c", says=[Said("killed", 20, 20)]))
    while heir.step(0.0):
        pass
    heir.close()
    assert told(bus) == [("first-match", ""), ("toll", "killed:9-20")]
