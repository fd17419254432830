"""Subscriptions: what each asks, when it last rang, and how a new one would have rung."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from tocsin.api import acting, searching, subscribing
from tocsin.api.backtesting import Compared, Tested, backtest, compared
from tocsin.api.forms import Form, Read, text, texts
from tocsin.api.pages import done_word, page
from tocsin.api.reading import Reading
from tocsin.api.subscribing import Invalid
from tocsin.pipeline.notify.atom import atom
from tocsin.query.errors import QueryError
from tocsin.query.parse import parse
from tocsin_schemas.alert import Alert
from tocsin_schemas.contract import KINDS
from tocsin_schemas.subscription import REASONS, Subscription

router = APIRouter()
ENTRIES = 50
"""Alerts in a subscription's Atom feed."""


@router.get("/subscriptions")
def subscriptions(request: Request, read: Read) -> Response:
    """All of them, by name."""
    now = read.now()
    held = sorted(read.subscriptions().values(), key=lambda s: (s.name.casefold(), s.id))
    shown = held[:200]
    rows = [(s, subscribing.rang(read, s.id, now), _broken(read, s)) for s in shown]
    return page(
        request,
        "subscriptions.html",
        title="Subscriptions",
        here="subscriptions",
        rows=rows,
        more=len(held) - len(shown),
    )


def _broken(reading: Reading, s: Subscription) -> str:
    """Why a query is no longer valid (a list was removed, say); empty while it is."""
    try:
        parse(s.query, reading.words())
    except QueryError as error:
        return str(error)
    return ""


def _fields(form: FormData) -> dict[str, Any]:
    """A form's fields as `subscribing` takes them."""
    out: dict[str, Any] = {
        "name": text(form, "name"),
        "query": text(form, "query"),
        "reasons": texts(form, "reasons"),
        "kinds": texts(form, "kinds") or list(KINDS[:3]),
        "schedule": text(form, "schedule", "at-once"),
        "webhooks": text(form, "webhook").split(),
        "noisy": bool(text(form, "noisy")),
    }
    if (origins := text(form, "origins")) and "origins" in out["reasons"]:
        out["origins"] = origins.replace(",", " ").split()
    return out


def _numbers(texts: Sequence[str]) -> list[int]:
    """Those of `texts` that are whole numbers of a sane size."""
    return [int(t) for t in texts if t.isascii() and t.isdigit() and len(t) < 5]


def _form_page(
    request: Request,
    read: Reading,
    fields: dict[str, Any],
    *,
    held: Subscription | None = None,
    problems: dict[str, str] | None = None,
    error: QueryError | None = None,
    token: str = "",
) -> Response:
    """The form with its back-test beside it. A GET page, so the preview needs no script."""
    query = fields["query"]
    tested: Tested | None = None
    difference: Compared | None = None
    canonical = ""
    if query and error is None:
        try:
            parsed = parse(query, read.words())
            canonical = parsed.canonical
            chosen = {**fields, "origins": _numbers(fields.get("origins", ()))}
            tested = backtest(read.desk.bus, parsed, chosen, read.now())
            difference = _difference(read, held, chosen, tested) if held else None
        except QueryError as wrong:
            error = wrong
            problems = {**(problems or {}), "query": str(wrong)}
    name = f"Edit {held.name}" if held else "New subscription"
    return page(
        request,
        "subscription_form.html",
        title=f"Error: {name}" if problems else name,
        here="subscriptions",
        status=400 if problems else 200,
        fields=fields,
        held=held,
        problems=problems or {},
        error=error,
        echo=searching.marked_query(error) if error else [],
        corrections=searching.how_many(read, error.corrections) if error else [],
        canonical=canonical,
        tested=tested,
        difference=difference,
        token=token or acting.new_id(),
        reasons=REASONS,
        kinds=KINDS,
        schedules=subscribing.SCHEDULES,
    )


def _difference(
    reading: Reading, held: Subscription, chosen: dict[str, Any], tested: Tested
) -> Compared | None:
    """What the changed conditions would change; null where they are the old ones, or those no longer
    parse.
    """
    conditions = ("reasons", "kinds", "origins")
    old = {k: list(getattr(held, k)) for k in conditions}
    same = all(sorted(map(str, old[k])) == sorted(map(str, chosen.get(k, ()))) for k in conditions)
    try:
        query = parse(held.query, reading.words())
        if same and query.canonical == parse(chosen["query"], reading.words()).canonical:
            return None
    except QueryError:
        return None
    return compared(backtest(reading.desk.bus, query, old, reading.now()), tested)


