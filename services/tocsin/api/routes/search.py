"""Search: every filter is text in the query, so that what you see is what will ring."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.api import searching
from tocsin.api.forms import Read
from tocsin.api.pages import page
from tocsin.ports.search import Order
from tocsin.query.errors import QueryError

router = APIRouter()


@router.get("/search")
def search(
    request: Request,
    read: Read,
    q: str = "",
    cursor: str = "",
    sort: str = "newest",
) -> Response:
    """Run a query, or show the grammar."""
    text = q.strip()
    params = request.query_params
    since, until = params.get("from", ""), params.get("to", "")
    facts: dict[str, Any] = {
        "q": text,
        "since": since,
        "until": until,
        "sort": "oldest" if sort == "oldest" else "newest",
        "cursor": cursor,
        "lists": sorted(read.lists()),
        "saved": sorted(read.subscriptions().values(), key=lambda s: s.name)[:12],
        "found": None,
        "error": None,
    }
    if not text:
        return page(request, "search.html", title="Search", here="search", **facts)
    try:
        window = searching.window_of(since, until)
        order: Order = "oldest" if sort == "oldest" else "newest"
        found = searching.find(read, text, window, order=order, cursor=cursor)
    except QueryError as error:
        facts["error"] = error
        return page(
            request,
            "search.html",
            title="Error: search",
            here="search",
            status=400,
            echo=searching.marked_query(error),
            corrections=searching.how_many(read, error.corrections),
            **facts,
        )
    facts["found"] = found
    ids = [h.body.story_id for h in found.hits]
    return page(
        request,
        "search.html",
        title=f"Search: {text[:80]}",
        here="search",
        stories=read.stories(ids),
        **facts,
    )
