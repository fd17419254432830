"""What `tocsin doctor` checks, each with what was found and how to mend it."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import apsw

from tocsin.errors import TocsinError
from tocsin.settings import Settings

LEAST_SQLITE = (3, 51, 3)
"""Earlier versions can corrupt a file in WAL mode when two connections write at once."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def check(settings: Settings) -> list[Check]:
    """Everything, in the order in which a fault would be met."""
    return [
        _python(),
        _sqlite(),
        _unknown_variables(),
        _disk(settings),
        _store(settings),
        _readers(),
    ]


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= (3, 11)
    return Check("Python", ok, found, "" if ok else "install Python 3.11 or newer")


def _sqlite() -> Check:
    found = apsw.sqlite_lib_version()
    ok = tuple(int(p) for p in found.split(".")) >= LEAST_SQLITE
    return Check("SQLite", ok, found, "" if ok else "install apsw ≥ 3.51.3: make setup")


def _unknown_variables() -> Check:
    known = {f"TOCSIN_{name.upper()}" for name in Settings.model_fields} | _OTHER
    unknown = sorted(k for k in os.environ if k.startswith("TOCSIN_") and k not in known)
    return Check(
        "settings",
        not unknown,
        ", ".join(unknown) or "all known",
        "no such setting; `tocsin config` lists them" if unknown else "",
    )


_OTHER = {"TOCSIN_GOLD", "TOCSIN_KAFKA", "TOCSIN_ELASTICSEARCH"}
"""Variables of the tests."""


def _existing(settings: Settings) -> Path:
    """The data folder, or the nearest above it that is there."""
    folder = settings.data.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _disk(settings: Settings) -> Check:
    folder = _existing(settings)
    free = shutil.disk_usage(folder).free >> 20
    ok = free >= settings.min_free_mb
    return Check(
        "disk",
        ok,
        f"{free} MiB free at {folder}",
        "" if ok else f"make room: collecting stops below {settings.min_free_mb} MiB",
    )


def _store(settings: Settings) -> Check:
    from tocsin.bootstrap.session import reading, store_path  # noqa: PLC0415  # it opens the store

    folder = _existing(settings)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        why = "cannot be written" if folder.is_dir() else "is no folder"
        mend = f"{folder}: {why}; name a folder that you may write, with --data or TOCSIN_DATA"
        return Check("store", ok=False, found=f"the data folder {why}", mend=mend)
    path: Path = store_path(settings)
    if not path.exists():
        return Check("store", ok=True, found=f"none yet at {path}")
    try:
        with reading(settings) as desk:
            problem = desk.integrity()
    except TocsinError as error:
        return Check("store", ok=False, found="cannot be opened", mend=str(error))
    return Check(
        "store",
        not problem,
        problem or f"{path}: {path.stat().st_size >> 20} MiB, quick check ok",
        "restore a backup: tocsin restore FILE" if problem else "",
    )


def _readers() -> Check:
    from tocsin.workers.pool import ChildPool  # noqa: PLC0415  # loads dictionaries in a child

    try:
        pool = ChildPool(1)
    except (TocsinError, OSError) as error:
        return Check("reading process", ok=False, found="does not start", mend=str(error))
    pool.close()
    return Check("reading process", ok=True, found="starts")
