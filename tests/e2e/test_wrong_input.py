"""What a careless, unlucky or hostile user does to the commands: told with place and mend, never a traceback,
nothing lost, nothing that hangs.
"""

import gzip
import json
import os
import signal
import subprocess

import apsw
import pytest

from support.desk import TOCSIN, Desk, tocsin, told, wait_until
from support.inside import document, inside


def line(number, **fields):
    return json.dumps(
        {
            "url": f"http://x.example/{number}",
            "title": f"Avalanche number {number}",
            "text": f"An avalanche of {number} buried the road to Gilgit.",
            "source": "Dawn",
            **fields,
        }
    ).encode()


def run(*arguments, data, **options):
    return subprocess.run(
        [*TOCSIN, *arguments, "--data", str(data)],
        capture_output=True, timeout=120, check=False, **options,
    )  # fmt: skip


def here(*arguments, data):
    """The same in this process, as text."""
    return inside(*arguments, "--data", str(data))


def shell(text, data):
    """`$T` is the command; returns (exit code, stdout, stderr)."""
    words = " ".join(f"'{w}'" for w in TOCSIN)
    done = subprocess.run(
        ["bash", "-c", f'T() {{ {words} "$@"; }}; {text}'],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "TOCSIN_DATA": str(data)},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


BROKEN = {
    b"\xef\xbb\xbf" + line(1) + b"\r": None,
    b'{"title": "lone \\ud800 half", "text": "x", "url": "http://x.example/s"}': None,
    b'{"title": "nul\\u0000", "text": "a\\u0000b"}': None,
    b"\x00\x00": "not JSON",
    b'{"title": "raw\x00nul"}': "not JSON",
    b'{"title": "a", "text": "b", "published": 1e400}': "published",
    b'{"title": "a", "text": "b", "published": NaN}': "published",
    b'{"title": "a", "text": "b", "id": ' + b"9" * 5000 + b"}": "digits",
    b'{"title": ' + b"[" * 100_000 + b"}": "nested too deep",
    b'{"title": ["a"]}': "title",
    b'{"url": "javascript:alert(1)", "title": "j"}': "https://",
    b'{"title": "a", "source": {"name": "b", "kind": []}}': "source.kind",
    b'{"title": "a", "source": {"name": "b", "owner": "\\ud800"}}': None,
    b"\xff\xfe": "UTF-8",
    b"[1]": "array",
    b'{"title": "big", "text": "' + b"x" * 5_000_000 + b'"}': "longer than",
    b"": None,
    line(2): None,
}
"""Line → the words of its refusal; None for one that is taken, or blank. The last has no newline."""


def test_every_broken_line_is_told_by_its_number_and_the_others_are_taken(tmp_path):
    file = tmp_path / "f.jsonl"
    file.write_bytes(b"\n".join(BROKEN))
    data = tmp_path / "d"

    done = here("ingest", str(file), "--json", data=data)

    assert done.code == 1
    answers = {a["line"]: a for a in json.loads(done.out)}
    for number, (text, words) in enumerate(BROKEN.items(), 1):
        if not text:
            assert number not in answers
        elif words is None:
            assert answers[number]["accepted"], (number, answers[number])
        else:
            assert not answers[number]["accepted"], text[:60]
            assert answers[number]["error"].startswith(f"line {number}: ")
            assert words in answers[number]["error"]
    counts = document("reconcile", "--data", str(data))
    assert counts["collected"] == counts["indexed"] == 5
    (hit,) = document("search", "title:half", "--data", str(data))["hits"]
    assert hit["title"] == "lone \ufffd half"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (gzip.compress(line(1), mtime=0), "gunzip"),
        (line(1).decode().encode("utf-16"), "iconv"),
        (b"PK\x03\x04", "unzip"),
    ],
    ids=["gzip", "utf-16", "zip"],
)
def test_a_file_that_is_no_text_is_refused_whole_with_its_mend(tmp_path, body, words):
    (tmp_path / "f").write_bytes(body)
    done = here("ingest", str(tmp_path / "f"), data=tmp_path / "d")
    assert done.code == 2
    assert words in done.err


