"""The shell around a stage: joins the group with Faust, has its records worked, and leaves in good order.

No record is acknowledged before its work returned. What fails is tried again in place while the member
stays in the group. The stage turns poison into dead letters itself: what is raised here is a broken
server or a bug, and neither is skipped. A Faust app that crashes is made anew.
"""

import asyncio
import os
import signal
import tempfile
import threading
from collections import Counter
from functools import partial
from pathlib import Path
from time import monotonic

from tocsin.adapters.faust.app import agent, believe_all, make_app
from tocsin.adapters.faust.hosted import Hosted, Stateful
from tocsin.adapters.faust.patience import Patience
from tocsin.adapters.faust.work import Work
from tocsin.adapters.kafka import client
from tocsin.adapters.kafka.names import Names
from tocsin.adapters.kafka.noise import quiet
from tocsin.adapters.kafka.questions import Questions
from tocsin.errors import Retryable
from tocsin.telemetry import logger
from tocsin_schemas.topics import TOPICS

BATCH = 128
"""Records worked at together."""
LEAVE_S = 1.5
"""How long Faust may take to leave the group."""
LAST_RESORT_S = 9.5
"""After so long a stop the process ends at once: nothing unacknowledged is lost."""
_SOUND_S = 60.0
"""An app that ran for so long was sound: the next pause is a short one again."""


class FaustShell:
    """Hosts `hosted` in the consumer group of its name. `servers`: host:port by commas; `prefix` is
    put before the names of topics and group; `batch`: records worked at together.
    """

    def __init__(
        self, hosted: Hosted, *, servers: str, prefix: str = "", batch: int = BATCH
    ) -> None:
        self._hosted = hosted
        self._servers = servers
        self._names = Names(prefix, TOPICS)
        self._batch = batch
        self._stopping = threading.Event()
        self._patience: Patience | None = None
        self._work: Work | None = None
        self._stalls: Counter[tuple[str, int, int]] = Counter()

    @property
    def problem(self) -> str:
        """What keeps the stage from its work, in words; empty when all is well. Thread-safe."""
        return self._patience.problem if self._patience is not None else ""

    def owned(self) -> set[tuple[str, int]]:
        """(topic, partition) that this process works at; empty in a spare. Thread-safe."""
        return set(self._work.owned()) if self._work is not None else set()

    def stop(self) -> None:
        """Finish the batch in hand, commit, leave the group; `run` returns then. Thread-safe."""
        self._stopping.set()

    def run(self, stop: threading.Event | None = None) -> None:
        """Work until `stop` is set (default: until SIGTERM, SIGINT or `self.stop()`). Waits for a
        broker that is away; raises TocsinError where a topic is missing. Call once.
        """
        quiet("faust", "mode", "aiokafka", "asyncio")
        main = threading.current_thread() is threading.main_thread()
        if stop is not None:
            self._stopping = stop
        elif main:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stop())
        ended = threading.Event()
        if main:
            threading.Thread(target=self._watch, args=(ended,), daemon=True).start()
        self._patience = Patience(self._hosted.name, self._stopping)
        try:
            with asyncio.Runner() as runner:
                runner.run(self._main(self._patience))
        finally:
            ended.set()
            self._patience.close()

    def _watch(self, ended: threading.Event) -> None:
        """A client that hangs while it joins or leaves does not keep the process from ending."""
        self._stopping.wait()
        if not ended.wait(LAST_RESORT_S):
            logger(worker=self._hosted.name).error("ended-at-once", after_s=LAST_RESORT_S)
            os._exit(0)

    async def _main(self, patience: Patience) -> None:
        await self._topics(patience)
        if isinstance(self._hosted, Stateful):
            patience.problem = "taking in what was published"
            await patience.persist(self._hosted.prepare)
        failures = 0
        with tempfile.TemporaryDirectory(prefix="tocsin-faust-") as folder:
            while not self._stopping.is_set():
                began = monotonic()
                try:
                    await self._live(patience, Path(folder))
                except Exception as error:
                    failures = 1 if monotonic() - began > _SOUND_S else failures + 1
                    patience.tell(error, failures - 1)
                    await patience.pause(failures)

    async def _topics(self, patience: Patience) -> None:
        """Wait for the broker; the topics must be there, since Faust waits for them in silence."""
        questions = Questions(client.options(self._servers, self._hosted.name), self._names)
        failures = 0
        while not self._stopping.is_set():
            try:
                await patience.do(partial(questions.require, self._hosted.reads))
            except Retryable as error:
                patience.tell(error, failures)
                failures += 1
                await patience.pause(failures)
            else:
                break
        patience.problem = ""
        await patience.do(questions.close)

    async def _live(self, patience: Patience, folder: Path) -> None:
        """One life of a Faust app, from joining the group to leaving it."""
        physical = self._names.physical
        topics = [physical(topic) for topic in self._hosted.reads]
        app, channel = make_app(
            physical(self._hosted.name), topics, self._servers, data=folder, buffer=self._batch
        )
        work = Work(self._hosted, patience, self._names, self._batch, self._stalls)
        self._work = work
        agent(app, channel, work.take)
        app.loop = asyncio.get_running_loop()
        app.finalize()
        believe_all(app)
        tasks: set[asyncio.Task[object]] = set()
        try:
            await app.start()
            working = asyncio.create_task(work.run(app, self._stopping.is_set))
            crashed = asyncio.create_task(app._crashed.wait())  # noqa: SLF001  # mode shows no other
            tasks = {working, crashed}
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise Retryable(f"Faust crashed: {app.crash_reason!r}")
            working.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait({asyncio.ensure_future(app.stop()), *tasks}, timeout=LEAVE_S)
