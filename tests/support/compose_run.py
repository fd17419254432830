"""`make compose-test`: the shipped docker-compose.yml itself, up to one alert, a restart, and down.

With a Docker engine that answers, its own images are used; where one can be started instead, stand-ins
(deploy/compose/standins.yml). Neither to be had: "compose not run: REASON", and nothing is claimed.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support import compose_engine, compose_images
from support.compose import load
from support.compose_engine import Engine, Impossible
from support.servers.cache import Unavailable

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "docker-compose.yml"
STANDINS = ROOT / "deploy/compose/standins.yml"
PROJECT = "tocsin-compose-test"
PORT = "18420"
RESTARTED = ("kafka", "alerter", "clusterer")
PATIENCE = "480"
"""How long everything may take to be healthy, seconds: two busy cores start a dozen programs."""
UNTRIED = ("kibana", "setup-kibana", "prometheus", "grafana", "press")
"""Started neither way: they have no stand-in or are the demo's, and nothing of the path waits for them."""


def main() -> int:
    """0: done, or not run (which it says); 1: something did not hold."""
    try:
        engine = compose_engine.answering()
        how = _with_official_images(engine) if engine else _with_standins()
    except (Impossible, Unavailable) as reason:
        print(f"compose not run: {reason}")
        return 0
    except AssertionError as fault:
        print(f"compose failed: {fault}")
        return 1
    print(f"compose ran {how}; not tried: {', '.join(UNTRIED)}")
    return 0


def _with_official_images(engine: Engine) -> str:
    _scenario(engine, {}, [SHIPPED], build=True)
    return "with the images that it names"


def _with_standins() -> str:
    compose_engine.insist()
    _say("fetching Debian's Docker engine (once)")
    compose_engine.fetch()
    _say("building: base, desk, stand-ins for Kafka and Elasticsearch")
    with compose_engine.own(building=True) as engine:
        compose_images.build(engine)
    with compose_engine.own(building=False) as engine:
        images = {"TOCSIN_IMAGE": compose_images.DESK}
        _scenario(engine, images, [SHIPPED, STANDINS], build=False)
    return "with stand-ins for Kafka and Elasticsearch"


class Desk:
    """The composed desk: `docker compose` on it, and its page as a reader's machine reaches it."""

    def __init__(self, engine: Engine, variables: dict[str, str], files: list[Path]) -> None:
        clean = {name: "" for name in os.environ if name.startswith("TOCSIN_")}
        self._variables = {**clean, **variables, "TOCSIN_PORT": PORT}
        self._files = [part for file in files for part in ("-f", str(file))]
        self._engine = engine

    def compose(self, *arguments: str, check: bool = True) -> str:
        """Run `docker compose …` and give what it printed."""
        command = ["compose", "-p", PROJECT, "--project-directory", str(ROOT), *self._files]
        done = self._engine.docker(*command, *arguments, check=check, env=self._variables)
        return done.stdout

    def ask(self, method: str, path: str, body: str | None = None) -> Any:
        """The JSON answer of the page, null where it gave none (yet)."""
        command = ["curl", "-sS", "-m", "20", "-X", method, f"http://127.0.0.1:{PORT}{path}"]
        if body is not None:
            command += ["-H", "content-type: application/json", "--data-binary", body]
        done = self._engine.within(*command)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            return None

    def memory(self) -> list[tuple[str, str, float]]:
        """(container, what it uses, percent of its limit) of each."""
        held = self.compose("ps", "-q").split()
        form = "{{.Name}} {{.MemUsage}} {{.MemPerc}}"
        lines = self._engine.docker("stats", "--no-stream", "--format", form, *held).stdout
        rows = [line.split() for line in lines.splitlines()]
        return [(r[0], r[1], float(r[-1].rstrip("%"))) for r in sorted(rows)]

    def alerts(self) -> list[dict[str, Any]]:
        """Those seen so far."""
        answer = self.ask("GET", "/api/v1/alerts")
        return answer["alerts"] if isinstance(answer, dict) and "alerts" in answer else []