def test_nothing_in_is_nothing_done(tmp_path):
    done = tocsin("ingest", "-", "--json", "--data", str(tmp_path / "d"), stdin="\n \n")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    folder = here("ingest", str(tmp_path), data=tmp_path / "d")
    assert folder.code == 2
    assert "folder" in folder.err


@pytest.mark.slow
def test_a_line_from_a_pipe_that_pauses_is_taken_soon_and_half_a_line_waits(tmp_path):
    data = tmp_path / "d"
    told("setup", "--data", str(data))
    pipe = subprocess.Popen(
        [*TOCSIN, "ingest", "-", "--json", "--data", str(data)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    pipe.stdin.write(line(1) + b"\n" + line(2)[:20])
    pipe.stdin.flush()
    wait_until(lambda: told("reconcile", "--data", str(data))["collected"] == 1, 30)
    pipe.stdin.write(line(2)[20:])
    out, _ = pipe.communicate(timeout=60)
    assert pipe.returncode == 0
    assert [a["accepted"] for a in json.loads(out)] == [True, True]


def heard():
    """What a shell starts in the background ignores Ctrl-C, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
def test_ctrl_c_in_an_ingest_says_how_far_it_came(tmp_path):
    data = tmp_path / "d"
    pipe = subprocess.Popen(
        [*TOCSIN, "ingest", "-", "--json", "--data", str(data)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=heard,  # noqa: PLW1509  # no thread of ours runs here
    )  # fmt: skip
    pipe.stdin.write(line(1) + b"\n")
    pipe.stdin.flush()
    wait_until(
        lambda: (
            (data / "tocsin.db").exists() and told("reconcile", "--data", str(data))["indexed"] == 1
        ),
        60,
    )
    pipe.send_signal(signal.SIGINT)
    out, err = pipe.communicate(timeout=30)
    assert pipe.returncode == 130
    assert b"line 1" in err
    assert b"Traceback" not in err
    assert len(json.loads(out)) == 1


@pytest.mark.slow
def test_a_reader_that_goes_away_and_streams_that_fail_end_quietly(tmp_path):
    data = tmp_path / "d"
    for text, words in (
        ("T config | head -1; exit ${PIPESTATUS[0]}", ""),
        ("T topology | true; exit ${PIPESTATUS[0]}", ""),
        ("T alerts --json <&- >&-", ""),
        ("T setup 2>&- >/dev/null", ""),
        ("PYTHONIOENCODING=ascii T feeds list", ""),
    ):
        code, _, err = shell(text, data)
        assert (code, "Traceback" in err, "Exception" in err) == (0, False, False), (text, err)
        assert words in err
    code, _, err = shell("T config >/dev/full", data)
    assert code == 1
    assert err.startswith("standard output cannot be written")
    assert len(err.splitlines()) == 1


def test_what_a_terminal_cannot_show_does_not_stop_it(tmp_path):
    data = tmp_path / "d"
    one = json.dumps({"title": "Caf\u00e9 \u2013 \U0001f600", "text": "opened"})
    told("ingest", "-", "--data", str(data), stdin=one + "\n")
    ascii_only = {"env": {"PYTHONIOENCODING": "ascii"}}
    shown = tocsin("search", "opened", "--data", str(data), **ascii_only)
    assert shown.returncode == 0, shown.stderr
    (hit,) = told("search", "opened", "--data", str(data), **ascii_only)["hits"]
    assert hit["title"] == "Caf\u00e9 \u2013 \U0001f600"


def test_a_query_of_nonsense_is_told_in_a_few_short_lines(tmp_path):
    for query, words in (
        ("a" * 5000, "4096"),
        ("(" * 3000, "column"),
        ("plase:swat", "place"),
        ("", "empty"),
        ("NOT a", "excludes"),
        ("\udcff\udcfe", "column 1"),
    ):
        done = here("search", query, data=tmp_path / "d")
        assert done.code == 2, query[:20]
        assert words in done.err
        assert max(map(len, done.err.splitlines())) < 300


@pytest.mark.parametrize(
    ("name", "value", "command"),
    [
        ("TOCSIN_PORT", "abc", ("search", "raid")),
        ("TOCSIN_PORT", "70000", ("run",)),
        ("TOCSIN_LOG_LEVEL", "loud", ("run",)),
        ("TOCSIN_ALLOW_PRIVATE", "bogus", ("run", "--port", "0")),
        ("TOCSIN_ALLOW_PRIVATE_WEBHOOKS", "bogus", ("run", "--port", "0")),
        ("TOCSIN_ALLOW_PORTS", "x", ("run", "--port", "0")),
        ("TOCSIN_HOST", "no.such.host.invalid", ("run", "--port", "0")),
        ("TOCSIN_DEMO", "perhaps", ("config",)),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(tmp_path, monkeypatch, name, value, command):
    monkeypatch.setenv(name, value)
    done = here(*command, data=tmp_path / "d")
    assert done.code in {1, 2}
    assert (name if name != "TOCSIN_HOST" else "no.such.host.invalid") in done.err


def test_an_unknown_variable_is_named_by_the_doctor(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_PROT", "1")
    done = here("doctor", data=tmp_path / "d")
    assert done.code == 1
    assert "TOCSIN_PROT" in done.out


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with articles, a story, a subscription and an alert."""
    folder = tmp_path_factory.mktemp("w") / "d"
    document("subscriptions", "add", "Snow", "avalanche", "--data", str(folder))
    lines = folder / "lines"
    lines.write_bytes(b"\n".join(line(n) for n in range(1, 6)))
    assert here("ingest", str(lines), data=folder).code == 0
    return folder


PROMISED = {
    ("feeds", "list"): ("list", {"id", "url", "source", "state", "reason", "since", "last_item", "next_poll"}),
    ("sources",): ("list", {"id", "name"}),
    ("lists",): ("list", {"name", "words"}),
    ("search", "avalanche"): ("dict", {"total", "hits"}),
    ("stories",): (
        "list",
        {"id", "title", "first_seen", "last_seen", "articles", "copies", "origins", "figures", "places"},
    ),
    ("subscriptions", "list"): ("list", {"id", "name", "query"}),
    ("subscriptions", "test", "avalanche"): ("dict", {"rang"}),
    ("alerts",): (
        "list",
        {"id", "subscription", "subscription_name", "story", "reason", "fact", "also", "article", "url", "rang",
         "why", "coverage"},
    ),
    ("deadletters", "list"): ("list", {"id", "reason", "stage"}),
    ("reconcile",): ("dict", {"collected", "indexed", "copies", "filtered", "dead", "in_flight", "missing"}),
    ("config",): ("dict", {"data", "port"}),
    ("doctor",): ("list", {"check", "ok", "found", "mend"}),
    ("topology",): ("list", {"name", "reads"}),
}  # fmt: skip
"""Command → what its JSON is, and the names that stand in it (in each row, where it has rows)."""


def check_promised(data):
    for command, (kind, names) in PROMISED.items():
        made = document(*command, *(() if command == ("topology",) else ("--data", str(data))))
        assert type(made).__name__ == kind, command
        for row in made if kind == "list" else [made]:
            assert names <= row.keys(), (command, names - row.keys())
    return document("stories", "--data", str(data))


def test_every_listing_is_one_document_with_the_promised_names(store, tmp_path):
    assert check_promised(tmp_path / "none") == []
    assert not (tmp_path / "none").exists(), "reading makes nothing"
    (row,) = check_promised(store)[:1]
    full = document("story", row["id"], "--data", str(store))
    assert {"members", "ledger", "chronology", "disagreements"} <= full.keys()
    wanted = {
        "article",
        "url",
        "title",
        "source",
        "published",
        "version",
        "relation",
        "copy_of",
        "origin",
    }
    assert all(wanted <= m.keys() for m in full["members"])
    hit = document("search", "avalanche", "--data", str(store))["hits"][0]
    assert {"article", "url", "title", "source", "published", "story", "spans"} <= hit.keys()


def test_every_command_that_changes_something_answers_with_one_document(store, tmp_path):
    data = ("--data", str(store))
    alert = document("alerts", *data)[0]["id"]
    made = document("subscriptions", "add", "Floods", "flood", *data)
    assert made["id"]
    assert document("subscriptions", "add", "Floods", "flood", *data)["id"] == made["id"], (
        "safe to repeat"
    )
    feed = document("feeds", "add", "http://x.example/rss", *data)
    opml = tmp_path / "f.opml"
    opml.write_text("<opml><body><outline xmlUrl='http://y.example/rss'/></body></opml>")
    assert document("feeds", "import", str(opml), *data)["added"] == 1
    for command in (
        ("alerts", "ack", alert),
        ("alerts", "snooze", alert, "--until", "1h"),
        ("alerts", "mute", alert),
        ("subscriptions", "disable", "Floods"),
        ("subscriptions", "enable", made["id"]),
        ("subscriptions", "show", "Floods"),
        ("subscriptions", "remove", "Floods"),
        ("lists", "set", "armed", "raid", "ambush"),
        ("lists", "remove", "armed"),
        ("feeds", "remove", feed["id"]),
        ("feeds", "remove", "http://y.example/rss"),
        ("setup",),
        ("replay",),
        ("replay", "articles"),
        ("deadletters", "replay", "--reason", "crash"),
        ("explain", alert),
        ("backup", str(tmp_path / "b")),
    ):
        assert isinstance(document(*command, *data), dict), command
    assert document("feeds", "list", *data) == []
    assert document("restore", str(tmp_path / "b"), "--data", str(tmp_path / "r"))["kept"] is None
    for command in (("stories",), ("alerts",), ("reconcile",), ("search", "avalanche")):
        assert document(*command, "--data", str(tmp_path / "r")) == document(*command, *data)


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "x"), ("explain", "a" * 26), ("story", "x"), ("feeds", "remove", "x"),
        ("subscriptions", "remove", "x"), ("alerts", "ack", "x"), ("alerts", "snooze", "x", "--until", "soon"),
        ("lists", "remove", "x"), ("deadletters", "replay", "x"), ("stories", "merge", "x", "y"),
        ("replay", "everything"), ("backup", "/nowhere/at/all/b"), ("restore", "/etc/hostname"),
        ("feeds", "import", "/etc/hostname"), ("subscriptions", "add", "", "raid"),
        ("subscriptions", "add", "X", "raid", "--webhook", "ftp://x.example/"),
        ("subscriptions", "add", "X", "@list:none"),
        ("feeds", "add", "http://"), ("feeds", "add", "http://x.example/", "--kind", "boss"),
        ("feeds", "add", "http://x.example/", "--country", "Pakistan"), ("lists", "set", "a", ""),
        ("alerts", "--limit", "0"), ("search", "raid", "--limit", "many"), ("feeds", "preview", "\udcff"),
        ("feeds", "preview", "http://127.0.0.1:1/"), ("feeds", "preview", "http://"), ("feeds", "preview", "/"),
    ],
    ids=lambda a: " ".join(a)[:50].encode("ascii", "replace").decode(),
)  # fmt: skip
def test_a_mistake_leaves_one_plain_message_and_no_output(store, arguments):
    done = here(*arguments, "--json", data=store)
    assert done.code in {1, 2}
    assert done.out == ""
    assert 0 < len(done.err) < 1500


