"""Events to documents: what stands in the index, under which id, version and keys.

One event may make several documents (an article and its version's text); the same event makes the
same documents again. Nothing here decides anything: the clusterer's and the alerter's word is taken.
"""

from collections.abc import Mapping

from tocsin.ports.search import Document
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.article import Terms
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.feed import FeedState
from tocsin_schemas.notification import Notification
from tocsin_schemas.registry import Event
from tocsin_schemas.story import ClusteredArticle, Story
from tocsin_schemas.subscription import Subscription

VERSION_ONCE = 1
"""A version's text never changes, so its document is written once and stale ever after."""


def documents(event: Event) -> list[Document]:
    """The documents of one event, [] for an event that is not indexed."""
    body = event.body
    keys: Mapping[str, tuple[str, ...]]
    if isinstance(body, ClusteredArticle):
        return _article(body)
    if isinstance(body, Story):
        return [_story(body)]
    if isinstance(body, Alert):
        keys = {
            "subscription_id": (body.subscription_id,),
            "story_id": (body.story_id,),
            "article_id": (body.article_id,),
            "reason": (body.reason,),
        }
        return [Document("alerts", body.id, 1, body.rang, body, keys)]
    if isinstance(body, Notification):
        keys = {
            "alert_id": (body.alert_id,),
            "subscription_id": (body.subscription_id,),
            "status": (body.status,),
        }
        return [Document("notifications", body.id, body.revision, body.created, body, keys)]
    if isinstance(body, DeadLetter):
        keys = {
            "reason": (body.reason,),
            "root_id": (body.root_id,),
            "replayed": ("yes" if body.replayed else "no",),
        }
        return [Document("dead-letters", body.id, 2 if body.replayed else 1, body.at, body, keys)]
    if isinstance(body, Act):
        of: tuple[str, ...] = (body.subscription_id,) if body.subscription_id else ()
        keys = {
            "subject_id": (body.subject_id,),
            "subscription_id": of,
            "kind": (body.kind,),
        }
        return [Document("acts", body.id, 1, body.at, body, keys)]
    return _registered(event)


def _registered(event: Event) -> list[Document]:
    """States and subscriptions: no revision of their own, so the event's time orders them."""
    body, order = event.body, int(event.at.timestamp() * 1_000_000)
    if isinstance(body, FeedState):
        return [
            Document("feeds", body.feed_id, order, event.at, body, {"state": (body.state,)}),
        ]
    if isinstance(body, Subscription):
        keys = {"enabled": ("yes" if body.enabled and not body.deleted else "no",)}
        return [Document("subscriptions", body.id, order, body.created, body, keys)]
    return []


def _article(body: ClusteredArticle) -> list[Document]:
    article = body.article
    slim = body.model_copy(
        update={
            "vectors": {},
            "article": article.model_copy(update={"fingerprints": "", "terms": Terms()}),
            "story": body.story.model_copy(update={"statements": (), "chronology": ()}),
        }
    )
    keys = {
        "story_id": (body.story_id,),
        "copy_of": (body.copy_of,) if body.copy_of else (),
        "source": (article.source.id,),
        "feed_id": (article.feed_id,),
        "root_id": tuple(body.roots) or (body.article.root_id,),
    }
    version_id = f"{body.article_id}@{body.version}"
    return [
        Document("articles", body.article_id, body.revision, body.first_collected, slim, keys),
        Document(
            "versions",
            version_id,
            VERSION_ONCE,
            article.collected,
            slim,
            {"article_id": (body.article_id,)},
        ),
    ]


def _story(body: Story) -> Document:
    keys = {
        "ancestor": body.lineage.ancestors,
        "state": ("merged" if body.lineage.merged_into else "open",),
    }
    return Document("stories", body.id, body.revision, body.last_change, body, keys)