@router.get("/subscriptions/new")
def new(request: Request, read: Read, q: str = "") -> Response:
    """A form for a new one, with what it would have done."""
    given = request.query_params
    ticked = given.getlist("reasons") or ["first-match", "toll", "correction", "origins"]
    query = given.get("query", q).strip()
    fields = {
        "name": given.get("name", "").strip() or subscribing.proposed_name(query),
        "query": query,
        "reasons": [r for r in ticked if r in REASONS],
        "kinds": [k for k in given.getlist("kinds") if k in KINDS] or list(KINDS[:3]),
        "schedule": given.get("schedule", "at-once"),
        "webhooks": given.get("webhook", "").split(),
        "origins": given.get("origins", "2").replace(",", " ").split(),
    }
    return _form_page(request, read, fields, token=given.get("token", ""))


@router.post("/subscriptions")
def create(request: Request, read: Read, form: Form) -> Response:
    """Make one; the same form again is the same one."""
    fields = _fields(form)
    token = text(form, "token")
    try:
        subscribing.insist(read, fields)
        made = subscribing.create(read, fields, token=token)
    except Invalid as error:
        fields.setdefault("origins", ["2"])
        return _form_page(
            request, read, fields, problems=error.problems, error=error.query, token=token
        )
    return RedirectResponse(f"/subscriptions/{made.id}?done=created", 303)


@router.get("/subscriptions/{subscription_id}")
def show(request: Request, subscription_id: str, read: Read, done: str = "") -> Response:
    """One subscription, when it rang and for what."""
    held = subscribing.subscription_of(read, subscription_id)
    part = read.desk.search.listing("alerts", where={"subscription_id": held.id}, limit=50)
    alerts = [d.body for d in part.documents if isinstance(d.body, Alert)]
    ledger, now = read.ledger(), read.now()
    return page(
        request,
        "subscription.html",
        title=f"Subscription: {held.name}",
        here="subscriptions",
        held=held,
        rang=subscribing.rang(read, held.id, now),
        broken=_broken(read, held),
        rows=[(a, ledger.of(a, now)) for a in alerts],
        done=done_word(done),
    )


@router.get("/subscriptions/{subscription_id}/edit")
def edit(request: Request, subscription_id: str, read: Read) -> Response:
    """The form of one that exists; `?query=` tests another wording."""
    held = subscribing.subscription_of(read, subscription_id)
    given = request.query_params
    fields = {
        "name": given.get("name", held.name),
        "query": given.get("query", held.query),
        "reasons": given.getlist("reasons") or list(held.reasons),
        "kinds": given.getlist("kinds") or list(held.kinds),
        "schedule": given.get("schedule", held.schedule),
        "webhooks": given.get("webhook", "").split()
        or [c.url for c in held.channels if c.kind == "webhook"],
        "origins": given.get("origins", "").replace(",", " ").split()
        or [str(n) for n in held.origins],
    }
    return _form_page(request, read, fields, held=held)


@router.post("/subscriptions/{subscription_id}")
def change(request: Request, subscription_id: str, read: Read, form: Form) -> Response:
    """Change one, switch it on or off, or remove it, as the pressed button says."""
    held = subscribing.subscription_of(read, subscription_id)
    match text(form, "do", "change"):
        case "enable":
            subscribing.change(read, held.id, {"enabled": True})
            done = "enabled"
        case "disable":
            subscribing.change(read, held.id, {"enabled": False})
            done = "disabled"
        case "remove":
            subscribing.remove(read, held.id)
            return RedirectResponse("/subscriptions?done=removed", 303)
        case _:
            fields = _fields(form)
            try:
                subscribing.insist(read, fields, held)
                subscribing.change(read, held.id, fields)
            except Invalid as error:
                fields.setdefault("origins", [str(n) for n in held.origins])
                return _form_page(
                    request, read, fields, held=held, problems=error.problems, error=error.query
                )
            done = "changed"
    return RedirectResponse(f"/subscriptions/{held.id}?done={done}", 303)


@router.get("/subscriptions/{subscription_id}/feed.atom")
def feed(request: Request, subscription_id: str, read: Read) -> Response:
    """Its alerts as an Atom feed."""
    held = subscribing.subscription_of(read, subscription_id)
    part = read.desk.search.listing("alerts", where={"subscription_id": held.id}, limit=ENTRIES)
    alerts = [d.body for d in part.documents if isinstance(d.body, Alert)]
    root = str(request.base_url).rstrip("/")
    return Response(atom(held, alerts, root), media_type="application/atom+xml")