def _scenario(engine: Engine, variables: dict[str, str], files: list[Path], *, build: bool) -> None:
    desk = Desk(engine, variables, files)
    services = [name for name in load(SHIPPED).services if name not in UNTRIED]
    began = time.monotonic()
    try:
        how = "--build" if build else "--no-build"
        desk.compose("up", "-d", "--wait", "--wait-timeout", PATIENCE, how, *services)
        _say(f"all healthy after {time.monotonic() - began:.0f} s")
        _rings_once(desk)
        desk.compose("restart", *RESTARTED)
        desk.compose("up", "-d", "--wait", "--wait-timeout", PATIENCE, "--no-recreate", *services)
        _say(f"restarted: {', '.join(RESTARTED)}")
        _rings_on(desk)
        _hardened(desk)
        _weighed(desk)
    except AssertionError:
        print(desk.compose("ps", "-a", check=False))
        print(desk.compose("logs", "--no-color", "--tail", "40", check=False)[-20000:])
        raise
    finally:
        desk.compose("down", "-v", "--timeout", "20", check=False)


def _rings_once(desk: Desk) -> None:
    wanted = {"name": "Bridge", "query": "bridge AND collapsed", "reasons": ["first-match", "toll"]}
    made = desk.ask("POST", "/api/v1/subscriptions", json.dumps(wanted))
    assert "id" in (made or {}), f"no subscription was made: {made}"
    _ingest(desk, 1, "Bridge collapsed near Orsk, four killed", "A road bridge collapsed near Orsk on"
            " Tuesday and four people were killed, the regional emergency service said.")  # fmt: skip
    _until(lambda: len(desk.alerts()) == 1, "one article rings once")
    _say("one article ingested, one alert seen")


def _rings_on(desk: Desk) -> None:
    """The same article again is silent; a new event rings."""
    _ingest(desk, 1, "Bridge collapsed near Orsk, four killed", "A road bridge collapsed near Orsk on"
            " Tuesday and four people were killed, the regional emergency service said.")  # fmt: skip
    _ingest(desk, 2, "Footbridge in Valdivia: bridge collapsed during a festival", "A wooden bridge"
            " collapsed in Valdivia during a river festival. Nobody was hurt, the mayor said.")  # fmt: skip
    _until(lambda: len(desk.alerts()) == 2, "after a restart a new event rings")
    time.sleep(5)
    assert len(desk.alerts()) == 2, f"the article that was known rang again: {desk.alerts()}"
    _say("after the restart: the known article silent, a new event one alert")


def _ingest(desk: Desk, number: int, title: str, text: str) -> None:
    line = {"url": f"https://news.example/{number}", "title": title, "text": text,
            "published": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "source": "Example", "feed": "https://news.example/feed"}  # fmt: skip
    answers = desk.ask("POST", "/api/v1/items", json.dumps(line))
    assert [a.get("accepted") for a in answers or []] == [True], f"not accepted: {answers}"


def _hardened(desk: Desk) -> None:
    """What the file says of a container is so inside one."""
    said = desk.compose("exec", "-T", "api", "sh", "-c",
                        "id -u; grep -E 'CapEff|NoNewPrivs' /proc/self/status; touch /opt/x 2>&1; true")  # fmt: skip
    for sign in ("1000\n", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Read-only file system"):
        assert sign in said, f"inside a container there is no {sign!r}: {said}"
    _say("inside: uid 1000, no capabilities, no new privileges, read-only root")


def _weighed(desk: Desk) -> None:
    """No container lives at its ceiling; the figures are printed."""
    for name, used, part in desk.memory():
        _say(f"memory: {name} {used}, {part:.0f} % of its limit")
        assert part < 90, f"{name} is about to be killed for its memory: {part} %"


def _until(check: Callable[[], bool], what: str, timeout_s: float = 240) -> None:
    deadline = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}"
        time.sleep(0.5)


def _say(text: str) -> None:
    print(f"compose-test: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
