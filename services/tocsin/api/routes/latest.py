"""Latest: what came in, by time collected, copies folded into the line of what they repeat."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.api.forms import Read
from tocsin.api.pages import page
from tocsin.api.reading import Reading
from tocsin_schemas.story import ClusteredArticle, Story

router = APIRouter()
ROWS = 50
LOOKED_AT = 400
"""Documents read for one page at most: forty reprints of one report are one line."""


@dataclass(slots=True)
class Line:
    """An article, the story it belongs to now, and how many copies it stands for."""

    body: ClusteredArticle
    story: Story
    copies: int = 0
    folded: list[ClusteredArticle] = field(default_factory=list)


def lines(reading: Reading, cursor: str) -> tuple[list[Line], str]:
    """One page of lines and the cursor of the next."""
    found: dict[str, Line] = {}
    looked_at = 0
    while looked_at < LOOKED_AT and len(found) < ROWS:
        part = reading.desk.search.listing("articles", limit=ROWS, cursor=cursor)
        cursor = part.cursor
        looked_at += len(part.documents)
        for d in part.documents:
            if not isinstance(d.body, ClusteredArticle):
                continue
            body = d.body
            lead = found.get(body.copy_of or "")
            if lead is not None:
                lead.folded.append(body)
            elif body.article_id in found:
                # its copies came later and stand above: the original takes their line
                found[body.article_id].folded.append(found[body.article_id].body)
                found[body.article_id].body = body
            else:
                found[body.copy_of or body.article_id] = Line(body, body.story)
        if not cursor:
            break
    # An original stands at its own time, however late its copies came: a copy is no news.
    out = sorted(found.values(), key=lambda x: x.body.first_collected, reverse=True)
    stories = reading.stories([x.body.story_id for x in out])
    for x in out:
        x.story = stories.get(x.body.story_id, x.story)
        original = x.body.copy_of or x.body.article_id
        x.copies = reading.desk.search.count("articles", where={"copy_of": original})
    return out, cursor


@router.get("/")
def latest(request: Request, read: Read, cursor: str = "") -> Response:
    """The newest articles."""
    rows, older = lines(read, cursor)
    return page(
        request,
        "latest.html",
        title="Latest",
        here="latest",
        rows=rows,
        older=older,
        cursor=cursor,
    )
