"""How hard a host is pressed."""

import asyncio

from tocsin.workers.pacing import Pacing


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_two_connections_and_a_second_between_starts() -> None:
    time = Time()
    pacing = Pacing(time)
    assert pacing.take("a")
    assert not pacing.take("a")
    assert pacing.take("b")
    time.now += 1.0
    assert pacing.take("a")
    time.now += 5.0
    assert not pacing.take("a")
    pacing.give_back("a")
    assert pacing.take("a")


def test_a_host_that_asked_for_rest_is_left_alone_unless_a_person_insists() -> None:
    time = Time()
    pacing = Pacing(time)
    pacing.rest("a", 60.0)
    assert not pacing.take("a")
    assert pacing.take("a", resting=False)
    time.now += 61.0
    pacing.give_back("a")
    assert pacing.take("a")


def test_a_crawl_delay_is_honoured_up_to_a_minute() -> None:
    time = Time()
    pacing = Pacing(time)
    pacing.slow("a", 10.0)
    pacing.slow("b", 9999.0)
    assert pacing.take("a")
    assert pacing.take("b")
    time.now += 9.0
    assert not pacing.take("a")
    time.now += 52.0
    assert pacing.take("a")
    assert pacing.take("b")


async def test_a_slot_is_waited_for_and_given_back_whatever_happens() -> None:
    pacing = Pacing(asyncio.get_running_loop().time, gap_s=0.01)
    done = []

    async def use(n: int) -> None:
        async with pacing.slot("a"):
            await asyncio.sleep(0.01)
            done.append(n)
            if n == 0:
                raise RuntimeError

    results = await asyncio.gather(*(use(n) for n in range(6)), return_exceptions=True)
    assert sorted(done) == list(range(6))
    assert sum(isinstance(r, RuntimeError) for r in results) == 1
    await asyncio.sleep(0.02)
    assert pacing.take("a")


def test_idle_hosts_are_forgotten_and_busy_ones_kept(monkeypatch) -> None:  # type: ignore[no-untyped-def]  # pytest's own
    monkeypatch.setattr("tocsin.workers.pacing._MOST_HOSTS", 3)
    time = Time()
    pacing = Pacing(time)
    assert pacing.take("busy")
    assert pacing.take("busy2")
    pacing.rest("resting", 1000.0)
    time.now += 10.0
    for n in range(10):
        pacing.take(f"host{n}")
        pacing.give_back(f"host{n}")
        time.now += 2.0
    pacing.give_back("busy")
    assert not pacing.take("resting")
