"""JSON Feed 1.0 and 1.1."""

import json
from typing import Any

from tocsin.pipeline.collect.parse.model import (
    MAX_BODY,
    MAX_ENTRIES,
    MAX_TITLE,
    MAX_URL,
    NotAFeedError,
    ParsedFeed,
    Warnings,
)
from tocsin.pipeline.collect.parse.texts import join
from tocsin.pipeline.collect.times import parse_time
from tocsin.text.html import as_html
from tocsin_schemas.item import RawEntry


def parse_json(text: str, url: str, warnings: Warnings) -> ParsedFeed:
    """The feed in `text`. Raises NotAFeedError for any other document."""
    try:
        data = json.loads(text.strip().replace("\0", ""), strict=False)
    except (ValueError, RecursionError) as error:
        raise NotAFeedError(f"the document begins like JSON, but is none: {error}") from error
    version = _text(data.get("version")) if isinstance(data, dict) else ""
    if not isinstance(data, dict) or not (
        "jsonfeed" in version or isinstance(data.get("items"), list)
    ):
        raise NotAFeedError(
            "the document is JSON, but no JSON Feed: it has neither version nor items"
        )
    raw = data.get("items")
    items = [i for i in raw if isinstance(i, dict)] if isinstance(raw, list) else []
    if isinstance(raw, list) and len(items) < len(raw):
        warnings.add(f"{len(raw) - len(items)} items are no objects and were left out")
    truncated = len(items) > MAX_ENTRIES
    if truncated:
        warnings.add(f"{len(items)} entries; the newest {MAX_ENTRIES} were kept")
        order = sorted(range(len(items)), key=lambda i: _age(items[i]))[:MAX_ENTRIES]
        items = [items[i] for i in sorted(order)]
    entries = tuple(_entry(i, url) for i in items)
    return ParsedFeed(
        format="json10" if version.rstrip("/").endswith("/1") else "json11",
        title=_text(data.get("title"))[:MAX_TITLE],
        language=_text(data.get("language"))[:40],
        link=join(url, _text(data.get("home_page_url"))[:MAX_URL]),
        entries=entries,
        entry_bases=(url,) * len(entries),
        base_url=url,
        warnings=warnings.told(),
        truncated=truncated,
    )


def _age(item: dict[str, Any]) -> tuple[int, float]:
    when = parse_time(_text(item.get("date_published")))
    return (0, 0.0) if when is None else (1, -when.timestamp())


def _entry(item: dict[str, Any], url: str) -> RawEntry:
    link = _text(item.get("url")) or _text(item.get("external_url"))
    content = _text(item.get("content_html")) or as_html(_text(item.get("content_text")))
    language = _text(item.get("language"))
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    names = [_text(p.get("name")) if isinstance(p, dict) else _text(p) for p in people]
    tags = item.get("tags")
    return RawEntry(
        title=as_html(_text(item.get("title"))[:MAX_TITLE]),
        link=join(url, link) if 0 < len(link) <= MAX_URL else "",
        guid=_text(item.get("id"))[:MAX_URL],
        summary=as_html(_text(item.get("summary"))[:MAX_BODY]),
        content=content[:MAX_BODY],
        published=_text(item.get("date_published"))[:100],
        updated=_text(item.get("date_modified"))[:100],
        authors=tuple(dict.fromkeys(n[:200] for n in names if n))[:20],
        categories=tuple(
            dict.fromkeys(_text(t)[:200] for t in (tags if isinstance(tags, list) else []) if t)
        )[:50],
        language=language[:40],
    )


def _text(value: Any) -> str:
    """A string or number as text; anything else as none."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    try:
        return str(value)
    except ValueError:  # more digits than Python converts
        return ""
