"""How commands speak: one JSON document on standard output with `--json`, else a plain table; faults on
standard error as one line with place and mend, never a traceback.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import typer

from tocsin.api.failures import Missing
from tocsin.errors import TocsinError, UsageError
from tocsin.query.errors import QueryError

P = ParamSpec("P")
R = TypeVar("R")

DONE, FAILED, WRONG_USAGE = 0, 1, 2
INTERRUPTED = 130
"""Ctrl-C, as shells count it."""


def emit(value: Any) -> None:
    """One JSON document; escaped where the stream cannot hold its letters."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=str)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=1, default=str)
    _write(text + "\n")


def say(line: str = "") -> None:
    """A line for a person."""
    _write(line + "\n")


def answer(line: str, row: Any, *, as_json: bool) -> None:
    """What a command that changes something did: `row` as the JSON document, else `line`."""
    if as_json:
        emit(row)
    else:
        say(line)


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(error) from error


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(error) from error


def _unwritable(error: OSError) -> TocsinError:
    _drop_output()
    return TocsinError(
        f"standard output cannot be written ({error.strerror}); what the command did is done"
    )


def _drop_output() -> None:
    """Send what is still buffered nowhere, so that the end of the process has nothing to fail on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def note(line: str) -> None:
    """A line beside the result: progress, warnings."""
    sys.stderr.write(line + "\n")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A plain table; `empty` where there are no rows. Cells are cut at 60 characters, the last never."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        say(empty)
        return
    last = len(heads) - 1
    cells = [[c if i == last else _cut(c) for i, c in enumerate(row)] for row in cells]
    widths = [max(len(row[i]) for row in [list(heads), *cells]) for i in range(last)]
    for row in [list(heads), *cells]:
        say(
            "  ".join(
                [*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[last]]
            ).rstrip()
        )


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return " ".join(str(value).split())


def _cut(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def stop(message: str, code: int = FAILED) -> NoReturn:
    """End the command with a message on standard error."""
    note(message)
    raise typer.Exit(code)


def faults(command: Callable[P, R]) -> Callable[P, R]:
    """Turn our errors into a message and an exit code: 2 for a person's input, 1 for the rest."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            made = command(*args, **kwargs)
            _flush()
        except QueryError as error:
            stop(f"{error}\n{error.caret()}", WRONG_USAGE)
        except UsageError as error:
            stop(f"{error}", WRONG_USAGE)
        except Missing as error:
            stop(f"{error} {error.mend}".rstrip(), WRONG_USAGE)
        except TocsinError as error:
            stop(f"{error}", FAILED)
        except KeyboardInterrupt:
            stop("stopped", INTERRUPTED)
        except BrokenPipeError:
            _drop_output()  # the reader has gone; not our fault, and nothing more to say
            raise typer.Exit(DONE) from None
        return made

    return run
