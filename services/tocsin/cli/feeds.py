"""`tocsin feeds …`: what is polled, and how each feed is doing."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tocsin.api import feeding
from tocsin.api.shapes import feed_row
from tocsin.bootstrap.preview import preview as preview_feed
from tocsin.bootstrap.session import reading, writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, emit, faults, note, say, table
from tocsin.errors import UsageError
from tocsin.pipeline.collect.opml import read_opml, write_opml
from tocsin.ports.clock import SystemClock

app = typer.Typer(help="What is polled, and how each feed is doing.", no_args_is_help=True)


@app.command("list")
@faults
def list_feeds(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List feeds with state, reason, last item and next poll; the worst first."""
    with reading(settings(data)) as desk:
        rows = [feed_row(line.feed, line.state) for line in desk.front.feeds()]
    if as_json:
        emit(rows)
        return
    table(
        ("source", "state", "last item", "next poll", "address", "reason"),
        (
            (r["source"], r["state"], r["last_item"], r["next_poll"], r["url"], r["reason"])
            for r in rows
        ),
        empty="No feeds. Add one: tocsin feeds add URL; or see the demo: tocsin run --demo",
    )


@app.command("add")
@faults
def add(
    url: str,
    source: Annotated[str, typer.Option(help="Name of the publisher (default: the host).")] = "",
    country: Annotated[str, typer.Option(help="ISO 3166 alpha-2.")] = "",
    kind: Annotated[str, typer.Option(help="agency, outlet, official or aggregator.")] = "outlet",
    owner: Annotated[str, typer.Option(help="Who owns it.")] = "",
    family: Annotated[str, typer.Option(help="Group that shares copy.")] = "",
    pages: Annotated[
        str, typer.Option(help="Fetch article pages: never, short or always.")
    ] = "never",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a feed to poll; one that is known already stays as it is."""
    publisher = {
        "name": source,
        "country": country.upper(),
        "kind": kind,
        "owner": owner,
        "family": family,
    }
    with writing(settings(data)) as desk:
        feed = feeding.add(desk.front, {"url": url, "source": publisher, "page_policy": pages})
        desk.settle()
    if as_json:
        emit(feed_row(feed, None))
    else:
        say(f"{feed.id}  {feed.url}  ({feed.source.name})")


@app.command("remove")
@faults
def remove(
    feed: Annotated[str, typer.Argument(help="Id or address.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop polling a feed; what it brought stays."""
    with writing(settings(data)) as desk:
        known = {line.feed.url: line.feed.id for line in desk.front.feeds()}
        identity = known.get(feed, feed)
        feeding.remove(desk.front, identity)
        desk.settle()
    answer(f"removed {feed}", {"id": identity, "removed": True}, as_json=as_json)


@app.command("import")
@faults
def import_opml(
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add the feeds of an OPML file."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror})") from error
    found, warnings = read_opml(raw, SystemClock().now())
    for warning in warnings:
        note(f"{file}: {warning}")
    if not found:
        raise UsageError(f"{file}: no feed in it (an outline needs xmlUrl)")
    with writing(settings(data)) as desk:
        new = feeding.add_all(desk.front, found)
        desk.settle()
    known = len(found) - new
    row = {"added": new, "known": known, "warnings": list(warnings)}
    answer(f"{new} added, {known} known already", row, as_json=as_json)


@app.command("export")
@faults
def export(data: DataOption = None) -> None:
    """Write the feeds as OPML to standard output."""
    with reading(settings(data)) as desk:
        feeds = sorted(desk.registers.feeds().values(), key=lambda f: (f.source.name, f.url))
    sys.stdout.flush()
    sys.stdout.buffer.write(write_opml(feeds))  # it says of itself that it is UTF-8


@app.command("preview")
@faults
def preview(
    where: Annotated[str, typer.Argument(metavar="PATH_OR_URL")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a feed would bring, without adding it."""
    found = preview_feed(where, settings(data))
    if as_json:
        emit(found)
        return
    feed = found["feed"]
    say(f"{feed.get('title') or where}  ({feed.get('format')})")
    for warning in found["warnings"]:
        note(f"warning: {warning}")
    table(
        ("published", "title", "address"),
        ((i["published"], i["title"], i["url"]) for i in found["items"]),
        empty="The feed is valid and has no entries.",
    )
