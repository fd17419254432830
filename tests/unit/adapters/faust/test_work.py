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


def a_work(patience, doubted=None, stalls=None):
    hosted = SimpleNamespace(name="enricher", reads=[ITEMS.name], work=lambda records: None)
    return Work(
        hosted,
        patience,
        Names("", TOPICS),
        128,
        set() if doubted is None else doubted,
        Counter() if stalls is None else stalls,
    )


def test_a_first_record_that_is_not_the_first_of_its_partition_is_doubted_once(patience):
    work = a_work(patience)
    second = SimpleNamespace(topic=ITEMS.name, partition=4, offset=1)
    with pytest.raises(Retryable, match="goes on at 1, not 0"):
        work._doubt(second, 0)
    work._doubt(second, 0)


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
