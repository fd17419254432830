"""What a spare costs while it waits: it keeps up with what is published, and reads its own state once."""

import pytest

from support.builders import WHEN, an_item
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.state import MemoryState
from tocsin.errors import DiskFull
from tocsin.ports.bus import Message
from tocsin.workers.host import Host
from tocsin_schemas.registry import encode, event
from tocsin_schemas.topics import ENRICHED, STORIES


class Noting:
    """Notes what it is asked; a fold may find the disk full once."""

    def __init__(self):
        self.restored = 0
        self.folded: list[str] = []
        self.full = False

    def restore(self, tx):
        self.restored += 1
        self.folded = [key for key, _ in tx.scan("folded")]

    def fold(self, event, tx):
        self.folded.append(event.id)
        tx.put("folded", event.id, b"")
        if self.full:
            self.full = False
            raise DiskFull("no room")

    def handle(self, event, tx):
        raise AssertionError("a spare decides nothing")


def published(bus, title: str) -> str:
    item = an_item(title=title, link=f"http://dawn.example/{title}")
    made = event(item, root_id=item.root_id, at=WHEN)
    bus.produce([Message(STORIES.name, title, encode(made))])
    return made.id


def a_spare(bus):
    handler = Noting()
    host = Host(
        "clusterer", handler, bus=bus, state=MemoryState(), reads=(ENRICHED,), folds=(STORIES,)
    )
    return host, handler


def test_a_spare_that_keeps_up_reads_its_whole_state_but_once():
    bus = MemoryBus()
    spare, handler = a_spare(bus)
    expected = []
    for title in "abc":
        expected.append(published(bus, title))
        spare.prepare()

    assert handler.folded == expected
    assert handler.restored == 1


def test_after_a_fold_that_failed_a_spare_reads_its_state_again_and_folds_nothing_twice():
    bus = MemoryBus()
    spare, handler = a_spare(bus)
    first = published(bus, "a")
    spare.prepare()
    second = published(bus, "b")
    handler.full = True
    with pytest.raises(DiskFull):
        spare.prepare()
    spare.prepare()

    assert sorted(handler.folded) == sorted([first, second])
    assert handler.restored == 2


def test_a_worker_that_starts_again_after_a_failure_reads_its_state_again():
    spare, handler = a_spare(MemoryBus())
    spare.start()
    spare.start()

    assert handler.restored == 2
