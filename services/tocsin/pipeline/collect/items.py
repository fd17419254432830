"""From a feed's answer to the items that are new: nothing seen is collected twice, no edit is missed.

An entry is known by its guid, else its link, else title and date; what it says is known by a hash of
its cleaned title and text. A known key with another hash is a new version of the item, and an event of
its own. Publication times are not part of either: a feed that stamps every answer brings no news.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.pipeline.collect.parse.model import ParsedFeed
from tocsin.pipeline.collect.times import parse_time
from tocsin.text.clean import one_line, squeeze
from tocsin.text.content import content_hash as hash_of
from tocsin.text.html import html_to_text
from tocsin_schemas.contract import Mode
from tocsin_schemas.feed import Feed, FeedState
from tocsin_schemas.identity import digest_id, root_id
from tocsin_schemas.item import ItemCollected, Page, RawEntry

FRESH = timedelta(hours=24)
"""On a feed's first poll, items published within this are live; the rest is backfill (design §2)."""
MAX_LEFT = 500
"""Item keys remembered of a feed beyond its last answer, so that one that returns is known."""
LONG_KEY = 64
"""Characters above which the feed's memory holds a key's hash, which bounds a state's size."""
_HEADER = 4_096
"""Bytes left for the envelope."""
SHORT_TEXT = 600
"""Characters below which the page policy `short` asks for the page."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A new item and how it is to be handled."""

    item: ItemCollected
    mode: Mode
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Harvest:
    """What one answer brought."""

    new: tuple[Collected, ...]
    seen: dict[str, str]
    """The feed's memory after this answer: item key → content hash; newest last."""
    entries: int
    """Usable entries in the answer."""
    overlap: bool
    """Whether at least one entry was known before."""
    times: tuple[datetime, ...]
    """Publication times in the answer, newest 20, newest first."""
    warnings: tuple[str, ...] = ()


def item_key(entry: RawEntry) -> str:
    """What the entry is known by within its feed, ≤ 2,048 characters."""
    if entry.guid:
        return entry.guid
    if entry.link:
        return entry.link
    return digest_id("key", one_line(html_to_text(entry.title)), entry.published or entry.updated)


def memory_key(key: str) -> str:
    """The form in which a feed's memory (`FeedState.seen`) holds an item key, ≤ 64 characters."""
    return key if len(key) <= LONG_KEY else digest_id("memory", key)


def text_of(entry: RawEntry) -> str:
    """The entry's fuller text, cleaned."""
    content = squeeze(html_to_text(entry.content))
    summary = squeeze(html_to_text(entry.summary))
    return content if len(content) >= len(summary) else summary


def content_hash(entry: RawEntry, page: Page | None = None) -> str:
    """Hash of what the entry says: cleaned title and text, and the page's text where fetched."""
    page_text = html_to_text(page.html) if page is not None else ""
    return hash_of(html_to_text(entry.title), text_of(entry), page_text)


def item_of(
    feed: Feed,
    entry: RawEntry,
    *,
    collected: datetime,
    base_url: str,
    key: str = "",
    said: str = "",
    page: Page | None = None,
    page_note: str = "",
) -> ItemCollected:
    """The event of one entry, known by `key` (default: `item_key`) and `said` (default:
    `content_hash`). The same entry of the same feed gives the same root id for ever.
    """
    key, said = key or item_key(entry), said or content_hash(entry, page)
    return ItemCollected(
        root_id=root_id(feed.id, key, said),
        feed_id=feed.id,
        source=feed.source,
        item_key=key,
        content_hash=said,
        entry=entry,
        page=page,
        page_note=page_note,
        collected=collected,
        base_url=base_url,
        demo=feed.demo,
    )


