"""Records that nobody of ours would write, put straight into Kafka between good neighbours: each costs only itself
(I8). It becomes one dead letter that says why and from where, or is taken like any other; its neighbours are
all indexed; no worker ends, none stands still.
"""

import time
from collections import Counter
from dataclasses import dataclass

import pytest

from support.builders import a_source, an_item
from support.crashing import Crashed, seeded
from support.desk import told
from support.processes import Processes
from support.ring import Press
from tocsin.adapters.kafka import client
from tocsin.adapters.routing import partition_of
from tocsin.workers import child
from tocsin_schemas.contract import Contract
from tocsin_schemas.identity import digest_id
from tocsin_schemas.item import Page, RawEntry
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import body_of, decode, encode, event
from tocsin_schemas.topics import CLUSTERED, ENRICHED, ITEMS, OUTCOMES, TOPICS

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(600)]
LIMIT = ITEMS.max_bytes
FEED = an_item().feed_id
TAKEN = "indexed"


@dataclass
class Sent:
    """A record put into a topic, and what must become of it: indexed, or dead for a reason."""

    name: str
    topic: str
    value: bytes
    fate: str
    root: str = ""
    key: bytes = FEED.encode()
    elsewhere: bool = False
    """Its dead letter is that of what became of it further on."""
    offset: int = -1


def test_poison_costs_only_itself_wherever_it_enters(
    tmp_path, kafka_server, elastic_server, prefix
):
    r = seeded()
    desk = Processes(
        tmp_path / "desk",
        kafka=kafka_server.servers,
        elasticsearch=elastic_server.url,
        prefix=prefix,
        services=("enricher", "clusterer", "indexer", "alerter", "notifier"),
        replicas={"enricher": 1},
    )
    child.warm()
    sent = []
    for poison in (items(), enriched(), clustered()):
        r.shuffle(poison)
        for number, one in enumerate(poison):
            sent += [one, neighbour(one.topic, number)]
    with desk.start(), Crashed(desk) as seen:
        pids = {m.name: m.pid for m in desk.members.values()}
        put(kafka_server.servers, prefix, sent)
        began = time.monotonic()
        accounts = seen.settled()
        print(f"{len(sent)} records settled in {time.monotonic() - began:.0f} s: {accounts}")
        letters = told("deadletters", "list", env=desk.env())
        print(Counter((x["stage"], x["reason"]) for x in letters))

        for one in sent:
            mine = [x for x in letters if is_of(x, one)]
            if one.fate == TAKEN:
                assert mine == [], one.name
            else:
                assert [x["reason"] for x in mine] == [one.fate], f"{one.topic}: {one.name}"
                assert mine[0]["message"], one.name
        assert len(letters) == sum(one.fate != TAKEN for one in sent), "and no other"
        ends = outcomes(seen.bus)
        for one in sent:
            if one.root:
                assert ends.get(one.root) == ("indexed" if one.fate == TAKEN else "dead"), one.name
        readable = [one for one in sent if one.topic == ITEMS.name and one.root]
        dead = sum(one.fate != TAKEN for one in readable)
        assert (accounts.collected, accounts.dead) == (len(readable), dead)
        assert (accounts.indexed, accounts.missing) == (len(readable) - dead, 0)
        assert accounts.unreadable == sum(x.topic == ITEMS.name and not x.root for x in sent)
        desk.wait_ready()
        assert {m.name: m.pid for m in desk.members.values() if m.running} == pids


def is_of(letter, one: Sent) -> bool:
    """Whether a dead letter is that of what was sent: by its place, else by its root."""
    if one.elsewhere:
        return letter["root_id"] == one.root
    place = partition(one)
    return (letter["topic"], letter["partition"], letter["offset"]) == (
        one.topic,
        place,
        one.offset,
    )


def partition(one: Sent) -> int:
    """Poison stands in the partition of its neighbours, whatever its key."""
    return partition_of(FEED, TOPICS[one.topic].partitions)


def put(servers: str, prefix: str, sent: list[Sent]) -> None:
    """Into Kafka in this order, past all that checks what is ours; notes where each one stands."""
    producer = client.producer(client.options(servers, "poisoner"), LIMIT)
    futures = [
        producer.send(prefix + one.topic, key=one.key, value=one.value, partition=partition(one))
        for one in sent
    ]
    for one, future in zip(sent, futures, strict=True):
        one.offset = future.get(60).offset
    producer.close()


def outcomes(bus) -> dict[str, str]:
    """Root id → how it ended; a second end of another kind is a fault."""
    found: dict[str, str] = {}
    for record in bus.read(OUTCOMES.name):
        said = body_of(decode(record.value), Outcome)
        assert found.setdefault(said.root_id, said.ended) == said.ended
    return found


# What is sent.


def wire(body: Contract, root: str) -> bytes:
    when = getattr(body, "collected", None) or body.article.collected
    return encode(event(body, root_id=root, at=when))


def item(name: str, **over):
    """An item of its own words, and its bytes."""
    entry = {"title": f"{words(name, 6)}", "content": words(name, 60), **over.pop("entry", {})}
    root = digest_id("root", name)
    made = an_item(
        root_id=root,
        item_key=f"http://a.example/{name}",
        content_hash=digest_id(name),
        entry=RawEntry(link=f"http://a.example/{name}", **entry),
        **over,
    )
    return made, wire(made, root)


