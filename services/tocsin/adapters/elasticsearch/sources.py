"""A document as Elasticsearch holds it, and back.

The contract goes into `body` as JSON and comes back exactly as it was; the fields beside it are read
from it for searches, lists and dashboards (see `mappings.py`). Nothing is decided here: figures are
filled, values folded, as the live matcher does it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson

from tocsin.adapters.documents import MODELS
from tocsin.adapters.elasticsearch.dsl import LARGEST
from tocsin.adapters.elasticsearch.mappings import FIGURES
from tocsin.ports.search import DocKind, Document
from tocsin.query.view import keywords_of, ranges_of
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.article import Article
from tocsin_schemas.contract import Contract
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.feed import FeedState
from tocsin_schemas.notification import Notification
from tocsin_schemas.story import ClusteredArticle, Story
from tocsin_schemas.subscription import Subscription

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = ("kind", "id", "version", "at_us", "keys", "body")
"""What `document_of` needs of a source."""

_US = timedelta(microseconds=1)
_DAY = timedelta(days=1)


def microseconds(at: datetime) -> int:
    """`at` as lists are ordered by: microseconds since 1970, negative before."""
    return (at - EPOCH) // _US


def source_of(document: Document, indexed: datetime) -> bytes:
    """The document as JSON, one line. ValueError for what JSON can't hold."""
    body = document.body
    fields: dict[str, Any] = {
        "kind": document.kind,
        "id": document.id,
        "at": document.at,
        "at_us": microseconds(document.at),
        "version": document.version,
        "keys": key_words(document.keys),
        **_fields(body),
    }
    if isinstance(body, ClusteredArticle):
        fields["indexed"] = indexed
    # The line is the fields and, as its last member, the contract as pydantic writes it.
    fields["body"] = orjson.Fragment(body.model_dump_json())
    try:
        return orjson.dumps({k: v for k, v in fields.items() if v is not None})
    except orjson.JSONEncodeError as error:
        raise ValueError(f"it cannot be written as JSON: {error}") from error


def document_of(source: Mapping[str, Any]) -> Document:
    """The document of a source that holds `KEPT`."""
    kind: DocKind = source["kind"]
    return Document(
        kind,
        source["id"],
        source["version"],
        EPOCH + timedelta(microseconds=source["at_us"]),
        MODELS[kind].model_validate_json(orjson.dumps(source["body"])),
        _keys(source["keys"]),
    )


def key_word(name: str, value: str) -> str:
    """One exact key as `keys` holds it. ValueError for a name with an equals sign."""
    if "=" in name:
        raise ValueError(f"the key {name!r} has an equals sign in its name")
    return f"{name}={value}"


def key_words(keys: Mapping[str, tuple[str, ...]]) -> list[str]:
    """All exact keys; a name without values stands alone, so that it comes back."""
    words: list[str] = []
    for name, values in keys.items():
        words += [key_word(name, value) for value in values] or [key_word(name, "")[:-1]]
    return words


