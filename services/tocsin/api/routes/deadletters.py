"""Dead letters: events that could not be processed, whole, each with reason and place."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from tocsin.api import replaying
from tocsin.api.forms import Read
from tocsin.api.pages import done_word, page

router = APIRouter()


@router.get("/deadletters")
def deadletters(request: Request, read: Read, cursor: str = "", done: str = "") -> Response:
    """The newest ones."""
    part = read.desk.search.listing("dead-letters", cursor=cursor)
    return page(
        request,
        "deadletters.html",
        title="Dead letters",
        rows=[d.body for d in part.documents],
        older=part.cursor,
        cursor=cursor,
        done=done_word(done),
    )


@router.post("/deadletters/{identity}/replay")
def replay(identity: str, read: Read) -> Response:
    """Send one through again."""
    replaying.replay(read, identity)
    return RedirectResponse("/deadletters?done=replayed", 303)
