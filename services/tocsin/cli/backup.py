"""`tocsin backup FILE`, `tocsin restore FILE`: the whole desk is one file."""

from pathlib import Path

from tocsin.bootstrap.session import back_up, put_back
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, faults


@faults
def backup(file: Path, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Copy the store to FILE, consistently, also while the desk runs."""
    size = back_up(settings(data), file)
    answer(f"{file}: {size:,} bytes, checked", {"file": str(file), "bytes": size}, as_json=as_json)


@faults
def restore(file: Path, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Put a backup in the place of the store; the desk must not run. The old store is kept beside it."""
    kept = put_back(settings(data), file)
    line = f"restored from {file}" + (f"; the store before it is kept as {kept}" if kept else "")
    row = {"restored": str(file), "kept": None if kept is None else str(kept)}
    answer(line, row, as_json=as_json)
