"""A believable desk on memory adapters: one large story, some small ones, feeds in every state, alerts,
and an item by somebody who wishes us ill. All words are ours.
"""

import base64
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.search import MemorySearch
from tocsin.api.desk import Desk, Progress
from tocsin.pipeline.index.document import documents
from tocsin.ports.bus import Message
from tocsin.ports.registers import Registers, message
from tocsin.settings import Settings
from tocsin_schemas.alert import Alert, AlsoRang, DarkFeed, ToldRange, Why
from tocsin_schemas.article import Article, Figure, Language, Mention, Stamp
from tocsin_schemas.contract import Contract, Span
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.feed import Feed, FeedState, Source
from tocsin_schemas.identity import (
    alert_id,
    article_id,
    digest_id,
    feed_id,
    notification_id,
    source_id,
    story_id,
)
from tocsin_schemas.notification import Attempt, Notification
from tocsin_schemas.registry import encode, event
from tocsin_schemas.story import (
    Change,
    ClusteredArticle,
    Lineage,
    Origin,
    OriginCount,
    Statement,
    Story,
    StoryFigure,
    Told,
    VersionNote,
)
from tocsin_schemas.subscription import Channel, Subscription, WordList
from tocsin_schemas.topics import (
    ACTS,
    ALERTS,
    CLUSTERED,
    DEAD_LETTERS,
    FEED_STATES,
    NOTIFICATIONS,
    STORIES,
    Topic,
)

