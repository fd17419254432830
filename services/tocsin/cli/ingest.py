"""`tocsin ingest FILE|-`: JSON Lines to the log, line by line accepted or why not. Safe to repeat."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer

from tocsin.bootstrap.session import writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import FAILED, emit, faults, note, say
from tocsin.errors import UsageError
from tocsin.pipeline.collect.ingest import parse_line
from tocsin.ports.clock import SystemClock
from tocsin.ports.registers import item_message
from tocsin_schemas.item import ItemCollected

BATCH = 250
"""Lines acknowledged together: one write to the log."""
LINE_LIMIT = 4 << 20
"""Bytes of a line; a longer one is refused, and read no further than this at a time."""


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
    chosen: Literal["live", "backfill"] = "live" if mode == "live" else "backfill"
    answers: list[dict[str, object]] = []
    accepted = refused = 0
    with _open(file) as stream, writing(settings(data)) as desk:
        batch: list[tuple[int, ItemCollected]] = []

        def send() -> None:
            nonlocal accepted
            if batch:
                desk.bus.produce([item_message(item, chosen) for _, item in batch])
                accepted += len(batch)
                answers.extend(
                    {"line": number, "accepted": True, "root_id": item.root_id}
                    for number, item in batch
                )
                batch.clear()
                desk.settle()

        for number, line in _lines(stream):
            try:
                item = parse_line(line, number, SystemClock().now())
            except UsageError as error:
                refused += 1
                answers.append({"line": number, "accepted": False, "error": str(error)})
                if not as_json:
                    note(str(error))
                continue
            if item is not None:
                batch.append((number, item))
            if len(batch) >= BATCH:
                send()
        send()
    if as_json:
        emit(sorted(answers, key=lambda a: int(str(a["line"]))))
    else:
        say(f"{accepted} accepted, {refused} refused")
    if refused:
        raise typer.Exit(FAILED)


def _open(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror})") from error


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Numbered lines without blank ones; an over-long line is passed on cut, to be refused."""
    number = 0
    while line := stream.readline(LINE_LIMIT + 1):
        number += 1
        if len(line) > LINE_LIMIT:
            while (rest := stream.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
                pass
        if line.strip():
            yield number, line
