"""Small, valid values of every contract, for tests: say only what the test is about."""

from datetime import UTC, datetime
from typing import Any

from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert, Why
from tocsin_schemas.article import Article, Figure, Stamp
from tocsin_schemas.contract import Contract, Span
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.feed import Feed, FeedState, Source
from tocsin_schemas.identity import (
    alert_id,
    article_id,
    digest_id,
    feed_id,
    root_id,
    source_id,
    story_id,
)
from tocsin_schemas.item import ItemCollected, RawEntry
from tocsin_schemas.notification import Attempt, Notification
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.story import ClusteredArticle, OriginCount, Statement, Story, StoryFigure
from tocsin_schemas.subscription import Channel, Subscription, WordList

WHEN = datetime(2008, 9, 3, 14, 5, tzinfo=UTC)
TITLE = "Nine killed in raid on village"
TEXT = "MIRANSHAH: Nine people were killed when troops raided a village, officials said."


def a_source(name: str = "Dawn", **over: Any) -> Source:
    return Source(
        **({"id": source_id(name), "name": name, "country": "PK", "place": "Karachi"} | over)
    )


def a_feed(url: str = "http://dawn.example/rss", **over: Any) -> Feed:
    return Feed(**({"id": feed_id(url), "url": url, "source": a_source(), "added": WHEN} | over))


def a_feed_state(url: str = "http://dawn.example/rss", **over: Any) -> FeedState:
    base = {"feed_id": feed_id(url), "url": url, "state": "ok", "since": WHEN, "polled": WHEN}
    return FeedState(**(base | over))


def an_item(
    title: str = TITLE, text: str = TEXT, link: str = "http://dawn.example/1", **over: Any
) -> ItemCollected:
    feed = feed_id("http://dawn.example/rss")
    content = digest_id(title, text)
    base = {
        "root_id": root_id(feed, link, content),
        "feed_id": feed,
        "source": a_source(),
        "item_key": link,
        "content_hash": content,
        "entry": RawEntry(
            title=title,
            link=link,
            guid=link,
            summary=text,
            published="Wed, 03 Sep 2008 14:05:00 +0000",
        ),
        "collected": WHEN,
    }
    return ItemCollected(**(base | over))


def an_article(
    title: str = TITLE, text: str = TEXT, url: str = "http://dawn.example/1", **over: Any
) -> Article:
    feed = feed_id("http://dawn.example/rss")
    content = digest_id(title, text)
    base = {
        "root_id": root_id(feed, url, content),
        "feed_id": feed,
        "item_key": url,
        "source": a_source(),
        "url": url,
        "url_key": url,
        "title": title,
        "text": text,
        "content_hash": content,
        "published": Stamp(at=WHEN, origin="feed", confidence=1.0),
        "collected": WHEN,
    }
    return Article(**(base | over))


def a_statement(low: int | None = 9, high: int | None = 9, **over: Any) -> Statement:
    base = {
        "kind": "killed",
        "min": low,
        "max": high,
        "words": "Nine people were killed",
        "attribution": "officials",
        "article_id": article_id("http://dawn.example/1"),
        "version": 1,
        "span": Span(field="text", start=11, end=34),
        "outlet": "Dawn",
        "origin": "Dawn",
        "at": WHEN,
        "collected": WHEN,
        "revision": 1,
        "range_min": low,
        "range_max": high,
    }
    return Statement(**(base | over))


def a_story(founder: str = "", **over: Any) -> Story:
    article = founder or article_id("http://dawn.example/1")
    base = {
        "id": story_id(article),
        "revision": 1,
        "title": TITLE,
        "language": "en",
        "first_seen": WHEN,
        "last_seen": WHEN,
        "last_change": WHEN,
        "articles": 1,
        "copies": 0,
        "origins": (OriginCount(name="Dawn", why="own byline", article_id=article, originals=1),),
        "figures": (
            StoryFigure(
                kind="killed", min=9, max=9, held_min=9, held_max=9, newest=WHEN, moved=WHEN
            ),
        ),
        "statements": (a_statement(),),
        "statements_total": 1,
    }
    return Story(**(base | over))


def a_clustered(article: Article | None = None, **over: Any) -> ClusteredArticle:
    inner = article or an_article(
        figures=(
            Figure(
                kind="killed",
                min=9,
                max=9,
                words="Nine people were killed",
                span=Span(start=11, end=34),
            ),
        )
    )
    identity = article_id(inner.url_key)
    story = over.pop("story", None) or a_story(identity)
    base = {
        "article_id": identity,
        "version": 1,
        "revision": 1,
        "story_id": story.id,
        "first_collected": inner.collected,
        "content_hashes": (inner.content_hash,),
        "roots": {inner.root_id: "indexed"},
        "article": inner,
        "story": story,
    }
    return ClusteredArticle(**(base | over))


def a_subscription(query: str = "raid", name: str = "Raids", **over: Any) -> Subscription:
    identity = digest_id("subscription", name)
    base = {
        "id": identity,
        "name": name,
        "query": query,
        "channels": (Channel(id=digest_id("channel", identity, "feed"), kind="feed"),),
        "created": WHEN,
        "effective_from": WHEN,
    }
    return Subscription(**(base | over))


def an_alert(**over: Any) -> Alert:
    subscription, clustered = a_subscription(), a_clustered()
    base = {
        "id": alert_id(subscription.id, clustered.story_id, "first-match", ""),
        "subscription_id": subscription.id,
        "subscription_name": subscription.name,
        "query": subscription.query,
        "query_version": 1,
        "story_id": clustered.story_id,
        "founding_story_id": clustered.story_id,
        "story_title": TITLE,
        "story_revision": 1,
        "reason": "first-match",
        "article_id": clustered.article_id,
        "article_version": 1,
        "article_revision": 1,
        "article_title": TITLE,
        "url": "http://dawn.example/1",
        "source_name": "Dawn",
        "published": WHEN,
        "collected": WHEN,
        "rang": WHEN,
        "why": Why(sentence="First match in this story.", clauses=("raid",)),
    }
    return Alert(**(base | over))


def a_notification(**over: Any) -> Notification:
    alert = an_alert()
    base = {
        "id": digest_id("notification", alert.id, "channel"),
        "revision": 1,
        "alert_id": alert.id,
        "subscription_id": alert.subscription_id,
        "channel_id": digest_id("channel", alert.subscription_id, "feed"),
        "channel_kind": "feed",
        "created": WHEN,
        "attempts": (Attempt(at=WHEN, status=204, took_ms=3),),
    }
    return Notification(**(base | over))


def one_of_each() -> dict[str, Contract]:
    """Event name → a body of it."""
    return {
        "feed.changed": a_feed(),
        "feed.polled": a_feed_state(),
        "list.changed": WordList(
            id=digest_id("list", "armed"), name="armed", words=("raid", "ambush")
        ),
        "subscription.changed": a_subscription(),
        "act.done": Act(
            id=digest_id("act", "1"),
            kind="ack",
            subject_id=a_story().id,
            subscription_id=a_subscription().id,
            at=WHEN,
        ),
        "item.collected": an_item(),
        "article.enriched": an_article(),
        "article.clustered": a_clustered(),
        "story.changed": a_story(),
        "alert.raised": an_alert(),
        "notification.changed": a_notification(),
        "outcome.recorded": Outcome(root_id=an_item().root_id, ended="indexed", at=WHEN),
        "event.died": DeadLetter(
            id=digest_id("dead", "1"),
            stage="enricher",
            topic="news.items.collected",
            reason="bad-json",
            message="envelope: Invalid JSON",
            payload="e30=",
            at=WHEN,
        ),
    }
