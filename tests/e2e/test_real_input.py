"""A real desk over real HTTP: feeds in every shape and mood, to items, alerts, an Atom feed, a signed webhook."""

import json
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import feedparser
import pytest
from standardwebhooks.webhooks import Webhook

from support.desk import Desk, tocsin, told, wait_until
from support.feed_server import Answer
from support.loopback import feed_server, receiver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

NOW = datetime.now(UTC)
STAMP = format_datetime(NOW - timedelta(hours=1))
ISO = (NOW - timedelta(hours=1)).isoformat(timespec="seconds")
RAID = "Nine people were killed when troops raided a village near Angoor Ada in South Waziristan, officials said."
ENV = {
    "TOCSIN_ALLOW_PRIVATE": "127.0.0.0/8",
    "TOCSIN_ALLOW_PRIVATE_WEBHOOKS": "127.0.0.0/8",
    "TOCSIN_LOG_LEVEL": "warning",
}


def rss(*items, title="Paper"):
    """RSS of (guid, title, text), an hour old."""
    entries = "".join(
        f"<item><guid isPermaLink='false'>{g}</guid><title>{t}</title><link>http://paper.example/{g}</link>"
        f"<description>{d}</description><pubDate>{STAMP}</pubDate></item>"
        for g, t, d in items
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{entries}"
        "</channel></rss>"
    ).encode()


ATOM = f"""<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Atom paper</title><id>a</id>
<updated>{ISO}</updated><entry><id>a1</id><title>Flood in Quetta drowns orchards</title>
<link href='http://atom.example/1'/><updated>{ISO}</updated><content type='html'>&lt;p&gt;Water stood in
the orchards of Quetta after a night of rain.&lt;/p&gt;</content></entry></feed>""".encode()
RDF = f"""<?xml version='1.0'?><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'
 xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='http://rdf.example/'>
<title>Rdf paper</title><link>http://rdf.example/</link></channel><item rdf:about='http://rdf.example/1'>
<title>Cricket board names a captain</title><link>http://rdf.example/1</link><dc:date>{ISO}</dc:date>
<description>The board named its captain for the winter tour.</description></item></rdf:RDF>""".encode()
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Json paper",
        "items": [
            {
                "id": "j1",
                "url": "http://json.example/1",
                "title": "Port workers end their strike",
                "content_text": "Dockers in Karachi went back to work on Monday after nine days.",
                "date_published": ISO,
            }
        ],
    }
).encode()


def get(url, path):
    with urllib.request.urlopen(url.rstrip("/") + path, timeout=20) as answer:
        return answer.read()


