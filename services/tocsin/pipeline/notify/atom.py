"""A subscription's alerts as an Atom feed (RFC 4287), for any reader of feeds.

Everything is escaped; characters that XML forbids are dropped. An entry's id is the alert's, so a
reader shows each alert once, whatever happens to the desk's address.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree as ET

from tocsin_schemas.alert import Alert
from tocsin_schemas.subscription import Subscription

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 50
"""Newest alerts shown."""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(subscription: Subscription, alerts: Iterable[Alert], base_url: str) -> bytes:
    """The feed as UTF-8 XML, newest alert first, ≤ `ENTRIES`. The same alerts give the same bytes, in
    whatever order they come, so that its hash serves as an ETag.
    """
    base = base_url.rstrip("/")
    newest = sorted(alerts, key=lambda a: (a.rang, a.id), reverse=True)[:ENTRIES]
    root = ET.Element("feed", {"xmlns": ATOM})
    _text(root, "id", f"urn:tocsin:subscription:{subscription.id}")
    _text(root, "title", f"{subscription.name} – Tocsin")
    _text(root, "updated", _time(newest[0].rang if newest else subscription.created))
    _text(ET.SubElement(root, "author"), "name", "Tocsin")
    _link(root, "alternate", f"{base}/subscriptions/{subscription.id}")
    _link(root, "self", f"{base}/subscriptions/{subscription.id}/feed.atom")
    for a in newest:
        _entry(root, a, base)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _entry(root: ET.Element, a: Alert, base: str) -> None:
    entry = ET.SubElement(root, "entry")
    _text(entry, "id", f"urn:tocsin:alert:{a.id}")
    _text(entry, "title", f"{a.why.sentence} {a.story_title}")
    _text(entry, "updated", _time(a.rang))
    if a.published is not None:
        _text(entry, "published", _time(a.published))
    _text(ET.SubElement(entry, "author"), "name", a.source_name or "Tocsin")
    _link(entry, "alternate", f"{base}/alerts/{a.id}")
    if a.url.startswith(("http://", "https://")):
        _link(entry, "related", a.url)
    ET.SubElement(entry, "category", {"term": a.reason})
    _text(entry, "summary", "\n".join(_lines(a)))


def _lines(a: Alert) -> Iterable[str]:
    yield f"{a.article_title} ({a.source_name})"
    if a.why.snippet:
        yield a.why.snippet
    voices = ", ".join(a.origins) or "unknown"
    yield f"{a.articles} articles, {a.copies} copies; independent origins: {voices}."
    if a.coverage:
        dark = ", ".join(f"{d.name} ({d.state})" for d in a.coverage[:10])
        more = f" and {len(a.coverage) - 10} more" if len(a.coverage) > 10 else ""
        yield f"Feeds not ok meanwhile: {dark}{more}."


def _text(parent: ET.Element, name: str, words: str) -> None:
    ET.SubElement(parent, name).text = _FORBIDDEN.sub("", words)


def _link(parent: ET.Element, rel: str, href: str) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "href": _FORBIDDEN.sub("", href)})


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
