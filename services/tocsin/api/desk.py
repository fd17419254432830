"""What the page and the doors stand on: ports and facts, given by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tocsin.ports.bus import Bus
from tocsin.ports.clock import Clock
from tocsin.ports.registers import Registers
from tocsin.ports.search import Search
from tocsin.settings import Settings


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the desk is: articles under way (records of their path that some group has not yet
    handled), and the newest article.
    """

    lag: int
    newest: datetime | None
    started: datetime
    problem: str = ""
    """A fault that the reader must know (disk full, store read-only), with its mend; empty: none."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a request may need. Thread-safe; requests never block the event loop for the path:
    store calls run in the thread pool (plain `def` routes).
    """

    settings: Settings
    bus: Bus
    search: Search
    registers: Registers
    clock: Clock
    progress: Callable[[], Progress]
    poll_now: Callable[[str], None]
    """Ask the collector to poll a feed (by id) at once."""
    press_url: str = ""
    """Where the demo press listens; empty when it is off."""
