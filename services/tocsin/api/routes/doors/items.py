"""`POST /api/v1/items`: JSON Lines of `{url, title, text | html, published, updated?, source, feed}`."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from tocsin.api.forms import Body, Read
from tocsin.api.ingesting import ingest
from tocsin_schemas.contract import Mode

router = APIRouter(prefix="/api/v1/items", tags=["items"])


@router.post("")
def post(
    read: Read,
    body: Body,
    mode: Mode = "live",
    first: Annotated[int, Query(ge=1, description="number of the first line")] = 1,
) -> Response:
    """Put items on the log; a list of `{line, accepted, root_id | error}`. Safe to repeat. 503 where
    the store refused lines: those say so, the others are safe.
    """
    answers, fault = ingest(read.desk.bus, body, read.now(), mode=mode, first=first)
    content: list[dict[str, Any]] = answers
    return JSONResponse(content, 200 if fault is None else 503)
