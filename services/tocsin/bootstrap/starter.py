"""The starter list: public feeds of world news, added once to a register that has none of its own."""

from datetime import datetime
from importlib.resources import files

from tocsin.pipeline.collect.opml import read_opml
from tocsin.ports.registers import Registers


def add_starter_feeds(registers: Registers, now: datetime) -> int:
    """Add the starter feeds unless the register holds feeds that are not the demo's; returns how many."""
    if any(not f.demo for f in registers.feeds().values()):
        return 0
    found, _ = read_opml((files("tocsin") / "data" / "starter.opml").read_bytes(), now)
    if found:
        registers.put_feed(*found, at=now)
    return len(found)
