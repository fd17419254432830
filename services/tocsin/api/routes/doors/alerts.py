"""`/api/v1/alerts`: what rang and why; acknowledge, snooze, mute, undo."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from tocsin.api import acting, csv_rows, shapes
from tocsin.api.forms import Json, Read
from tocsin.api.routes.doors.articles import Limit
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.notification import Notification

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])


@router.get("")
def get(
    read: Read,
    state: str = "",
    subscription: str = "",
    story: str = "",
    limit: Limit = 50,
    cursor: str = "",
) -> dict[str, Any]:
    """`{alerts, cursor}`, newest first; `state` (open, acknowledged, snoozed, muted) filters the page
    that is read.
    """
    where = {k: v for k, v in (("subscription_id", subscription), ("story_id", story)) if v}
    part = read.desk.search.listing("alerts", where=where or None, limit=limit, cursor=cursor)
    ledger, now = read.ledger(), read.now()
    rows = []
    for d in part.documents:
        if isinstance(d.body, Alert):
            standing = ledger.of(d.body, now).state
            if state in {"", standing}:
                rows.append(shapes.alert_row(d.body, standing))
    return {"alerts": rows, "cursor": part.cursor}


@router.get("/csv")
def as_csv(read: Read, state: str = "", cursor: str = "") -> Response:
    """200 alerts as CSV."""
    return csv_rows.answer(get(read, state, limit=200, cursor=cursor)["alerts"], "alerts")


@router.get("/{alert_id}")
def one(alert_id: str, read: Read) -> dict[str, Any]:
    """One alert with its deliveries."""
    held = acting.alert_of(read, alert_id)
    part = read.desk.search.listing("notifications", where={"alert_id": held.id}, limit=20)
    deliveries = [d.body for d in part.documents if isinstance(d.body, Notification)]
    return shapes.alert_row(held, read.ledger().of(held, read.now()).state, deliveries)


@router.post("/{alert_id}/{verb}")
def do(alert_id: str, verb: str, read: Read, body: Json) -> Response:
    """`ack`, `snooze` (`{"until": …}` or `{"for": "4h"}`), `mute`, `undo` (`{"undoes": act id}`, else
    the act that holds this alert). The same `act_id` again is one act.
    """
    held = acting.alert_of(read, alert_id)
    now = read.now()
    until = None
    if verb == "snooze":
        until = acting.until_of(str(body.get("for") or ""), str(body.get("until") or ""), now)
    undoes = str(body.get("undoes") or "")
    if verb == "undo" and not undoes:
        standing = read.ledger().of(held, now)
        undoes = standing.act.id if standing.act else ""
    made = acting.act(
        read,
        held,
        verb,
        act_id=str(body.get("act_id") or ""),
        until=until,
        undoes=undoes,
        note=str(body.get("note") or ""),
    )
    return JSONResponse({**act_row(made), "state": read.ledger().of(held, now).state})


def act_row(act: Act) -> dict[str, Any]:
    """An act as JSON."""
    return {
        "act": act.id,
        "kind": act.kind,
        "subject": act.subject_id,
        "subscription": act.subscription_id,
        "alert": act.alert_id,
        "until": shapes.when(act.until),
        "undoes": act.undoes,
        "note": act.note,
        "at": shapes.when(act.at),
    }
