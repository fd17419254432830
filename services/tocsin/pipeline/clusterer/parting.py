"""Takes articles out of a story and puts them into another: what no score does, only a person.

A story's sums can't be subtracted exactly (terms were cut), so both stories are summed up anew from
their articles: the same articles give the same sums, however they came together.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

import orjson

from tocsin.pipeline.cluster.book import Book, Member
from tocsin.pipeline.cluster.engine import Part
from tocsin.pipeline.cluster.state import Facts
from tocsin.pipeline.cluster.weights import Vectors
from tocsin.pipeline.clusterer.working import HELD, Working
from tocsin.ports.state import Transaction
from tocsin_schemas.article import Terms


def part(
    w: Working,
    tx: Transaction,
    old: Book,
    young: Book,
    articles: Collection[str],
    number: int | None = None,
) -> None:
    """Move `articles` of the open story `old` to `young`, which is opened if it is not open (under
    `number`, the one it had before). Rows of members and heads are left to the caller.
    """
    held = w.stories.get(old.id)
    assert held is not None
    language = held[0]
    for article in articles:
        member = old.members.pop(article)
        member.story = young.id
        w.enter(young, member)
    young.members = {m.article_id: m for m in sorted(young.members.values(), key=_number)}
    w.books[young.id] = young
    w.stories.remake(language, old.id, _parts(tx, old.members.values()))
    w.stories.remake(language, young.id, _parts(tx, young.members.values()), number)


def _number(member: Member) -> int:
    return member.number


def _parts(tx: Transaction, members: Iterable[Member]) -> Iterator[Part]:
    """What each article brought, by its newest version."""
    for member in members:
        row = tx.get(HELD, member.article_id)
        if row is None:
            continue
        held = orjson.loads(row)
        article = held["article"]
        at = article["published"]["at"]
        facts = Facts.of(
            Terms.model_validate(article["terms"]),
            None if at is None else datetime.fromisoformat(at).timestamp(),
        )
        seen = datetime.fromisoformat(article["collected"]).timestamp()
        yield Vectors.of_dict(held["vectors"]), facts, seen
