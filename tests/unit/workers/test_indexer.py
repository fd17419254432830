"""The indexer: documents once, outcomes for each item, refusals buried."""

from support.builders import WHEN, a_clustered, a_story, an_article
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.search import MemorySearch
from tocsin.ports.bus import Message
from tocsin.ports.search import Put
from tocsin.workers.indexer import Indexer
from tocsin.workers.runner import Pipe
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import body_of, decode, encode, event
from tocsin_schemas.topics import CLUSTERED, DEAD_LETTERS, OUTCOMES, STORIES


def clustered(title="Raid", revision=1, version=1):
    article = an_article(title=title)
    return a_clustered(article, revision=revision, version=version)


def run(index, *messages):
    bus = MemoryBus()
    pipe = Pipe("indexer", Indexer(index), bus=bus, reads=(CLUSTERED, STORIES))
    pipe.start()
    bus.produce(messages)
    pipe.step(0.0)
    return bus


def a_message(body, topic=CLUSTERED):
    return Message(topic.name, "k", encode(event(body, root_id="r", at=WHEN)))


def outcomes(bus):
    return [body_of(decode(r.value), Outcome) for r in bus.read(OUTCOMES.name)]


def test_the_newest_revision_stands_and_each_versions_text_is_kept():
    search = MemorySearch()
    first, second = clustered("First words"), clustered("Second words", revision=2, version=2)

    bus = run(search, a_message(first), a_message(second))

    held = search.get("articles", first.article_id)
    assert held.body.article.title == "Second words"
    texts = {
        d.body.article.title
        for d in search.listing("versions", where={"article_id": first.article_id}).documents
    }
    assert texts == {"First words", "Second words"}
    assert {o.root_id for o in outcomes(bus)} == {first.article.root_id, second.article.root_id}
    assert {o.ended for o in outcomes(bus)} == {"indexed"}


def test_an_older_revision_that_comes_late_is_success_and_changes_nothing():
    search = MemorySearch()
    run(search, a_message(clustered("New", revision=5)))

    bus = run(search, a_message(clustered("Old", revision=4)))

    assert search.get("articles", clustered().article_id).body.article.title == "New"
    assert [o.ended for o in outcomes(bus)] == ["indexed"]


def test_what_the_clusterer_alone_needs_is_not_indexed():
    search = MemorySearch()

    run(
        search,
        a_message(a_clustered(an_article(fingerprints="AAAA"), vectors={"all": {"raid": 1.0}})),
    )

    body = search.get("articles", a_clustered().article_id).body
    assert (body.vectors, body.article.fingerprints) == ({}, "")


def test_a_refused_document_is_a_dead_letter_and_its_neighbour_is_indexed():
    class Picky(MemorySearch):
        def put(self, documents):
            return [
                Put(d.id, "refused", "too long")
                if d.kind == "stories"
                else super(Picky, self).put([d])[0]
                for d in documents
            ]

    bus = run(Picky(), a_message(a_story(), STORIES), a_message(clustered()))

    (letter,) = [body_of(decode(r.value), DeadLetter) for r in bus.read(DEAD_LETTERS.name)]
    assert (letter.reason, letter.topic) == ("refused", STORIES.name)
    assert [o.ended for o in outcomes(bus)] == ["indexed"]


def test_a_dead_letter_that_the_index_refuses_makes_no_other():
    class Full(MemorySearch):
        def put(self, documents):
            return [Put(d.id, "refused", "too long") for d in documents]

    bus = MemoryBus()
    pipe = Pipe("indexer", Indexer(Full()), bus=bus, reads=(STORIES, DEAD_LETTERS))
    pipe.start()
    bus.produce([a_message(a_story(), STORIES), Message(DEAD_LETTERS.name, "k", b"no event")])
    for _ in range(5):
        pipe.step(0.0)

    letters = [r.value for r in bus.read(DEAD_LETTERS.name)]
    assert len(letters) == 2, "the story's, and what was no event to begin with"
