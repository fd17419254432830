"""`/api/v1/stories`: by last change, one as a whole, merge and split."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from tocsin.api import acting, shapes
from tocsin.api.forms import Json, Read
from tocsin.api.routes.doors.articles import Limit
from tocsin.api.routes.stories import brief_markdown, story_of
from tocsin_schemas.story import Story

router = APIRouter(prefix="/api/v1/stories", tags=["stories"])


@router.get("")
def get(read: Read, limit: Limit = 50, cursor: str = "") -> dict[str, Any]:
    """`{stories, cursor}`, newest change first, merged ones left out."""
    part = read.desk.search.listing("stories", where={"state": "open"}, limit=limit, cursor=cursor)
    rows = [shapes.story_row(d.body) for d in part.documents if isinstance(d.body, Story)]
    return {"stories": rows, "cursor": part.cursor}


@router.get("/{story_id}")
def one(story_id: str, read: Read) -> dict[str, Any]:
    """A story with members, ledger, chronology and disagreements; a merged one says into which."""
    held = story_of(read, story_id)
    return shapes.story_full(held, read.desk.search)


@router.get("/{story_id}/brief", response_class=PlainTextResponse)
def brief(story_id: str, read: Read) -> Response:
    """The brief as Markdown."""
    return brief_markdown(story_id, read)


@router.post("/{story_id}/{verb}", status_code=202)
def reshape(story_id: str, verb: str, read: Read, body: Json) -> dict[str, Any]:
    """`merge` with `{"stories": […]}` or `split` with `{"articles": […]}`; the clusterer does it."""
    others = body.get("stories" if verb == "merge" else "articles") or []
    ids = [str(o) for o in others] if isinstance(others, list) else []
    made = acting.reshape(read, story_id, verb, ids, str(body.get("act_id") or ""))
    return {"act": made.id}