NOW = datetime(2008, 9, 5, 10, 42, tzinfo=UTC)
EVIL = '<script>alert("gotcha")</script><img src=x onerror=alert(1)>'
QUOTE = '"onmouseover="alert(1)" x="'
FLIPPED = "invoice\u202egnp.exe"
LONG = "W" * 300
STACKED = "Z" + "\u0335" * 40 + "algo"


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment of September 2008."""
    return datetime(2008, 9, day, hour, minute, second, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


def source(name: str, kind: str = "outlet", country: str = "PK") -> Source:
    return Source.model_validate(
        {"id": source_id(name), "name": name, "kind": kind, "country": country}
    )


def a_span(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(start=start, end=start + len(words))


@dataclass
class DeskFixture:
    """The desk, and a hand to put things on it as the path would."""

    clock: Clock = field(default_factory=lambda: Clock(NOW))
    bus: MemoryBus = field(init=False)
    search: MemorySearch = field(init=False)
    registers: Registers = field(init=False)
    desk: Desk = field(init=False)
    ids: dict[str, str] = field(default_factory=dict)
    polled: list[str] = field(default_factory=list)
    problem: str = ""
    lag: int = 0

    def __post_init__(self) -> None:
        self.bus = MemoryBus(self.clock)
        self.search = MemorySearch()
        self.registers = Registers(self.bus)
        self.desk = Desk(
            Settings(),
            self.bus,
            self.search,
            self.registers,
            self.clock,
            self.progress,
            self.polled.append,
        )

    def progress(self) -> Progress:
        newest = self.search.listing("articles", limit=1).documents
        when = newest[0].at if newest else None
        return Progress(self.lag, when, NOW - timedelta(hours=3), self.problem)

    def put(self, topic: Topic, key: str, body: Contract, *, when: datetime | None = None) -> None:
        """On the log and in the index, as the workers would have it."""
        made = event(
            body, root_id=key, at=when or self.clock.now(), discriminator=repr(body)[:2000]
        )
        self.bus.produce([Message(topic.name, key, encode(made))])
        self.search.put(documents(made))

    def acted(self) -> None:
        """Index the acts that the page has put on the log."""
        for record in self.bus.read(ACTS.name):
            assert record.value is not None

    def article(self, key: str, **given: Any) -> ClusteredArticle:
        made = clustered(key, **given)
        self.ids[key] = made.article_id
        self.put(CLUSTERED, made.article_id, made, when=made.first_collected)
        return made

    def story(self, key: str, story: Story) -> None:
        self.ids[key] = story.id
        self.put(STORIES, story.id, story, when=story.last_change)


def clustered(
    key: str,
    *,
    outlet: Source,
    title: str,
    text: str,
    when: datetime,
    story: Story,
    published: datetime | None = None,
    origin: Origin | None = None,
    copy_of: str | None = None,
    relation: str = "original",
    share: float = 0.0,
    figures: tuple[Figure, ...] = (),
    places: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    countries: tuple[str, ...] = (),
    version: int = 1,
    revision: int = 1,
    changes: tuple[Change, ...] = (),
    versions: tuple[VersionNote, ...] = (),
    url: str | None = None,
    language: str = "en",
    statements: tuple[Statement, ...] = (),
) -> ClusteredArticle:
    """One article as the clusterer would publish it."""
    identity = article_id(key)
    mentions = tuple(
        Mention(value=p, words=p, span=a_span(text, p), rule="gazetteer") for p in places
    )
    article = Article(
        root_id=digest_id("root", key, str(version)),
        feed_id=feed_id(f"https://{outlet.name.lower().replace(' ', '')}.example/feed.xml"),
        item_key=key,
        source=outlet,
        url=f"https://{outlet.name.lower().replace(' ', '')}.example/{key}" if url is None else url,
        url_key=key,
        title=title[:1000],
        text=text,
        content_hash=digest_id("content", title, text),
        language=Language(code=language, confidence=0.99),
        published=Stamp(at=published or when, origin="feed", confidence=0.9),
        collected=when,
        figures=figures,
        places=mentions,
        tags=tuple(
            Mention(value=t, words=t, span=Span(start=0, end=1), rule="taxonomy") for t in tags
        ),
        countries=tuple(
            Mention(value=c, words=c, span=Span(start=0, end=1), rule="name") for c in countries
        ),
    )
    return ClusteredArticle.model_validate(
        {
            "article_id": identity,
            "version": version,
            "revision": revision,
            "story_id": story.id,
            "relation": relation,
            "copy_of": copy_of,
            "share": share,
            "origin": origin,
            "first_collected": when,
            "content_hashes": (article.content_hash,),
            "roots": {article.root_id: "indexed"},
            "versions": versions
            or (
                VersionNote(
                    version=1, content_hash=article.content_hash, title=title, collected=when
                ),
            ),
            "changes": changes,
            "statements": statements,
            "article": article,
            "story": story,
        }
    )


def a_statement(
    key: str,
    outlet: str,
    words: str,
    low: int | None,
    high: int | None,
    when: datetime,
    band: tuple[int | None, int | None],
    text: str,
    *,
    attribution: str = "",
    retracted: datetime | None = None,
    revision: int = 1,
    origin: str | None = None,
    kind: str = "killed",
) -> Statement:
    return Statement.model_validate(
        {
            "kind": kind,
            "min": low,
            "max": high,
            "words": words,
            "attribution": attribution,
            "article_id": article_id(key),
            "version": 1,
            "span": a_span(text, words),
            "outlet": outlet,
            "origin": origin or outlet,
            "at": when,
            "collected": when + timedelta(minutes=1),
            "retracted": retracted,
            "revision": revision,
            "range_min": band[0],
            "range_max": band[1],
        }
    )


TEXTS = {
    "dawn": "Troops came by helicopter before dawn at Angoor Ada in South Waziristan. Officials in "
    "Wana said nine people were killed, among them women and children. It was the first such raid.",
    "bbc": "A provincial governor said 20 people died when troops landed before dawn at Angoor Ada "
    "in South Waziristan, close to the Afghan border. The army has lodged a protest.",
    "afp": "Residents of Angoor Ada told reporters that at least 15 villagers had been killed. "
    "Elders counted the graves in South Waziristan on Wednesday evening.",
    "times": "The attack near the border left twelve people dead, a report said. Nobody was named "
    "as its source. The village lies in South Waziristan.",
    "reuters": "Pakistan lodged a protest over the raid. Security officials in South Waziristan put "
    "the number of dead at nine to twenty, among them women and children at Angoor Ada.",
    "none": "There was shooting in a village at the border on Wednesday, a caller said.",
}


def big_story() -> Story:
    """The raid, as desk.md draws it: 17 articles, 5 origins, 11 copies, 9–20 killed."""
    t = TEXTS
    rows = (
        a_statement("dawn", "Dawn", "nine people", 9, 9, at(3, 14, 5), (9, 9), t["dawn"],
                    attribution="officials", revision=1),
        a_statement("bbc", "BBC", "20 people", 20, 20, at(3, 16, 40), (9, 20), t["bbc"],
                    attribution="provincial governor", revision=2),
        a_statement("afp", "AFP", "at least 15", 15, None, at(3, 20, 10), (9, 20), t["afp"],
                    attribution="residents", revision=4),
        a_statement("times", "Daily Times", "twelve people", 12, 12, at(4, 5), (9, 20), t["times"],
                    retracted=at(5, 6), revision=9),
        a_statement("reuters", "Reuters", "nine to twenty", 9, 20, at(4, 9), (9, 20), t["reuters"],
                    attribution="security officials", revision=12),
        a_statement("afp", "AFP", "Elders counted", 3, 3, at(3, 20, 10), (3, 3), t["afp"],
                    revision=4, kind="missing"),
    )  # fmt: skip

    def told(key: str, outlet: str, a: date, b: date, words: str, when: datetime) -> Told:
        return Told(start=a, end=b, words=words, article_id=article_id(key), outlet=outlet,
                    span=Span(start=0, end=5), first_reported=when)  # fmt: skip

    sept = date(2008, 9, 3)
    chronology = (
        told("dawn", "Dawn", sept, sept, "Raid on Angoor Ada", at(3, 14, 5)),
        told("bbc", "BBC", sept, sept, "Raid on Angoor Ada", at(3, 16, 40)),
        told("reuters", "Reuters", date(2008, 8, 27), date(2008, 8, 27), "Military summit at sea",
             at(4, 9)),
        told("reuters", "Reuters", date(2008, 9, 1), date(2008, 9, 2), "Commanders meet", at(4, 9)),
        told("times", "Daily Times", date(1955, 1, 1), date(1955, 12, 31), "Pakistan joins the pact",
             at(4, 5)),
    )  # fmt: skip
    return Story(
        id=story_id(article_id("dawn")),
        revision=17,
        title="Raid by helicopter-borne troops on Angoor Ada",
        language="en",
        first_seen=at(3, 14, 5),
        last_seen=at(5, 10, 41),
        last_change=at(5, 7),
        articles=17,
        copies=11,
        origins=(
            OriginCount(name="Reuters", why="credit line “Reuters”", article_id=article_id("reuters"),
                        originals=1, copies=4, shortened=2),
            OriginCount(name="AFP", why="dateline and credit line", article_id=article_id("afp"),
                        originals=1, copies=4),
            OriginCount(name="BBC", why="97 % of the text held", article_id=article_id("bbc"),
                        originals=1, copies=1),
            OriginCount(name="Dawn", why="own byline", article_id=article_id("dawn"), originals=1),
            OriginCount(name="Daily Times", why="own byline", article_id=article_id("times"),
                        originals=1),
        ),
        unknown=1,
        figures=(
            StoryFigure(kind="killed", min=9, max=20, held_min=9, held_max=20, newest=at(4, 9),
                        moved=at(3, 16, 40)),
            StoryFigure(kind="missing", min=3, max=3, moved=at(3, 20, 10)),
        ),
        countries=("PK", "AF"),
        places=("South Waziristan", "Angoor Ada"),
        persons=("Stephen Hadley",),
        statements=rows,
        statements_total=6,
        chronology=chronology,
        feeds=tuple(feed_id(f"https://{n}.example/feed.xml") for n in ("dawn", "bbc", "tribune")),
        lineage=Lineage(ancestors=(digest_id("old", "story"),)),
    )  # fmt: skip


def small_story(key: str, title: str, when: datetime, **given: Any) -> Story:
    fields: dict[str, Any] = {
        "id": story_id(article_id(key)),
        "revision": 1,
        "title": title,
        "language": "en",
        "first_seen": when,
        "last_seen": when,
        "last_change": when,
        "articles": 1,
        "copies": 0,
        **given,
    }
    return Story.model_validate(fields)


def _big(f: DeskFixture) -> Story:
    story = big_story()
    dawn, bbc, afp = source("Dawn"), source("BBC", country="GB"), source("AFP", "agency", "FR")
    reuters, times = source("Reuters", "agency", "GB"), source("Daily Times")
    t = TEXTS

    def fig(text: str, words: str, low: int | None, high: int | None, who: str = "") -> Figure:
        return Figure(kind="killed", min=low, max=high, attribution=who, words=words,
                      span=a_span(text, words), rule="number people dead")  # fmt: skip

    common: dict[str, Any] = {"story": story, "countries": ("PK",)}
    f.article("dawn", outlet=dawn, title="Troops land at Angoor Ada, nine dead, say officials",
              text=t["dawn"], when=at(3, 14, 5), origin=Origin(name="Dawn", why="own byline"),
              figures=(fig(t["dawn"], "nine people", 9, 9, "officials"),),
              places=("Angoor Ada", "South Waziristan"), tags=("air assault",), **common)  # fmt: skip
    bbc_notes = (
        VersionNote(version=1, content_hash=digest_id("c", "1"), title="Twelve dead, says governor",
                    collected=at(3, 16, 41)),
        VersionNote(version=2, content_hash=digest_id("c", "2"), title="Governor says twenty died",
                    collected=at(3, 17)),
    )  # fmt: skip
    f.article("bbc", outlet=bbc, title="Governor says twelve died in village near Afghan border",
              text=t["bbc"].replace("20 people", "12 people"), when=at(3, 16, 41),
              origin=Origin(name="BBC", why="own byline"), **common)  # fmt: skip
    f.article("bbc", outlet=bbc, title="Governor says twenty died in village near Afghan border",
              text=t["bbc"], when=at(3, 16, 41), origin=Origin(name="BBC", why="own byline"),
              figures=(fig(t["bbc"], "20 people", 20, 20, "provincial governor"),),
              places=("Angoor Ada", "South Waziristan"), version=2, revision=2, versions=bbc_notes,
              changes=(Change(field="killed", before="12 people", after="20 people", rises=True),),
              **common)  # fmt: skip
    f.article("afp", outlet=afp, title="Residents of border village count at least 15 dead",
              text=t["afp"], when=at(3, 20, 10), origin=Origin(name="AFP", why="dateline"),
              figures=(fig(t["afp"], "at least 15", 15, None, "residents"),),
              places=("South Waziristan",), **common)  # fmt: skip
    f.article("times", outlet=times, title="Twelve dead in attack near border", text=t["times"],
              when=at(4, 5), origin=Origin(name="Daily Times", why="own byline"), **common)  # fmt: skip
    f.article("reuters", outlet=reuters,
              title="Pakistan lodges protest over raid; officials put dead at nine to twenty",
              text=t["reuters"], when=at(4, 9), origin=Origin(name="Reuters", why="credit line"),
              figures=(fig(t["reuters"], "nine to twenty", 9, 20, "security officials"),),
              places=("South Waziristan", "Angoor Ada"), tags=("air assault", "parliament"),
              **common)  # fmt: skip
    f.article("none", outlet=source("Border Wire"), title="Shooting in a village at the border",
              text=t["none"], when=at(3, 15), **common)  # fmt: skip
    for original, who, copies, short in (("reuters", "Reuters", 4, 2), ("afp", "AFP", 4, 0),
                                         ("bbc", "BBC", 1, 0)):  # fmt: skip
        for i in range(copies + short):
            cut = i >= copies
            f.article(f"{original}-copy-{i}", outlet=source(f"Reprint {original.title()} {i + 1}"),
                      title=f"{who} report, reprinted {i + 1}",
                      text=t[original][:110] if cut else t[original], when=at(5, 10, 30 + i),
                      origin=Origin(name=who, why="copy chain"), copy_of=article_id(original),
                      relation="shortened" if cut else "copy", share=0.97, **common)  # fmt: skip
    f.story("raid", story)
    gone = small_story("gone", "Shots at the border", at(3, 15), revision=3,
                       lineage=Lineage(merged_into=story.id))  # fmt: skip
    f.story("merged", gone)
    return story


def _others(f: DeskFixture) -> None:
    bannu_text = "A roadside bomb wounded four policemen near Bannu on Friday morning, police said."
    bannu = small_story("bannu", "Roadside bomb near Bannu", at(5, 9, 31), articles=3, copies=2,
                        origins=(OriginCount(name="AFP", why="credit", article_id=article_id("bannu"),
                                             originals=1, copies=2),),
                        figures=(StoryFigure(kind="wounded", min=4, max=4),))  # fmt: skip
    f.article("bannu", outlet=source("AFP", "agency", "FR"), story=bannu, text=bannu_text,
              title="Roadside bomb wounds four policemen near Bannu", when=at(5, 9, 31),
              origin=Origin(name="AFP", why="credit line"), tags=("bombing",), places=("Bannu",),
              figures=(Figure(kind="wounded", min=4, max=4, words="four policemen",
                              span=a_span(bannu_text, "four policemen")),))  # fmt: skip
    for i in range(2):
        f.article(f"bannu-copy-{i}", outlet=source(f"Frontier {i + 1}"), story=bannu, text=bannu_text,
                  title="Four policemen hurt by bomb", when=at(5, 9, 40 + i), relation="copy",
                  copy_of=article_id("bannu"), share=1.0, origin=Origin(name="AFP", why="copy"))  # fmt: skip
    f.story("bannu-story", bannu)
    mills = small_story("mills", "Flour mills cut output", at(5, 9, 55),
                        origins=(OriginCount(name="The News", article_id=article_id("mills"),
                                             originals=1),))  # fmt: skip
    f.article("mills", outlet=source("The News"), story=mills, tags=("energy",), when=at(5, 9, 55),
              title="Flour mills in Sindh cut output as power cuts last twelve hours",
              text="Mills in Sindh said on Friday that they had cut output by a third.",
              origin=Origin(name="The News", why="own byline"))  # fmt: skip
    f.story("mills-story", mills)


def _hostile(f: DeskFixture) -> None:
    for i, title in enumerate((EVIL, QUOTE, FLIPPED, LONG, STACKED, "خبر عاجل: هجوم على الحدود")):
        key = f"hostile-{i}"
        text = f"{EVIL} {QUOTE} {FLIPPED}\n{LONG}"
        story = small_story(key, title, at(5, 8, i), places=(EVIL[:60],), persons=(QUOTE,),
                            origins=(OriginCount(name=QUOTE, why=EVIL, article_id=article_id(key),
                                                 originals=1),))  # fmt: skip
        f.article(key, outlet=source(EVIL if i == 0 else f"Out{QUOTE}let"), title=title, text=text,
                  when=at(5, 8, i), story=story, tags=(EVIL[:50],),
                  url='javascript:alert("x")' if i % 2 else f'https://evil.example/"><script>{i}',
                  language="ar" if i == 5 else "und", origin=Origin(name=QUOTE, why=EVIL))  # fmt: skip
        f.story(f"{key}-story", story)


STATES = (
    ("failing", "Khyber Mail", "HTTP 500, 7 polls in a row; next 11:15"),
    ("blocked", "Frontier Post", "challenge page instead of articles; feed text is kept"),
    ("not-a-feed", "Old Address", "got HTML; a feed was found on that page"),
    ("gap", "Tribune", "no overlap with the last poll: items may be lost 02:10–05:40"),
    ("silent", "Pajhwok", "nothing for 31 h; usual gap 2 h (95 % within 9 h)"),
    ("waiting", "Slow Wire", "429, the host asked to wait until 10:52"),
    ("empty", "Quiet Post", "valid, no entries"),
    ("new", "Fresh Paper", "first poll pending"),
    ("ok", "Dawn", ""),
    ("ok", "BBC", "ok again since 08:00, 5 h missed"),
)


def _feeds(f: DeskFixture) -> None:
    for state, name, reason in STATES:
        url = f"https://{name.lower().replace(' ', '')}.example/feed.xml"
        feed = Feed(id=feed_id(url), url=url, source=source(name), added=at(1))
        f.ids[f"feed {name}"] = feed.id
        f.registers.put_feed(feed, at=at(1))
        if state == "new":
            continue
        hours = {
            (NOW - timedelta(hours=h)).strftime("%Y-%m-%dT%H"): "x"
            if state == "failing" and h < 9
            else ("n" if h % 3 else "h")
            for h in range(60)
        }
        held = FeedState.model_validate(
            {
                "feed_id": feed.id,
                "url": url,
                "state": state,
                "reason": reason,
                "since": at(4, 19, 10),
                "polled": at(5, 10, 40),
                "succeeded": at(5, 10, 40) if state == "ok" else at(3, 19),
                "last_item": at(5, 10, 41),
                "next_poll": at(5, 10, 45),
                "failures": 7 if state == "failing" else 0,
                "polls": 40,
                "items_24h": 212 if state == "ok" else 3,
                "hours": hours,
                "alternatives": ("https://oldaddress.example/new.xml",)
                if state == "not-a-feed"
                else (),
            }
        )
        f.bus.produce(
            [message(FEED_STATES, feed.id, held, root_id=feed.id, at=NOW, discriminator=state)]
        )
    paused = f"https://{'sleepy'}.example/feed.xml"
    f.registers.put_feed(
        Feed(
            id=feed_id(paused), url=paused, source=source("Sleepy Times"), added=at(1), active=False
        ),
        at=at(1),
    )


def _subscriptions(f: DeskFixture) -> None:
    for key, name, query, hook in (
        ("waziristan", "Waziristan", 'killed:>=5 AND "south waziristan"', True),
        ("police", "Police attacked", "bomb AND bannu", False),
        ("quiet", "Marriott", "marriott", False),
        ("evil", EVIL[:60], "script", False),
    ):
        identity = digest_id("subscription", key)
        f.ids[key] = identity
        channels = [Channel(id=digest_id("channel", identity, "feed"))]
        if hook:
            channels.append(
                Channel(id=digest_id("channel", identity, "hook"), kind="webhook",
                        url="https://hooks.example/x", secret="whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0")
            )  # fmt: skip
        f.registers.put_subscription(
            Subscription(id=identity, name=name, query=query, channels=tuple(channels),
                         created=at(1), effective_from=at(1)),
            at=at(1),
        )  # fmt: skip
    f.registers.put_list(
        WordList(id=digest_id("list", "towns"), name="towns", words=("bannu", "wana")), at=at(1)
    )


def _alert(f: DeskFixture, key: str, sub: str, name: str, story: Story, reason: str, fact: str,
           article: str, when: datetime, sentence: str, **given: Any) -> None:  # fmt: skip
    identity = alert_id(f.ids[sub], story.id, reason, fact)
    f.ids[key] = identity
    text = TEXTS.get(article, "A roadside bomb wounded four policemen near Bannu")
    snippet = text[:150]
    word = (
        "South Waziristan"
        if "South Waziristan" in snippet
        else "Bannu"
        if "Bannu" in snippet
        else ""
    )
    start = snippet.index(word) if word else 0
    body = Alert.model_validate(
        {
            "id": identity,
            "subscription_id": f.ids[sub],
            "subscription_name": name,
            "query": 'killed:>=5 AND "south waziristan"',
            "query_version": 1,
            "story_id": story.id,
            "founding_story_id": story.id,
            "story_title": story.title,
            "story_revision": given.pop("revision", 1),
            "reason": reason,
            "fact": fact,
            "article_id": article_id(article),
            "article_version": 1,
            "article_revision": 1,
            "article_title": f"Report by {article}",
            "url": f"https://{article}.example/1",
            "source_name": article.upper(),
            "published": when - timedelta(minutes=1),
            "collected": when,
            "rang": when,
            "why": Why(
                sentence=sentence,
                clauses=("killed:>=5", '"south waziristan"'),
                spans=(Span(start=start, end=start + len(word)),) if word else (),
                snippet=snippet,
                snippet_marks=((start, start + len(word)),) if word else (),
            ),
            "articles": 1,
            "copies": 0,
            **given,
        }
    )
    f.put(ALERTS, identity, body, when=when)
    channel = digest_id("channel", f.ids[sub], "hook")
    note = Notification(
        id=notification_id(identity, channel), revision=2, alert_id=identity,
        subscription_id=f.ids[sub], channel_id=channel, channel_kind="webhook", status="delivered",
        created=when, attempts=(Attempt(at=when + timedelta(seconds=1), status=204, took_ms=40),),
    )  # fmt: skip
    f.put(NOTIFICATIONS, note.id, note, when=when)


def _alerts(f: DeskFixture, story: Story) -> None:
    _alert(f, "first", "waziristan", "Waziristan", story, "first-match", "", "dawn", at(3, 14, 6),
           "First match in this story.", origins=("Dawn",))  # fmt: skip
    _alert(f, "toll", "waziristan", "Waziristan", story, "toll", "killed:9-20", "bbc",
           at(3, 16, 41, 22), "Killed moved from 9–9 to 9–20: maximum +11, needed 1.", revision=2,
           told=(ToldRange(kind="killed", min=9, max=20),), articles=2, origins=("Dawn", "BBC"),
           also=(AlsoRang(reason="origins", fact="2"),))  # fmt: skip
    bannu = f.search.get("stories", f.ids["bannu-story"])
    assert bannu is not None
    assert isinstance(bannu.body, Story)
    _alert(f, "still-one", "police", "Police attacked", bannu.body, "unconfirmed", "", "bannu",
           at(5, 10, 31, 2), "Still one origin (AFP) after 12 h; 4 feeds not ok meanwhile.",
           origins=("AFP",), articles=3, copies=2,
           coverage=(DarkFeed(feed_id=f.ids["feed Tribune"], name="Tribune", state="gap",
                              since=at(5, 2, 10)),))  # fmt: skip


def _letters(f: DeskFixture) -> None:
    payload = base64.b64encode(b'{"not": "an event"}').decode()
    body = DeadLetter(
        id=digest_id("dead", "1"), root_id=digest_id("root", "dead"), stage="enrich",
        topic="news.items.collected", key=digest_id("feed", "x"), reason="cpu",
        message=f"item took more than 5 s twice; title {EVIL}", payload=payload, at=at(5, 9),
    )  # fmt: skip
    f.ids["letter"] = body.id
    f.put(DEAD_LETTERS, body.id, body, when=at(5, 9))


def desk_fixture(*, hostile: bool = True) -> DeskFixture:
    """The whole desk."""
    f = DeskFixture()
    _feeds(f)
    _subscriptions(f)
    story = _big(f)
    _others(f)
    if hostile:
        _hostile(f)
    _alerts(f, story)
    _letters(f)
    return f


def empty_fixture() -> DeskFixture:
    """A desk that has nothing yet."""
    return DeskFixture()
