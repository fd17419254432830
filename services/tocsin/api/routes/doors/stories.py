"""`/api/v1/stories`: by last change, one as a whole, merge, split, undo."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from tocsin.api import acting, csv_rows, shapes
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


@router.get("/csv")
def as_csv(read: Read, cursor: str = "") -> Response:
    """200 stories as CSV."""
    return csv_rows.answer(get(read, 200, cursor)["stories"], "stories")


@router.get("/{story_id}")
def one(story_id: str, read: Read) -> dict[str, Any]:
    """A story with members, ledger, chronology and disagreements; a merged one says into which."""
    held = story_of(read, story_id)
    return shapes.story_full(held, read.desk.search)


@router.get("/{story_id}/brief", response_class=PlainTextResponse)
def brief(story_id: str, read: Read) -> Response:
    """The brief as Markdown."""
    return brief_markdown(story_id, read)


@router.post("/{story_id}/merge", status_code=202)
def merge(story_id: str, read: Read, body: Json) -> dict[str, Any]:
    """`{"stories": […]}`: the clusterer merges them; the oldest survives."""
    made = acting.merge(read, story_id, _ids(body, "stories"), str(body.get("act_id") or ""))
    return {"act": made.id}


@router.post("/{story_id}/split", status_code=202)
def split(story_id: str, read: Read, body: Json) -> dict[str, Any]:
    """`{"articles": […]}`: the clusterer makes them, with their copies, a story of their own."""
    made = acting.split(read, story_id, _ids(body, "articles"), str(body.get("act_id") or ""))
    return {"act": made.id}


@router.post("/{story_id}/undo", status_code=202)
def undo(story_id: str, read: Read, body: Json) -> dict[str, Any]:  # noqa: ARG001  # in the address
    """`{"act": …}`: takes a merge or a split back, if that can be done exactly; else nothing."""
    made = acting.undo(read, str(body.get("act") or ""), str(body.get("act_id") or ""))
    return {"act": made.id}


def _ids(body: dict[str, Any], name: str) -> list[str]:
    held = body.get(name)
    return [str(o) for o in held] if isinstance(held, list) else []
