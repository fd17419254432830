"""The Faust shell on a real broker: every record worked, none acknowledged before, whoever is killed."""

import asyncio
import gc
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import faust
import pytest
from faust.tables.recovery import Recovery

from support.faust_process import Shell
from support.kafka_desk import Desks
from tocsin.adapters.faust.hosted import Hosted
from tocsin.adapters.faust.shell import FaustShell
from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.bus import KafkaBus
from tocsin.adapters.kafka.names import Names
from tocsin.errors import Retryable, StoreError, TocsinError
from tocsin.ports.bus import Message, Record
from tocsin_schemas.topics import ACTS, ENRICHED, ITEMS

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]


@pytest.fixture(scope="module")
def desks(kafka_server, request) -> Iterator[Desks]:
    with Desks(kafka_server.servers, f"f{time.time_ns():x}-", [ITEMS, ENRICHED, ACTS]) as made:
        yield made


@pytest.fixture
def names(desks: Desks) -> str:
    """The prefix of fresh topics."""
    return desks.prefix()


class Stage:
    """Remembers what it was given; `fails` are raised, one each time, before anything is kept."""

    name = "enricher"
    reads = (ITEMS.name,)

    def __init__(self, *fails: Exception) -> None:
        self.reads = [ITEMS.name]
        self.fails = list(fails)
        self.seen: list[Record] = []
        self.tries: list[list[int]] = []

    def work(self, records: Sequence[Record]) -> None:
        self.tries.append([r.offset for r in records])
        if self.fails:
            raise self.fails.pop(0)
        self.seen.extend(records)


@contextmanager
def running(stage: Hosted, servers: str, prefix: str, batch: int = 50) -> Iterator[FaustShell]:
    shell = FaustShell(stage, servers=servers, prefix=prefix, batch=batch)
    thread = threading.Thread(target=shell.run)
    thread.start()
    try:
        yield shell
    finally:
        shell.stop()
        thread.join(20)
        assert not thread.is_alive()


