"""Clustered articles, stories and subscriptions as the clusterer and the API would write them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.adapters.memory.state import MemoryState
from tocsin.pipeline.handler import Handler
from tocsin.ports.bus import Message
from tocsin_schemas.alert import Alert
from tocsin_schemas.article import Article, Language, Stamp
from tocsin_schemas.contract import KINDS, Contract, Kind, Span
from tocsin_schemas.feed import Source
from tocsin_schemas.identity import article_id, digest_id, feed_id, source_id
from tocsin_schemas.registry import Event, decode, event
from tocsin_schemas.story import (
    Change,
    ClusteredArticle,
    Lineage,
    Origin,
    OriginCount,
    Statement,
    Story,
    StoryFigure,
)
from tocsin_schemas.subscription import Channel, Subscription

START = datetime(2008, 9, 3, 14, 5, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """A moment of the test's stream."""
    return START + timedelta(minutes=minutes)


def sid(name: str) -> str:
    """A story's id, from a name."""
    return digest_id("story", name)


def subscription(name: str = "Waziristan", query: str = "raid", **changes: Any) -> Subscription:
    """A subscription in force since before the stream began."""
    given: dict[str, Any] = {
        "id": digest_id("subscription", name),
        "name": name,
        "query": query,
        "created": at(-60),
        "effective_from": at(-60),
    }
    return Subscription(**(given | changes))


def webhook(url: str = "http://127.0.0.1:9/hook", name: str = "hook") -> Channel:
    """A webhook channel."""
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    return Channel(id=digest_id("channel", name), kind="webhook", url=url, secret=secret)


@dataclass(slots=True)
class Said:
    """A figure of an article, as a test writes it."""

    kind: Kind
    low: int | None
    high: int | None
    lowered: bool = False
    hours: float = 0.0
    unknown_time: bool = False


@dataclass(slots=True)
class Press:
    """A tiny clusterer: keeps stories, statements, versions; makes the events it would publish."""

    _stories: dict[str, Story] = field(default_factory=dict)
    _statements: dict[str, list[Statement]] = field(default_factory=dict)
    _revisions: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def article(
        self,
        name: str = "a1",
        story: str = "s",
        *,
        title: str = "Raid in the hills",
        text: str = "",
        says: Sequence[Said] = (),
        origin: str | None = "AFP",
        version: int = 1,
        minutes: float | None = None,
        changes: Sequence[Change] = (),
        copy_of: str | None = None,
        mode: str = "live",
        lineage: Lineage | None = None,
        outlet: str = "Dawn",
        takes: str | None = None,
    ) -> ClusteredArticle:
        """An article joins a story (`takes`: another story that merges into it at once)."""
        self._count += 1
        collected = at(self._count if minutes is None else minutes)
        ident, story_id = article_id(name), sid(story)
        if takes is not None:
            self._take(story_id, sid(takes))
        held = self._stories.get(story_id)
        revision = 1 if held is None else held.revision + 1
        new = [
            Statement(
                kind=s.kind,
                min=s.low,
                max=s.high,
                lowered=s.lowered,
                article_id=ident,
                version=version,
                span=Span(start=10 * n, end=10 * n + 5),
                outlet=outlet,
                origin=origin,
                at=None if s.unknown_time else START + timedelta(hours=s.hours),
                collected=collected,
                revision=revision,
            )
            for n, s in enumerate(says)
        ]
        old = [
            s if s.article_id != ident else s.model_copy(update={"retracted": collected})
            for s in self._statements.get(story_id, [])
        ]
        self._statements[story_id] = [*old, *new]
        snapshot = self._snapshot(story_id, revision, collected, origin, held, copy_of, lineage)
        self._stories[story_id] = snapshot
        self._revisions[ident] = self._revisions.get(ident, 0) + 1
        source = Source(id=source_id(outlet), name=outlet)
        return ClusteredArticle(
            article_id=ident,
            version=version,
            revision=self._revisions[ident],
            story_id=story_id,
            copy_of=None if copy_of is None else article_id(copy_of),
            relation="original" if copy_of is None else "copy",
            origin=None if origin is None else Origin(name=origin, why="test"),
            first_collected=collected,
            content_hashes=(digest_id(name, str(version)),),
            changes=tuple(changes),
            statements=tuple(new),
            article=Article(
                root_id=digest_id("root", name, str(version), str(self._count)),
                feed_id=feed_id(outlet),
                item_key=name,
                source=source,
                url=f"https://example.org/{name}",
                url_key=f"example.org/{name}",
                title=title,
                text=text or "Nothing more is known of it.",
                content_hash=digest_id(name, str(version)),
                language=Language(code="en"),
                published=Stamp(at=collected, origin="feed"),
                collected=collected,
            ),
            story=snapshot,
            mode=mode,
        )

    def again(self, article: ClusteredArticle) -> ClusteredArticle:
        """The same version told again, with the story as it now stands."""
        self._revisions[article.article_id] += 1
        return article.model_copy(
            update={
                "revision": self._revisions[article.article_id],
                "story": self._stories[article.story_id],
            }
        )

    def split(self, article: ClusteredArticle, story: str, new: str) -> ClusteredArticle:
        """The article leaves a story for a new one."""
        parent, child = sid(story), sid(new)
        mine = [s for s in self._statements[parent] if s.article_id == article.article_id]
        self._statements[child] = mine
        snapshot = self._snapshot(
            child, 1, article.article.collected, None, None, None, Lineage(split_from=parent)
        )
        snapshot = snapshot.model_copy(
            update={
                "origins": tuple(o for o in (article.origin and _count(article.origin.name),) if o)
            }
        )
        self._stories[child] = snapshot
        self._revisions[article.article_id] += 1
        return article.model_copy(
            update={
                "revision": self._revisions[article.article_id],
                "story_id": child,
                "story": snapshot,
            }
        )

    def _take(self, survivor: str, gone: str) -> None:
        a, b = self._stories[survivor], self._stories.pop(gone)
        self._statements[survivor] += self._statements.pop(gone)
        names = {o.name for o in a.origins}
        lineage = Lineage(ancestors=(*a.lineage.ancestors, gone, *b.lineage.ancestors))
        self._stories[survivor] = a.model_copy(
            update={
                "origins": (*a.origins, *(o for o in b.origins if o.name not in names)),
                "articles": a.articles + b.articles,
                "copies": a.copies + b.copies,
                "lineage": lineage,
            }
        )

    def _snapshot(
        self,
        story_id: str,
        revision: int,
        collected: datetime,
        origin: str | None,
        held: Story | None,
        copy_of: str | None,
        lineage: Lineage | None,
    ) -> Story:
        origins = held.origins if held else ()
        if origin is not None and origin not in {o.name for o in origins}:
            origins = (*origins, _count(origin))
        return Story(
            id=story_id,
            revision=revision,
            title="Raid in the hills",
            first_seen=held.first_seen if held else collected,
            last_seen=collected,
            last_change=collected,
            articles=(held.articles if held else 0) + 1,
            copies=(held.copies if held else 0) + (copy_of is not None),
            origins=origins,
            figures=tuple(_figures(self._statements[story_id])),
            statements=tuple(self._statements[story_id]),
            lineage=lineage or (held.lineage if held else Lineage()),
        )


