"""An invented press, and a clusterer that reads it: what the tests of dedup and cluster share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.adapters.memory.state import MemoryState
from tocsin.pipeline.cluster.terms import terms
from tocsin.pipeline.clusterer import Clusterer
from tocsin.pipeline.dedup.fingerprint import fingerprints
from tocsin_schemas.article import Article, Credit, Figure, Language, Stamp
from tocsin_schemas.contract import Kind, Mode, Span
from tocsin_schemas.feed import Source
from tocsin_schemas.identity import digest_id, feed_id, root_id, source_id
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import Event, decode, event
from tocsin_schemas.story import ClusteredArticle, Story

START = datetime(2021, 3, 2, 8, 0, tzinfo=UTC)
FERRY = (
    "The ferry Saint Brendan capsized off Kilbaran on Tuesday morning with about sixty people on "
    "board, the harbour office said. Fishing boats from three villages pulled passengers out of the "
    "cold water while a navy helicopter searched the strait north of the lighthouse. Survivors told "
    "of a sudden list to port and of a cargo of cement that had shifted in the swell. The owner, the "
    "Marrow Line, has been fined twice for overloading. The minister of transport, Ilse Vandermeer, "
    "ordered an inquiry and closed the crossing until further notice."
)
MINE = (
    "An explosion in the Hollin colliery near Ostrawa trapped a shift of miners four hundred metres "
    "below ground on Wednesday, rescue teams reported. Methane had been measured above the limit on "
    "the evening before, according to the union. Relatives waited at the gate of pit number seven "
    "while ventilation was restored. The company, Hollin Coal, declined to answer questions about "
    "its sensors. Engineer Pavel Dvorny said that drilling from the neighbouring shaft would take "
    "at least two days."
)
BUDGET = (
    "Parliament in Varmia adopted the budget for the coming year after a debate of eleven hours. "
    "The opposition leader, Oana Petrescu, called the cuts to rural schools a betrayal. Finance "
    "minister Gregor Thal defended a lower deficit and new duties on sugar and on diesel. Farmers "
    "blocked the bridge over the Lesna with tractors until the evening vote was announced."
)


def killed(
    low: int | None, high: int | None = None, *, kind: Kind = "killed", **over: Any
) -> Figure:
    """`killed(9)` is 9–9; `killed(9, 20)` a range; `over`: role, lowered, attribution."""
    top = low if high is None else high
    return Figure(
        kind=kind, min=low, max=top, words=f"{low} {kind}", span=Span(start=0, end=5), **over
    )


def outlet(name: str, **over: Any) -> Source:
    """A source of that name."""
    return Source(**({"id": source_id(name), "name": name} | over))


def piece(
    title: str,
    text: str,
    *,
    by: str | Source = "Harbour Post",
    url: str = "",
    minutes: float = 0,
    figures: Sequence[Figure] = (),
    credit: str = "",
    feed: str = "",
    language: str = "en",
    dated: bool = True,
    **over: Any,
) -> Article:
    """An enriched article, collected `minutes` after the start and published a minute before."""
    source = outlet(by) if isinstance(by, str) else by
    at = START + timedelta(minutes=minutes)
    address = url or f"https://{source.id[:8]}.example/{digest_id(title)[:10]}"
    content = digest_id("content", title, text)
    fed = feed_id(feed or source.name)
    made = Article(
        root_id=root_id(fed, address, content),
        feed_id=fed,
        item_key=address,
        source=source,
        url=address,
        url_key=address,
        title=title,
        text=text,
        content_hash=content,
        language=Language(code=language, confidence=1),
        published=Stamp(at=at - timedelta(minutes=1), origin="feed") if dated else Stamp(),
        collected=at,
        figures=tuple(figures),
        credit=Credit(role="whole", agencies=(credit,), words=f"({credit})")
        if credit
        else Credit(),
        fingerprints=fingerprints(f"{title}\n{text}"),
        **over,
    )
    return made.model_copy(update={"terms": terms(made)})


@dataclass
class Newsroom:
    """A clusterer with its rows, and all that it has said."""

    state: MemoryState = field(default_factory=MemoryState)
    clusterer: Clusterer = field(default_factory=Clusterer)
    said: list[Event] = field(default_factory=list)

    def read(self, *articles: Article, mode: Mode = "live") -> list[Event]:
        """Handle articles one transaction each; returns what was said about them."""
        return self.handle(arrival(a, mode) for a in articles)

    def handle(self, events: Iterable[Event]) -> list[Event]:
        """Handle events one transaction each; returns what was said about them."""
        before = len(self.said)
        for e in events:
            with self.state.begin() as tx:
                self.clusterer.handle(e, tx)
            out = self.state.unsent(100_000)
            self.said += [decode(u.message.value or b"") for u in out]
            self.state.sent([u.number for u in out])
        return self.said[before:]

    def restart(self) -> None:
        """Throw the memory away and read the rows."""
        self.clusterer = Clusterer()
        with self.state.begin() as tx:
            self.clusterer.restore(tx)

    def articles(self) -> dict[str, ClusteredArticle]:
        """The newest revision of each document, by address."""
        newest: dict[str, ClusteredArticle] = {}
        for e in self.said:
            if isinstance(e.body, ClusteredArticle):
                held = newest.get(e.body.article_id)
                if held is None or e.body.revision > held.revision:
                    newest[e.body.article_id] = e.body
        return {a.article.url: a for a in newest.values()}

    def stories(self) -> dict[str, Story]:
        """The newest revision of each story, by id, those merged away included."""
        newest: dict[str, Story] = {}
        for e in self.said:
            if isinstance(e.body, Story):
                held = newest.get(e.body.id)
                if held is None or e.body.revision > held.revision:
                    newest[e.body.id] = e.body
        return newest

    def standing(self) -> list[Story]:
        """Stories that were not merged into another, in order of id."""
        held = self.stories()
        return [held[i] for i in sorted(held) if held[i].lineage.merged_into is None]

    def of(self, article: Article) -> ClusteredArticle:
        """The newest document of an article's address."""
        return self.articles()[article.url]

    def story(self, article: Article) -> Story:
        """The newest snapshot of the story that an article is in."""
        return self.stories()[self.of(article).story_id]


def arrival(article: Article, mode: Mode = "live") -> Event:
    """The event that brings an article to the clusterer."""
    return event(article, root_id=article.root_id, at=article.collected, mode=mode)


def outcomes(events: Iterable[Event]) -> list[Outcome]:
    """The outcomes among events."""
    return [e.body for e in events if isinstance(e.body, Outcome)]