def until(true: Callable[[], object], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def fill(bus: KafkaBus, count: int, topic: str = ITEMS.name, name: str = "k") -> set[str]:
    keys = [f"{name}{n}" for n in range(count)]
    bus.produce(Message(topic, key, b"x" * 500, {"n": key}) for key in keys)
    return set(keys)


def positions(bus: KafkaBus, group: str = "enricher") -> dict:
    return {place: at for place, at in bus.committed(group).items() if at}


def ends(bus: KafkaBus, topic: str = ITEMS.name) -> dict:
    return {place: end for place, end in bus.ends(topic).items() if end}


def test_every_record_arrives_once_with_key_headers_and_time(desks: Desks, names: str):
    bus = desks.another(names)
    written = time.time()
    keys = fill(bus, 700)
    bus.produce(
        [
            Message(ITEMS.name, "tombstone", None),
            Message(ITEMS.name, "größte", b"\xff" * (4 << 20), {"Überschrift": "ja"}),
        ]
    )
    stage = Stage()
    with running(stage, desks.servers, names):
        until(lambda: len(stage.seen) >= 702)
        time.sleep(1)
    by_key = {r.key: r for r in stage.seen}
    assert set(by_key) == keys | {"tombstone", "größte"}
    assert len(stage.seen) == 702
    assert all(by_key[k].value == b"x" * 500 and by_key[k].headers == {"n": k} for k in keys)
    assert by_key["tombstone"].value is None
    assert by_key["größte"].value == b"\xff" * (4 << 20)
    assert by_key["größte"].headers == {"Überschrift": "ja"}
    assert all(abs(r.written.timestamp() - written) < 60 for r in stage.seen)
    assert {r.written.tzname() for r in stage.seen} == {"UTC"}
    assert {r.topic for r in stage.seen} == {ITEMS.name}
    for partition in range(6):
        offsets = [r.offset for r in stage.seen if r.partition == partition]
        assert offsets == list(range(len(offsets)))
    assert positions(bus) == ends(bus)


@pytest.mark.parametrize(
    "error", [Retryable("the broker is busy"), StoreError("no room"), KeyError("a bug")]
)
def test_what_fails_is_tried_again_in_place_and_nothing_is_skipped(
    desks: Desks, names: str, error: Exception
):
    bus = desks.another(names)
    keys = fill(bus, 120)
    stage = Stage(error, error)
    with running(stage, desks.servers, names) as shell:
        until(lambda: len(stage.tries) >= 2)
        assert str(error) in shell.problem
        assert positions(bus) == {}
        until(lambda: len(stage.seen) >= 120)
        until(lambda: not shell.problem)
    assert stage.tries[0] == stage.tries[1] == stage.tries[2]
    assert {r.key for r in stage.seen} == keys
    assert len(stage.seen) == 120
    assert positions(bus) == ends(bus)


def test_a_stop_in_a_pause_leaves_the_batch_to_the_next(desks: Desks, names: str):
    bus = desks.another(names)
    keys = fill(bus, 60)
    stuck = Stage(*[Retryable("away", retry_after_s=60.0)] * 9)
    with running(stuck, desks.servers, names):
        until(lambda: stuck.tries)
    assert positions(bus) == {}
    stage = Stage()
    with running(stage, desks.servers, names):
        until(lambda: len(stage.seen) >= 60)
    assert {r.key for r in stage.seen} == keys


def test_nothing_is_acknowledged_while_its_work_is_in_hand(desks: Desks, names: str):
    bus = desks.another(names)
    fill(bus, 40)
    go = threading.Event()

    class Slow(Stage):
        def work(self, records: Sequence[Record]) -> None:
            self.tries.append([])
            go.wait(30)
            super().work(records)

    stage = Slow()
    with running(stage, desks.servers, names) as shell:
        until(lambda: stage.tries)
        time.sleep(2.5)
        assert positions(bus) == {}
        assert len(shell.owned()) == 6
        go.set()
        until(lambda: positions(bus) == ends(bus))


def test_a_batch_in_hand_when_another_joins_is_left_to_its_owner(desks: Desks, names: str):
    bus = desks.another(names)
    keys = fill(bus, 300)
    go = threading.Event()

    class Slow(Stage):
        def work(self, records: Sequence[Record]) -> None:
            super().work(records)
            if len(self.tries) == 1:
                go.wait(60)

    first, second = Slow(), Stage()
    with running(first, desks.servers, names) as one:
        until(lambda: first.tries)
        with running(second, desks.servers, names) as two:
            until(two.owned)
            go.set()
            until(one.owned)
            assert not one.owned() & two.owned()
            assert len(one.owned()) == len(two.owned()) == 3
            until(lambda: positions(bus) == ends(bus))
    assert {r.key for r in first.seen + second.seen} == keys
    for stage in (first, second):  # after the batch in hand, in order and whole
        for partition in range(6):
            offsets = [r.offset for r in stage.seen if r.partition == partition]
            for before, after in pairwise(offsets):
                assert after <= before + 1


def test_a_missing_topic_is_an_error_that_names_the_mend(desks: Desks):
    shell = FaustShell(Stage(), servers=desks.servers, prefix="nobody-")
    with pytest.raises(TocsinError, match=r"nobody-news\.items\.collected; run `tocsin setup`"):
        shell.run()


# A Kafka client that dials a broker which is down may leave a half-open socket to the collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:Warning")
def test_a_broker_that_is_away_is_waited_for(own_kafka, caplog, capsys):
    broker = own_kafka()
    with Desks(broker.servers, "own-", [ITEMS]) as desks:
        names = desks.prefix()
        bus = desks.another(names)
        keys = fill(bus, 200)
        broker.kill()
        stage = Stage()
        with running(stage, broker.servers, names) as shell:  # away at the start
            until(lambda: "does not answer" in shell.problem)
            broker.start()
            until(lambda: len(stage.seen) >= 200)
            until(lambda: positions(bus) == ends(bus))
            capsys.readouterr()
            broker.kill()  # and again at work
            time.sleep(4)
            broker.start()
            keys |= fill(bus, 200, name="later")
            until(lambda: {r.key for r in stage.seen} == keys)
            until(lambda: positions(bus) == ends(bus) and not shell.problem)
        said = capsys.readouterr()
        assert said.out == ""
        lines = said.err.splitlines()
        assert len(lines) < 30, said.err
        assert all(line.startswith("{") for line in lines), said.err
    gc.collect()


def test_what_faust_drops_comes_again(desks: Desks, names: str):
    bus = desks.another(names)
    stage = Stage()
    with running(stage, desks.servers, names) as shell:
        keys = fill(bus, 60, name="a")
        until(lambda: len(stage.seen) >= 60)
        inbox = shell._work._inbox
        shell._work._inbox = _Leaky(inbox)
        keys |= fill(bus, 100, name="b")
        until(lambda: {r.key for r in stage.seen} == keys)
        until(lambda: positions(bus) == ends(bus))


@pytest.mark.slow
def test_what_arrives_while_another_joins_is_never_dropped(
    desks: Desks, names: str, monkeypatch: pytest.MonkeyPatch
):
    """What the client fetches between the deal and the moment when Faust is ready for it, which is a
    long one on a busy machine, Faust throws away.
    """
    dealt = _busy(monkeypatch)
    for life in range(
        3
    ):  # the first records of all: where nothing is committed Faust seeks nowhere
        prefix = names if life == 0 else desks.prefix()
        bus = desks.another(prefix)
        stages = Stage(), Stage(), Stage()
        with running(stages[0], desks.servers, prefix) as one:
            until(lambda one=one: len(one.owned()) == 6)
            work = one._work
            keys = set()
            for join in (1, 2):
                dealt.clear()
                with running(stages[join], desks.servers, prefix):
                    assert dealt.wait(20)
                    keys |= fill(bus, 24, name=f"join{join}-")
                    until(lambda k=keys, s=stages: {r.key for e in s for r in e.seen} == k)
                    until(lambda b=bus: positions(b) == ends(b))
                until(lambda one=one: len(one.owned()) == 6)
            assert one._work is work  # nor did the app have to be made anew for it
        assert len(ends(bus)) == 6


def _busy(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Faust takes its time to go on after a deal; set where a member that had its share is told of one."""
    dealt = threading.Event()
    begin, resume = faust.App.on_rebalance_start, Recovery._resume_streams

    def on_rebalance_start(app: faust.App) -> None:
        begin(app)
        if app.consumer_generation_id > 0:
            dealt.set()

    async def resume_streams(recovery: Recovery, generation_id: int = 0) -> None:
        await asyncio.sleep(0.6)
        await resume(recovery, generation_id)

    monkeypatch.setattr(faust.App, "on_rebalance_start", on_rebalance_start)
    monkeypatch.setattr(Recovery, "_resume_streams", resume_streams)
    return dealt


class _Leaky(deque):
    """Drops the third record it is given."""

    given = 0

    def append(self, message) -> None:
        self.given += 1
        if self.given != 3:
            super().append(message)


def test_records_that_expired_unread_are_told_and_the_rest_is_worked(
    desks: Desks, names: str, capsys
):
    bus = desks.another(names)
    for _ in range(2):  # a group that has committed somewhere
        fill(bus, 30, ENRICHED.name)
        stage = Stage()
        stage.reads = [ENRICHED.name]
        with running(stage, desks.servers, names):
            until(lambda s=stage: len(s.seen) >= 30)
    fill(bus, 50, ENRICHED.name)
    admin = client.admin(client.options(desks.servers, "test"))
    admin.delete_records({Names(names, desks.topics).partition((ENRICHED.name, 0)): 80})
    admin.close()
    stage = Stage()
    stage.reads = [ENRICHED.name]
    with running(stage, desks.servers, names):
        until(lambda: len(stage.seen) >= 30)
    assert [r.offset for r in stage.seen] == list(range(80, 110))
    told = [line for line in capsys.readouterr().err.splitlines() if "records-missing" in line]
    assert len(told) == 1
    assert '"missing": 20' in told[0]


def test_a_crash_of_faust_costs_nothing(desks: Desks, names: str):
    bus = desks.another(names)
    keys = fill(bus, 100)
    stage = Stage()
    with running(stage, desks.servers, names) as shell:
        until(lambda: len(stage.seen) >= 100)
        app = shell._work._tenure._app
        asyncio.run_coroutine_threadsafe(app.consumer.crash(KeyError("a bug")), app.loop)
        until(lambda: not shell.owned())
        keys |= fill(bus, 100, name="b")
        until(lambda: {r.key for r in stage.seen} == keys)
        until(lambda: positions(bus) == ends(bus) and not shell.problem)


def test_killed_in_the_middle_of_a_batch_twice_it_loses_nothing(
    desks: Desks, names: str, tmp_path: Path
):
    bus = desks.another(names)
    keys = fill(bus, 1500)

    def arrived() -> set[str]:
        return {r.key for r in bus.read(ENRICHED.name)}

    for life in range(2):
        with Shell("forward", desks.servers, names, tmp_path, f"life{life}", 0.2) as shell:
            until(lambda s=shell: len(s.diary("begin")) >= 4)
            time.sleep(0.1)  # the fourth batch is read and not published
            shell.kill()
    assert len(arrived()) < 1500
    assert sum(positions(bus).values()) <= len(arrived())
    with Shell("forward", desks.servers, names, tmp_path, "last") as shell:
        until(lambda: arrived() == keys)
        until(lambda: positions(bus) == ends(bus))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_the_batch_and_leaves_with_all_it_did_committed(
    desks: Desks, names: str, tmp_path: Path, number: int
):
    bus = desks.another(names)
    fill(bus, 1000)
    with Shell("forward", desks.servers, names, tmp_path, "one", 0.3) as shell:
        until(lambda: len(shell.diary("begin")) >= 3)
        shell.signal(number)
        assert shell.process.wait(20) == 0
        handled = sum(line["records"] for line in shell.diary("begin"))
        assert sum(positions(bus).values()) == handled == len(list(bus.read(ENRICHED.name)))
        assert handled < 1000
    with Shell("forward", desks.servers, names, tmp_path, "two") as after:  # the group is free
        until(lambda: after.diary("begin"))
        assert b"\x1b" not in shell.log.read_bytes()


def test_a_stop_is_heard_at_any_moment_of_the_start(desks: Desks, names: str, tmp_path: Path):
    for number, wait_s in enumerate((0.1, 0.2, 0.4, 0.6, 0.9, 1.2)):
        with Shell("forward", desks.servers, names, tmp_path, f"s{number}", 0.2) as shell:
            until(lambda s=shell: s.diary("running"))
            time.sleep(wait_s)
            shell.signal(signal.SIGINT)
            assert shell.process.wait(20) == 0, shell.log.read_text()
            assert "error" not in shell.log.read_text()


def test_a_batch_that_does_not_end_keeps_no_one_from_stopping(
    desks: Desks, names: str, tmp_path: Path
):
    bus = desks.another(names)
    fill(bus, 10)
    with Shell("forward", desks.servers, names, tmp_path, "one", 60.0) as shell:
        until(lambda: shell.diary("begin"))
        shell.signal(signal.SIGTERM)
        assert shell.process.wait(20) == 0
    assert positions(bus) == {}


def test_one_process_has_all_and_when_it_dies_the_spare_takes_over(
    desks: Desks, names: str, tmp_path: Path
):
    bus = desks.another(names)
    first = fill(bus, 200, ENRICHED.name, "a") | fill(bus, 20, ACTS.name, "act")
    with (
        Shell("record", desks.servers, names, tmp_path, "one") as one,
        Shell("record", desks.servers, names, tmp_path, "two") as two,
    ):
        until(lambda: _done(one) | _done(two) == first)
        until(lambda: _spare(one, two) is not None)
        spare = _spare(one, two)
        active = two if spare is one else one
        time.sleep(6)
        assert spare.diary("prepare")  # hot, from time to time
        active.kill()
        killed = time.monotonic()
        second = fill(bus, 50, ENRICHED.name, "b") | fill(bus, 5, ACTS.name, "act2-")
        until(lambda: second <= _done(spare))
        begun = [line["what"] for line in spare.diary() if line["at"] > killed]
        assert "work" in begun
        assert begun.index("take_over") < begun.index("work")
        until(
            lambda: positions(bus, "clusterer") == ends(bus, ENRICHED.name) | ends(bus, ACTS.name)
        )


def test_who_slept_past_its_session_is_refused(desks: Desks, names: str, tmp_path: Path):
    bus = desks.another(names)
    with Shell("record", desks.servers, names, tmp_path, "one", 2.0) as one:
        until(lambda: one.diary("take_over"))
        fill(bus, 5, ENRICHED.name, "a")
        until(lambda: one.diary("work"))
        one.signal(signal.SIGSTOP)  # in the nap before it confirms
        with Shell("record", desks.servers, names, tmp_path, "two", 0.0) as two:
            until(lambda: len(_done(two)) == 5)
            done = one.diary("done")
            one.signal(signal.SIGCONT)
            until(lambda: one.diary("refused"))
            assert one.diary("done") == done == []
            more = fill(bus, 5, ENRICHED.name, "b")
            until(lambda: more <= _done(one) | _done(two))


def _done(shell: Shell) -> set[str]:
    return {key for line in shell.diary("done") for key in line["keys"]}


def _spare(one: Shell, two: Shell) -> Shell | None:
    """The one that prepared last while the other works."""
    for spare, active in ((one, two), (two, one)):
        if spare.diary() and active.diary():
            last = [line["what"] for line in spare.diary()][-1]
            if last == "prepare" and active.diary()[-1]["what"] in {"done", "take_over"}:
                return spare
    return None
