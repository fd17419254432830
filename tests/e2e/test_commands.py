"""The commands as a user has them: each does what the README says, and a mistake is told with its mend."""

import json
import os
import socket

import pytest

from support.desk import Desk, tocsin, told

RAID = {
    "url": "http://dawn.example/1",
    "title": "Nine killed in raid on South Waziristan village",
    "text": "MIRANSHAH: Nine people were killed when US troops raided a village in South Waziristan on Wednesday, "
    "officials said. Helicopters landed before dawn at Angoor Ada.",
    "published": "2008-09-03T14:05:00Z",
    "source": "Dawn",
    "feed": "http://dawn.example/rss",
}
GOVERNOR = {
    "url": "http://bbc.example/1",
    "title": "Raid kills 20 in South Waziristan, governor says",
    "text": "The governor said 20 people were killed when US troops raided a village at Angoor Ada in South "
    "Waziristan on Wednesday. Helicopters landed before dawn.",
    "published": "2008-09-03T16:40:00Z",
    "source": "BBC",
    "feed": "http://bbc.example/rss",
}


def lines(*rows):
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A store with two articles, a subscription and what rang."""
    folder = tmp_path_factory.mktemp("desk") / "data"
    told(
        "subscriptions",
        "add",
        "Raids",
        '"south waziristan" AND raid',
        "--reason",
        "first-match",
        "--reason",
        "toll",
        "--data",
        str(folder),
    )
    done = tocsin("ingest", "-", "--data", str(folder), stdin=lines(RAID, GOVERNOR))
    assert done.returncode == 0, done.stderr
    return str(folder)


def test_search_finds_what_was_put_in_with_the_spans_of_its_words(data):
    found = told("search", 'killed:>=15 AND "south waziristan"', "--data", data)

    assert found["total"] == 1
    (hit,) = found["hits"]
    assert hit["url"] == GOVERNOR["url"]
    words = [GOVERNOR[s["field"]][s["start"] : s["end"]] for s in hit["spans"]]
    assert "South Waziristan" in words


def test_one_story_holds_both_reports_their_range_and_their_voices(data):
    (row,) = told("stories", "--data", data)
    assert (row["articles"], row["copies"], row["origins"]) == (2, 0, 2)
    assert row["figures"]["killed"] == {"min": 9, "max": 20}

    full = told("story", row["id"], "--data", data)
    assert {m["url"] for m in full["members"]} == {RAID["url"], GOVERNOR["url"]}
    assert [(s["min"], s["max"]) for s in full["ledger"]] == [(9, 9), (20, 20)]
    assert {"ledger", "chronology", "disagreements"} <= full.keys()

    brief = tocsin("story", row["id"], "--markdown", "--data", data)
    assert brief.returncode == 0
    assert "Dawn" in brief.stdout


def test_the_subscription_rang_for_the_first_match_and_for_the_toll(data):
    alerts = told("alerts", "--data", data)

    assert [(a["reason"], a["fact"]) for a in reversed(alerts)] == [
        ("first-match", ""),
        ("toll", "killed:9-20"),
    ]
    explained = told("explain", alerts[0]["id"], "--data", data)
    assert explained["why"]["sentence"] == "Killed moved from 9–9 to 9–20: maximum +11, needed 1."
    assert told("subscriptions", "list", "--data", data)[0]["last_rang"]


def test_the_back_test_says_what_rang(data):
    tested = told(
        "subscriptions",
        "test",
        '"south waziristan" AND raid',
        "--reason",
        "first-match",
        "--reason",
        "toll",
        "--data",
        data,
    )

    assert tested["rang"] == 2


def test_every_item_is_accounted_for_and_the_same_file_again_changes_nothing(data):
    before = (
        told("reconcile", "--data", data),
        told("alerts", "--data", data),
        told("stories", "--data", data),
    )

    again = tocsin("ingest", "-", "--data", data, stdin=lines(RAID, GOVERNOR))
    replayed = tocsin("replay", "--data", data)

    assert again.returncode == replayed.returncode == 0, again.stderr + replayed.stderr
    assert before == (
        told("reconcile", "--data", data),
        told("alerts", "--data", data),
        told("stories", "--data", data),
    )
    assert before[0]["collected"] == before[0]["indexed"] == 2
    assert before[0]["missing"] == 0


def test_a_broken_line_is_told_by_its_number_and_the_rest_is_accepted(tmp_path):
    rows = lines(RAID, "{broken", '{"url": "http://x.example/2"}', "[1]", GOVERNOR | {"url": ""})

    done = tocsin("ingest", "-", "--json", "--data", str(tmp_path / "d"), stdin=rows)

    assert done.returncode == 1
    answers = {a["line"]: a for a in json.loads(done.stdout)}
    assert [n for n, a in answers.items() if a["accepted"]] == [1, 5]
    assert answers[2]["error"].startswith("line 2:")
    assert "title" in answers[3]["error"]
    assert "Traceback" not in done.stderr


def test_an_unknown_field_is_told_by_its_column_with_a_suggestion(data):
    done = tocsin("search", "killed:>=5 AND plase:swat", "--data", data)

    assert done.returncode == 2
    assert "column 16" in done.stderr
    assert "place" in done.stderr
    assert "^" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("story", "nosuchstory"), "tocsin stories"),
        (("explain", "a" * 26), "alert"),
        (("feeds", "add", "ftp://x.example/"), "http"),
        (("feeds", "preview", "/no/such/file.xml"), "cannot be read"),
        (("subscriptions", "add", "X", "NOT raid"), "only excludes"),
        (("subscriptions", "add", "X", "raid", "--reason", "boredom"), "first-match"),
        (("subscriptions", "show", "nobody"), "tocsin subscriptions list"),
        (("evaluate", "poetry", "."), "stories"),
        (("ingest", "/no/such/file"), "cannot be read"),
        (("ingest", "-", "--mode", "dead"), "live or backfill"),
        (("deadletters", "replay", "nothing"), "no dead letter"),
        (("restore", "/no/such/file"), "no such file"),
        (("lists", "set", "Bad Name", "word"), "lower-case"),
    ],
    ids=lambda v: " ".join(v)[:40] if isinstance(v, tuple) else "",
)
def test_a_mistake_is_told_with_its_mend_and_no_traceback(data, arguments, words):
    done = tocsin(*arguments, "--data", data) if arguments[0] != "evaluate" else tocsin(*arguments)

    assert done.returncode in {1, 2}
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_told_with_its_mend(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = tocsin("run", "--port", str(taken.getsockname()[1]), "--data", str(tmp_path / "d"))

    assert done.returncode == 1
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_store_is_told_and_left_alone(tmp_path):
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "tocsin.db").write_text("my diary\n" * 100)

    done = tocsin("run", "--port", "0", "--data", str(folder))

    assert done.returncode == 1
    assert "not a database" in done.stderr
    assert (folder / "tocsin.db").read_text().startswith("my diary")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_told(tmp_path):
    folder = tmp_path / "d"
    folder.mkdir(mode=0o500)

    done = tocsin("run", "--port", "0", "--data", str(folder))

    assert done.returncode == 1
    assert "--data" in done.stderr


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    done = tocsin("run", "--port", "0", "--data", str(tmp_path / "file" / "d"))

    assert done.returncode == 1
    assert "--data" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_second_desk_is_refused_and_commands_work_beside_the_first(tmp_path):
    data = tmp_path / "d"
    with Desk(data, env={"TOCSIN_COLLECT": "0"}) as desk:
        second = tocsin("run", "--port", "0", "--data", str(data), timeout=60)
        assert second.returncode == 1
        assert str(desk.pid) in second.stderr
        assert "Traceback" not in second.stderr

        told("subscriptions", "add", "Raids", "raid", "--data", str(data))
        assert tocsin("ingest", "-", "--data", str(data), stdin=lines(RAID)).returncode == 0
        assert (
            tocsin("lists", "set", "armed", "raid", "ambush", "--data", str(data)).returncode == 0
        )
        backup = tmp_path / "backup.db"
        assert tocsin("backup", str(backup), "--data", str(data)).returncode == 0
        refused = tocsin("restore", str(backup), "--data", str(data))
        assert refused.returncode == 1
        assert desk.stop() == 0

    restored = tmp_path / "r"
    assert tocsin("restore", str(backup), "--data", str(restored)).returncode == 0
    assert [w["name"] for w in told("lists", "--data", str(restored))] == ["armed"]


def test_opml_goes_in_and_comes_out(tmp_path):
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline text="World"><outline type="rss" text="Dawn" '
        'xmlUrl="http://dawn.example/rss"/></outline></body></opml>'
    )
    data = str(tmp_path / "d")

    assert tocsin("feeds", "import", str(opml), "--data", data).returncode == 0
    (row,) = told("feeds", "list", "--data", data)
    assert (row["url"], row["state"]) == ("http://dawn.example/rss", "new")
    exported = tocsin("feeds", "export", "--data", data)
    assert 'xmlUrl="http://dawn.example/rss"' in exported.stdout


def test_a_feed_is_shown_before_it_is_added(tmp_path):
    feed = tmp_path / "feed.xml"
    feed.write_text(
        '<rss version="2.0"><channel><title>Dawn</title><item><title>Raid</title><link>http://dawn.example/1</link>'
        "<pubDate>Wed, 03 Sep 2008 14:05:00 GMT</pubDate></item></channel></rss>"
    )

    found = told("feeds", "preview", str(feed))

    assert found["feed"]["title"] == "Dawn"
    (item,) = found["items"]
    assert (item["title"], item["url"], item["published"]) == (
        "Raid",
        "http://dawn.example/1",
        "2008-09-03T14:05:00Z",
    )


def test_a_page_that_is_no_feed_names_the_feeds_it_points_to(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<html><head><link rel="alternate" type="application/rss+xml" href="http://dawn.example/rss"></head><body>Hello'
        "</body></html>"
    )

    done = tocsin("feeds", "preview", str(page))

    assert done.returncode == 2
    assert "http://dawn.example/rss" in done.stderr
