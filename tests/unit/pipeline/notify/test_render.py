"""What a receiver reads: JSON that stays small, Atom that stays valid, whatever the news says."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from support.alerts import alert
from support.ring import Desk, at, subscription, webhook
from tocsin.pipeline.notify.atom import ATOM, atom
from tocsin.pipeline.notify.notifier import Notifier
from tocsin.pipeline.notify.render import LIMIT, payload
from tocsin_schemas.alert import DarkFeed, Why
from tocsin_schemas.identity import digest_id
from tocsin_schemas.notification import Notification

SUB = subscription(channels=(webhook(),))
NS = {"a": ATOM}
words = st.text(max_size=300)


def notification() -> Notification:
    desk = Desk(Notifier())
    desk.feed(SUB)
    return next(n for n in desk.feed(alert()) if n.channel_kind == "webhook")


N = notification()


def test_a_payload_says_why_and_links_and_who_and_what_was_not_seen():
    said = json.loads(payload(alert(), N, "https://desk.example/"))
    assert said["type"] == "alert.raised"
    data = said["data"]
    assert data["why"]["sentence"].startswith("Killed moved from 9–9 to 9–20")
    assert data["story"]["origins"] == ["AFP", "BBC"]
    assert data["coverage"] == [{"feed": "Daily Times", "state": "failing", "since": None}]
    assert data["links"]["alert"] == f"https://desk.example/alerts/{alert().id}"
    assert data["links"]["story"].endswith("?since=3")
    assert data["article"]["url"] == "https://example.org/a1"
    assert data["notification"] == N.id
    assert data["left_out"] == {}


def test_a_payload_stays_small_and_counts_what_it_left_out():
    dark = tuple(
        DarkFeed(feed_id=digest_id(str(n)), name="ж" * 200, state="failing") for n in range(200)
    )
    huge = alert(
        coverage=dark,
        origins=tuple(f"{'名' * 100}{n}" for n in range(300)),
        query="q" * 4096,
        url="https://example.org/" + "x" * 2000,
        story_title="\x00" * 300,
        why=Why(sentence="s" * 9000, clauses=("c" * 200,) * 32, snippet="é" * 160),
    )
    made = payload(huge, N)
    assert len(made) <= LIMIT
    data = json.loads(made)["data"]
    assert data["left_out"]["coverage"] == 200 - len(data["coverage"])
    assert data["links"]["story"].startswith("/stories/")


@settings(max_examples=60)
@given(words, words, words, words)
def test_any_words_make_a_valid_feed_and_stand_in_it_as_text(title, name, snippet, sentence):
    sub = subscription().model_copy(update={"name": name})
    a = alert(
        of=subscription(),
        story_title=title,
        article_title=title,
        why=Why(sentence=sentence, snippet=snippet),
        url="javascript:alert(1)",
    )
    root = etree.fromstring(atom(sub, [a], "http://127.0.0.1:8420"))
    (entry,) = root.findall("a:entry", NS)
    assert entry.findtext("a:id", namespaces=NS) == f"urn:tocsin:alert:{a.id}"
    assert entry.findtext("a:updated", namespaces=NS) == "2008-09-03T14:06:00Z"
    assert not [e for e in entry.iter() if e.get("href", "").startswith("javascript")]
    allowed = {
        "id",
        "title",
        "updated",
        "published",
        "author",
        "name",
        "link",
        "category",
        "summary",
    }
    assert {etree.QName(e).localname for e in entry.iter()} <= allowed | {"entry"}


def test_a_feed_shows_each_alert_once_newest_first_whatever_the_order():
    alerts = [alert(str(n), rang=at(n)) for n in range(60)]
    feed = atom(SUB, alerts, "")
    assert feed == atom(SUB, reversed(alerts), "")
    ids = [e.findtext("a:id", namespaces=NS) for e in etree.fromstring(feed).findall("a:entry", NS)]
    assert ids == [f"urn:tocsin:alert:{a.id}" for a in reversed(alerts)][:50]


def test_a_feed_without_alerts_is_valid_and_as_old_as_its_subscription():
    root = etree.fromstring(atom(SUB, [], "http://127.0.0.1:8420"))
    assert root.findtext("a:updated", namespaces=NS) == "2008-09-03T13:05:00Z"
    assert root.findtext("a:id", namespaces=NS) == f"urn:tocsin:subscription:{SUB.id}"
    assert root.findtext("a:author/a:name", namespaces=NS) == "Tocsin"
