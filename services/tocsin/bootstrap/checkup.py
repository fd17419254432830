"""What `tocsin doctor` checks, each with what was found and how to mend it."""

import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import apsw

from tocsin.bootstrap.servers import distributed
from tocsin.errors import TocsinError
from tocsin.settings import Settings
from tocsin_schemas.topics import TOPICS

ANSWER_S = 5.0
"""How long a server may take to answer, seconds."""
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
    """Everything, in the order in which a fault would be met. On the distributed desk its servers stand
    in the place of the store.
    """
    stores = _servers(settings) if distributed(settings) else [_store(settings)]
    return [
        _python(),
        _sqlite(),
        _unknown_variables(),
        _disk(settings),
        *stores,
        _readers(),
    ]


def _servers(settings: Settings) -> list[Check]:
    """The log's client, the broker and its topics, the node and its templates."""
    from tocsin.adapters.elasticsearch.client import client_of  # noqa: PLC0415  # an extra
    from tocsin.adapters.elasticsearch.setup import check as check_index  # noqa: PLC0415
    from tocsin.adapters.kafka.topics import missing_topics, wait_for_broker  # noqa: PLC0415

    fast = importlib.util.find_spec("crc32c") is not None
    found = [
        Check(
            "CRC-32C",
            fast,
            "in C" if fast else "in Python: the log is some 15 times slower",
            "" if fast else "install kafka-python[crc32c]: make setup",
        )
    ]
    try:
        wait_for_broker(settings.kafka, ANSWER_S)
        missing = missing_topics(settings.kafka, settings.prefix)
        told = f"{len(missing)} topics missing" if missing else f"{len(TOPICS)} topics"
        mend = "run: tocsin setup" if missing else ""
        found.append(Check("Kafka", not missing, f"{settings.kafka}: {told}", mend))
    except TocsinError as error:
        found.append(Check("Kafka", ok=False, found="does not answer", mend=str(error)))
    client = client_of(settings)
    try:
        problems = check_index(client, settings.prefix)
        told = f"{settings.elasticsearch}: {'; '.join(problems) or 'templates and aliases ready'}"
        mend = "run: tocsin setup" if any("tocsin setup" in p for p in problems) else ""
        found.append(Check("Elasticsearch", not problems, told, mend))
    except TocsinError as error:
        found.append(Check("Elasticsearch", ok=False, found="does not answer", mend=str(error)))
    finally:
        client.close()
    return found


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


_OTHER = {"TOCSIN_GOLD", "TOCSIN_SERVERS", "TOCSIN_SERVERS_DATA"}
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
