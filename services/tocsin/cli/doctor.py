"""`tocsin doctor`: what could keep the desk from working, each with its mend."""

import typer

from tocsin.bootstrap.checkup import check
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import FAILED, emit, faults, table


@faults
def doctor(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Check Python, SQLite, the store, the disk, the readers, the settings."""
    found = check(settings(data))
    if as_json:
        emit([{"check": c.name, "ok": c.ok, "found": c.found, "mend": c.mend} for c in found])
    else:
        table(
            ("", "check", "found", "mend"),
            (("ok" if c.ok else "!!", c.name, c.found, c.mend) for c in found),
            empty="",
        )
    if not all(c.ok for c in found):
        raise typer.Exit(FAILED)
