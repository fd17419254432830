"""Which server a run gets, what is kept between runs, and that a server does not outlive its owner."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from support.servers import cache, containers, elastic_home, kafka_jars
from support.servers.choice import Choice, choose, give_up, set_aside
from support.servers.process import Failed, ServerProcess

TESTS = Path(__file__).resolve().parents[2]
LINE = "mvn is not installed; install a JDK and Maven: apt-get install default-jre-headless maven"


def nobody() -> bool:
    return False


def somebody() -> bool:
    return True


def nothing() -> str:
    return ""


def missing() -> str:
    return LINE


@pytest.fixture
def engine_allowed(monkeypatch):
    monkeypatch.delenv("TESTS_NO_DOCKER", raising=False)


class TestChoice:
    def test_a_given_address_comes_before_all(self, engine_allowed):
        assert choose("h:9092", somebody, nothing) == Choice("given", "h:9092")

    def test_a_container_comes_before_a_local_one(self, engine_allowed):
        assert choose("", somebody, nothing).kind == "container"

    def test_a_local_one_comes_where_no_engine_answers(self, engine_allowed):
        assert choose("", nobody, nothing).kind == "local"

    def test_an_engine_can_be_refused(self, monkeypatch):
        monkeypatch.setenv("TESTS_NO_DOCKER", "1")
        assert choose("", somebody, nothing).kind == "local"

    def test_none_names_the_mend(self, engine_allowed):
        assert choose("", nobody, missing) == Choice("none", LINE)

    def test_the_tests_skip_with_that_line(self, monkeypatch):
        monkeypatch.delenv("CI", raising=False)
        with pytest.raises(pytest.skip.Exception, match=r"^mvn is not installed"):
            give_up(LINE)

    def test_under_ci_they_fail_with_that_line(self, monkeypatch):
        monkeypatch.setenv("CI", "1")
        with pytest.raises(pytest.fail.Exception, match=r"mvn is not installed.*default-jre"):
            give_up(LINE)

    def test_addresses_leave_the_environment_that_desks_inherit(self):
        environment = {
            "TOCSIN_KAFKA": "h:9092",
            "TOCSIN_ELASTICSEARCH": "http://h:9200",
            "TOCSIN_ELASTICSEARCH_USER": "u",
            "TOCSIN_PREFIX": "p-",
            "TOCSIN_KIBANA": "http://h:5601",
            "TOCSIN_GOLD": "/gold",
        }
        set_aside(environment)
        assert [name for name in environment if name.startswith("TOCSIN_")] == ["TOCSIN_GOLD"]
        assert environment["TESTS_KAFKA"] == "h:9092"
        assert environment["TESTS_ELASTICSEARCH"] == "http://h:9200"


class TestWhatIsLacking:
    @pytest.fixture(autouse=True)
    def _bare(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TOCSIN_SERVERS", str(tmp_path / "cache"))
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("JAVA_HOME", raising=False)

    def test_without_maven_both_name_the_packages(self):
        assert kafka_jars.lacking() == LINE
        if not elastic_home.unfit():
            assert elastic_home.lacking() == LINE

    def test_what_is_cached_needs_no_maven(self):
        folder = cache.cache_folder() / elastic_home.NAME
        folder.mkdir(parents=True)
        (folder / cache.DONE).write_text(elastic_home.SHA256)
        assert elastic_home.lacking() == elastic_home.unfit()

    def test_another_system_names_itself(self, monkeypatch):
        monkeypatch.setattr("platform.machine", lambda: "aarch64")
        assert "linux-x64" in elastic_home.lacking()

    def test_no_container_is_offered_where_no_engine_listens(self, monkeypatch, tmp_path):
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
        assert not containers.offered(containers.KAFKA)


class TestCache:
    @pytest.fixture(autouse=True)
    def _own(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TOCSIN_SERVERS", str(tmp_path))

    def test_runs_that_race_make_a_thing_once(self):
        made = []

        def make(folder: Path) -> None:
            made.append(folder)
            (folder / "whole").write_text("yes")
            time.sleep(0.1)  # the others are at the door by now

        places = []
        runs = [
            threading.Thread(target=lambda: places.append(cache.obtain("thing", "m", make)))
            for _ in range(4)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert len(made) == 1
        assert {place.joinpath("whole").read_text() for place in places} == {"yes"}
        assert len(places) == 4

    def test_what_fails_leaves_nothing_and_can_be_made_later(self, tmp_path):
        def fail(folder: Path) -> None:
            (folder / "half").touch()
            raise cache.Unavailable("no network")

        with pytest.raises(cache.Unavailable):
            cache.obtain("thing", "m", fail)
        assert [path.name for path in tmp_path.iterdir()] == ["thing.lock"]
        assert cache.obtain("thing", "m", lambda folder: None).name == "thing"

    def test_what_a_killed_run_left_is_swept(self, tmp_path):
        (tmp_path / "thing.new-dead").mkdir()
        cache.obtain("thing", "m", lambda folder: None)
        assert not (tmp_path / "thing.new-dead").exists()

    def test_another_jar_than_the_pinned_is_refused(self, monkeypatch, tmp_path):
        monkeypatch.setattr(
            kafka_jars, "_copy", lambda folder: (folder / "kafka_2.13-4.4.0.jar").write_bytes(b"x")
        )
        with pytest.raises(cache.Tampered, match=r"kafka_2\.13-4\.4\.0\.jar"):
            kafka_jars.jars()
        assert not list(tmp_path.glob("kafka-*/"))


OWNER = """
import sys, time
from pathlib import Path
from support.servers.process import ServerProcess
server = ServerProcess(Path(sys.argv[1]))
server.start(["sleep", "600"], lambda: True, seconds=5)
print(server.pid, flush=True)
time.sleep(600)
"""


class TestProcess:
    def test_a_server_does_not_outlive_the_kill_of_its_owner(self, tmp_path):
        owner = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(tmp_path / "log")],
            env=os.environ | {"PYTHONPATH": str(TESTS)},
            stdout=subprocess.PIPE,
            text=True,
        )
        with owner:
            pid = int(owner.stdout.readline())
            os.kill(pid, 0)
            owner.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 20
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not alive(pid)

    def test_one_that_ends_at_its_start_shows_its_log(self, tmp_path):
        server = ServerProcess(tmp_path / "log")
        with pytest.raises(Failed, match="the very reason"):
            server.start(["sh", "-c", "echo the very reason; exit 3"], nobody, seconds=20)
        assert not server.alive()

    def test_one_that_is_never_ready_is_ended(self, tmp_path):
        server = ServerProcess(tmp_path / "log")
        with pytest.raises(Failed, match="was not ready after"):
            server.start(["sleep", "600"], nobody, seconds=0.2)
        assert not alive(server.pid)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
