"""`tocsin deadletters …`: events that could not be processed, kept whole."""

from typing import Annotated

import typer

from tocsin.api.replaying import replay as replay_letter
from tocsin.api.shapes import dead_letter_row
from tocsin.bootstrap.session import reading, writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, emit, faults, table
from tocsin.errors import UsageError
from tocsin.ports.search import Search, bodies
from tocsin_schemas.dead_letter import DeadLetter

app = typer.Typer(help="Events that could not be processed, kept whole.", no_args_is_help=True)


@app.command("list")
@faults
def list_letters(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List dead letters: reason, stage, place, newest first."""
    with reading(settings(data)) as desk:
        found = letters(desk.search)
    if as_json:
        emit([dead_letter_row(d) for d in found])
        return
    table(
        ("id", "at", "stage", "reason", "message"),
        ((d.id, d.at.isoformat(timespec="seconds"), d.stage, d.reason, d.message) for d in found),
        empty="None in 90 days.",
    )


@app.command("replay")
@faults
def replay(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids; none: all of --reason.")] = None,
    reason: Annotated[str, typer.Option(help="All with this reason code.")] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send dead letters through again, from the stage that refused them."""
    if not ids and not reason:
        raise UsageError("name the ids, or --reason CODE (see `tocsin deadletters list`)")
    with writing(settings(data)) as desk:
        held = {d.id: d for d in letters(desk.search)}
        unknown = sorted(set(ids or ()) - held.keys())
        if unknown:
            raise UsageError(f"no dead letter {unknown[0]!r} waits for a replay")
        chosen = [held[i] for i in ids] if ids else [d for d in held.values() if d.reason == reason]
        for letter in chosen:
            replay_letter(desk.front, letter.id)
        desk.settle()
    answer(f"{len(chosen)} replayed", {"replayed": len(chosen)}, as_json=as_json)


def letters(search: Search) -> list[DeadLetter]:
    """The dead letters that wait, newest first."""
    return bodies(search, "dead-letters", DeadLetter, where={"replayed": "no"})
