"""An article: its words with what was read in them, its clocks, its versions, its copies."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.api import acting, display
from tocsin.api.display import Marked
from tocsin.api.failures import Missing
from tocsin.api.forms import Read
from tocsin.api.pages import page
from tocsin.api.reading import Reading
from tocsin.query.errors import QueryError
from tocsin.query.explain import explain
from tocsin.query.parse import parse
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import WireError, body_of, decode
from tocsin_schemas.story import ClusteredArticle
from tocsin_schemas.topics import OUTCOMES

router = APIRouter()
OUTCOMES_LOOKED_AT = 20_000
"""Newest outcomes of each partition that are looked through for an id without an article."""
DIFF_SENTENCES = 2000
"""Sentences of a version that are compared; the rest is said to be left out."""
_SENTENCE = re.compile(r"[^.!?\n]{1,2000}[.!?]*[”\"’')\]]*\s*|[.!?\n]+\s*")


def article_of(reading: Reading, article_id: str) -> ClusteredArticle:
    """The article; Missing, with what became of the item where that is known."""
    found = reading.desk.search.get("articles", article_id)
    if found is not None and isinstance(found.body, ClusteredArticle):
        return found.body
    mend, onward = _outcome(reading, article_id)
    raise Missing("There is no article of that id.", mend, onward)


def _outcome(reading: Reading, wanted: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What became of an item, by its root id or its article's, in words, and where to look. Looks at
    the newest `OUTCOMES_LOOKED_AT` outcomes.
    """
    nothing = "Nothing is on record under it."
    if not acting.is_id(wanted):
        return f"{nothing} An id has 26 characters, a–z and 2–7.", ()
    bus = reading.desk.bus
    start = {k: max(0, end - OUTCOMES_LOOKED_AT) for k, end in bus.ends(OUTCOMES.name).items()}
    kept: Outcome | None = None
    for record in bus.read(OUTCOMES.name, start):
        if record.value is None or wanted.encode() not in record.value:
            continue
        try:
            found = body_of(decode(record.value), Outcome)
        except WireError:
            continue
        if wanted in {found.root_id, found.article_id}:
            kept = found
    if kept is None:
        return nothing, ()
    says = {
        "filtered": f"The item was filtered by the rule “{kept.reason}”.",
        "merged": "The item was merged: its article already held that text.",
        "sighting": "The item was a further sighting of an article known already.",
        "dead": f"The item ended as a dead letter ({kept.reason}); it can be replayed.",
        "indexed": "The item was indexed; its document is not there any more, or not yet.",
    }
    at = f" {display.moment(kept.at)} UTC."
    if kept.ended == "dead":
        return says["dead"] + at, (("Dead letters", "/deadletters"),)
    if kept.article_id and kept.article_id != wanted:
        return says[kept.ended] + at, (("Its article", f"/articles/{kept.article_id}"),)
    return says[kept.ended] + at, ()


def marks_of(body: ClusteredArticle) -> list[Marked]:
    """Figures and places of the text, for display."""
    a = body.article
    out = [
        Marked(f.span.start, f.span.end, "figure", f"{f.kind} {display.span_of(f.min, f.max)}")
        for f in a.figures
        if f.span.field == "text"
    ]
    out += [
        Marked(m.span.start, m.span.end, "place", m.value)
        for m in a.places
        if m.span.field == "text"
    ]
    return out


@router.get("/articles/{article_id}")
def article(request: Request, article_id: str, read: Read, q: str = "") -> Response:
    """One article; `q` is the query that led here: its words are marked and can be linked to."""
    body = article_of(read, article_id)
    search = read.desk.search
    copies = search.listing("articles", where={"copy_of": article_id}, order="oldest", limit=50)
    original = search.get("articles", body.copy_of) if body.copy_of else None
    story = read.stories([body.story_id]).get(body.story_id, body.story)
    paragraphs = display.segments(body.article.text, _marks(read, body, q), anchors=True)
    return page(
        request,
        "article.html",
        title=f"Article: {display.headline(body.article.title)}",
        here="latest",
        body=body,
        story=story,
        words=paragraphs,
        copies=[d.body for d in copies.documents],
        original=original.body if original else None,
    )


def _marks(reading: Reading, body: ClusteredArticle, q: str) -> list[Marked]:
    """Figures and places, and over them the words that meet the query `q`."""
    if not q.strip():
        return marks_of(body)
    try:
        root = parse(q, reading.words()).root
    except QueryError:
        return marks_of(body)
    found = display.of_field((s for c in explain(root, body.article) for s in c.spans), "text")
    return found + [
        m for m in marks_of(body) if all(m.end <= f.start or m.start >= f.end for f in found)
    ]


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of a comparison: `same`, `ins` or `del`."""

    kind: str
    text: str


def sentences(text: str) -> list[str]:
    """`text` cut after its sentences; joined again they are the text."""
    return [m.group() for m in islice(_SENTENCE.finditer(text), DIFF_SENTENCES)]


def compare(before: str, after: str) -> Iterator[Piece]:
    """Sentences that went, came and stayed."""
    old, new = sentences(before), sentences(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[i1:i2]))
            continue
        if i2 > i1:
            yield Piece("del", "".join(old[i1:i2]))
        if j2 > j1:
            yield Piece("ins", "".join(new[j1:j2]))


@router.get("/articles/{article_id}/versions")
def versions(
    request: Request,
    article_id: str,
    read: Read,
    before: int = 0,
    after: int = 0,
) -> Response:
    """Two versions of an article, sentence by sentence; the last two unless told."""
    body = article_of(read, article_id)
    wanted = request.query_params
    known = [v.version for v in body.versions] or [body.version]
    after = _number(wanted.get("to"), after or known[-1])
    before = _number(wanted.get("from"), before or max(1, after - 1))
    found = read.desk.search.many("versions", [f"{article_id}@{n}" for n in (before, after)])
    pair = [found.get(f"{article_id}@{n}") for n in (before, after)]
    if len(known) > 1 and any(p is None for p in pair):
        raise Missing(f"Version {before} or {after} of this article is not held.")
    bodies = [p.body for p in pair if p and isinstance(p.body, ClusteredArticle)]
    both = len(bodies) == 2 and before != after
    return page(
        request,
        "versions.html",
        title=f"Versions of {display.headline(body.article.title)}",
        here="latest",
        body=body,
        known=known,
        before=before,
        after=after,
        pieces=list(compare(bodies[0].article.text, bodies[1].article.text)) if both else [],
        titles=[b.article.title for b in bodies] if both else [],
        changes=bodies[1].changes if both and after == before + 1 else (),
    )


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else otherwise
