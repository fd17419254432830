"""What Faust hands over is believed only as far as it has no holes: a re-balance can drop records."""

import threading
from collections import Counter
from types import SimpleNamespace

import pytest

from tocsin.adapters.faust import work as module
from tocsin.adapters.faust.patience import Patience
from tocsin.adapters.faust.work import Work
from tocsin.adapters.kafka.names import Names
from tocsin.errors import Retryable
from tocsin_schemas.topics import ITEMS, TOPICS

PLACE = SimpleNamespace(topic=ITEMS.name, partition=4)


class Silent:
    """A tenure in a partition whose log goes on, of which nothing comes."""

    def behind(self):
        return [PLACE]

    def next_of(self, place):
        return 0


@pytest.fixture
def patience():
    made = Patience("enricher", threading.Event())
    yield made
    made.close()


def a_work(patience, stalls=None):
    hosted = SimpleNamespace(name="enricher", reads=[ITEMS.name], work=lambda records: None)
    return Work(hosted, patience, Names("", TOPICS), 128, Counter() if stalls is None else stalls)


class Held:
    """A tenure over one partition; what it doubts is in the offsets `doubtful`, else it is a fact."""

    generation = 1

    def __init__(self, *doubtful):
        self.doubtful = doubtful
        self.at = 0

    def next_of(self, message):
        return self.at

    def hand_out(self, message):
        self.at = message.offset + 1

    async def doubts(self, message):
        if message.offset == 99:
            raise Retryable("no answer")
        return message.offset in self.doubtful


async def given(patience, tenure, *offsets):
    work = a_work(patience)
    for offset in offsets:
        message = SimpleNamespace(
            topic=ITEMS.name, partition=4, offset=offset, generation_id=1, value=b""
        )
        await work.take(SimpleNamespace(message=message))
    return [message.offset for message in await work._gather(tenure)]


async def test_what_comes_after_a_gap_is_left_while_the_gap_is_doubted(patience):
    assert await given(patience, Held(1, 2), 1, 2, 0, 1, 2) == [0, 1, 2]


async def test_a_gap_that_is_a_fact_is_told_and_work_goes_on(patience, capsys):
    assert await given(patience, Held(), 3, 4) == [3, 4]
    told = capsys.readouterr().err
    assert "records-missing" in told
    assert '"missing": 3' in told


async def test_what_cannot_be_read_again_now_is_left_too(patience):
    assert await given(patience, Held(), 99, 0, 1) == [0, 1]


def test_a_partition_of_which_nothing_comes_has_the_app_made_anew_and_less_often_each_time(
    patience, monkeypatch
):
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    stalls = Counter()
    for patient_for in (module.STALL_S, 2 * module.STALL_S):
        work = a_work(patience, stalls=stalls)
        work._watch(Silent())
        now[0] += patient_for - 1
        work._watch(Silent())
        now[0] += 2
        with pytest.raises(Retryable, match=r"nothing of .*/4 from 0 on"):
            work._watch(Silent())
