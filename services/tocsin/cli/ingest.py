"""`tocsin ingest FILE|-`: JSON Lines to the log, line by line accepted or why not. Safe to repeat."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from tocsin.api.ingesting import Answer
from tocsin.api.ingesting import ingest as take
from tocsin.bootstrap.session import writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import FAILED, emit, faults, note, say
from tocsin.errors import UsageError
from tocsin.ports.clock import SystemClock
from tocsin_schemas.contract import Mode

BATCH = 200
"""Lines acknowledged, and without a desk worked off, together."""
BATCH_BYTES = 8 << 20
LINE_LIMIT = 4 << 20
"""Bytes of a line that are read: more than are taken, so that an over-long one is refused by its size."""


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
    answers: list[Answer] = []
    with _open(file) as stream, writing(settings(data)) as desk:
        for first, chunk in _chunks(stream):
            told, fault = take(desk.bus, chunk, SystemClock().now(), mode=chosen, first=first)
            answers += told
            if not as_json:
                for answer in told:
                    if not answer["accepted"]:
                        note(str(answer["error"]))
            if fault is not None:
                raise fault
            desk.settle()
    refused = sum(not a["accepted"] for a in answers)
    if as_json:
        emit(answers)
    else:
        say(f"{len(answers) - refused} accepted, {refused} refused")
    if refused:
        raise typer.Exit(FAILED)


def _open(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror})") from error


def _chunks(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(number of the first line, some lines): at most `BATCH` lines or `BATCH_BYTES` and a line more."""
    number, first, held, size = 0, 1, list[bytes](), 0
    while line := stream.readline(LINE_LIMIT):
        while not line.endswith(b"\n") and (rest := stream.readline(LINE_LIMIT)):
            line = line[:LINE_LIMIT] + rest[-1:]  # the rest is dropped: the line is refused anyway
        number += 1
        held.append(line.replace(b"\r", b" "))
        size += len(line)
        if len(held) >= BATCH or size >= BATCH_BYTES:
            yield first, b"".join(held)
            first, held, size = number + 1, [], 0
    if held:
        yield first, b"".join(held)
