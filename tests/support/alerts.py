"""Alerts and deliveries as the alerter and the notifier would write them."""

from datetime import datetime
from typing import Any

from support.ring import at, sid, subscription
from tocsin_schemas.alert import Alert, DarkFeed, Why
from tocsin_schemas.contract import Span
from tocsin_schemas.identity import alert_id, article_id, digest_id
from tocsin_schemas.subscription import Subscription


def alert(
    name: str = "first-match",
    *,
    of: Subscription | None = None,
    story: str = "s",
    rang: datetime | None = None,
    **changes: Any,
) -> Alert:
    """An alert of a subscription about a story."""
    sub = of or subscription()
    given: dict[str, Any] = {
        "id": alert_id(sub.id, sid(story), "toll", name),
        "subscription_id": sub.id,
        "subscription_name": sub.name,
        "query": sub.query,
        "query_version": 1,
        "story_id": sid(story),
        "founding_story_id": sid(story),
        "story_title": "Raid in the hills",
        "story_revision": 3,
        "reason": "toll",
        "fact": name,
        "article_id": article_id("a1"),
        "article_version": 1,
        "article_revision": 1,
        "article_title": "Raid in the hills",
        "url": "https://example.org/a1",
        "source_name": "Dawn",
        "published": at(0),
        "collected": at(1),
        "rang": rang or at(1),
        "why": Why(
            sentence="Killed moved from 9–9 to 9–20: maximum +11, needed 1.",
            clauses=("raid",),
            spans=(Span(field="title", start=0, end=4),),
            snippet="Raid in the hills",
            snippet_marks=((0, 4),),
        ),
        "articles": 3,
        "origins": ("AFP", "BBC"),
        "coverage": (
            DarkFeed(feed_id=digest_id("feed", "x"), name="Daily Times", state="failing"),
        ),
    }
    return Alert(**(given | changes))
