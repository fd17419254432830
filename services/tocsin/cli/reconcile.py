"""`tocsin reconcile`: whether every collected item is accounted for."""

import typer

from tocsin.bootstrap.session import reading
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import FAILED, emit, faults, say
from tocsin.workers.reconcile import reconcile as account


@faults
def reconcile(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Count how each collected item ended; exit 1 if one is missing."""
    with reading(settings(data)) as desk:
        found = account(desk.bus, desk.search)
    if as_json:
        emit(found.as_dict())
    else:
        say(
            f"{found.collected} collected = {found.indexed} indexed + {found.copies} copies "
            f"+ {found.filtered} filtered + {found.dead} dead + {found.in_flight} in flight "
            f"+ {found.missing} missing"
        )
        for root in found.missing_ids:
            say(f"  missing: {root}")
    if found.missing:
        raise typer.Exit(FAILED)
