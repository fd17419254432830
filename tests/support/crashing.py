"""What the crash tests of the distributed desk share: a seed, an ingest that goes on beside the faults, what
the desk came to, and what it should have come to.

The oracle takes the enriched articles in the order in which they really stand in the log (several enrichers may
have put them there in any order) through the same stages on the memory adapters, where nothing ever fails.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from support.desk import TOCSIN, wait_until
from support.processes import Processes
from tocsin.adapters.elasticsearch.names import reading_name
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.state import MemoryState
from tocsin.api.ingesting import ingest
from tocsin.bootstrap.servers import Servers, connect
from tocsin.bootstrap.standing import behind
from tocsin.errors import Retryable
from tocsin.pipeline.clusterer import Clusterer
from tocsin.pipeline.match.alerter import Alerter
from tocsin.pipeline.topology import WORKERS, worker
from tocsin.ports.bus import Bus, Message
from tocsin.settings import Settings
from tocsin.workers.host import Host
from tocsin.workers.reconcile import Reconciliation, reconcile
from tocsin_schemas.alert import Alert
from tocsin_schemas.contract import Contract
from tocsin_schemas.registry import Event, WireError, body_of, decode
from tocsin_schemas.story import ClusteredArticle, Story
from tocsin_schemas.topics import ALERTS, CLUSTERED, ENRICHED, STORIES, SUBSCRIPTIONS

QUERIES = (
    ("Miranshah", "miranshah AND killed:>=1"),
    ("Raids", "tag:raid OR raid"),
    ("Large tolls", "killed:>=15 AND (bombing OR airstrike)"),
    ("Two origins", "quetta AND origins:>=2"),
)
"""Subscriptions that `support.corpus` meets, each in its own way."""


def seeded() -> random.Random:
    """A random generator by TOCSIN_SEED, or by a seed of its own, printed so that it can be given again."""
    seed = int(os.environ.get("TOCSIN_SEED", random.randrange(1 << 30)))
    print(f"TOCSIN_SEED={seed}", flush=True)
    return random.Random(seed)


class Flow:
    """`tocsin ingest -` beside the desk, given lines as they are released. A broker that stays away for longer
    than a command waits ends it with the words "the same lines again change nothing": it is taken at them.
    """

    def __init__(self, lines: list[dict[str, Any]], env: dict[str, str], folder: Path) -> None:
        self.runs = 0
        self._lines = [json.dumps(line).encode() + b"\n" for line in lines]
        self._env = {**os.environ, **env}
        self._folder = folder
        self._released = 0
        self._moved = threading.Condition()
        self._end = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def release(self, count: int) -> None:
        """Let this many lines more go in; returns at once."""
        with self._moved:
            self._released = min(len(self._lines), self._released + count)
            self._moved.notify()

    def finish(self, timeout_s: float = 300.0) -> None:
        """Give the rest, and wait until the command has answered every line."""
        self.release(len(self._lines))
        self._thread.join(timeout_s)
        assert not self._thread.is_alive(), "the ingest does not end"
        if self._failure is not None:
            raise self._failure

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._moved:
            self._end = True
            self._moved.notify()
        self._thread.join(30)

    def _run(self) -> None:
        try:
            while not self._once():
                assert self.runs < 20, "the ingest was broken off 20 times"
        except BaseException as error:
            self._failure = error

    def _once(self) -> bool:
        """One run of the command, from the first line on; whether it took every line."""
        self.runs += 1
        with (self._folder / f"ingest-{self.runs}.log").open("w+b") as log:
            command = subprocess.Popen(
                [*TOCSIN, "ingest", "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._env,
            )
            assert command.stdin is not None
            with suppress(BrokenPipeError):  # it ended; its code tells
                self._give(command.stdin)
            with suppress(BrokenPipeError):
                command.stdin.close()
            code = command.wait(300)
            log.seek(0)
            told = log.read().decode()
        if code == 0:
            assert f"{len(self._lines)} accepted, 0 refused" in told or self._end, told
            return True
        assert "the same lines again change nothing" in told, told
        return self._end

    def _give(self, pipe: Any) -> None:
        given = 0
        while given < len(self._lines):
            with self._moved:
                self._moved.wait_for(lambda given=given: self._end or self._released > given)
                until = self._released
            if self._end:
                return
            for line in self._lines[given:until]:
                pipe.write(line)
            pipe.flush()
            given = until


@dataclass(frozen=True)
class Outcome:
    """What readers and subscribers are left with."""

    articles: dict[str, dict[str, Any]]
    """Article id → its newest revision, but for the vectors."""
    stories: dict[str, dict[str, Any]]
    alerts: set[tuple[str, str, str, str]]
    """(id, subscription, reason, fact)."""

    @classmethod
    def of(cls, bus: Bus) -> Self:
        """What stands in a log."""
        return cls(
            _newest(bus, CLUSTERED.name, ClusteredArticle),
            _newest(bus, STORIES.name, Story),
            {_rung(a) for a in bodies(bus, ALERTS.name, Alert)},
        )

    def differences(self, other: "Outcome") -> list[str]:
        """In words, at most a few of each kind; [] for the same outcome."""
        found = [f"alert only here: {a}" for a in sorted(self.alerts - other.alerts)[:5]]
        found += [f"alert only there: {a}" for a in sorted(other.alerts - self.alerts)[:5]]
        for kind in ("articles", "stories"):
            mine, theirs = getattr(self, kind), getattr(other, kind)
            lines = [
                f"{kind} {i}: {field}: {_short(a.get(field))} | {_short(b.get(field))}"
                for i in sorted(mine.keys() | theirs.keys())
                if (a := mine.get(i, {})) != (b := theirs.get(i, {}))
                for field in sorted(a.keys() | b.keys())
                if a.get(field) != b.get(field)
            ]
            found += [*lines[:12], *([f"… {len(lines)} in all"] if len(lines) > 12 else [])]
        return found


def undisturbed(bus: Bus) -> Outcome:
    """What the articles that stand enriched in `bus`, in their order, come to where nothing fails."""
    calm = MemoryBus()
    for topic in (SUBSCRIPTIONS.name, ENRICHED.name):
        records = bus.read(topic)
        calm.produce(Message(r.topic, r.key, r.value, r.headers) for r in records)
    for name, handler in (("clusterer", Clusterer()), ("alerter", Alerter())):
        host = Host.of(worker(name), handler, bus=calm, state=MemoryState())
        host.start()
        while host.step(0.0):
            pass
    return Outcome.of(calm)


def events(bus: Bus, topic: str) -> Iterable[Event]:
    """The events of a topic, in order, each id once: a repetition is the same event."""
    seen: set[str] = set()
    for record in bus.read(topic):
        try:
            event = decode(record.value or b"")
        except WireError:
            continue
        if event.id not in seen:
            seen.add(event.id)
            yield event


def bodies(bus: Bus, topic: str, model: type[Contract]) -> list[Any]:
    """Their bodies."""
    return [body_of(e, model) for e in events(bus, topic)]


def repeated(bus: Bus, topic: str) -> int:
    """How many records of a topic only repeat an event."""
    counts: Counter[str] = Counter()
    for record in bus.read(topic):
        with suppress(WireError):
            counts[decode(record.value or b"").id] += 1
    return sum(counts.values()) - len(counts)


class Crashed:
    """A distributed desk of processes, seen from outside: its log, its index, its accounts."""

    def __init__(self, desk: Processes) -> None:
        self.desk = desk
        self.servers: Servers = connect(
            Settings(
                kafka=desk.values["TOCSIN_KAFKA"],
                elasticsearch=desk.values["TOCSIN_ELASTICSEARCH"],
                prefix=desk.values["TOCSIN_PREFIX"],
            ),
            client_id="tocsin-crash-test",
        )
        self.bus = self.servers.bus
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.servers.close()

    def send(self, lines: Iterable[dict[str, Any]]) -> None:
        """Ingest in this process: cheaper than a command where the servers stay."""
        data = "".join(json.dumps(line) + "\n" for line in lines).encode()
        answers, fault = ingest(self.bus, data, datetime.now(UTC))
        assert fault is None
        assert all(a["accepted"] for a in answers), answers

    def settled(self, timeout_s: float = 420.0) -> Reconciliation:
        """Wait until every group of a running worker is at the end of what it reads, and nothing is on its
        way; returns the accounts of that moment. The positions prove I4: nothing unhandled was passed over
        if nothing is missing.
        """
        groups = {m.service.removesuffix("-spare") for m in self.desk.members.values()}
        watched = [w for w in WORKERS if w.name in groups and w.name != "collector"]

        def quiet() -> bool:
            return all(
                behind(self.bus, w.name, [t.name for t in w.reads if t not in w.prime]) == 0
                for w in watched
            )

        def counts() -> Reconciliation | None:
            try:
                if not quiet():
                    return None
                found = reconcile(self.bus, self.servers.search)
                return found if found.in_flight == 0 and quiet() else None
            except Retryable:
                return None

        try:
            return wait_until(counts, timeout_s=timeout_s, pause_s=0.5)
        except AssertionError:
            raise AssertionError(f"not settled; {self._where()}") from None

    def _where(self) -> str:
        """Positions, accounts, and what the processes that are behind are doing (every thread of theirs, which
        Python writes down when it is aborted; see `Processes.around` in the tests).
        """
        lines = [str(reconcile(self.bus, self.servers.search))]
        for w in WORKERS:
            reads = [t.name for t in w.reads if t not in w.prime]
            if not behind(self.bus, w.name, reads):
                continue
            ends = {p: e for t in reads for p, e in self.bus.ends(t).items() if e}
            lines.append(f"{w.name}: committed {self.bus.committed(w.name)}, ends {ends}")
            for m in self.desk.members.values():
                if m.service.removesuffix("-spare") == w.name and m.running:
                    m.signal(signal.SIGABRT)
                    time.sleep(1.0)
                    lines.append(m.tail())
        return "\n".join(lines)

    def versions(self, kind: Any) -> dict[str, int]:
        """Document id → its version, as the index has it now."""
        name = reading_name(self.desk.values["TOCSIN_PREFIX"], kind)
        self.servers.client.indices.refresh(index=name)
        found = self.servers.client.search(
            index=name, version=True, source=False, size=10_000, track_total_hits=True
        )["hits"]
        assert found["total"]["value"] == len(found["hits"]), "more documents than one page"
        return {hit["_id"]: hit["_version"] for hit in found["hits"]}

    def agrees(self, outcome: Outcome) -> None:
        """The index holds what the log says, each document once, at its newest revision (I2)."""
        newest = {i: a["revision"] for i, a in outcome.articles.items()}
        assert self.versions("articles") == newest
        assert self.versions("stories") == {i: s["revision"] for i, s in outcome.stories.items()}
        assert self.versions("alerts").keys() == {a[0] for a in outcome.alerts}


def nap(r: random.Random, low: float, high: float) -> None:
    """Sleep for a random time between the two, seconds."""
    time.sleep(r.uniform(low, high))


def _newest(bus: Bus, topic: str, model: type[Contract]) -> dict[str, dict[str, Any]]:
    """By key: the first body of the highest revision, which is what an index keeps. Another of that revision
    is a repetition; it may carry a newer snapshot of its story, and else must be the same.
    """
    best: dict[str, Any] = {}
    for record in bus.read(topic):
        try:
            body: Any = body_of(decode(record.value or b""), model)
        except WireError:
            continue
        held = best.get(record.key)
        if held is None or body.revision > held.revision:
            best[record.key] = body
        elif body.revision == held.revision:
            again = body
            if model is ClusteredArticle:
                again = body.model_copy(update={"story": held.story})
            assert again == held, f"two decisions of one revision of {record.key}"
    return {key: body.model_dump(mode="json", exclude={"vectors"}) for key, body in best.items()}


def _rung(alert: Alert) -> tuple[str, str, str, str]:
    return alert.id, alert.subscription_name, alert.reason, alert.fact


def _short(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) < 160 else f"{text[:70]} … {text[-70:]}"
