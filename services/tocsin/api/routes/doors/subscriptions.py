"""`/api/v1/subscriptions`: list, make, change, remove, back-test."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.api import shapes, subscribing
from tocsin.api.backtesting import backtest
from tocsin.api.forms import Json, Read
from tocsin.query.parse import parse

router = APIRouter(prefix="/api/v1/subscriptions", tags=["subscriptions"])


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    """A body as `subscribing` takes it: `webhook` (one) and `webhooks` (many) are one field."""
    fields = {k: v for k, v in body.items() if v is not None and k != "webhook"}
    one = body.get("webhook")
    if one and "webhooks" not in fields:
        fields["webhooks"] = [one] if isinstance(one, str) else one
    return fields


@router.get("")
def get(read: Read) -> list[dict[str, Any]]:
    """All of them, by name, each with when it last rang."""
    held = sorted(read.subscriptions().values(), key=lambda s: (s.name, s.id))
    return [shapes.subscription_row(s, read.desk.search) for s in held]


@router.post("", status_code=201)
def post(read: Read, body: Json) -> dict[str, Any]:
    """`{name, query, reasons?, origins?, kinds?, webhook?, schedule?, token?, noisy?}`; the answer
    alone ever holds the webhooks' secrets. The same `token` again is the same subscription. More than
    100 alerts a day by the back-test need `"noisy": true`.
    """
    fields = _fields(body)
    subscribing.insist(read, fields)
    made = subscribing.create(read, fields, token=str(body.get("token") or ""))
    secrets = {c.url: c.secret for c in made.channels if c.secret}
    return {**shapes.subscription_row(made), "secrets": secrets}


@router.post("/test")
def test(read: Read, body: Json) -> dict[str, Any]:
    """What a query would have rung over the days held: `{query, rang, quiet, days, …}`."""
    query = parse(str(body.get("query") or ""), read.words())
    fields = subscribing.checked(_fields(body), read.words())
    tested = backtest(read.desk.bus, query, fields, read.now())
    return {"query": query.canonical, **tested.row()}


@router.get("/{subscription_id}")
def one(subscription_id: str, read: Read) -> dict[str, Any]:
    """One of them."""
    held = subscribing.subscription_of(read, subscription_id)
    return shapes.subscription_row(held, read.desk.search)


@router.patch("/{subscription_id}")
def patch(subscription_id: str, read: Read, body: Json) -> dict[str, Any]:
    """Change the fields that are given."""
    fields = _fields(body)
    subscribing.insist(read, fields, subscribing.subscription_of(read, subscription_id))
    made = subscribing.change(read, subscription_id, fields)
    return shapes.subscription_row(made)


@router.delete("/{subscription_id}", status_code=204)
def delete(subscription_id: str, read: Read) -> Response:
    """End it; its alerts stay."""
    subscribing.remove(read, subscription_id)
    return Response(status_code=204)
