"""The notifier's worker: decides like every worker, and sends what is due.

One thread owns the state: it leases what is due, hands it to an event loop of its own, and records how
each attempt ended. A crash at any point leaves a lease that runs out, and the delivery is sent again
under the same id. A slow receiver holds up no one: four attempts an endpoint, each within 15 s.
"""

import asyncio
import queue
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

from tocsin.errors import TocsinError
from tocsin.pipeline.notify.outbox import Job, Outbox, endpoint_id
from tocsin.ports.clock import Clock, SystemClock
from tocsin.ports.notifier import Delivery, Notifier
from tocsin.ports.state import State
from tocsin.telemetry import DELIVERIES, logger
from tocsin.workers.host import Host

LOOK_S = 0.2
"""How often due deliveries are looked for while the log is quiet, seconds."""
LEAVE_S = 8.0
"""How long a stop waits for attempts under way, seconds; what is cut off is sent again later."""


class NotifierLoop:
    """What a supervisor runs (`workers.runner.Steps`). `host` hosts the notify handler over `state`;
    `notifiers`: channel kind → how it is delivered.
    """

    def __init__(
        self,
        host: Host,
        notifiers: Mapping[str, Notifier],
        *,
        state: State,
        clock: Clock | None = None,
    ) -> None:
        self.name = host.name
        self._host = host
        self._notifiers = dict(notifiers)
        self._state = state
        self._clock = clock or SystemClock()
        self._ended: queue.SimpleQueue[tuple[Job, Delivery]] = queue.SimpleQueue()
        self._sending: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._log = logger(worker=host.name)

    def start(self) -> None:
        """Make ready; may be called again after a failure."""
        self._host.start()
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="deliveries", daemon=True
            )
            self._thread.start()

    def step(self, timeout_s: float) -> int:
        """One batch of the log, what was answered meanwhile, and what is due now. Counts records,
        and attempts begun, ended or under way.
        """
        busy = self._sending.total() > 0
        done = self._host.step(0.0 if busy else min(timeout_s, LOOK_S))
        done += self._record(timeout_s=min(timeout_s or 0.05, LOOK_S) if busy else 0.0)
        if self._host.decides:
            done += self._send()
            self._host.publish()
        return done + self._sending.total()

    def close(self) -> None:
        """Let the attempts under way end, record them, leave the groups."""
        deadline = self._clock.now().timestamp() + LEAVE_S
        while self._sending.total() and self._clock.now().timestamp() < deadline:
            self._record(timeout_s=LOOK_S)
        if self._host.decides:
            with suppress(TocsinError):  # the log is away: it stays unsent until the next start
                self._host.publish()
        self._host.close()
        if self._loop is not None and self._thread is not None:
            for notifier in self._notifiers.values():
                asyncio.run_coroutine_threadsafe(notifier.close(), self._loop).result(5.0)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5.0)
            self._loop.close()
            self._loop = self._thread = None

    def _send(self) -> int:
        """Lease what is due, durably, and only then send it: what another process sends by now is
        not leased here.
        """
        with self._state.begin() as tx:
            jobs = Outbox(tx).take(self._clock.now(), self._sending)
            if jobs:
                self._host.confirm()
        for job in jobs:
            self._sending[endpoint_id(job.channel.url)] += 1
            self._run(self._deliver(job))
        return len(jobs)

    def _run(self, attempt: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None, "start() first"
        asyncio.run_coroutine_threadsafe(attempt, self._loop)

    async def _deliver(self, job: Job) -> None:
        notifier = self._notifiers.get(job.channel.kind)
        if notifier is None:
            ended = Delivery(delivered=False, error=f"no way to deliver {job.channel.kind!r}")
        else:
            try:
                ended = await notifier.deliver(job.notification, job.channel, job.alert)
            except Exception as error:  # the port raises nothing; a bug must not cost the delivery
                self._log.exception("delivery-crashed", notification=job.notification.id)
                ended = Delivery(delivered=False, error=f"{type(error).__name__}")
        self._ended.put((job, ended))

    def _record(self, *, timeout_s: float) -> int:
        """Write down what was answered, waiting up to `timeout_s` for the first answer."""
        answers = _drain(self._ended, timeout_s)
        for job, _ in answers:
            # Before anything can fail: a lost record costs a repeated delivery, not a blocked endpoint.
            place = endpoint_id(job.channel.url)
            self._sending[place] -= 1
            if self._sending[place] <= 0:
                del self._sending[place]
        if answers:
            with self._state.begin() as tx:
                outbox = Outbox(tx)
                for job, ended in answers:
                    outbox.record(job.notification.id, job.channel, ended, self._clock.now())
        for job, ended in answers:
            result = "delivered" if ended.delivered else str(ended.status or "fault")
            DELIVERIES.labels(job.channel.kind, result).inc()
        return len(answers)


def _drain(
    answers: "queue.SimpleQueue[tuple[Job, Delivery]]", timeout_s: float
) -> "list[tuple[Job, Delivery]]":
    found: list[tuple[Job, Delivery]] = []
    wait: Callable[[], tuple[Job, Delivery]] = (
        (lambda: answers.get(timeout=timeout_s)) if timeout_s else answers.get_nowait
    )
    try:
        found.append(wait())
        while True:
            found.append(answers.get_nowait())
    except queue.Empty:
        return found
