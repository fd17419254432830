"""Which article an item is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from support.press import FERRY, MINE, outlet, piece
from tocsin.adapters.memory.state import MemoryState
from tocsin.pipeline.dedup import identity
from tocsin.pipeline.dedup.identity import NOTES, ROOTS_TOLD, Known
from tocsin.ports.state import Transaction
from tocsin_schemas.article import Article
from tocsin_schemas.identity import article_id

MANY = 50


@pytest.fixture
def tx() -> Iterator[Transaction]:
    with MemoryState().begin() as made:
        yield made


def take(tx: Transaction, article: Article, prints: int = MANY) -> tuple[str, str]:
    seen = identity.identify(tx, article, prints)
    known = seen.known or Known(seen.article_id, "story", article.collected, article.collected)
    if seen.ended == "indexed":
        known.revise(article)
    identity.record(tx, article, known, seen.ended)
    return seen.article_id, seen.ended


def test_an_address_is_an_article(tx: Transaction) -> None:
    a = piece("Ferry", FERRY, url="https://h.example/1")
    assert take(tx, a) == (article_id("https://h.example/1"), "indexed")


def test_an_item_without_address_is_known_by_feed_and_key(tx: Transaction) -> None:
    a = piece("Ferry", FERRY).model_copy(update={"url": "", "url_key": "", "item_key": "guid-1"})
    b = a.model_copy(
        update={"feed_id": piece("x", "y", feed="b").feed_id, "content_hash": "z" * 26}
    )
    assert take(tx, a)[0] == article_id(f"{a.feed_id} guid-1")
    assert take(tx, b)[0] != take(tx, a)[0]


def test_new_words_at_an_address_are_a_version_and_known_words_are_none(tx: Transaction) -> None:
    first = piece("Ferry", FERRY, url="https://h.example/1")
    second = piece("Ferry", MINE, url="https://h.example/1", minutes=5)
    assert take(tx, first)[1] == "indexed"
    assert take(tx, second)[1] == "indexed"
    assert take(tx, first)[1] == "merged"
    held = identity.known(tx, article_id("https://h.example/1"))
    assert held is not None
    assert (held.version, held.hashes) == (2, [first.content_hash, second.content_hash])


def test_known_words_from_another_feed_are_a_sighting(tx: Transaction) -> None:
    take(tx, piece("Ferry", FERRY, url="https://h.example/1", feed="a"))
    again = piece("Ferry", FERRY, url="https://h.example/1", feed="b")
    assert take(tx, again)[1] == "sighting"
    assert take(tx, again)[1] == "merged"


def test_equal_words_of_another_house_are_another_article(tx: Transaction) -> None:
    take(tx, piece("Ferry", FERRY, by="Harbour Post"))
    assert take(tx, piece("Ferry", FERRY, by="Evening Mail"))[1] == "indexed"


def test_equal_words_of_one_family_are_one_article(tx: Transaction) -> None:
    first = take(tx, piece("Ferry", FERRY, by=outlet("A", family="Coast")))
    assert take(tx, piece("Ferry", FERRY, by=outlet("B", family="Coast"))) == (first[0], "sighting")


@pytest.mark.parametrize(
    ("prints", "hours", "ended"),
    [(MANY, 160, "sighting"), (MANY, 170, "indexed"), (2, 23, "sighting"), (2, 25, "indexed")],
)
def test_equal_words_elsewhere_are_the_same_article_for_a_while(
    tx: Transaction, prints: int, hours: int, ended: str
) -> None:
    take(tx, piece("Ferry", FERRY, url="https://h.example/1"), prints)
    later = piece("Ferry", FERRY, url="https://h.example/2", minutes=60 * hours)
    assert take(tx, later, prints)[1] == ended


def test_a_decided_root_is_on_record(tx: Transaction) -> None:
    a = piece("Ferry", FERRY)
    assert identity.recorded(tx, a.root_id) is None
    take(tx, a)
    told = identity.recorded(tx, a.root_id)
    assert told is not None
    assert told.ended == "indexed"


def test_what_is_known_of_an_article_survives_as_a_row_and_stays_bounded() -> None:
    a = piece("Ferry", FERRY)
    known = Known("a" * 26, "story", a.collected, a.collected)
    for n in range(ROOTS_TOLD + 50):
        changed = a.model_copy(
            update={
                "content_hash": f"h{n}",
                "root_id": f"r{n}",
                "collected": a.collected + timedelta(minutes=n),
            }
        )
        known.revise(changed)
        known.saw(changed, "indexed")
    assert Known.of_row(known.row()) == known
    assert len(known.roots) == ROOTS_TOLD
    assert len(known.notes) == NOTES
    assert (known.notes[0]["version"], known.notes[-1]["version"]) == (1, ROOTS_TOLD + 50)
