"""`tocsin ingest FILE|-`: JSON Lines to the log, line by line accepted or why not. Safe to repeat."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from stat import S_ISDIR
from typing import Annotated

import typer

from tocsin.api.ingesting import Answer
from tocsin.api.ingesting import ingest as take
from tocsin.bootstrap.session import writing
from tocsin.cli.intake import chunks
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import FAILED, INTERRUPTED, emit, faults, note, say
from tocsin.errors import TocsinError, UsageError
from tocsin.ports.clock import SystemClock
from tocsin_schemas.contract import Mode


@faults
def ingest(
    file: Annotated[str, typer.Argument(help="A file of JSON Lines, or - for standard input.")],
    mode: Annotated[str, typer.Option(help="live rings; backfill never does.")] = "live",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put articles into the log: {url, title, text|html, published, updated?, source, feed} a line."""
    if mode not in {"live", "backfill"}:
        raise UsageError(f"--mode {mode!r}: live or backfill")
    chosen: Mode = "live" if mode == "live" else "backfill"
    count = _Count(as_json=as_json)
    end = 0
    try:
        with _open(file) as fd, writing(settings(data)) as desk:
            for first, chunk in chunks(fd, file):
                told, fault = take(desk.bus, chunk, SystemClock().now(), mode=chosen, first=first)
                count.take(told)
                if fault is not None:
                    raise fault
                desk.settle()
    except KeyboardInterrupt:
        note(f"stopped after line {count.last}; the same lines again change nothing")
        end = INTERRUPTED
    except UsageError:
        raise
    except (TocsinError, OSError) as error:
        note(f"{error}\nstopped after line {count.last}; the same lines again change nothing")
        end = FAILED
    count.tell()
    if end or count.refused:
        raise typer.Exit(end or FAILED)


class _Count:
    """What became of the lines; all answers are held only where they are to be printed as one document."""

    def __init__(self, *, as_json: bool) -> None:
        self.accepted = self.refused = self.last = 0
        self._answers: list[Answer] | None = [] if as_json else None

    def take(self, told: list[Answer]) -> None:
        for answer in told:
            if answer["accepted"]:
                self.accepted += 1
                self.last = int(answer["line"])
            else:
                self.refused += 1
                if self._answers is None:
                    note(str(answer["error"]))
        if self._answers is not None:
            self._answers += told

    def tell(self) -> None:
        if self._answers is not None:
            emit(self._answers)
        else:
            say(f"{self.accepted} accepted, {self.refused} refused")


@contextmanager
def _open(file: str) -> Iterator[int]:
    """The descriptor of `file`, of standard input for `-`."""
    if file == "-":
        yield 0
        return
    try:
        fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{file}: cannot be read ({why})") from error
    try:
        if S_ISDIR(os.fstat(fd).st_mode):
            raise UsageError(f"{file}: cannot be read (it is a folder)")
        yield fd
    finally:
        os.close(fd)
