"""Who works changes hands while articles flow: two enrichers share, leave, sleep and wake; a clusterer dies or
sleeps and its spare goes on, with a state file and without. Nothing is lost, and the stories, articles and alerts
are those of one clusterer that never failed (I1, I2, I3, I4, I10).
"""

import shutil
import signal
import time
from pathlib import Path

import pytest

from support.corpus import Corpus
from support.crashing import QUERIES, Crashed, Outcome, nap, repeated, seeded, undisturbed
from support.desk import told, wait_until
from support.processes import Process, Processes
from tocsin.adapters.sqlite.store import STORE_FILE
from tocsin_schemas.topics import CLUSTERED, ENRICHED

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(900)]
BURST = 200
"""Items given before each fault: enough that there is work in hand when it comes."""
ASLEEP_S = 14.0
"""Longer than the group waits for a member (10 s)."""


class Lines:
    """The test's news, a burst at a time."""

    def __init__(self, seen: Crashed) -> None:
        self.sent = 0
        self._lines = Corpus(7).lines(1 << 20)
        self._seen = seen

    def burst(self, count: int = BURST) -> None:
        """The next of them into the log."""
        self._seen.send(next(self._lines) for _ in range(count))
        self.sent += count


def test_enrichers_that_come_and_go_and_sleep_lose_nothing(
    tmp_path, kafka_server, elastic_server, prefix
):
    r = seeded()
    services = ("enricher", "clusterer", "indexer")
    desk = Processes(
        tmp_path / "desk",
        kafka=kafka_server.servers,
        elasticsearch=elastic_server.url,
        prefix=prefix,
        services=services,
    )
    with desk.start(), Crashed(desk) as seen:
        lines = Lines(seen)
        first, second = r.sample([desk["enricher-1"], desk["enricher-2"]], 2)
        lines.burst()
        nap(r, 0.0, 2.0)
        assert first.stop() == 0, "leaves in good order"
        lines.burst()
        nap(r, 0.0, 1.0)
        first.start()
        lines.burst(2 * BURST)
        nap(r, 0.0, 1.5)
        second.signal(signal.SIGSTOP)
        try:
            for _ in range(4):
                lines.burst(BURST // 2)
                time.sleep(ASLEEP_S / 4)
        finally:
            second.signal(signal.SIGCONT)
        lines.burst()
        nap(r, 0.0, 2.0)
        first.kill()
        lines.burst()
        first.start()
        accounts = seen.settled()
        found = Outcome.of(seen.bus)
        print(f"{accounts}; {repeated(seen.bus, ENRICHED.name)} articles enriched twice")
        assert accounts.collected == lines.sent
        assert (accounts.missing, accounts.dead) == (0, 0)
        assert found.differences(undisturbed(seen.bus)) == []
        seen.agrees(found)


def test_a_spare_goes_on_as_if_it_were_the_clusterer_before_it(
    tmp_path, kafka_server, elastic_server, prefix
):
    r = seeded()
    desk = Processes(
        tmp_path / "desk",
        kafka=kafka_server.servers,
        elasticsearch=elastic_server.url,
        prefix=prefix,
        services=("enricher", "clusterer", "clusterer-spare", "indexer", "alerter"),
        replicas={"enricher": 1},
    )
    with desk.start(), Crashed(desk) as seen:
        for name, query in QUERIES:
            told("subscriptions", "add", name, query, env=desk.env())
        lines = Lines(seen)
        pair = Pair(desk["clusterer"], desk["clusterer-spare"])

        # Killed at work: the spare goes on from its own file.
        lines.burst(2 * BURST)
        nap(r, 0.2, 2.0)
        dead, heir = pair.lose(lambda member: member.kill(), lines)
        shutil.rmtree(dead.environment()["TOCSIN_DATA"])
        dead.start()
        # Killed again: now the spare is one that began with nothing.
        lines.burst(2 * BURST)
        wait_until(lambda: pair.opened(dead), timeout_s=60)
        nap(r, 0.0, 6.0)
        killed, _ = pair.lose(lambda member: member.kill(), lines)
        assert killed is heir
        killed.start()
        # Asleep for longer than the group waits, with work in hand, and awake again.
        wait_until(lambda: pair.opened(killed), timeout_s=60)
        lines.burst(2 * BURST)
        nap(r, 0.0, 1.5)
        sleeper, _ = pair.lose(lambda member: member.signal(signal.SIGSTOP), lines)
        lines.burst()
        nap(r, 0.0, 2.0)
        sleeper.signal(signal.SIGCONT)
        lines.burst()

        accounts = seen.settled()
        found = Outcome.of(seen.bus)
        print(
            f"{accounts}; {len(found.alerts)} alerts; {repeated(seen.bus, CLUSTERED.name)} articles "
            f"clustered twice; {pair.refused(sleeper)} times the sleeper was refused"
        )
        assert accounts.collected == lines.sent
        assert (accounts.missing, accounts.dead) == (0, 0)
        assert found.differences(undisturbed(seen.bus)) == []
        seen.agrees(found)
        assert sleeper.running


class Pair:
    """The clusterer and its spare, by what they write down."""

    def __init__(self, *members: Process) -> None:
        self._members = members

    def lose(self, how, lines: Lines) -> tuple[Process, Process]:
        """Take the active one out of work, go on with the news, wait until the other one has the work."""
        active = max(self._members, key=lambda m: self._given(m)[-1:])
        other = next(m for m in self._members if m is not active)
        before = len(self._given(other))
        print(f"{time.strftime('%T')} {active.name} is taken out", flush=True)
        how(active)
        lines.burst()
        wait_until(lambda: len(self._given(other)) > before, timeout_s=90)
        print(f"{time.strftime('%T')} {other.name} goes on", flush=True)
        return active, other

    def opened(self, member: Process) -> bool:
        """Whether its present process has come as far as its state file."""
        return (
            Path(member.environment()["TOCSIN_DATA"]) / "clusterer" / STORE_FILE
        ).exists() and bool(member.ready())

    def refused(self, member: Process) -> int:
        """How often it was told that it could not go on (its work had become another's)."""
        return member.log.read_text().count('"worker-paused"')

    def _given(self, member: Process) -> list[str]:
        """When it was given the partitions, each time."""
        return [
            line.rpartition('"timestamp": ')[2]
            for line in member.log.read_text().splitlines()
            if '"partitions-given"' in line
        ]