def post(url, path, body=b""):
    request = urllib.request.Request(
        url.rstrip("/") + path, body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A desk, a server of feeds, a receiver of webhooks, and one subscription."""
    data = tmp_path_factory.mktemp("real") / "d"
    with feed_server() as feeds, receiver() as hooks, Desk(data, env=ENV) as desk:
        yield desk, feeds, hooks


def add(desk, *urls):
    """Add feeds beside the running desk, through its door; id by address."""
    return {u: json.loads(_post_json(desk, "/api/v1/feeds", {"url": u}))["id"] for u in urls}


def _post_json(desk, path, body):
    request = urllib.request.Request(
        desk.url.rstrip("/") + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


def states(desk):
    return {r["url"]: r for r in told("feeds", "list", "--data", str(desk.data))}


def settled(desk, urls):
    """Their rows once each has been polled."""

    def look():
        rows = states(desk)
        return rows if all(rows[u]["state"] != "new" for u in urls) else None

    return wait_until(look, 90, 1.0)


def polled_again(desk, feeds, identity, path):
    """Ask for a poll, and wait until the server saw it and the desk is idle again."""
    before = feeds.count(path)
    assert post(desk.url, f"/api/v1/feeds/{identity}/poll") == 202
    wait_until(lambda: feeds.count(path) > before, 40)
    quiet(desk)


def quiet(desk):
    def look():
        counts = told("reconcile", "--data", str(desk.data))
        return counts if counts["in_flight"] == 0 else None

    time.sleep(1.0)
    return wait_until(look, 90, 0.5)


def test_every_kind_of_feed_comes_in_and_every_fault_is_named(world):
    desk, feeds, _ = world
    good = {
        feeds.on("/rss", Answer(rss(("r1", "Bridge opens in Lahore", "A bridge opened.")))),
        feeds.on("/atom", Answer(ATOM)),
        feeds.on("/rdf", Answer(RDF)),
        feeds.on("/json", Answer(JSON_FEED, headers={"content-type": "application/feed+json"})),
    }
    feeds.on("/target", Answer(rss(("m1", "Moved paper prints on", "It prints on."))))
    moved = feeds.on("/moved", Answer(status=301, headers={"location": feeds.url("/target")}))
    loop = feeds.on("/loop", Answer(status=302, headers={"location": feeds.url("/loop")}))
    page = feeds.on("/page", Answer(b"<html><body><h1>No feed here</h1></body></html>"))
    bomb = feeds.on(
        "/bomb",
        Answer(
            b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'xxxxxxxxxx'>"
            + b"".join(b"<!ENTITY %c '%s'>" % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(12))
            + b"]><rss version='2.0'><channel><title>&m;</title></channel></rss>"
        ),
    )
    fat = feeds.on("/fat", Answer(b"<rss><channel>" + b"<item><title>x</title></item>" * 700_000))
    gone = feeds.on("/gone", Answer(status=410))
    broken = feeds.on("/broken", Answer(b"oops", status=500))
    forbidden = feeds.on("/forbidden", Answer(status=403))
    empty = feeds.on("/empty", Answer(rss()))
    linkless = feeds.on(
        "/linkless",
        Answer(
            b"<rss version='2.0'><channel><title>L</title><item><title>Snow closes the Khyber pass"
            b"</title></item></channel></rss>"
        ),
    )
    wanted = [*sorted(good), moved, loop, page, bomb, fat, gone, broken, forbidden, empty, linkless]
    add(desk, *wanted)

    rows = settled(desk, wanted)
    assert {rows[u]["state"] for u in good} == {"ok"}
    assert rows[moved]["state"] == rows[linkless]["state"] == "ok"
    assert rows[empty]["state"] == "empty"
    assert rows[page]["state"] == "not-a-feed"
    assert rows[forbidden]["state"] == "blocked"
    assert {rows[u]["state"] for u in (broken, loop, fat, gone)} == {"failing"}
    assert rows[bomb]["state"] in {"not-a-feed", "empty"}
    for url in (page, gone, forbidden, broken, loop, fat):
        assert rows[url]["reason"], url
    assert "500" in rows[broken]["reason"]
    assert "30 days" in rows[gone]["reason"]
    assert all(
        {"id", "source", "since", "last_item", "next_poll"} <= r.keys() for r in rows.values()
    )

    counts = quiet(desk)
    assert counts["missing"] == counts["dead"] == 0
    found = told("search", "published:>=2020-01-01 OR khyber", "--data", str(desk.data))
    titles = {h["title"] for h in found["hits"]}
    assert {
        "Bridge opens in Lahore",
        "Flood in Quetta drowns orchards",
        "Cricket board names a captain",
        "Port workers end their strike",
        "Moved paper prints on",
        "Snow closes the Khyber pass",
    } <= titles


def test_an_edit_is_a_version_and_what_vanishes_stays(world):
    desk, feeds, hooks = world
    made = told(
        "subscriptions", "add", "Raids", "waziristan AND raid*", "--reason", "first-match",
        "--reason", "toll", "--webhook", hooks.url("/good"), "--data", str(desk.data),
    )  # fmt: skip
    raid = ("e1", "Troops raid a village in South Waziristan", RAID)
    url = feeds.on("/edits", Answer(rss()))
    (identity,) = add(desk, url).values()
    settled(desk, [url])

    feeds.on(
        "/edits",
        Answer(rss(raid, ("e2", "Rain in Hunza", "It rained in Hunza.")), headers={"etag": '"1"'}),
    )
    polled_again(desk, feeds, identity, "/edits")
    alerts = told("alerts", "--data", str(desk.data))
    assert [(a["reason"], a["subscription"]) for a in alerts] == [("first-match", made["id"])]
    wanted = {
        "id",
        "subscription_name",
        "story",
        "fact",
        "also",
        "article",
        "url",
        "rang",
        "why",
        "coverage",
    }
    assert wanted <= alerts[0].keys()

    feeds.on(
        "/edits",
        lambda asked: (
            Answer(status=304) if asked.headers.get("if-none-match") == '"1"' else Answer(rss(raid))
        ),
    )
    polled_again(desk, feeds, identity, "/edits")
    assert states(desk)[url]["state"] == "ok"
    assert feeds.asked[-1].headers.get("if-none-match") == '"1"'

    edited = (raid[0], raid[1], RAID.replace("Nine", "Twenty"))
    feeds.on("/edits", Answer(rss(edited), headers={"etag": '"2"'}))  # e2 has vanished
    polled_again(desk, feeds, identity, "/edits")
    alerts = told("alerts", "--data", str(desk.data))
    assert sorted(a["reason"] for a in alerts) == ["first-match", "toll"]

    story = told("story", alerts[0]["story"], "--data", str(desk.data))
    (member,) = story["members"]
    assert member["version"] == 2
    assert story["figures"]["killed"] == {"min": 20, "max": 20}
    assert told("search", "hunza", "--data", str(desk.data))["total"] == 1

    feeds.on("/edits", Answer(rss(edited, ("e3", "Fog", "Fog again.")), headers={"etag": '"2"'}))
    polled_again(desk, feeds, identity, "/edits")
    assert len(told("alerts", "--data", str(desk.data))) == 2, "nothing new: silence"

    def delivered():
        got = hooks.got.get("/good", [])
        return got if len({g.headers["webhook-id"] for g in got}) == 2 else None

    got = wait_until(delivered, 30)
    assert len(got) == 2, "one delivery each"
    secret = next(iter(made["secrets"].values()))
    told_of = {
        json.loads(Webhook(secret).verify(g.body, g.headers) and g.body)["data"]["alert"]
        for g in got
    }
    assert told_of == {a["id"] for a in alerts}

    parsed = feedparser.parse(get(desk.url, f"/subscriptions/{made['id']}/feed.atom"))
    assert not parsed.bozo
    assert len(parsed.entries) == 2
    assert all(e.id and e.title and e.link and e.updated_parsed for e in parsed.entries)


def test_receivers_that_refuse_are_told_apart(world):
    desk, feeds, hooks = world
    hooks.says["/dead"] = (410, {})
    hooks.says["/throttled"] = (429, {"Retry-After": "3600"})
    made = {
        name: told(
            "subscriptions", "add", name, "avalanche", "--webhook", url, "--data", str(desk.data)
        )
        for name, url in (
            ("dead", hooks.url("/dead")),
            ("throttled", hooks.url("/throttled")),
            ("nobody", "http://127.0.0.1:9/hook"),
            ("metadata", "http://169.254.169.254/latest"),
        )
    }
    url = feeds.on("/snow", Answer(rss()))
    (identity,) = add(desk, url).values()
    settled(desk, [url])
    feeds.on(
        "/snow",
        Answer(rss(("s1", "Avalanche buries a road", "An avalanche buried the road to Gilgit."))),
    )
    polled_again(desk, feeds, identity, "/snow")

    def tried():
        rows = told("alerts", "--data", str(desk.data))
        mine = [a for a in rows if a["subscription"] in {m["id"] for m in made.values()}]
        return mine if len(mine) == 4 else None

    wait_until(tried, 30)
    wait_until(lambda: hooks.got.get("/dead") and hooks.got.get("/throttled"), 30)
    time.sleep(8)  # the second attempt of a plain failure is due after five seconds
    assert len(hooks.got["/dead"]) == 1, "410: never again"
    assert len(hooks.got["/throttled"]) == 1, "an hour was asked for"
    ended = {}
    for alert in tried():
        full = json.loads(get(desk.url, f"/api/v1/alerts/{alert['id']}"))
        (sent,) = (n for n in full["deliveries"] if n["kind"] == "webhook")
        ended[alert["subscription_name"]] = (sent["status"], sent["attempts"][-1]["error"])
    assert ended["dead"][0] == "dead"
    assert "410" in ended["dead"][1]
    assert ended["throttled"][0] == ended["metadata"][0] == ended["nobody"][0] == "pending"
    assert "must not be dialled" in ended["metadata"][1]
    assert ended["nobody"][1]


def test_a_throttling_server_is_left_in_peace(world):
    desk, feeds, _ = world
    # Last in this file: the whole host is given the rest that it asks for.
    url = feeds.on("/busy", Answer(status=429, headers={"retry-after": "7200"}))
    add(desk, url)
    row = settled(desk, [url])[url]
    assert "429" in row["reason"]
    assert datetime.fromisoformat(row["next_poll"]) - datetime.now(UTC) > timedelta(minutes=110)
    time.sleep(3)
    assert feeds.count("/busy") == 1


def test_opml_makes_the_round_trip_and_the_desk_stops_clean(world, tmp_path):
    desk, _, _ = world
    exported = tocsin("feeds", "export", "--data", str(desk.data))
    assert exported.returncode == 0
    opml = tmp_path / "feeds.opml"
    opml.write_text(exported.stdout, encoding="utf-8")
    other = str(tmp_path / "other")
    done = told("feeds", "import", str(opml), "--data", other)
    before = {(r["url"], r["source"]) for r in states(desk).values()}
    assert done == {"added": len(before), "known": 0, "warnings": []}
    assert {(r["url"], r["source"]) for r in told("feeds", "list", "--data", other)} == before
    assert told("feeds", "import", str(opml), "--data", other)["known"] == len(before)
