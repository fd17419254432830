"""An alert as a value: everything its reader needs to judge it, taken from the deciding event."""

from collections.abc import Sequence
from datetime import datetime

from tocsin.pipeline.match.decide import Ring
from tocsin.pipeline.match.known import Known
from tocsin.pipeline.match.registry import Saved
from tocsin_schemas.alert import Alert, AlsoRang, DarkFeed, Why
from tocsin_schemas.identity import alert_id
from tocsin_schemas.story import ClusteredArticle, Story

TITLE = 300
"""Characters kept of a title."""


def draft(
    ring: Ring,
    clustered: ClusteredArticle,
    one: Saved,
    story_id: str,
    why: Why,
) -> Alert:
    """An alert of `ring` about an article; `complete` adds what only the moment of ringing knows."""
    a = clustered.article
    return Alert(
        id=alert_id(one.id, story_id, ring.reason, ring.fact),
        subscription_id=one.id,
        subscription_name=one.name,
        query=one.query,
        query_version=one.query_version,
        story_id=story_id,
        founding_story_id=story_id,
        story_title=clustered.story.title[:TITLE],
        story_revision=clustered.story.revision,
        reason=ring.reason,
        fact=ring.fact,
        article_id=clustered.article_id,
        article_version=clustered.version,
        article_revision=clustered.revision,
        article_title=a.title[:TITLE],
        url=a.url,
        source_name=a.source.name,
        published=a.published.at,
        collected=a.collected,
        rang=a.collected,
        why=why,
        demo=one.demo,
    )


def complete(
    made: Alert,
    story_id: str,
    story: Story,
    known: Known,
    rang: datetime,
    coverage: Sequence[DarkFeed],
    also: Sequence[Ring] = (),
) -> Alert:
    """The alert as it rings: the story as its snapshot shows it (under `story_id` by now, where a first
    match waited through a merge), and what is told from here on.
    """
    return made.model_copy(
        update={
            "id": alert_id(made.subscription_id, story_id, made.reason, made.fact),
            "story_id": story_id,
            "founding_story_id": story_id,
            "story_title": story.title[:TITLE],
            "story_revision": story.revision,
            "also": tuple(AlsoRang(reason=r.reason, fact=r.fact) for r in also),
            "rang": rang,
            "told": known.ranges(),
            "articles": story.articles,
            "copies": story.copies,
            "origins": tuple(o.name for o in story.origins),
            "ancestors": tuple(sorted(story.lineage.ancestors)),
            "coverage": tuple(coverage),
        }
    )
