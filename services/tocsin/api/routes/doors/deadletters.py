"""`/api/v1/deadletters`: what could not be processed; replay."""

from typing import Any

from fastapi import APIRouter

from tocsin.api import replaying, shapes
from tocsin.api.forms import Read
from tocsin.api.routes.doors.articles import Limit
from tocsin_schemas.dead_letter import DeadLetter

router = APIRouter(prefix="/api/v1/deadletters", tags=["deadletters"])


@router.get("")
def get(read: Read, reason: str = "", limit: Limit = 50, cursor: str = "") -> dict[str, Any]:
    """`{deadletters, cursor}`, newest first."""
    where = {"reason": reason} if reason else None
    part = read.desk.search.listing("dead-letters", where=where, limit=limit, cursor=cursor)
    rows = [
        shapes.dead_letter_row(d.body) for d in part.documents if isinstance(d.body, DeadLetter)
    ]
    return {"deadletters": rows, "cursor": part.cursor}


@router.get("/{identity}")
def one(identity: str, read: Read) -> dict[str, Any]:
    """One, with its record (base64)."""
    letter = replaying.letter_of(read, identity)
    return {**shapes.dead_letter_row(letter), "payload": letter.payload}


@router.post("/{identity}/replay")
def replay(identity: str, read: Read) -> dict[str, Any]:
    """Send the record through again."""
    return shapes.dead_letter_row(replaying.replay(read, identity))
