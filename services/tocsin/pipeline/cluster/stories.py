"""All open stories of the desk, by language, and the three decisions taken about an article: which
story it follows or joins or founds, which stories that unites, which have closed.

An event told in two languages is two stories (design §2). What is decided is returned, never
emitted: see `pipeline.clusterer`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin.pipeline.cluster import background
from tocsin.pipeline.cluster import weights as w
from tocsin.pipeline.cluster.engine import Engine, Part
from tocsin.pipeline.cluster.state import Cluster, Facts
from tocsin.pipeline.cluster.weights import Vectors
from tocsin_schemas.article import Article
from tocsin_schemas.identity import story_id


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article went. `joined` is the story it joined, `story` the one that it is in after
    merges, `ended` the stories that were united into it meanwhile, in order.
    """

    joined: str
    story: Cluster
    founded: bool
    vectors: Vectors
    ended: tuple[Cluster, ...] = ()


class Stories:
    """Open stories, one engine per language. Not thread-safe."""

    def __init__(self) -> None:
        self.engines: dict[str, Engine] = {}
        self.born = 0
        """Number of the next story."""
        self._by_id: dict[str, tuple[str, Cluster]] = {}

    def engine(self, language: str) -> Engine:
        """The engine of a language, made on first use."""
        held = self.engines.get(language)
        if held is None:
            table, documents = background.english()
            if language == "en":
                held = Engine(table, documents)
            else:
                held = Engine({}, documents, w.BIAS + w.OTHER_LANGUAGE_BIAS)
            self.engines[language] = held
        return held

    def get(self, story: str) -> tuple[str, Cluster] | None:
        """(language, state) of an open story."""
        return self._by_id.get(story)

    def place(self, article: Article, article_id: str, follow: str | None = None) -> Placed:
        """Put a new article into a story. `follow`: the story of the original it copies, which it
        joins without being scored, if that story is open and of its language.
        """
        language = language_of(article)
        engine = self.engine(language)
        facts = Facts.of(article.terms, _epoch(article.published.at))
        seen = article.collected.timestamp()
        vectors = engine.vectors(article.terms)
        held = self._by_id.get(follow) if follow else None
        story = held[1] if held and held[0] == language else engine.best(vectors, facts)
        founded = story is None
        if story is None:
            story = self._found(language, story_id(article_id))
        engine.join(story, vectors, article.terms, facts, seen)
        joined = story.id
        story, ended = engine.merge(story)
        for gone in ended:
            del self._by_id[gone.id]
        return Placed(joined, story, founded, vectors, tuple(ended))

    def put(self, article: Article, story: str, vectors: Vectors) -> Cluster:
        """Put an article where an earlier decision put it (a fold): no score, no merge."""
        language = language_of(article)
        held = self._by_id.get(story)
        language, state = held or (language, self._found(language, story))
        facts = Facts.of(article.terms, _epoch(article.published.at))
        seen = article.collected.timestamp()
        self.engine(language).join(state, vectors, article.terms, facts, seen)
        return state

    def unite(self, old: str, young: str) -> bool:
        """Unite two open stories of one language, the first surviving. False where they are not."""
        a, b = self._by_id.get(old), self._by_id.get(young)
        if a is None or b is None or a[0] != b[0] or a[1] is b[1]:
            return False
        self.engine(a[0]).unite(a[1], b[1])
        del self._by_id[young]
        return True

    def remake(
        self, language: str, story: str, parts: Iterable[Part], number: int | None = None
    ) -> None:
        """Make a story the sum of these articles alone; it is opened if it is not open, under
        `number`, the one it had before, or a new one.
        """
        held = self._by_id.get(story)
        state = held[1] if held else None
        if state is None:
            state = self._found(language, story) if number is None else Cluster(number, story)
        self._by_id[story] = (language, self.engine(language).remake(state, parts))

    def keep_apart(self, one: str, other: str) -> bool:
        """Two stories were parted by a person: no merge unites them again by itself. Whether that
        was news to one that is open.
        """
        noted = False
        for a, b in ((one, other), (other, one)):
            held = self._by_id.get(a)
            if held is not None and b not in held[1].apart:
                held[1].apart.append(b)
                noted = True
        return noted

    def rename(self, young: str, old: str) -> None:
        """An open story takes the id of the older one it was united into (a fold that meets the
        younger's articles first). Nothing happens if `young` is not open or `old` is.
        """
        held = self._by_id.get(young)
        if held is not None and old not in self._by_id:
            del self._by_id[young]
            held[1].id = old
            self._by_id[old] = held

    def expire(self, now: datetime) -> list[str]:
        """Close what the window has left; ids, by language, oldest first."""
        closed = [s.id for k in sorted(self.engines) for s in self.engines[k].expire(_at(now))]
        for gone in closed:
            del self._by_id[gone]
        return closed

    def reopen(self, language: str, story: Cluster) -> None:
        """Hold a story read from its row."""
        self.engine(language).reopen(story)
        self._by_id[story.id] = (language, story)
        self.born = max(self.born, story.number + 1)

    def _found(self, language: str, story: str) -> Cluster:
        made = Cluster(self.born, story)
        self.born += 1
        self._by_id[story] = (language, made)
        return made


def language_of(article: Article) -> str:
    """Language of the engine: an undetermined one in Latin letters is read as English, since it is
    the short items whose language can't be told.
    """
    code = article.language.code
    return "en" if code == "und" and article.title.isascii() else code


def _at(time: datetime) -> float:
    return time.timestamp()


def _epoch(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()
