"""`tocsin alerts …`, `tocsin explain ALERT`: what rang and why, and what was done about it."""

import re
from datetime import datetime, timedelta
from typing import Annotated

import typer

from tocsin.api.acting import act, alert_of, until_of
from tocsin.api.shapes import alert_row
from tocsin.bootstrap.session import reading, writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, emit, faults, say, table
from tocsin.ports.clock import SystemClock
from tocsin.ports.search import bodies
from tocsin_schemas.alert import Alert

app = typer.Typer(help="What rang and why.", invoke_without_command=True)
ALERT = Annotated[str, typer.Argument(metavar="ALERT", help="Alert id.")]
Note = Annotated[str, typer.Option(help="A note kept with it.")]


@app.callback()
@faults
def alerts(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="Alerts shown.")] = 500,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List alerts, newest first."""
    if context.invoked_subcommand is not None:
        return
    with reading(settings(data)) as desk:
        found = bodies(desk.search, "alerts", Alert, limit=limit)
    rows = [alert_row(a) for a in found]
    if as_json:
        emit(rows)
        return
    table(
        ("id", "rang", "subscription", "reason", "fact", "title"),
        (
            (
                a.id,
                a.rang.isoformat(timespec="seconds"),
                a.subscription_name,
                a.reason,
                a.fact,
                a.article_title,
            )
            for a in found
        ),
        empty="No alert.",
    )


@app.command("ack")
@faults
def ack(
    alert: ALERT, text: Note = "", data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Acknowledge this story for this subscription; a later named change rings again."""
    _act(alert, "ack", text, data, as_json=as_json)


@app.command("snooze")
@faults
def snooze(
    alert: ALERT,
    until: Annotated[
        str, typer.Option(help="A time (ISO, with zone) or a span: 1h, 4h, 7d.")
    ] = "4h",
    text: Note = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold the notifications of the alert's subscription until a time."""
    _act(alert, "snooze", text, data, until=_until(until), as_json=as_json)


@app.command("mute")
@faults
def mute(
    alert: ALERT, text: Note = "", data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Hold the notifications of the alert's story, for every subscription."""
    _act(alert, "mute", text, data, as_json=as_json)


def _until(text: str) -> datetime:
    if m := re.fullmatch(r"(\d{1,4})([mhd])", text.strip()):
        unit = {"m": "minutes", "h": "hours", "d": "days"}[m[2]]
        return SystemClock().now() + timedelta(**{unit: int(m[1])})
    return until_of("", text, SystemClock().now())


def _act(
    alert: str,
    verb: str,
    text: str,
    data: DataOption,
    until: datetime | None = None,
    *,
    as_json: bool,
) -> None:
    with writing(settings(data)) as desk:
        found = alert_of(desk.front, alert)
        made = act(desk.front, found, verb, until=until, note=text)
        desk.settle()
    answer(f"{verb}: {found.story_title}", made.model_dump(mode="json"), as_json=as_json)


@faults
def explain(alert: ALERT, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Say why an alert rang: reason, evidence, told ranges, coverage."""
    with reading(settings(data)) as desk:
        found = alert_of(desk.front, alert)
    row = alert_row(found)
    if as_json:
        emit(row)
        return
    say(f"{found.subscription_name}: {found.why.sentence}")
    say(f"  query     {found.query}  (version {found.query_version})")
    say(f"  met by    {', '.join(found.why.clauses) or '–'}")
    say(f"  words     {found.why.snippet or '–'}")
    say(f"  article   {found.article_title} ({found.source_name}) {found.url}")
    say(f"  story     {found.story_title} ({found.story_id}, revision {found.story_revision})")
    say(
        f"  origins   {', '.join(found.origins) or 'unknown'}; {found.articles} articles, {found.copies} copies"
    )
    for also in found.also:
        say(f"  also      {also.reason} {also.fact}")
    for told in found.told:
        say(
            f"  told      {told.kind} {told.min if told.min is not None else ''}–{told.max if told.max is not None else ''}"
        )
    dark = ", ".join(f"{d.name} ({d.state})" for d in found.coverage)
    say(f"  coverage  {dark + ' not ok meanwhile' if dark else 'all feeds ok'}")
