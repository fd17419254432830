"""How ids are made: 26 characters, lower-case base32 of SHA-256, from parts that never move.

No id holds a time, a counter or a query version, so the same facts give the same id after a
replay, a restart and on either desk.
"""

import hashlib
from base64 import b32encode

ID_LENGTH = 26
"""Characters kept: 130 bits, so two ids of 10^12 meet with a chance below 10^-14."""


def digest_id(*parts: str) -> str:
    """The id of `parts`, which are length-prefixed so that ("ab", "c") and ("a", "bc") differ."""
    h = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        h.update(f"{len(raw)}:".encode())
        h.update(raw)
    return b32encode(h.digest()).decode("ascii").lower()[:ID_LENGTH]


def source_id(name: str) -> str:
    """Source id, from its name."""
    return digest_id("source", name)


def feed_id(url: str) -> str:
    """Feed id, from its canonical address."""
    return digest_id("feed", url)


def root_id(feed: str, item_key: str, content_hash: str) -> str:
    """Identity of one collected event: feed, item key and hash of cleaned title, text and page."""
    return digest_id("root", feed, item_key, content_hash)


def article_id(url_key: str) -> str:
    """Article id, from the identity form of its address (or feed + item key without one)."""
    return digest_id("article", url_key)


def story_id(founding_article: str) -> str:
    """Story id, from the article that founded it; never renamed."""
    return digest_id("story", founding_article)


def alert_id(subscription: str, founding_story: str, reason: str, fact: str) -> str:
    """Alert id: neither query version nor time is in it, so a replay cannot ring twice."""
    return digest_id("alert", subscription, founding_story, reason, fact)


def notification_id(alert: str, channel: str) -> str:
    """Notification id: one alert on one channel."""
    return digest_id("notification", alert, channel)
