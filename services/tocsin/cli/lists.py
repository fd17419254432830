"""`tocsin lists`: word lists for queries (`@list:name`)."""

from typing import Annotated

import typer

from tocsin.bootstrap.session import reading, writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, emit, faults, table
from tocsin.errors import UsageError
from tocsin.ports.clock import SystemClock
from tocsin.query.parse import parse
from tocsin_schemas.identity import digest_id
from tocsin_schemas.subscription import WordList

app = typer.Typer(help="Word lists for queries (@list:name).", invoke_without_command=True)


@app.callback()
@faults
def lists(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the word lists."""
    if context.invoked_subcommand is not None:
        return
    with reading(settings(data)) as desk:
        found = sorted(desk.registers.lists().values(), key=lambda w: w.name)
    if as_json:
        emit([w.model_dump(mode="json", exclude={"deleted"}) for w in found])
        return
    table(
        ("list", "words"),
        ((f"@list:{w.name}", ", ".join(w.words)) for w in found),
        empty="No lists. Make one: tocsin lists set NAME WORD…",
    )


@app.command("set")
@faults
def set_list(
    name: str,
    words: Annotated[list[str], typer.Argument(help="Words or phrases.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make or replace a list."""
    try:
        made = WordList(id=digest_id("list", name), name=name, words=tuple(words))
    except ValueError as error:
        raise UsageError(
            f"list name {name!r}: lower-case letters, digits and -, first a letter"
        ) from error
    parse(f"@list:{name}", {name: made.words})  # a list that no query can use is refused here
    with writing(settings(data)) as desk:
        desk.registers.put_list(made, at=SystemClock().now())
    row = {"name": name, "words": list(made.words)}
    answer(f"@list:{name}: {len(made.words)} words", row, as_json=as_json)


@app.command("remove")
@faults
def remove(name: str, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Remove a list; a subscription that uses it says so and stops."""
    with writing(settings(data)) as desk:
        found = desk.registers.lists().get(name)
        if found is None:
            raise UsageError(f"no list {name!r}; `tocsin lists` shows what there is")
        desk.registers.put_list(found.model_copy(update={"deleted": True}), at=SystemClock().now())
    answer(f"@list:{name} removed", {"name": name, "removed": True}, as_json=as_json)
