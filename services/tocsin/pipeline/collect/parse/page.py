"""A web page that was answered instead of a feed: the feeds that it names."""

import re

from tocsin.pipeline.collect.parse.texts import join
from tocsin.text.html import unescape

_LINK = re.compile(r"<(?:link|a)\s([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([a-zA-Z-]{1,20})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
)
_FEED_TYPES = frozenset(
    (
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "text/xml",
        "application/xml",
    )
)
_LOOKS_LIKE_FEED = re.compile(
    r"(?:/(?:feed|rss|atom)/?$|\.(?:rss|atom)$|/(?:rss|atom|feed|index)\.xml$)", re.IGNORECASE
)
_HTML = re.compile(r"<!doctype\s{1,20}html|<html\b|<head\b|<body\b", re.IGNORECASE)
LOOKED_AT = 500_000
MOST = 10


def is_html(text: str) -> bool:
    """Whether `text` is a web page."""
    return _HTML.search(text, 0, 20_000) is not None


def feeds_named(text: str, url: str) -> tuple[str, ...]:
    """Absolute addresses of feeds that the page names, ≤ `MOST`, in its order: first those declared
    with <link rel="alternate">, then links that look like a feed's.
    """
    declared: list[str] = []
    linked: list[str] = []
    for tag in _LINK.finditer(text, 0, LOOKED_AT):
        said = {
            a[1].lower(): unescape(next((v for v in a.groups()[1:] if v is not None), "")).strip()
            for a in _ATTRIBUTE.finditer(tag[1])
        }
        address = said.get("href", "")
        if not address or len(address) > 2_048:
            continue
        kind = said.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in said.get("rel", "").lower().split() and kind in _FEED_TYPES:
            declared.append(join(url, address))
        elif tag[0][1] in "aA" and _LOOKS_LIKE_FEED.search(address.partition("?")[0]):
            linked.append(join(url, address))
    found = dict.fromkeys((*declared, *linked))
    return tuple(a for a in found if a.startswith(("http://", "https://")) or not url)[:MOST]
