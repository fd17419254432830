"""One story gathered whole: its articles, voices, alerts, drawings, disagreements. Read from the index;
shown by the story's page, its brief and its JSON alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.api import citations, disagreement, gained
from tocsin.api.drawing import ranges
from tocsin.api.reading import FeedLine
from tocsin.ports.search import Search, bodies
from tocsin_schemas.alert import Alert
from tocsin_schemas.contract import KINDS
from tocsin_schemas.feed import NOT_OK
from tocsin_schemas.story import ClusteredArticle, OriginCount, Story

MEMBERS = 400
"""Articles of a story that its page lists; the JSON door has them all."""
ALL_MEMBERS = 100_000


@dataclass(frozen=True, slots=True)
class Voice:
    """An origin beside its articles: one's own first, then who repeats them."""

    count: OriginCount
    originals: list[ClusteredArticle]
    copies: list[ClusteredArticle]


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story with all that its page and its brief show."""

    story: Story
    members: list[ClusteredArticle]
    by_id: dict[str, ClusteredArticle]
    voices: list[Voice]
    unknown: list[ClusteredArticle]
    alerts: list[Alert]
    drawings: list[ranges.RangeDrawing]
    fields: list[disagreement.Field]
    copies_of: dict[str, int]
    dark: list[str]
    gains: list[gained.Gain] = field(default_factory=list)
    """What came since the revision that the reader knows."""
    unheld: list[citations.Cited] = field(default_factory=list)
    """Sources that its articles cite and that are not held."""

    @property
    def published(self) -> dict[str, datetime]:
        """When each article was published, where that is known."""
        return {
            m.article_id: m.article.published.at for m in self.members if m.article.published.at
        }


def members_of(search: Search, story: Story, limit: int = ALL_MEMBERS) -> list[ClusteredArticle]:
    """Articles of a story, oldest first."""
    return bodies(
        search,
        "articles",
        ClusteredArticle,
        where={"story_id": story.id},
        order="oldest",
        limit=limit,
    )


def alerts_of(search: Search, story: Story) -> list[Alert]:
    """Alerts that rang for a story, under any name it has answered to, newest first."""
    found: dict[str, Alert] = {}
    for name in (story.id, *story.lineage.ancestors[:20]):
        part = search.listing("alerts", where={"story_id": name}, limit=100)
        found.update({d.id: d.body for d in part.documents if isinstance(d.body, Alert)})
    return sorted(found.values(), key=lambda a: (a.rang, a.id), reverse=True)


def view_of(
    search: Search,
    story: Story,
    *,
    feeds: Iterable[FeedLine] = (),
    since: int | None = None,
    log: bool = False,
    everything: bool = False,
) -> StoryView:
    """Gather a story. `feeds`: to name those that are not ok; the rest as in `drawing.ranges`."""
    members = members_of(search, story, MEMBERS)
    alerts = alerts_of(search, story)
    copies_of: dict[str, int] = {}
    for m in members:
        if m.copy_of:
            copies_of[m.copy_of] = copies_of.get(m.copy_of, 0) + 1
    drawings = [
        d
        for kind in KINDS
        if (
            d := ranges.draw(
                story, kind, since=since, alerts=alerts, copies=copies_of, log=log,
                everything=everything,
            )
        )
    ]  # fmt: skip
    by_origin: dict[str, list[ClusteredArticle]] = {}
    for m in members:
        by_origin.setdefault(m.origin.name if m.origin else "", []).append(m)
    voices = [
        Voice(
            o,
            [m for m in by_origin.get(o.name, []) if not m.copy_of],
            [m for m in by_origin.get(o.name, []) if m.copy_of],
        )
        for o in story.origins
    ]
    lines = {line.feed.id: line for line in feeds}
    dark = [
        f"{lines[f].feed.source.name} ({lines[f].health})"
        for f in story.feeds
        if f in lines and lines[f].health in NOT_OK
    ]
    by_id = {m.article_id: m for m in members}
    return StoryView(
        story,
        members,
        by_id,
        voices,
        by_origin.get("", []),
        alerts,
        drawings,
        disagreement.of(story),
        copies_of,
        dark,
        [] if since is None else gained.since(story, since, members, alerts, by_id),
        citations.not_held(members),
    )
