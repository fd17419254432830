"""The JSON of design §9, made in one place: the HTTP doors and the commands print the same shapes.

Bodies in, plain dictionaries out. Names here are a contract with scripts outside the project: a
field may be added, never renamed. Times are ISO 8601 in UTC with `Z`, missing values null.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tocsin.api import disagreement
from tocsin.api.display import iso
from tocsin.api.whole_story import members_of
from tocsin.ports.search import Hit, Search
from tocsin_schemas.alert import Alert
from tocsin_schemas.article import Stamp
from tocsin_schemas.contract import Span
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.feed import Feed, FeedState
from tocsin_schemas.notification import Notification
from tocsin_schemas.story import ClusteredArticle, Statement, Story
from tocsin_schemas.subscription import Subscription

Row = dict[str, Any]


def when(at: datetime | None) -> str | None:
    """A time as JSON holds it."""
    return None if at is None else iso(at)


def span_row(span: Span) -> Row:
    """`{field, start, end}`: code points `[start, end)`."""
    return {"field": span.field, "start": span.start, "end": span.end}


def _stamp(stamp: Stamp) -> Row:
    return {"at": when(stamp.at), "origin": stamp.origin, "confidence": stamp.confidence}


def article_row(body: ClusteredArticle) -> Row:
    """An article in a list."""
    article = body.article
    return {
        "article": body.article_id,
        "url": article.url,
        "title": article.title,
        "source": article.source.name,
        "published": when(article.published.at),
        "collected": when(body.first_collected),
        "version": body.version,
        "revision": body.revision,
        "story": body.story_id,
        "relation": body.relation,
        "copy_of": body.copy_of,
        "origin": body.origin.name if body.origin else None,
        "language": article.language.code,
        "demo": article.demo,
    }


def article_full(body: ClusteredArticle) -> Row:
    """An article with its words, clocks and all that was read in it."""
    a = body.article
    mention_kinds = {
        "countries": a.countries,
        "places": a.places,
        "persons": a.persons,
        "actors": a.actors,
        "tags": a.tags,
    }
    return {
        **article_row(body),
        "text": a.text,
        "text_origin": a.text_origin,
        "page_note": a.page_note,
        "clocks": {
            "published": _stamp(a.published),
            "updated": _stamp(a.updated),
            "collected": when(a.collected),
        },
        "origin_why": body.origin.why if body.origin else None,
        "share": body.share,
        "sightings": body.sightings,
        "versions": [
            {"version": v.version, "title": v.title, "collected": when(v.collected)}
            for v in body.versions
        ],
        "changes": [c.model_dump(mode="json") for c in body.changes],
        **{k: [m.model_dump(mode="json") for m in v] for k, v in mention_kinds.items()},
        "figures": [f.model_dump(mode="json") for f in a.figures],
        "dates": [d.model_dump(mode="json") for d in a.dates],
        "cites": [c.model_dump(mode="json") for c in a.cites],
        "credit": a.credit.model_dump(mode="json"),
    }


def hit_row(hit: Hit) -> Row:
    """A hit of a search."""
    body = hit.document.body
    if not isinstance(body, ClusteredArticle):
        msg = f"a hit must be an article, not {type(body).__name__}"
        raise TypeError(msg)
    return {**article_row(body), "spans": [span_row(s) for s in hit.spans]}


def story_row(story: Story) -> Row:
    """A story in a list. `articles`, `copies` and `origins` are counts."""
    return {
        "id": story.id,
        "revision": story.revision,
        "title": story.title,
        "language": story.language,
        "first_seen": when(story.first_seen),
        "last_seen": when(story.last_seen),
        "last_change": when(story.last_change),
        "articles": story.articles,
        "copies": story.copies,
        "sightings": story.sightings,
        "origins": len(story.origins),
        "unknown": story.unknown,
        "figures": {f.kind: {"min": f.min, "max": f.max} for f in story.figures},
        "countries": list(story.countries),
        "places": list(story.places),
        "merged_into": story.lineage.merged_into,
        "ancestors": list(story.lineage.ancestors),
    }


def statement_row(s: Statement) -> Row:
    """A row of the ledger; `range` is the story's range after it."""
    return {
        "kind": s.kind,
        "min": s.min,
        "max": s.max,
        "words": s.words,
        "attribution": s.attribution,
        "lowered": s.lowered,
        "article": s.article_id,
        "version": s.version,
        "span": span_row(s.span),
        "source": s.outlet,
        "url": s.url,
        "origin": s.origin,
        "copy_of": s.copy_of,
        "at": when(s.at),
        "collected": when(s.collected),
        "retracted": when(s.retracted),
        "revision": s.revision,
        "range": {"min": s.range_min, "max": s.range_max},
    }


def member_row(body: ClusteredArticle) -> Row:
    """An article as a member of its story."""
    return {**article_row(body), "share": body.share, "sightings": body.sightings}


