"""A desk on a disk that fills up: it goes on answering, says what is missing, goes on when there is room (F10);
and commands killed in odd moments leave a store that the next one works with.
"""

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from support.corpus import write
from support.desk import TOCSIN, Desk, tocsin, told, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 96 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder):
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 65_536):
                pass
        except OSError:
            return


def get(desk, path):
    with urllib.request.urlopen(desk.url.rstrip("/") + path, timeout=20) as answer:
        return answer.status, answer.read().decode()


def put(desk, lines):
    request = urllib.request.Request(
        desk.url.rstrip("/") + "/api/v1/items", "".join(json.dumps(x) + "\n" for x in lines).encode(),
        {"Content-Type": "application/x-ndjson"}, method="POST",
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_a_desk_on_a_full_disk_reads_on_tells_and_resumes(small_disk, tmp_path):
    data = small_disk / "d"
    news = write(tmp_path / "news.jsonl", seed=3, count=400)
    with Desk(data, env={"TOCSIN_COLLECT": "0", "TOCSIN_MIN_FREE_MB": "0"}) as desk:
        status, answers = put(desk, news[:100])
        assert status == 200, answers
        taken = {a["line"] for a in answers if a["accepted"]}
        assert len(taken) == 100
        fill(small_disk)

        refused = []

        def refuses():
            _, more = put(desk, news[100:250])
            refused[:] = [a for a in more if not a["accepted"]]
            return refused

        wait_until(refuses, 60)
        assert "disk is full" in refused[0]["error"]
        assert str(data) in refused[0]["error"]
        for path in ("/", "/stories", "/search?q=killed", "/api/v1/stories", "/healthz"):
            assert get(desk, path)[0] == 200, path
        code = tocsin("search", "published:>=2000-01-01", "--json", "--data", str(data)).returncode
        assert code == 0, "reading beside it goes on too"
        line = json.dumps(news[399]) + "\n"
        done = tocsin("ingest", "-", "--data", str(data), stdin=line, timeout=90)
        assert done.returncode == 1
        assert "disk is full" in done.stderr
        assert "Traceback" not in done.stderr

        (small_disk / "filler").unlink()
        accepted = wait_until(lambda: all(a["accepted"] for a in put(desk, news)[1]), 60, 1.0)
        assert accepted

        def drained():
            counts = told("reconcile", "--data", str(data))
            return counts if counts["in_flight"] == 0 else None

        counts = wait_until(drained, 120, 1.0)
        assert counts["missing"] == counts["dead"] == 0
        assert counts["collected"] == len(
            {(x["url"], x["title"], x["text"], x["feed"]) for x in news}
        )
        assert counts["indexed"] + counts["copies"] == counts["collected"]
        assert desk.stop() == 0
    assert told("doctor", "--data", str(data), env={"TOCSIN_MIN_FREE_MB": "0"})
    log = data.parent / f"{data.name}-desk.log"
    assert "Traceback" not in log.read_text()


def started(*arguments):
    return subprocess.Popen([*TOCSIN, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)


def test_commands_and_starts_killed_in_odd_moments_leave_a_sound_store(tmp_path):
    data, corpus = str(tmp_path / "d"), tmp_path / "news.jsonl"
    news = write(corpus, seed=5, count=300)
    for pause in (0.9, 1.4):  # the very first start: folder, lock, file, tables
        one = started("run", "--port", "0", "--data", data)
        time.sleep(pause)
        kill(one)
    for pause in (2.5, 4.0):  # an ingest without a desk
        one = started("ingest", str(corpus), "--data", data)
        time.sleep(pause)
        kill(one)
    told("doctor", "--data", data)
    assert told("ingest", str(corpus), "--data", data)
    counts = told("reconcile", "--data", data)
    assert counts["missing"] == counts["dead"] == counts["in_flight"] == 0
    assert counts["collected"] == len({(x["url"], x["title"], x["text"], x["feed"]) for x in news})

    one = started("backup", str(tmp_path / "b"), "--data", data)
    time.sleep(1.5)
    kill(one)
    (tmp_path / "b").unlink(missing_ok=True)
    ingest = started("ingest", str(corpus), "--data", data)  # a backup in the middle of an ingest
    time.sleep(2.0)
    assert told("backup", str(tmp_path / "b"), "--data", data)["bytes"]
    ingest.communicate(timeout=120)
    assert ingest.returncode == 0
    other = str(tmp_path / "other")
    told("restore", str(tmp_path / "b"), "--data", other)
    told("replay", "--data", other)
    for command in (("stories",), ("alerts",), ("reconcile",)):
        assert told(*command, "--data", other) == told(*command, "--data", data), command