def test_a_data_folder_that_is_a_file_or_belongs_to_another_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    for command in (("setup",), ("search", "raid"), ("doctor",), ("run", "--port", "0")):
        done = here(*command, data=tmp_path / "file")
        assert done.code == (0 if command[0] == "search" else 1), (command, done)


@pytest.fixture
def read_only(tmp_path, store):
    """A file system that nothing can be written to, with a store in it."""
    mounted = tmp_path / "ro"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(mounted)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a file system is not allowed here")
    try:
        document("backup", str(mounted / "tocsin.db"), "--data", str(store))
        subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
        yield mounted
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


def test_a_folder_that_may_not_be_written_is_told(read_only):
    desk, setup, add = ("run", "--port", "0"), ("setup",), ("subscriptions", "add", "a", "b")
    new = read_only / "new"
    for command, folder in (
        (desk, new),
        (setup, new),
        (add, new),
        (desk, read_only),
        (add, read_only),
    ):
        done = here(*command, data=folder)
        assert done.code == 1, (command, done)
        assert "--data" in done.err, (command, done)
    assert here("doctor", data=read_only / "new").code == 1
    assert len(document("alerts", "--data", str(read_only))) == 1, "reading needs no writing"


@pytest.mark.parametrize("keep", [7, 100, 5000, 0.5, 0.9])
def test_a_store_cut_short_is_told_and_never_a_traceback(tmp_path, store, keep):
    folder = tmp_path / "d"
    document("backup", str(tmp_path / "b"), "--data", str(store))
    folder.mkdir()
    whole = (tmp_path / "b").read_bytes()
    cut = keep if isinstance(keep, int) else int(len(whole) * keep)
    (folder / "tocsin.db").write_bytes(whole[:cut])
    for command in (
        ("alerts",), ("search", "avalanche"), ("reconcile",), ("ingest", "/dev/null"), ("backup", str(tmp_path / "c")),
        ("run", "--port", "0"),
    ):  # fmt: skip
        done = here(*command, data=folder)
        assert done.code == 1, (command, done)
        assert "backup" in done.err
    checked = here("doctor", data=folder)
    assert checked.code == 1
    assert "backup" in checked.out


