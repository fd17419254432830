"""What may be committed: what was worked, by who still owns it, confirmed by the broker in time."""

import asyncio
import threading
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from tocsin.adapters.faust import tenure as module
from tocsin.adapters.faust.tenure import Tenure
from tocsin.errors import Retryable

HERE = TopicPartition("articles", 0)
THERE = TopicPartition("acts", 0)


class Broker:
    """What the tenure asks of the client: the group's positions, fenced by generation."""

    def __init__(self) -> None:
        self.positions = {HERE: 7}
        self.ends = {HERE: 7}
        self.commits: list[dict] = []
        self.sought: list[tuple] = []
        self.replaced = False
        self.silent = False
        self.deals_anew = False
        self.taken_away = False
        self._coordinator = SimpleNamespace(generation=3)

    def highwater(self, place):
        if self.taken_away:
            raise AssertionError("Partition is not assigned")
        return self.ends.get(place)

    def seek(self, place, offset):
        self.sought.append((place, offset))

    def assignment(self):
        return {HERE, THERE}

    async def committed(self, place):
        return self.positions.get(place)

    async def commit(self, positions):
        if self.silent:
            await asyncio.sleep(60)
        if self.replaced:
            raise CommitFailedError("already rebalanced")
        self.commits.append(dict(positions))
        if self.deals_anew:
            self._coordinator.generation += 1


@pytest.fixture
def loop():
    """The client's own loop, in its own thread."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
async def tenure(loop, broker):
    thread = SimpleNamespace(thread_loop=loop, _consumer=broker)
    app = SimpleNamespace(
        consumer=SimpleNamespace(_thread=thread), consumer_generation_id=3, rebalancing=False
    )
    made = Tenure(app)
    await made.open()
    return made


def message(offset, topic="articles"):
    return SimpleNamespace(topic=topic, partition=0, offset=offset)


async def test_it_begins_where_the_group_stands(tenure):
    assert tenure.next_of(message(0)) == 7
    assert tenure.next_of(message(0, "acts")) == 0


async def test_only_what_was_worked_is_committed(tenure, broker):
    await tenure.commit()
    assert broker.commits == []  # nothing is news to the group
    tenure.hand_out(message(7))
    tenure.hand_out(message(8))
    assert tenure.next_of(message(8)) == 9
    await tenure.commit()
    assert broker.commits == []
    tenure.handled([message(7)])
    await tenure.commit()
    await tenure.commit()
    assert broker.commits == [{HERE: 8, THERE: 0}]


async def test_to_confirm_moves_no_position(tenure, broker):
    tenure.hand_out(message(7))
    await asyncio.to_thread(tenure.confirm)
    assert broker.commits == [{HERE: 7, THERE: 0}]


@pytest.mark.parametrize("change", ["replaced", "deals_anew", "silent"])
async def test_who_is_replaced_or_gets_no_answer_is_refused(tenure, broker, monkeypatch, change):
    monkeypatch.setattr(module, "ANSWER_S", 0.2)
    setattr(broker, change, True)
    with pytest.raises(Retryable):
        await asyncio.to_thread(tenure.confirm)
    tenure.handled([message(7)])
    with pytest.raises(Retryable):
        await tenure.commit()


async def test_an_answer_to_a_sleeper_proves_nothing(tenure, monkeypatch):
    now = iter((100.0, 200.0))
    monkeypatch.setattr(module, "monotonic", lambda: next(now))
    with pytest.raises(Retryable, match="slept"):
        await asyncio.to_thread(tenure.confirm)


async def test_a_dealt_group_asks_the_broker_nothing(tenure, broker):
    broker._coordinator.generation = 4
    with pytest.raises(Retryable, match="dealt anew"):
        await asyncio.to_thread(tenure.confirm)
    assert broker.commits == []


async def test_it_is_over_in_a_rebalance_and_after_one(tenure):
    assert tenure.goes_on()
    tenure._app.rebalancing = True
    assert not tenure.goes_on()
    tenure._app.rebalancing = False
    tenure._app.consumer_generation_id = 4
    assert not tenure.goes_on()


async def test_a_client_that_has_stopped_confirms_nothing(tenure, monkeypatch):
    ended = asyncio.new_event_loop()
    ended.close()
    monkeypatch.setattr(tenure, "_loop", ended)
    with pytest.raises(Retryable, match="stopped"):
        await asyncio.to_thread(tenure.confirm)


async def test_it_is_behind_where_the_log_goes_on_and_nothing_was_handed_out(tenure, broker):
    assert tenure.behind() == []
    broker.ends = {HERE: 9, THERE: 1}
    assert tenure.behind() == [THERE, HERE]
    tenure.hand_out(message(8))
    assert tenure.behind() == [THERE]
    broker.taken_away = True
    assert tenure.behind() == []


async def test_it_reads_from_where_the_group_stands_also_where_nothing_was_committed(
    tenure, broker
):
    """The client seeks back to no partition without a commit: what Faust dropped there was lost."""
    assert sorted(broker.sought) == [(THERE, 0), (HERE, 7)]


async def test_a_gap_is_read_again_once_and_a_fact_when_the_same_record_comes_next(tenure, broker):
    broker.sought.clear()
    assert await tenure.doubts(message(9))
    assert await tenure.doubts(message(10))  # on its way before the seek
    assert broker.sought == [(HERE, 7)]
    assert not await tenure.doubts(message(9))


async def test_a_gap_that_turns_out_smaller_is_read_again_too(tenure, broker):
    broker.sought.clear()
    assert await tenure.doubts(message(12))
    assert await tenure.doubts(message(9))
    assert broker.sought == [(HERE, 7), (HERE, 7)]
    assert await tenure.doubts(message(12))
    assert not await tenure.doubts(message(9))
    tenure.hand_out(message(9))
    assert await tenure.doubts(message(12))
    assert broker.sought[2:] == [(HERE, 10)]
