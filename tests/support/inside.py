"""Commands run in this process: for the many wrong inputs, where a process each would only cost time."""

import json
from typing import Any, NamedTuple

from typer.testing import CliRunner

from tocsin.cli.commands import app


class Said(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def inside(*arguments: str, stdin: bytes | None = None) -> Said:
    """Run a command to its end; a fault that a user would see as a traceback is raised."""
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def document(*arguments: str, stdin: bytes | None = None) -> Any:
    """A command's `--json` answer."""
    said = inside(*arguments, "--json", stdin=stdin)
    assert said.code == 0, (arguments, said)
    return json.loads(said.out)
