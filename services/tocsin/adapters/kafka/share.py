"""Which hosts a collector collects from, where several share the work: those whose partition of the topic
of feeds the group has given it.

Membership alone is used. The feeds themselves are read from the register, which every collector knows
whole, so a host that changes hands is collected on from its last known state.
"""

import threading
from contextlib import suppress

from tocsin.adapters.kafka.bus import KafkaBus
from tocsin.adapters.routing import partition_of
from tocsin.errors import Retryable, TocsinError
from tocsin.telemetry import logger
from tocsin_schemas.topics import FEEDS

GROUP = "collector"
POLL_S = 0.5
PAUSE_S = 2.0
LEAVE_S = 5.0


class KafkaShare:
    """A `workers.collector.Share`, kept up to date by a thread of its own. `problem` says why nothing
    is ours, where that is a fault.
    """

    def __init__(self, bus: KafkaBus) -> None:
        self.problem = ""
        self._bus = bus
        self._held: tuple[int, frozenset[int]] = (0, frozenset())
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="share", daemon=True)

    @property
    def turn(self) -> int:
        """A number of the present share."""
        return self._held[0]

    def holds(self, host: str) -> bool:
        """Whether the feeds of this host are ours now."""
        return partition_of(host, FEEDS.partitions) in self._held[1]

    def start(self) -> None:
        """Join the group."""
        self._thread.start()

    def close(self) -> None:
        """Leave the group, so that another takes over at once."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(LEAVE_S)

    def _run(self) -> None:
        log = logger(worker=GROUP)
        while not self._stop.is_set():
            member = self._bus.consumer(GROUP, [FEEDS.name])
            try:
                while not self._stop.is_set():
                    if records := member.poll(timeout_s=POLL_S):
                        member.commit(records)
                    self._took(frozenset(number for _, number in member.owned))
                    self.problem = ""
            except Exception as error:
                self.problem = str(error) if isinstance(error, TocsinError) else repr(error)
                self._took(frozenset())
                if not isinstance(error, Retryable):
                    log.exception("share-lost")
                self._stop.wait(PAUSE_S)
            finally:
                with suppress(TocsinError):
                    member.close()

    def _took(self, partitions: frozenset[int]) -> None:
        turn, held = self._held
        if partitions != held:
            self._held = (turn + 1, partitions)
            logger(worker=GROUP).info("share", partitions=sorted(partitions))
