"""What Elasticsearch holds of each kind: the fields that a search, a list or a dashboard uses.

The contract itself stands in `body`, kept but not indexed, and comes back as it went in. The fields
beside it are made from it (see `sources.py`); a field that is not named here is refused by the node
(`dynamic: strict`), so that a slip is seen and no index grows fields by itself.

The query fields of articles (`source` … `cites`) hold values as `fold_keyword` makes them, which is what
the live matcher compares; the display fields beside them keep the spelling of the text.
"""

from collections.abc import Mapping
from typing import Any, Final

from tocsin.adapters.elasticsearch.names import KINDS
from tocsin.ports.search import DocKind
from tocsin.query.ast import FigureKind
from tocsin.query.fields import KEYWORDS

Fields = dict[str, dict[str, Any]]

FIGURES: Final[tuple[FigureKind, ...]] = ("killed", "wounded", "missing", "kidnapped")
ADDRESS_LENGTH = 2048
"""Longest address that is indexed, characters; a longer one is held all the same."""
SHOWN_LENGTH = 1024
"""Longest display value that is indexed, characters."""

KEYWORD: Final = {"type": "keyword"}
SHOWN: Final = {"type": "keyword", "ignore_above": SHOWN_LENGTH}
ADDRESS: Final = {"type": "keyword", "ignore_above": ADDRESS_LENGTH}
TEXT: Final = {"type": "text", "analyzer": "tocsin_text", "norms": False}
DATE: Final = {"type": "date"}
INTEGER: Final = {"type": "integer"}
LONG: Final = {"type": "long"}
FLAG: Final = {"type": "boolean"}

ANALYSIS: Final[dict[str, Any]] = {
    "analyzer": {
        "tocsin_text": {
            "type": "custom",
            "tokenizer": "standard",
            "filter": ["lowercase", "asciifolding"],
        },
        "tocsin_tokens": {"type": "custom", "tokenizer": "tocsin_tokens"},
    },
    "tokenizer": {"tocsin_tokens": {"type": "whitespace", "max_token_length": 1024}},
}
"""`tocsin_text` cuts text as `text/tokens.py` does (reference/analysis.md: 0 differences).
`tocsin_tokens` takes tokens apart that a query holds already, and changes nothing about them.
"""

SETTINGS: Final[dict[str, Any]] = {
    "index": {
        "number_of_shards": 1,
        # Named, because the default lets an index that nobody searches lag behind.
        "refresh_interval": "1s",
        # Named, so that no cluster-wide template can take it away: `put` is durable on return.
        "translog": {"durability": "request"},
        "analysis": ANALYSIS,
    }
}
"""Of every index but for `number_of_replicas`, which the template sets."""

COMMON: Final[Fields] = {
    "kind": KEYWORD,
    "id": KEYWORD,
    "at": DATE,
    "at_us": LONG,  # microseconds since 1970: the exact order of lists
    "version": LONG,
    "keys": KEYWORD,  # "name=value"
    "body": {"type": "object", "enabled": False},
}

# Figures of role event: the ranges are what queries ask (ends filled as `query.view.filled` does), the
# plain numbers (lowest minimum, highest maximum) are what aggregations can add up.
_FIGURE_ENDS: Final[Fields] = {
    f"{kind}_{end}": INTEGER for kind in FIGURES for end in ("min", "max")
}

ARTICLE: Final[Fields] = {
    "title": TEXT,
    "text": TEXT,
    **dict.fromkeys(KEYWORDS, KEYWORD),
    "source_name": SHOWN,
    "country_code": KEYWORD,
    "places": SHOWN,
    "persons": SHOWN,
    "actors": SHOWN,
    "published": DATE,
    "collected": DATE,
    "indexed": DATE,
    "event_date": {"type": "date_range"},  # days told, end exclusive
    "event_day": DATE,  # first day of each
    **{kind: {"type": "integer_range"} for kind in FIGURES},
    **_FIGURE_ENDS,
    "story": KEYWORD,
    "origins": INTEGER,
    "copy_of": KEYWORD,
    "relation": KEYWORD,
    "url": ADDRESS,
    "article_version": INTEGER,
    "mode": KEYWORD,
}

STORY: Final[Fields] = {
    "title": TEXT,
    "lang": KEYWORD,
    "first_seen": DATE,
    "last_seen": DATE,
    "last_change": DATE,
    "articles": INTEGER,
    "copies": INTEGER,
    "origins": INTEGER,
    "origin_names": SHOWN,
    **_FIGURE_ENDS,
    "places": SHOWN,
    "country_code": KEYWORD,
    "state": KEYWORD,  # open, merged
}

ALERT: Final[Fields] = {
    "subscription": KEYWORD,
    "subscription_name": SHOWN,
    "reason": KEYWORD,
    "fact": SHOWN,
    "sentence": TEXT,
    "story": KEYWORD,
    "story_title": TEXT,
    "article": KEYWORD,
    "title": TEXT,
    "url": ADDRESS,
    "source_name": SHOWN,
    "published": DATE,
    "collected": DATE,
    "rang": DATE,
    "articles": INTEGER,
    "copies": INTEGER,
    "origins": INTEGER,
    "mode": KEYWORD,
}

NOTIFICATION: Final[Fields] = {
    "alert": KEYWORD,
    "subscription": KEYWORD,
    "channel": KEYWORD,  # webhook, feed
    "status": KEYWORD,
    "reason": SHOWN,
    "due": DATE,
    "created": DATE,
    "attempts": INTEGER,
    "last_answer": INTEGER,  # HTTP status
}

FEED: Final[Fields] = {
    "url": ADDRESS,
    "host": SHOWN,
    "state": KEYWORD,
    "reason": SHOWN,
    "since": DATE,
    "polled": DATE,
    "succeeded": DATE,
    "last_item": DATE,
    "next_poll": DATE,
    "failures": INTEGER,
    "items_24h": INTEGER,
}

SUBSCRIPTION: Final[Fields] = {
    "name": SHOWN,
    "query": {**TEXT, "index": False},
    "enabled": FLAG,
    "schedule": KEYWORD,
    "created": DATE,
}

ACT: Final[Fields] = {
    "act": KEYWORD,
    "subject": KEYWORD,
    "subscription": KEYWORD,
    "who": SHOWN,
    "note": TEXT,
    "until": DATE,
}

DEAD_LETTER: Final[Fields] = {
    "reason": KEYWORD,
    "stage": KEYWORD,
    "topic": KEYWORD,
    "root": KEYWORD,
    "message": TEXT,
    "replayed": FLAG,
}

_OWN: Final[Mapping[DocKind, Fields]] = {
    "articles": ARTICLE,
    "versions": ARTICLE,
    "stories": STORY,
    "alerts": ALERT,
    "notifications": NOTIFICATION,
    "feeds": FEED,
    "subscriptions": SUBSCRIPTION,
    "acts": ACT,
    "dead-letters": DEAD_LETTER,
}

FIELDS: Final[Mapping[DocKind, Fields]] = {kind: {**COMMON, **_OWN[kind]} for kind in KINDS}
"""Every field of a kind, by name, as the node is told."""


def mapping(kind: DocKind) -> dict[str, Any]:
    """The mapping of a kind's indices."""
    return {"dynamic": "strict", "properties": FIELDS[kind]}
