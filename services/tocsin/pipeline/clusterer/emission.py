"""What the clusterer says: articles with their story, stories, outcomes, as records for the log.

An article's body is encoded once when it is decided; a member that must be sent again, because its
story's voices changed, is patched and never parsed into models.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from tocsin.pipeline.cluster.book import Member
from tocsin.pipeline.cluster.weights import Vectors
from tocsin.pipeline.clusterer.working import HELD, TOLD
from tocsin.pipeline.dedup.identity import Ended, Known
from tocsin.ports.bus import Message
from tocsin.ports.state import Transaction
from tocsin_schemas.article import Article
from tocsin_schemas.contract import Mode
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import Event, encode, encode_body, event
from tocsin_schemas.story import Change, ClusteredArticle, Statement, Story
from tocsin_schemas.topics import CLUSTERED, OUTCOMES, STORIES

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A story and its JSON, encoded once for all articles that carry it."""

    story: Story
    json: bytes

    @classmethod
    def of(cls, story: Story) -> "Snapshot":
        """Encode `story`."""
        return cls(story, story.model_dump_json().encode())


def body(
    article: Article,
    known: Known,
    member: Member,
    vectors: dict[str, dict[str, float]] | Vectors,
    share: float,
    changes: list[Change],
    statements: list[Statement],
    mode: Mode,
) -> bytes:
    """A newly decided article's body, without its story."""
    parts: Body = {  # the story is put in between when it is sent
        "article_id": known.article_id,
        "version": known.version,
        "revision": known.revision,
        "story_id": known.story,
        "relation": member.relation,
        "copy_of": member.copy_of,
        "share": share,
        "origin": member.origin,
        "sightings": known.sightings,
        "first_collected": known.first,
        "content_hashes": tuple(known.hashes),
        "roots": known.roots,
        "addresses": tuple(known.addresses),
        "changes": tuple(changes),
        "statements": tuple(statements),
        "article": article,
        "vectors": vectors.as_dict() if isinstance(vectors, Vectors) else vectors,
        "mode": mode,
    }
    made = ClusteredArticle.model_construct(**parts)
    plain = made.model_dump_json(exclude={"story", "versions"}).encode()
    return b"".join((plain[:-1], b',"versions":', orjson.dumps(known.notes), b"}"))


def patched(held: Body, known: Known, member: Member) -> bytes:
    """The body of an article that is sent again: what can have changed is taken from `known` and
    `member`.
    """
    held["revision"], held["story_id"] = known.revision, known.story
    held["sightings"], held["roots"] = known.sightings, known.roots
    held["addresses"] = known.addresses
    held["origin"] = member.origin and {"name": member.origin.name, "why": member.origin.why}
    mine = [s for s in member.statements if s.version == held["version"]]
    held["statements"] = [s.model_dump(mode="json") for s in mine]
    return orjson.dumps(held)


class Mouth:
    """Emits within one transaction, on behalf of one event."""

    def __init__(self, tx: Transaction, cause: Event) -> None:
        self._tx, self._cause = tx, cause

    def article(
        self, known: Known, plain: bytes, snapshot: Snapshot, root: str, mode: Mode
    ) -> None:
        """`article.clustered`, and its row. `plain`: body without story."""
        self._tx.put(HELD, known.article_id, plain)
        self.again(known.article_id, known.revision, plain, snapshot.json, root, mode)

    def again(
        self, article: str, revision: int, plain: bytes, story: bytes, root: str, mode: Mode
    ) -> None:
        """`article.clustered` as it stands in the rows."""
        value = encode_body(
            "article.clustered",
            b"".join((plain[:-1], b',"story":', story, b"}")),
            root_id=root,
            at=self._cause.at,
            mode=mode,
            cause=self._cause,
            discriminator=f"{article}@{revision}",
        )
        self._tx.emit(Message(CLUSTERED.name, article, value))

    def story(self, snapshot: Snapshot) -> None:
        """`story.changed`, and its row."""
        told = snapshot.story
        self._tx.put(TOLD, told.id, snapshot.json)
        value = encode_body(
            "story.changed",
            snapshot.json,
            root_id=self._cause.root_id,
            at=self._cause.at,
            mode=self._cause.mode,
            cause=self._cause,
            discriminator=f"{told.id}@{told.revision}",
        )
        self._tx.emit(Message(STORIES.name, told.id, value))

    def outcome(self, root: str, ended: Ended, known: Known | None, article: str) -> None:
        """`outcome.recorded`: how the item ended that has no document of its own."""
        made = Outcome(
            root_id=root,
            ended=ended,
            article_id=article,
            story_id=known.story if known else None,
            revision=known.revision if known and ended == "indexed" else None,
            at=self._cause.at,
        )
        e = event(
            made,
            root_id=root,
            at=self._cause.at,
            mode=self._cause.mode,
            cause=self._cause,
            discriminator=ended,
        )
        self._tx.emit(Message(OUTCOMES.name, root, encode(e)))
