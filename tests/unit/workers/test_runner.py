"""The loop that every worker is: what a failure costs, and what a repetition changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import WHEN, an_item
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.state import MemoryState
from tocsin.errors import DiskFull, Rejected, Retryable
from tocsin.ports.bus import Message
from tocsin.workers.enricher import Enricher
from tocsin.workers.host import Host
from tocsin.workers.runner import Pipe, lag
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.item import ItemCollected
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import body_of, decode, encode, event
from tocsin_schemas.topics import ACTS, DEAD_LETTERS, ENRICHED, ITEMS, OUTCOMES, STORIES


class Counting:
    """Counts titles; keeps the count as rows; tells each on STORIES. Titles say how it fails."""

    def __init__(self):
        self.seen: dict[str, int] = {}
        self.folded: list[str] = []
        self.restored = 0
        self.fail_once: set[str] = set()

    def restore(self, tx):
        self.restored += 1
        self.seen = {key: int(value) for key, value in tx.scan("seen")}

    def fold(self, event, tx):
        self.folded.append(event.id)

    def handle(self, event, tx):
        title = body_of(event, ItemCollected).entry.title
        if title == "refused":
            raise Rejected("no-content", "nothing in it")
        if title in self.fail_once:
            self.fail_once.discard(title)
            self.seen["half-done"] = 1
            raise DiskFull("no room")
        self.seen[title] = self.seen.get(title, 0) + 1
        if title == "bug":
            raise ZeroDivisionError("a bug")
        if title == "grown":
            tx.emit(Message(STORIES.name, title, b"x" * (STORIES.max_bytes + 1)))
        tx.put("seen", title, str(self.seen[title]).encode())
        tx.emit(Message(STORIES.name, title, encode(event)))


def item_message(title: str, topic=ITEMS) -> Message:
    item = an_item(title=title, link=f"http://dawn.example/{title}")
    return Message(topic.name, item.feed_id, encode(event(item, root_id=item.root_id, at=WHEN)))


def a_host(bus, state, handler=None, reads=ITEMS):
    handler = handler or Counting()
    host = Host(
        "clusterer",
        handler,
        bus=bus,
        state=state,
        reads=(reads, ACTS),
        folds=(STORIES,),
        prime=(ACTS,),
    )
    host.start()
    return host, handler


def bodies(bus, topic, model):
    return [body_of(decode(r.value), model) for r in bus.read(topic.name)]


def test_each_event_is_handled_published_and_committed_once():
    bus, state = MemoryBus(), MemoryState()
    host, handler = a_host(bus, state)
    bus.produce([item_message("a"), item_message("b")])

    assert host.step(0.0) == 2
    assert host.step(0.0) == 0
    assert handler.seen == {"a": 1, "b": 1}
    assert [r.key for r in bus.read(STORIES.name)] == ["a", "b"]
    assert sum(lag(bus).values()) == 0


def test_a_refused_event_becomes_a_dead_letter_with_its_outcome_and_costs_only_itself():
    bus, state = MemoryBus(), MemoryState()
    host, handler = a_host(bus, state)
    bus.produce([item_message("a"), item_message("refused"), item_message("b")])

    host.step(0.0)

    assert handler.seen == {"a": 1, "b": 1}
    (letter,) = bodies(bus, DEAD_LETTERS, DeadLetter)
    assert (letter.reason, letter.stage, letter.message) == (
        "no-content",
        "clusterer",
        "nothing in it",
    )
    (outcome,) = bodies(bus, OUTCOMES, Outcome)
    assert (outcome.root_id, outcome.ended, outcome.reason) == (
        letter.root_id,
        "dead",
        "no-content",
    )


@pytest.mark.parametrize("value", [b"{", b"", b'{"a":1}'])
def test_bytes_that_are_no_event_become_a_dead_letter(value):
    bus, state = MemoryBus(), MemoryState()
    host, handler = a_host(bus, state)
    bus.produce([item_message("a"), Message(ITEMS.name, "k", value), item_message("b")])

    host.step(0.0)

    assert set(handler.seen) == {"a", "b"}
    assert [d.reason for d in bodies(bus, DEAD_LETTERS, DeadLetter)] == ["bad-json"]


def test_an_event_that_crashes_the_stage_costs_only_itself_and_leaves_no_half_done_memory():
    bus, state = MemoryBus(), MemoryState()
    host, handler = a_host(bus, state)
    bus.produce([item_message("a"), item_message("bug"), item_message("b")])

    host.step(0.0)

    assert handler.seen == {"a": 1, "b": 1}
    (letter,) = bodies(bus, DEAD_LETTERS, DeadLetter)
    assert letter.reason == "crash"
    assert "ZeroDivisionError" in letter.message
    assert sum(lag(bus).values()) == 0


def test_an_event_that_grows_above_its_topics_limit_costs_only_itself():
    bus, state = MemoryBus(), MemoryState()
    host, handler = a_host(bus, state)
    bus.produce([item_message("a"), item_message("grown"), item_message("b")])

    host.step(0.0)

    assert handler.seen == {"a": 1, "b": 1}
    (letter,) = bodies(bus, DEAD_LETTERS, DeadLetter)
    assert letter.reason == "too-large"
    assert STORIES.name in letter.message
    assert [r.key for r in bus.read(STORIES.name)] == ["a", "b"]
    assert sum(lag(bus).values()) == 0


def test_an_item_that_grows_above_the_limit_when_it_is_read_costs_only_itself():
    bus = MemoryBus()
    grown = b"x" * (ENRICHED.max_bytes + 1)

    def read(values):
        return [b"read" if n != 1 else grown for n in range(len(values))]

    pipe = Pipe("enricher", Enricher(read), bus=bus, reads=(ITEMS,))
    pipe.start()
    bus.produce([item_message("a"), item_message("b"), item_message("c")])

    pipe.step(0.0)

    assert [r.value for r in bus.read(ENRICHED.name)] == [b"read", b"read"]
    assert [d.reason for d in bodies(bus, DEAD_LETTERS, DeadLetter)] == ["too-large"]
    assert sum(lag(bus).values()) == 0


def test_a_passing_fault_loses_nothing_and_keeps_nothing_half_done():
    bus, state = MemoryBus(), MemoryState()
    handler = Counting()
    handler.fail_once = {"b"}
    host, handler = a_host(bus, state, handler)
    bus.produce([item_message("a"), item_message("b"), item_message("c")])

    with pytest.raises(DiskFull):
        host.step(0.0)
    host.start()
    host.step(0.0)

    assert handler.seen == {"a": 1, "b": 1, "c": 1}
    assert [r.key for r in bus.read(STORIES.name)] == ["a", "b", "c"]


def test_what_was_decided_but_not_published_is_published_by_the_next_owner():
    bus, state = MemoryBus(), MemoryState()
    with state.begin() as tx:
        tx.emit(Message(STORIES.name, "late", encode(event(an_item(), root_id="r", at=WHEN))))

    host, _ = a_host(bus, state)
    assert list(bus.read(STORIES.name)) == [], "not before it owns the partitions"
    host.step(0.0)

    assert [r.key for r in bus.read(STORIES.name)] == ["late"]


def test_an_event_delivered_again_after_a_crash_before_the_commit_changes_nothing():
    bus, state = MemoryBus(), MemoryState()
    host, handler = a_host(bus, state)
    bus.produce([item_message("a")])
    host._consumer.commit = lambda records: None  # killed between effect and commit
    host.step(0.0)

    again, handler = a_host(bus, state)
    again.step(0.0)

    assert handler.seen == {"a": 1}
    assert len(list(bus.read(STORIES.name))) == 1


def test_own_events_are_folded_once_and_only_those_since_the_noted_position():
    bus, state = MemoryBus(), MemoryState()
    host, _ = a_host(bus, state)
    bus.produce([item_message("a")])
    host.step(0.0)
    bus.produce([item_message("b")])
    host.step(0.0)

    _, handler = a_host(bus, state)
    assert len(handler.folded) == 1, "the last batch's own position is noted with the next batch"
    _, fresh = a_host(bus, MemoryState())
    assert len(fresh.folded) == 2, "with the state lost, all of it"


def test_prime_topics_are_read_to_their_end_before_the_others():
    bus, state = MemoryBus(), MemoryState()
    order = []

    class Order(Counting):
        def handle(self, event, tx):
            order.append(body_of(event, ItemCollected).entry.title)

    host, _ = a_host(bus, state, Order())
    bus.produce([item_message("second")])
    first = item_message("first")
    bus.produce([Message(ACTS.name, "x", first.value)])

    host.step(0.0)

    assert order == ["first", "second"]


def test_with_its_state_lost_a_worker_reads_its_registers_again():
    bus = MemoryBus()
    order = []

    class Order(Counting):
        def handle(self, event, tx):
            order.append(body_of(event, ItemCollected).entry.title)

    host, _ = a_host(bus, MemoryState(), Order())
    bus.produce([Message(ACTS.name, "x", item_message("register").value), item_message("news")])
    host.step(0.0)
    host.close()

    again, _ = a_host(bus, MemoryState(), Order())
    again.step(0.0)

    assert order == ["register", "news", "register"], "the register once more, the news not"


def test_a_topic_that_was_made_anew_is_read_from_its_start_though_it_is_longer_by_now():
    state = MemoryState()
    host, _ = a_host(bus := MemoryBus(), state)
    bus.produce([Message(ACTS.name, "x", item_message("old").value), item_message("a")])
    host.step(0.0)

    anew = MemoryBus()
    anew.produce([Message(ACTS.name, "x", item_message(title).value) for title in ("new", "newer")])
    anew.produce([item_message("b"), item_message("c")])
    anew.produce([Message(STORIES.name, "s", item_message("told").value)] * 2)
    host, handler = a_host(anew, state)
    host.step(0.0)

    assert handler.seen == {"new": 1, "newer": 1, "b": 1, "c": 1}


def test_a_pipe_publishes_before_it_commits():
    bus = MemoryBus()
    pipe = Pipe(
        "enricher",
        lambda rs: [Message(ENRICHED.name, r.key, r.value) for r in rs],
        bus=bus,
        reads=(ITEMS,),
    )
    pipe.start()
    bus.produce([item_message("a"), item_message("b")])

    assert pipe.step(0.0) == 2
    assert len(list(bus.read(ENRICHED.name))) == 2
    assert lag(bus) == {"enricher": 0}


def test_a_pipe_whose_effect_fails_handles_the_same_records_again():
    bus = MemoryBus()
    calls = []

    def effect(records):
        calls.append(len(records))
        if len(calls) == 1:
            raise DiskFull("no room")
        return []

    pipe = Pipe("indexer", effect, bus=bus, reads=(ITEMS,))
    pipe.start()
    bus.produce([item_message("a"), item_message("b")])

    with pytest.raises(DiskFull):
        pipe.step(0.0)
    pipe.start()
    pipe.step(0.0)

    assert calls == [2, 2]


def test_a_spare_decides_nothing_and_goes_on_where_the_other_fell():
    bus = MemoryBus()
    active, _ = a_host(bus, MemoryState(), reads=ENRICHED)
    active.step(0.0)
    spare, second = a_host(bus, MemoryState(), reads=ENRICHED)
    bus.produce([item_message(t, ENRICHED) for t in "ab"])
    bus.produce([Message(ACTS.name, "x", item_message("register").value)])
    assert (active.step(0.0), spare.step(0.0)) == (3, 0)
    assert second.seen == {}
    assert len(second.folded) == 3, "it keeps warm meanwhile"
    bus.produce([item_message("c", ENRICHED)])
    active.close()
    spare.step(0.0)

    assert len(second.folded) == 3, "what the fallen one had published"
    assert set(second.seen) == {"register", "c"}, "its own decisions; a, b stand folded"
    keys = [r.key for r in bus.read(STORIES.name)]
    assert (keys.count("a"), keys.count("b"), keys.count("c")) == (1, 1, 1)


def test_a_process_that_slept_through_its_replacement_publishes_nothing_it_decided():
    bus, state = MemoryBus(), MemoryState()
    sleeper, _ = a_host(bus, state, reads=ENRICHED)
    bus.produce([item_message("a", ENRICHED)])
    replaced = Retryable("another member has taken over")

    def confirm():
        raise replaced

    sleeper.step(0.0)
    bus.produce([item_message("b", ENRICHED)])
    sleeper._consumer.confirm = confirm
    with pytest.raises(Retryable):
        sleeper.step(0.0)
    assert [r.key for r in bus.read(STORIES.name)] == ["a"]

    bus.produce([item_message("c", ENRICHED)])
    heir, _ = a_host(bus, MemoryState(), reads=ENRICHED)
    sleeper.close()
    while heir.step(0.0):
        pass
    heir.close()
    back, handler = a_host(bus, state, reads=ENRICHED)
    back.step(0.0)
    assert [r.key for r in bus.read(STORIES.name)] == ["a", "b", "c"], "its unsent b is dropped"
    assert len(handler.folded) == 3, "its state was rebuilt from what was published"


def test_a_state_from_another_log_is_thrown_away():
    state = MemoryState()
    host, _ = a_host(bus := MemoryBus(), state)
    bus.produce([item_message(t) for t in "abc"])
    host.step(0.0)
    new = MemoryBus()
    new.produce([item_message("d")])
    host, handler = a_host(new, state)
    host.step(0.0)
    assert handler.seen == {"d": 1}
    assert [r.key for r in new.read(STORIES.name)] == ["d"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "refused", "bug"]), max_size=12), st.data())
def test_however_often_the_worker_dies_each_event_ends_once(titles, data):
    """Kill it at any commit; the rows and the published events are those of an undisturbed run."""
    bus, state = MemoryBus(), MemoryState()
    bus.produce([item_message(t) for t in titles])
    host, handler = a_host(bus, state)
    for _ in range(40):
        if data.draw(st.booleans()):
            host._consumer.commit = lambda records: None
        if host.step(0.0) == 0:
            break
        host, handler = a_host(bus, state)

    good = [t for t in titles if t in {"a", "b"}]
    assert handler.seen == {t: good.count(t) for t in set(good)}
    assert [r.key for r in bus.read(STORIES.name)] == good
    dead = [d.id for d in bodies(bus, DEAD_LETTERS, DeadLetter)]
    assert len(dead) == len(set(dead)) == len(titles) - len(good)
