"""The starter list: added once, where there is a network, and never over a person's own choice."""

import asyncio

import pytest

from support.builders import WHEN, a_feed
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.bootstrap import starter
from tocsin.bootstrap.starter import add_starter_feeds
from tocsin.ports.registers import Registers


@pytest.fixture
def online(monkeypatch):
    async def known(hosts):
        return bool(hosts)

    monkeypatch.setattr(starter, "_any_known", known)


def add(registers):
    return asyncio.run(add_starter_feeds(registers, WHEN))


def test_an_empty_register_gets_the_list_once(online):
    registers = Registers(MemoryBus())

    assert add(registers) == len(registers.feeds()) > 20
    assert add(registers) == 0


def test_the_demos_feeds_do_not_count_as_a_persons_own(online):
    registers = Registers(MemoryBus())
    registers.put_feed(a_feed(demo=True), at=WHEN)

    assert add(registers) > 20


def test_a_feed_of_ones_own_keeps_the_list_away_even_after_it_was_removed(online):
    registers = Registers(MemoryBus())
    registers.put_feed(a_feed(), at=WHEN)
    registers.put_feed(a_feed(deleted=True), at=WHEN)

    assert add(registers) == 0


def test_without_a_network_nothing_is_added(monkeypatch):
    registers = Registers(MemoryBus())

    async def refuse(*_, **__):
        raise OSError("no such host")

    async def run():
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", refuse)
        return await add_starter_feeds(registers, WHEN)

    assert asyncio.run(run()) == 0
    assert registers.feeds() == {}
