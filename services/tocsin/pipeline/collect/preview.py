"""What a feed would bring, without adding it: what `tocsin feeds preview` prints."""

from datetime import datetime
from typing import Any

from tocsin.pipeline.collect.items import item_key, text_of
from tocsin.pipeline.collect.parse import parse_feed
from tocsin.pipeline.collect.times import parse_time
from tocsin.text.clean import one_line
from tocsin.text.html import html_to_text
from tocsin_schemas.item import RawEntry

SNIPPET = 300


def preview(body: bytes, content_type: str = "", url: str = "") -> dict[str, Any]:
    """{feed, items, warnings} of an answer, JSON-ready, items in the feed's order. `title` is as the
    feed gave it, on one line; `headline` is the same as words. Raises NotAFeedError.
    """
    parsed = parse_feed(body, content_type, url)
    items = [_item(e) for e in parsed.entries]
    warnings = list(parsed.warnings)
    empty = sum(not i["headline"] and not i["text"] for i in items)
    if empty:
        warnings.append(
            f"{empty} of {len(items)} entries have neither title nor text: not collected"
        )
    return {
        "feed": {
            "url": url,
            "format": parsed.format,
            "title": parsed.title,
            "language": parsed.language,
            "link": parsed.link,
            "ttl_s": parsed.ttl_s,
            "entries": len(items),
            "truncated": parsed.truncated,
        },
        "items": items,
        "warnings": warnings,
    }


def _item(entry: RawEntry) -> dict[str, Any]:
    return {
        "id": item_key(entry),
        "title": one_line(entry.title),
        "headline": one_line(html_to_text(entry.title)),
        "url": entry.link,
        "published": _iso(parse_time(entry.published)),
        "updated": _iso(parse_time(entry.updated)),
        "authors": list(entry.authors),
        "categories": list(entry.categories),
        "text": text_of(entry)[:SNIPPET],
    }


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat().replace("+00:00", "Z")
