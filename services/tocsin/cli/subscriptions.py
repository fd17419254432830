"""`tocsin subscriptions …`: saved queries that ring."""

from typing import Annotated, Any

import typer

from tocsin.api import subscribing
from tocsin.api.backtesting import backtest
from tocsin.api.reading import Reading
from tocsin.api.shapes import subscription_row
from tocsin.bootstrap.session import reading, writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, emit, faults, say, table
from tocsin.errors import UsageError
from tocsin.query.parse import parse
from tocsin_schemas.subscription import REASONS, Subscription

app = typer.Typer(help="Saved queries that ring.", no_args_is_help=True)
ReasonOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reason", help="first-match, toll, correction, origins[=2,3], unconfirmed; repeat it."
    ),
]
WANTED = Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Id or name.")]


def reasons_of(given: list[str] | None) -> dict[str, Any]:
    """`--reason` options as fields of a subscription; {} for none. UsageError for an unknown one."""
    fields: dict[str, Any] = {}
    for text in given or ():
        name, _, numbers = text.partition("=")
        if name not in REASONS:
            raise UsageError(f"--reason {text!r}: one of {', '.join(REASONS)}")
        if numbers and name != "origins":
            raise UsageError(f"--reason {text!r}: only origins takes numbers: origins=2,3")
        if numbers:
            try:
                fields["origins"] = [int(n) for n in numbers.split(",")]
            except ValueError as error:
                raise UsageError(f"--reason {text!r}: numbers by commas: origins=2,3") from error
        fields.setdefault("reasons", []).append(name)
    return fields


@app.command("add")
@faults
def add(
    name: str,
    query: str,
    reason: ReasonOption = None,
    webhook: Annotated[
        list[str] | None, typer.Option(help="Deliver to this address too (Standard Webhooks).")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a subscription; it rings for articles collected from now on."""
    fields = {"name": name, "query": query, "webhooks": webhook or [], **reasons_of(reason)}
    with writing(settings(data)) as desk:
        held = {s.name: s for s in desk.front.subscriptions().values()}.get(name)
        if held is not None and held.query != query:
            raise UsageError(
                f"a subscription named {name!r} exists already ({held.id}: {held.query}); remove it or "
                "choose another name"
            )
        made = held or subscribing.create(desk.front, fields)
        desk.settle()
    if as_json:
        secrets = {c.id: c.secret for c in made.channels if c.secret}
        emit(subscription_row(made) | ({"secrets": secrets} if secrets and held is None else {}))
        return
    say(f"{made.id}  {made.name}: {made.query}")
    for channel in made.channels:
        if channel.kind == "webhook" and held is None:
            say(f"webhook {channel.url}; its secret, shown once: {channel.secret}")


@app.command("list")
@faults
def list_subscriptions(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List subscriptions: query, reasons, last rang or never matched."""
    with reading(settings(data)) as desk:
        found = sorted(desk.front.subscriptions().values(), key=lambda s: s.name)
        rows = [_row(desk.front, s) for s in found]
    if as_json:
        emit(rows)
        return
    table(
        ("id", "name", "state", "last rang", "query"),
        (
            (
                r["id"],
                r["name"],
                "on" if r["enabled"] else "off",
                r["last_rang"] or "never",
                r["query"],
            )
            for r in rows
        ),
        empty="No subscriptions. Make one: tocsin subscriptions add NAME QUERY",
    )


def _row(front: Reading, s: Subscription) -> dict[str, Any]:
    return subscription_row(s, front.desk.search)


@app.command("show")
@faults
def show(subscription: WANTED, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show one subscription."""
    with reading(settings(data)) as desk:
        row = _row(desk.front, find(desk.front, subscription))
    if as_json:
        emit(row)
        return
    for key, value in row.items():
        say(f"{key:<20}{value}")


@app.command("remove")
@faults
def remove(subscription: WANTED, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Remove a subscription; its alerts stay."""
    with writing(settings(data)) as desk:
        found = find(desk.front, subscription)
        subscribing.remove(desk.front, found.id)
        desk.settle()
    row = {"id": found.id, "name": found.name, "removed": True}
    answer(f"{found.name}: removed", row, as_json=as_json)


@app.command("enable")
@faults
def enable(subscription: WANTED, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Let it ring again, for articles collected from now on."""
    _switch(subscription, data, enabled=True, as_json=as_json)


@app.command("disable")
@faults
def disable(subscription: WANTED, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Let it ring no more until it is enabled."""
    _switch(subscription, data, enabled=False, as_json=as_json)


def _switch(wanted: str, data: DataOption, *, enabled: bool, as_json: bool) -> None:
    with writing(settings(data)) as desk:
        found = find(desk.front, wanted)
        subscribing.change(desk.front, found.id, {"enabled": enabled})
        desk.settle()
    row = {"id": found.id, "name": found.name, "enabled": enabled}
    answer(f"{found.name}: {'enabled' if enabled else 'disabled'}", row, as_json=as_json)


@app.command("test")
@faults
def try_out(
    query: str,
    reason: ReasonOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back-test: what a query would have rung for, over the articles held."""
    with reading(settings(data)) as desk:
        parsed = parse(query, desk.front.words())
        fields = subscribing.checked(reasons_of(reason), desk.front.words())
        found = backtest(desk.bus, parsed, fields, desk.front.now())
    if as_json:
        emit(found.row())
        return
    say(found.sentence)
    table(
        ("rang", "reason", "fact", "title"),
        (
            (a.rang.isoformat(timespec="seconds"), a.reason, a.fact, a.article_title)
            for a in found.result.alerts
        ),
        empty="Nothing would have rung.",
    )


def find(front: Reading, wanted: str) -> Subscription:
    """The subscription with this id or name; UsageError otherwise."""
    for found in front.subscriptions().values():
        if wanted in {found.id, found.name}:
            return found
    raise UsageError(f"no subscription {wanted!r}; `tocsin subscriptions list` shows what there is")