@pytest.mark.parametrize("begun", [b"", b"page"])
def test_a_store_that_was_only_begun_reads_as_an_empty_desk_and_is_made_by_the_next_writer(
    tmp_path, begun
):
    folder = tmp_path / "d"
    folder.mkdir()
    if begun:  # killed between the file's first page and its tables
        db = apsw.Connection(str(folder / "tocsin.db"))
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA user_version=0")
        db.close()
    else:
        (folder / "tocsin.db").write_bytes(b"")
    assert document("alerts", "--data", str(folder)) == []
    assert document("doctor", "--data", str(folder))
    assert document("subscriptions", "add", "Snow", "avalanche", "--data", str(folder))["id"]


@pytest.mark.slow
def test_beside_a_desk_every_listing_works_and_a_removed_list_is_told(tmp_path):
    data = tmp_path / "d"
    with Desk(data, env={"TOCSIN_COLLECT": "0"}) as desk:
        told("lists", "set", "snow", "avalanche", "blizzard", "--data", str(data))
        made = told("subscriptions", "add", "Snow", "@list:snow", "--data", str(data))
        assert run("ingest", "-", data=data, input=line(1) + b"\n").returncode == 0
        wait_until(lambda: told("alerts", "--data", str(data)), 30)
        check_promised(data)
        told("lists", "remove", "snow", "--data", str(data))
        shown = told("subscriptions", "show", made["id"], "--data", str(data))
        assert "snow" in json.dumps(shown)
        assert run("ingest", "-", data=data, input=line(2) + b"\n").returncode == 0
        wait_until(lambda: told("reconcile", "--data", str(data))["indexed"] == 2, 30)
        assert told("replay", "--data", str(data))["replayed"] == 2
        assert (
            told("deadletters", "replay", "--reason", "crash", "--data", str(data))["replayed"] == 0
        )
        assert len(told("alerts", "--data", str(data))) == 1
        log = desk.data.parent / f"{data.name}-desk.log"
        assert desk.stop() == 0
    assert "Traceback" not in log.read_text()