def _count(name: str) -> OriginCount:
    return OriginCount(name=name, article_id=article_id(name))


def _figures(statements: Sequence[Statement]) -> list[StoryFigure]:
    found = []
    for kind in KINDS:
        rows = [s for s in statements if s.kind == kind and s.retracted is None]
        if rows:
            lows = [s.min for s in rows if s.min is not None]
            highs = [h for s in rows if (h := s.max if s.max is not None else s.min) is not None]
            times = [s.at for s in rows if s.at is not None]
            low, high = min(lows, default=None), max(highs, default=None)
            found.append(
                StoryFigure(
                    kind=kind,
                    min=low,
                    max=high,
                    held_min=low,
                    held_max=high,
                    newest=max(times, default=None),
                )
            )
    return found


class Desk:
    """A handler over a state in memory, fed event by event."""

    def __init__(self, handler: Handler, state: MemoryState | None = None) -> None:
        self.handler = handler
        self.state = state or MemoryState()
        with self.state.begin() as tx:
            handler.restore(tx)

    def feed(
        self, *bodies: Contract, mode: str = "live", when: datetime | None = None
    ) -> list[Any]:
        """Handle events; the bodies of what was emitted by them."""
        return [
            decode(m.value).body for m in self.messages(*bodies, mode=mode, when=when) if m.value
        ]

    def messages(
        self, *bodies: Contract, mode: str = "live", when: datetime | None = None
    ) -> list[Message]:
        """Handle events; what was emitted by them."""
        for body in bodies:
            with self.state.begin() as tx:
                self.handler.handle(wrap(body, mode=mode, when=when), tx)
        unsent = self.state.unsent(100_000)
        self.state.sent([u.number for u in unsent])
        return [u.message for u in unsent]


def wrap(body: Contract, *, mode: str = "live", when: datetime | None = None) -> Event:
    """An event around a body, at the time that its writer would give it."""
    known = {"article": None, "rang": None, "at": None, "polled": None}
    moment = when
    if isinstance(body, ClusteredArticle):
        moment = moment or body.article.collected
    for name in known:
        value = getattr(body, name, None)
        if moment is None and isinstance(value, datetime):
            moment = value
    root = getattr(body, "id", None) or getattr(body, "article_id", None) or "x"
    mark = digest_id(body.model_dump_json())
    return event(body, root_id=root, at=moment or START, mode=mode, discriminator=mark)  # type: ignore[arg-type]


def rings(alerts: Sequence[Alert]) -> list[tuple[str, str]]:
    """(reason, fact) of alerts, in order."""
    return [(a.reason, a.fact) for a in alerts]