def _keys(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        keys[name] = (*keys.get(name, ()), value) if equals else ()
    return keys


def _fields(body: Contract) -> dict[str, Any]:
    if isinstance(body, ClusteredArticle):
        return _clustered(body)
    if isinstance(body, Story):
        return _story(body)
    if isinstance(body, Alert):
        return _alert(body)
    if isinstance(body, FeedState):
        return _feed(body)
    if isinstance(body, Notification):
        return _notification(body)
    if isinstance(body, Subscription):
        return {
            "name": body.name,
            "query": body.query,
            "enabled": body.enabled and not body.deleted,
            "schedule": body.schedule,
            "created": body.created,
        }
    if isinstance(body, Act):
        return {
            "act": body.kind,
            "subject": body.subject_id,
            "subscription": body.subscription_id,
            "who": body.who,
            "note": body.note,
            "until": body.until,
        }
    if isinstance(body, DeadLetter):
        return {
            "reason": body.reason,
            "stage": body.stage,
            "topic": body.topic,
            "root": body.root_id,
            "message": body.message,
            "replayed": body.replayed,
        }
    return {}


def _clustered(body: ClusteredArticle) -> dict[str, Any]:
    article = body.article
    return {
        "title": article.title,
        "text": article.text,
        **{name: sorted(values) for name, values in keywords_of(article).items()},
        "source_name": article.source.name,
        "country_code": _distinct(m.value for m in article.countries),
        "places": _distinct(m.value for m in article.places),
        "persons": _distinct(m.value for m in article.persons),
        "actors": _distinct(m.value for m in article.actors),
        "published": article.published.at,
        "collected": article.collected,
        "event_date": [_days(told.start, told.end) for told in article.dates],
        "event_day": sorted({min(told.start, told.end).isoformat() for told in article.dates}),
        **_figures(article),
        "story": body.story_id,
        "origins": len(body.story.origins),
        "copy_of": body.copy_of,
        "relation": body.relation,
        "url": article.url,
        "article_version": body.version,
        "mode": body.mode,
    }


def _figures(article: Article) -> dict[str, Any]:
    found: dict[str, list[tuple[int, int]]] = {}
    for kind, *ends in ranges_of(article):
        low, high = sorted(min(end, LARGEST) for end in ends)
        found.setdefault(kind, []).append((low, high))
    fields: dict[str, Any] = {}
    for kind, ranges in found.items():
        fields[kind] = [{"gte": low, "lte": high} for low, high in ranges]
        fields[f"{kind}_min"] = min(low for low, _ in ranges)
        fields[f"{kind}_max"] = max(high for _, high in ranges)
    return fields


def _days(start: date, end: date) -> dict[str, str]:
    first, last = sorted((start, end))
    if last == date.max:
        return {"gte": f"{first}", "lte": f"{last}"}
    return {"gte": f"{first}", "lt": f"{last + _DAY}"}


def _story(body: Story) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "title": body.title,
        "lang": body.language,
        "first_seen": body.first_seen,
        "last_seen": body.last_seen,
        "last_change": body.last_change,
        "articles": body.articles,
        "copies": body.copies,
        "origins": len(body.origins),
        "origin_names": _distinct(origin.name for origin in body.origins),
        "places": body.places,
        "country_code": body.countries,
        "state": "merged" if body.lineage.merged_into else "open",
    }
    for figure in body.figures:
        if figure.kind in FIGURES:
            for end, value in (("min", figure.min), ("max", figure.max)):
                fields[f"{figure.kind}_{end}"] = None if value is None else min(value, LARGEST)
    return fields


def _alert(body: Alert) -> dict[str, Any]:
    return {
        "subscription": body.subscription_id,
        "subscription_name": body.subscription_name,
        "reason": body.reason,
        "fact": body.fact,
        "sentence": body.why.sentence,
        "story": body.story_id,
        "story_title": body.story_title,
        "article": body.article_id,
        "title": body.article_title,
        "url": body.url,
        "source_name": body.source_name,
        "published": body.published,
        "collected": body.collected,
        "rang": body.rang,
        "articles": body.articles,
        "copies": body.copies,
        "origins": len(body.origins),
        "mode": body.mode,
    }


def _feed(body: FeedState) -> dict[str, Any]:
    try:
        host = urlsplit(body.url).hostname
    except ValueError:
        host = None
    return {
        "url": body.url,
        "host": host,
        "state": body.state,
        "reason": body.reason,
        "since": body.since,
        "polled": body.polled,
        "succeeded": body.succeeded,
        "last_item": body.last_item,
        "next_poll": body.next_poll,
        "failures": body.failures,
        "items_24h": body.items_24h,
    }


def _notification(body: Notification) -> dict[str, Any]:
    return {
        "alert": body.alert_id,
        "subscription": body.subscription_id,
        "channel": body.channel_kind,
        "status": body.status,
        "reason": body.reason,
        "due": body.due,
        "created": body.created,
        "attempts": len(body.attempts),
        "last_answer": body.attempts[-1].status if body.attempts else None,
    }


def _distinct(values: Any) -> list[str]:
    return list(dict.fromkeys(values))
