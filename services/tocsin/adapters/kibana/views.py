"""The data views: which documents an analyst sees, by which clock, under which names, linked to what.

**The clock of articles is `collected`.** `published` is null where a source does not say or can't be
right, and a time range over it would take those articles out of sight without a word; `collected` is
always there. Who reads an archive (collected today, published in 2008) wants the other clock, so there is
a second view over the same documents, by `published`, and its name says what is missing in it.

**Feeds have no clock.** A feed that died a month ago must be seen in a view of the last hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.ports.search import DocKind

ARTICLE_LABELS: Mapping[str, str] = {
    "collected": "Collected",
    "published": "Published (may be missing)",
    "event_day": "Day of the event, as told",
    "event_date": "Days of the event, as told",
    "source_name": "Source",
    "country_code": "Country (ISO)",
    "places": "Places",
    "persons": "Persons",
    "actors": "Actors",
    "lang": "Language",
    "relation": "Relation to its original",
    "copy_of": "Copy of",
    "story": "Story",
    "origins": "Independent origins of its story",
    "killed_max": "Killed, at most",
    "wounded_max": "Wounded, at most",
    "missing_max": "Missing, at most",
    "kidnapped_max": "Kidnapped, at most",
    "url": "Address",
    "article_version": "Version",
}
ARTICLE_LINKS: Mapping[str, str] = {
    "id": "articles",
    "copy_of": "articles",
    "story": "stories",
}


@dataclass(frozen=True, slots=True)
class View:
    """A data view over one kind. `links`: field → the desk's door that its ids open. `days`: dates
    without a time of day, shown as such.
    """

    key: str
    kind: DocKind
    name: str
    clock: str
    labels: Mapping[str, str]
    links: Mapping[str, str]
    days: tuple[str, ...] = field(default=())


VIEWS: tuple[View, ...] = (
    View(
        "articles",
        "articles",
        "Tocsin articles",
        "collected",
        ARTICLE_LABELS,
        ARTICLE_LINKS,
        ("event_day",),
    ),
    View(
        "articles-published",
        "articles",
        "Tocsin articles by publication (without those of unknown date)",
        "published",
        ARTICLE_LABELS,
        ARTICLE_LINKS,
        ("event_day",),
    ),
    View(
        "stories",
        "stories",
        "Tocsin stories",
        "last_change",
        {
            "title": "Story",
            "first_seen": "First seen",
            "last_seen": "Last seen",
            "last_change": "Last change",
            "articles": "Articles, copies included",
            "copies": "Copies",
            "origins": "Independent origins",
            "origin_names": "Origins",
            "killed_min": "Killed, at least",
            "killed_max": "Killed, at most",
            "country_code": "Country (ISO)",
            "places": "Places",
        },
        {"id": "stories"},
    ),
    View(
        "alerts",
        "alerts",
        "Tocsin alerts",
        "rang",
        {
            "rang": "Rang",
            "subscription_name": "Subscription",
            "reason": "Reason",
            "fact": "Fact",
            "sentence": "Why",
            "story_title": "Story",
            "title": "Article",
            "source_name": "Source",
            "origins": "Independent origins",
        },
        {
            "id": "alerts",
            "article": "articles",
            "story": "stories",
            "subscription": "subscriptions",
        },
    ),
    View(
        "feeds",
        "feeds",
        "Tocsin feeds",
        "",
        {
            "host": "Host",
            "state": "State",
            "reason": "Reason",
            "since": "In this state since",
            "polled": "Last poll",
            "succeeded": "Last good answer",
            "last_item": "Last new item",
            "next_poll": "Next poll",
            "failures": "Failures in a row",
            "items_24h": "Items in 24 h",
            "url": "Address",
        },
        {"id": "feeds"},
    ),
)
