"""A failing stage is tried again until it succeeds, is no longer ours, or is to stop."""

import asyncio
import threading
import time

import pytest

from tocsin.adapters.faust import patience as module
from tocsin.adapters.faust.patience import Patience
from tocsin.errors import Retryable, Stopping, StoreError


@pytest.fixture
def stopping():
    return threading.Event()


@pytest.fixture
def patience(stopping, monkeypatch):
    monkeypatch.setattr(module, "PAUSES_S", (0.01, 0.02))
    made = Patience("stage", stopping)
    yield made
    made.close()


class Fails:
    """Raises what it is given, one each time, then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0
        self.threads: set[str] = set()
        self.called = threading.Event()

    def __call__(self) -> None:
        self.calls += 1
        self.called.set()
        self.threads.add(threading.current_thread().name)
        if self.errors:
            raise self.errors.pop(0)


async def test_it_tries_until_it_succeeds_and_says_what_was_wrong_meanwhile(patience):
    what = Fails(Retryable("away"), StoreError("no room"), KeyError("a bug"))
    problems = []
    pause = patience.pause

    async def noted(failures):
        problems.append(patience.problem)
        await pause(failures)

    patience.pause = noted
    assert await patience.persist(what)
    assert what.calls == 4
    assert problems == ["away", "no room", "stage failed: KeyError('a bug')"]
    assert patience.problem == ""


async def test_the_work_is_done_in_one_thread_of_its_own(patience):
    what = Fails(Retryable("once"))
    await patience.persist(what)
    await patience.once(what)
    assert what.threads == {"stage"}


async def test_what_is_no_longer_ours_is_left(patience):
    what = Fails(*[Retryable("away")] * 9)
    assert not await patience.persist(what, lambda: what.calls < 3)
    assert what.calls == 3


async def test_a_stop_ends_the_trying_and_cuts_a_long_pause_short(patience, stopping):
    what = Fails(*[Retryable("away", retry_after_s=60.0)] * 9)
    began = time.monotonic()
    trying = asyncio.ensure_future(patience.persist(what))
    await asyncio.to_thread(what.called.wait, 30)
    stopping.set()
    assert not await trying
    assert what.calls == 1
    assert time.monotonic() - began < 30


async def test_what_never_ends_is_left_alone_once_it_is_to_stop(patience, stopping, monkeypatch):
    monkeypatch.setattr(module, "STOP_S", 0.05)
    go = threading.Event()
    stopping.set()
    with pytest.raises(Stopping):
        await patience.do(go.wait)
    go.set()


async def test_a_passing_fault_is_logged_once_and_a_bug_each_time(patience, capsys):
    await patience.persist(Fails(*[Retryable("away")] * 3))
    assert capsys.readouterr().err.count("worker-paused") == 1
    await patience.persist(Fails(*[KeyError("a bug")] * 3))
    assert capsys.readouterr().err.count("worker-failed") == 3