def words(name: str, count: int) -> str:
    """Words that only `name` has, so that what is told of it is told of nothing else."""
    return " ".join(digest_id("word", name, str(n))[:7] for n in range(count)).capitalize() + "."


def an_article(name: str, **over):
    """An enriched article of its own words, and its bytes."""
    made = body_of(decode(child.read(item(name)[1])), child.Article).model_copy(update=over)
    return made, wire(made, made.root_id)


def a_clustered(name: str, **over):
    made = Press().article(name, name, title=words(name, 6), text=words(name, 40), **over)
    return made, wire(made, made.article.root_id)


def neighbour(topic: str, number: int) -> Sent:
    """A good record."""
    make = {ITEMS.name: item, ENRICHED.name: an_article, CLUSTERED.name: a_clustered}[topic]
    body, value = make(f"good-{topic}-{number}")
    root = body.root_id if topic != CLUSTERED.name else body.article.root_id
    return Sent(f"good {number}", topic, value, TAKEN, root)


def broken(topic: str, good: bytes) -> list[Sent]:
    """What is no event of ours, on any topic."""
    at = good.index(b'"title":"') + 9
    return [
        Sent("bad JSON", topic, good[: len(good) // 2], "bad-json"),
        Sent("nothing", topic, b"", "bad-json"),
        Sent(
            "unknown version",
            topic,
            good.replace(b'"version":1,', b'"version":99,', 1),
            "unknown-version",
        ),
        Sent("unknown type", topic, good.replace(b'"type":"', b'"type":"un', 1), "unknown-version"),
        Sent("no UTF-8", topic, good[:at] + b"\xff\xfe" + good[at:], "bad-json"),
        Sent("near the limit, no event", topic, b"{" + b" " * (LIMIT - 1), "bad-json"),
    ]


def items() -> list[Sent]:
    t = ITEMS.name
    long_key, value = item("long key")
    odd_key, odd = item("odd key")
    long_id, long_id_value = item("long id", entry={"guid": "g" * 600})
    heavy, heavy_value = item("heavy", entry={"summary": words("heavy", LIMIT // 9)})
    assert LIMIT * 0.8 < len(heavy_value) < LIMIT
    grown, grown_value = item("grown", source=a_source(owner="o" * (LIMIT - 2400)))
    family, family_value = item("family", source=a_source(family="f" * 40_000))
    spin, spin_value = item(
        "spin", page=Page(url="http://a.example/spin", html=SPINS, fetched=WHEN)
    )
    return [
        *broken(t, item("broken item")[1]),
        Sent(
            "feed id of 600 bytes",
            t,
            item("no id")[1].replace(FEED.encode(), b"f" * 600),
            "invalid",
        ),
        Sent("key of 600 bytes", t, value, TAKEN, long_key.root_id, key=b"k" * 600),
        Sent("key that is no text", t, odd, TAKEN, odd_key.root_id, key=b"\xff\xfe\x00"),
        Sent("guid of 600 bytes", t, long_id_value, TAKEN, long_id.root_id),
        Sent("near the limit, whole", t, heavy_value, TAKEN, heavy.root_id),
        Sent("grows above the limit", t, grown_value, "too-large", grown.root_id),
        Sent("keyword of 40 KB", t, family_value, "refused", family.root_id, elsewhere=True),
        Sent("spins", t, spin_value, "cpu", spin.root_id),
    ]


def enriched() -> list[Sent]:
    t = ENRICHED.name
    small, _ = an_article("large")
    room = LIMIT - len(wire(small, small.root_id)) - 200
    large, large_value = an_article("large", page_note="p" * room)
    prints, prints_value = an_article("prints", fingerprints="no fingerprints")
    other, other_value = item("on the wrong topic")
    return [
        *broken(t, an_article("broken article")[1]),
        Sent(
            "feed id of 600 bytes",
            t,
            an_article("x")[1].replace(FEED.encode(), b"f" * 600),
            "invalid",
        ),
        Sent("fingerprints that are none", t, prints_value, "invalid", prints.root_id),
        Sent("on the wrong topic", t, other_value, "invalid", other.root_id),
        Sent("grows above the limit", t, large_value, "too-large", large.root_id),
    ]


def clustered() -> list[Sent]:
    t = CLUSTERED.name
    body, _ = a_clustered("wide")
    source = body.article.source.model_copy(update={"family": "f" * 40_000})
    wide = body.model_copy(update={"article": body.article.model_copy(update={"source": source})})
    good, value = a_clustered("long id")
    return [
        *broken(t, a_clustered("broken")[1]),
        Sent(
            "article id of 600 bytes",
            t,
            value.replace(good.article_id.encode(), b"a" * 600),
            "invalid",
        ),
        Sent(
            "keyword of 40 KB", t, wire(wide, wide.article.root_id), "refused", wide.article.root_id
        ),
    ]


WHEN = an_item().collected
SPINS = (
    "<html><body>"
    + "<table><tr><td><p>word word word</p></td></tr></table>" * 56_000
    + "</body></html>"
)
"""A page within every limit that takes the extractor 14 s of processor time; an item has 5."""
