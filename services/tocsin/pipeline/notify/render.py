"""What a receiver of a webhook reads: an alert as JSON, whole where it fits into 20 KB.

Links are absolute where the desk knows its address, else paths. Cuts lists, never words that matter.
"""

from typing import Any

import orjson

from tocsin_schemas.alert import Alert
from tocsin_schemas.notification import Notification

LIMIT = 20_000
"""Bytes of a payload (Standard Webhooks: keep it small; reliability.md §4: ≤ 20 KB)."""


def payload(alert: Alert, notification: Notification, base_url: str = "") -> bytes:
    """UTF-8 JSON, ≤ `LIMIT` bytes: `{type, timestamp, data}`. The same alert gives the same bytes.
    What had to be left out is counted under `left_out`.
    """
    for lists, words in ((64, 2000), (32, 1000), (8, 400), (2, 120)):
        made = orjson.dumps(_body(alert, notification, base_url.rstrip("/"), lists, words))
        if len(made) <= LIMIT:
            return made
    data = {"alert": alert.id, "notification": notification.id, "left_out": "all: too long"}
    return orjson.dumps({"type": "alert.raised", "timestamp": alert.rang, "data": data})


def _body(a: Alert, n: Notification, base: str, lists: int, words: int) -> dict[str, Any]:
    left = {
        "clauses": max(0, len(a.why.clauses) - lists),
        "spans": max(0, len(a.why.spans) - lists),
        "origins": max(0, len(a.origins) - lists),
        "coverage": max(0, len(a.coverage) - lists),
        "also": max(0, len(a.also) - lists),
    }
    return {
        "type": "alert.raised",
        "timestamp": a.rang,
        "data": {
            "alert": a.id,
            "notification": n.id,
            "demo": a.demo,
            "reason": a.reason,
            "fact": a.fact[:words],
            "also": [{"reason": x.reason, "fact": x.fact[:words]} for x in a.also[:lists]],
            "subscription": {
                "id": a.subscription_id,
                "name": a.subscription_name,
                "query": a.query[:words],
                "query_version": a.query_version,
            },
            "why": {
                "sentence": a.why.sentence[:words],
                "clauses": [c[:words] for c in a.why.clauses[:lists]],
                "spans": [s.model_dump() for s in a.why.spans[:lists]],
                "snippet": a.why.snippet[:words],
                "snippet_marks": a.why.snippet_marks[:lists],
            },
            "article": {
                "id": a.article_id,
                "version": a.article_version,
                "title": a.article_title[:words],
                "url": a.url[:2048],
                "source": a.source_name[:words],
                "published": a.published,
                "collected": a.collected,
            },
            "story": {
                "id": a.story_id,
                "title": a.story_title[:words],
                "revision": a.story_revision,
                "articles": a.articles,
                "copies": a.copies,
                "origins": [o[:words] for o in a.origins[:lists]],
                "told": [t.model_dump() for t in a.told],
            },
            "links": {
                "alert": f"{base}/alerts/{a.id}",
                "story": f"{base}/stories/{a.story_id}?since={a.story_revision}",
                "article": f"{base}/articles/{a.article_id}",
            },
            "coverage": [
                {"feed": f.name[:words], "state": f.state, "since": f.since}
                for f in a.coverage[:lists]
            ],
            "left_out": {k: v for k, v in left.items() if v},
        },
    }
