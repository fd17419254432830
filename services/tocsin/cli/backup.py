"""`tocsin backup FILE`, `tocsin restore FILE`: the whole desk is one file."""

from pathlib import Path

from tocsin.bootstrap.session import back_up, put_back
from tocsin.cli.options import DataOption, settings
from tocsin.cli.output import faults, say


@faults
def backup(file: Path, data: DataOption = None) -> None:
    """Copy the store to FILE, consistently, also while the desk runs."""
    say(f"{file}: {back_up(settings(data), file):,} bytes, checked")


@faults
def restore(file: Path, data: DataOption = None) -> None:
    """Put a backup in the place of the store; the desk must not run. The old store is kept beside it."""
    kept = put_back(settings(data), file)
    say(f"restored from {file}" + (f"; the store before it is kept as {kept}" if kept else ""))
