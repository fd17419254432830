"""`/api/v1/feeds`: list, add, import, change, poll, remove."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.api import csv_rows, feeding, shapes
from tocsin.api.forms import Body, Json, Read
from tocsin.pipeline.collect.opml import read_opml, write_opml

router = APIRouter(prefix="/api/v1/feeds", tags=["feeds"])


@router.get("")
def get(read: Read, state: str = "") -> list[dict[str, Any]]:
    """All feeds, worst first; `state` keeps those of one."""
    return [shapes.feed_row(x.feed, x.state) for x in read.feeds() if state in {"", x.health}]


@router.post("", status_code=201)
def post(read: Read, body: Json) -> dict[str, Any]:
    """`{url, source?, title?, page_policy?, interval_s?}`; one known already is left as it is."""
    made = feeding.add(read, body)
    feeding.poll(read, made.id)
    line = feeding.line_of(read, made.id)
    return shapes.feed_row(line.feed, line.state)


@router.post("/import")
def take_in(read: Read, body: Body) -> dict[str, Any]:
    """An OPML list as the body: `{found, added, warnings}`."""
    found, warnings = read_opml(body, read.now())
    return {"found": len(found), "added": feeding.add_all(read, found), "warnings": warnings}


@router.get("/export")
def export(read: Read) -> Response:
    """The feeds as an OPML list."""
    return Response(write_opml([x.feed for x in read.feeds()]), media_type="text/x-opml")


@router.get("/csv")
def as_csv(read: Read, state: str = "") -> Response:
    """All feeds as CSV."""
    return csv_rows.answer(get(read, state), "feeds")


@router.get("/{identity}")
def one(identity: str, read: Read) -> dict[str, Any]:
    """One feed with its last 7 days by hour."""
    line = feeding.line_of(read, identity)
    return {**shapes.feed_row(line.feed, line.state), "hours": line.state.hours}


@router.patch("/{identity}")
def patch(identity: str, read: Read, body: Json) -> dict[str, Any]:
    """Change `active`, `page_policy`, `interval_s`, `title`, `source`."""
    made = feeding.change(read, identity, body)
    return shapes.feed_row(made, feeding.line_of(read, identity).state)


@router.post("/{identity}/poll", status_code=202)
def poll(identity: str, read: Read) -> dict[str, str]:
    """Poll at once."""
    feeding.poll(read, identity)
    return {"poll": "asked for"}


@router.delete("/{identity}", status_code=204)
def delete(identity: str, read: Read) -> Response:
    """Stop polling it for good; its articles stay."""
    feeding.remove(read, identity)
    return Response(status_code=204)
