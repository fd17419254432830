"""Options that every command shares, and the settings they make."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from tocsin.errors import UsageError
from tocsin.settings import Settings

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the store (default: TOCSIN_DATA, else ./data)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def settings(data: Path | None = None, **over: Any) -> Settings:
    """The effective settings; UsageError names the variable that is wrong."""
    given = {k: v for k, v in (over | {"data": data}).items() if v is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "_".join(str(p) for p in first["loc"]).upper()
        raise UsageError(f"TOCSIN_{name}: {first['msg']} (got {first.get('input')!r})") from error