def harvest(feed: Feed, parsed: ParsedFeed, state: FeedState, now: datetime) -> Harvest:
    """The items of `parsed` that `state` does not know, in the order in which they were published
    where that is told, else the feed's own, oldest first. Pure; the same answer again brings none.
    """
    known: Mapping[str, str] = state.seen
    first_poll = state.succeeded is None
    found: dict[str, Collected] = {}
    answered: dict[str, str] = {}
    warnings: dict[str, int] = {}
    times: list[datetime] = []
    overlap = False
    shared = _shared_guids(parsed.entries)
    for at in range(len(parsed.entries) - 1, -1, -1):  # feeds list the newest first
        entry = parsed.entries[at]
        title, text = html_to_text(entry.title), text_of(entry)
        if not text and not one_line(title):
            note = "an entry has neither title nor text and was left out"
            warnings[note] = warnings.get(note, 0) + 1
            continue
        key = f"{entry.guid} {entry.link}"[:2_048] if entry.guid in shared else item_key(entry)
        held, said = memory_key(key), hash_of(title, text)
        when = parse_time(entry.published) or parse_time(entry.updated)
        if when is not None and when <= now + FRESH:
            times.append(when)
        overlap = overlap or held in known
        answered[held] = said
        if known.get(held) == said:
            found.pop(key, None)
            continue
        base = parsed.entry_bases[at] if at < len(parsed.entry_bases) else parsed.base_url
        item = item_of(feed, entry, collected=now, base_url=base, key=key, said=said)
        fresh = when is not None and now - FRESH <= when <= now + FRESH
        mode: Mode = "backfill" if first_poll and not fresh else "live"
        found[key] = Collected(item, mode, when)
    new = sorted(found.values(), key=lambda c: c.published or now)  # stable: ties in feed order
    memory = {k: h for k, h in known.items() if k not in answered}
    memory = dict(list(memory.items())[-MAX_LEFT:])
    return Harvest(
        new=tuple(new),
        seen={**memory, **answered},
        entries=len(answered),
        overlap=overlap,
        times=tuple(sorted(times, reverse=True)[:20]),
        warnings=(*parsed.warnings, *(f"{n} × {w}" if n > 1 else w for w, n in warnings.items())),
    )


def _shared_guids(entries: tuple[RawEntry, ...]) -> frozenset[str]:
    """Guids that entries with different links use in one answer: no identity, whatever the feed
    says (`<guid>0</guid>` in every entry).
    """
    links: dict[str, str] = {}
    shared = set()
    for entry in entries:
        if entry.guid and links.setdefault(entry.guid, entry.link) != entry.link:
            shared.add(entry.guid)
    return frozenset(shared)


def wants_page(feed: Feed, item: ItemCollected) -> bool:
    """Whether the feed's policy asks for the page of this item."""
    if feed.page_policy == "never" or not item.entry.link.startswith(("http://", "https://")):
        return False
    return feed.page_policy == "always" or len(text_of(item.entry)) < SHORT_TEXT


def with_page(collected: Collected, feed: Feed, page: Page | None, note: str) -> Collected:
    """The same item with its page, or with the reason why there is none."""
    item = collected.item
    made = item_of(
        feed,
        item.entry,
        collected=item.collected,
        base_url=item.base_url,
        key=item.item_key,
        page=page,
        page_note=note,
    )
    return Collected(made, collected.mode, collected.published)


def fitting(item: ItemCollected, limit: int) -> ItemCollected:
    """`item` such that it fits into a record of `limit` bytes: without its page, then with its texts
    cut, where it must. Its identity stays, so that the same entry is the same event.
    """
    if len(item.model_dump_json().encode()) <= limit - _HEADER:
        return item
    slim = item.model_copy(update={"page": None, "page_note": item.page_note or "too large"})
    if len(slim.model_dump_json().encode()) <= limit - _HEADER:
        return slim
    most = limit // 16  # two texts, at most six bytes a character in JSON
    entry = slim.entry
    cut = {"summary": entry.summary[:most], "content": entry.content[:most]}
    return slim.model_copy(update={"entry": entry.model_copy(update=cut)})