def story_full(story: Story, search: Search) -> Row:
    """A story with its members (from `search`), ledger, chronology and disagreements."""
    return {
        **story_row(story),
        "members": [member_row(m) for m in members_of(search, story)],
        "ledger": [statement_row(s) for s in story.statements],
        "ledger_total": story.statements_total or len(story.statements),
        "chronology": [
            {
                "start": t.start.isoformat(),
                "end": t.end.isoformat(),
                "words": t.words,
                "article": t.article_id,
                "source": t.outlet,
                "span": span_row(t.span),
                "first_reported": when(t.first_reported),
            }
            for t in story.chronology
        ],
        "voices": [o.model_dump(mode="json") for o in story.origins],
        "disagreements": [d.row() for d in disagreement.of(story) if d.verdict == "disagree"],
    }


def alert_row(alert: Alert, state: str = "", notifications: Iterable[Notification] = ()) -> Row:
    """An alert. `why` holds the sentence, the matched clauses and their spans; `coverage` the feeds
    that were not ok between the story's first sight and the alert.
    """
    row = {
        "id": alert.id,
        "subscription": alert.subscription_id,
        "subscription_name": alert.subscription_name,
        "query": alert.query,
        "query_version": alert.query_version,
        "story": alert.story_id,
        "story_title": alert.story_title,
        "story_revision": alert.story_revision,
        "reason": alert.reason,
        "fact": alert.fact,
        "also": [{"reason": a.reason, "fact": a.fact} for a in alert.also],
        "article": alert.article_id,
        "article_version": alert.article_version,
        "article_title": alert.article_title,
        "source": alert.source_name,
        "url": alert.url,
        "published": when(alert.published),
        "collected": when(alert.collected),
        "rang": when(alert.rang),
        "why": {
            "sentence": alert.why.sentence,
            "clauses": list(alert.why.clauses),
            "spans": [span_row(s) for s in alert.why.spans],
            "snippet": alert.why.snippet,
        },
        "told": [t.model_dump(mode="json") for t in alert.told],
        "articles": alert.articles,
        "copies": alert.copies,
        "origins": list(alert.origins),
        "coverage": [
            {"feed": d.feed_id, "name": d.name, "state": d.state, "since": when(d.since)}
            for d in alert.coverage
        ],
        "demo": alert.demo,
        "deliveries": [notification_row(n) for n in notifications],
    }
    if state:
        row["state"] = state
    return row


def notification_row(n: Notification) -> Row:
    """A delivery with its attempts; no secrets, and an address without its query."""
    return {
        "id": n.id,
        "channel": n.channel_id,
        "kind": n.channel_kind,
        "status": n.status,
        "reason": n.reason,
        "attempts": [
            {"at": when(a.at), "status": a.status, "error": a.error, "took_ms": a.took_ms}
            for a in n.attempts
        ],
    }


def feed_row(feed: Feed, state: FeedState | None) -> Row:
    """A feed with its health."""
    s = state or FeedState(feed_id=feed.id, url=feed.url)
    return {
        "id": feed.id,
        "url": feed.url,
        "source": feed.source.name,
        "title": feed.title,
        "state": s.state if feed.active else "paused",
        "reason": s.reason,
        "since": when(s.since),
        "polled": when(s.polled),
        "succeeded": when(s.succeeded),
        "last_item": when(s.last_item),
        "next_poll": when(s.next_poll) if feed.active else None,
        "failures": s.failures,
        "items_24h": s.items_24h,
        "page_policy": feed.page_policy,
        "interval_s": feed.interval_s,
        "kind": feed.source.kind,
        "country": feed.source.country,
        "demo": feed.demo,
        "alternatives": list(s.alternatives),
    }


def subscription_row(s: Subscription, search: Search | None = None) -> Row:
    """A subscription; with `search` also `last_rang` (null: never) and the number of its `alerts`.
    Secrets never leave the desk.
    """
    row: Row = {
        "id": s.id,
        "name": s.name,
        "query": s.query,
        "query_version": s.query_version,
        "reasons": list(s.reasons),
        "origins": list(s.origins),
        "kinds": list(s.kinds),
        "unconfirmed_after_s": s.unconfirmed_after_s,
        "schedule": s.schedule,
        "channels": [{"id": c.id, "kind": c.kind, "url": c.url} for c in s.channels],
        "enabled": s.enabled,
        "demo": s.demo,
        "created": when(s.created),
        "effective_from": when(s.effective_from),
        "feed": f"/subscriptions/{s.id}/feed.atom",
    }
    if search is not None:
        mine = {"subscription_id": s.id}
        newest = search.listing("alerts", where=mine, limit=1).documents
        row["last_rang"] = when(newest[0].at) if newest else None
        row["alerts"] = search.count("alerts", where=mine)
    return row


def dead_letter_row(d: DeadLetter) -> Row:
    """A dead letter, without its payload."""
    return {
        "id": d.id,
        "root_id": d.root_id,
        "stage": d.stage,
        "topic": d.topic,
        "partition": d.partition,
        "offset": d.offset,
        "key": d.key,
        "reason": d.reason,
        "message": d.message,
        "at": when(d.at),
        "replayed": d.replayed,
        "bytes": len(d.payload) * 3 // 4,
    }
