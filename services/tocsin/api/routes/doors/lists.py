"""`/api/v1/lists`: reusable word lists, `@list:name` in a query."""

from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import Response

from tocsin.api.failures import Missing
from tocsin.api.forms import Json, Read
from tocsin.errors import UsageError
from tocsin_schemas.identity import digest_id
from tocsin_schemas.subscription import WordList

router = APIRouter(prefix="/api/v1/lists", tags=["lists"])
WORDS = 1000
"""Words of one list."""


@router.get("")
def get(read: Read) -> list[dict[str, Any]]:
    """All lists by name."""
    return [{"name": k, "words": list(w.words)} for k, w in sorted(read.lists().items())]


@router.put("/{name}")
def put(name: str, read: Read, body: Json) -> dict[str, Any]:
    """Make or replace a list: `{"words": […]}`."""
    words = body.get("words")
    if not isinstance(words, list) or len(words) > WORDS:
        msg = f"words: a list of at most {WORDS} words or phrases"
        raise UsageError(msg)
    try:
        made = WordList(
            id=digest_id("list", name), name=name, words=tuple(str(w).strip() for w in words)
        )
    except ValidationError as error:
        msg = "name: a lower-case letter, then letters, digits and hyphens, at most 64"
        raise UsageError(msg) from error
    read.desk.registers.put_list(made, at=read.now())
    return {"name": made.name, "words": list(made.words)}


@router.delete("/{name}", status_code=204)
def delete(name: str, read: Read) -> Response:
    """Remove a list; subscriptions that use it say so."""
    held = read.lists().get(name)
    if held is None:
        msg = f"There is no list called {name[:64]!r}."
        raise Missing(msg)
    read.desk.registers.put_list(held.model_copy(update={"deleted": True}), at=read.now())
    return Response(status_code=204)
