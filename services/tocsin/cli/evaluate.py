"""`tocsin evaluate TASK GOLD`: quality against labelled data, as one JSON object."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.options import JsonOption
from tocsin.cli.output import emit, faults, say
from tocsin.errors import UsageError

TASKS = {
    "stories": "stories",
    "story-pairs": "story_pairs",
    "copies": "copies",
    "language": "language",
    "countries": "countries",
    "citations": "citations",
    "casualties": "casualties",
    "event-dates": "event_dates",
    "credits": "credits",
    "feeds": "feeds",
    "pages": "pages",
    "matching": "matching",
}
"""Task → module of `tocsin.evaluation`; each has `evaluate(path) -> dict`."""


@faults
def evaluate(
    task: Annotated[str, typer.Argument(help=", ".join(TASKS))],
    gold: Annotated[
        Path, typer.Argument(help="JSON Lines (.gz accepted); for matching and feeds a folder.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Measure one task on labelled data."""
    if task not in TASKS:
        raise UsageError(f"no task {task!r}: one of {', '.join(TASKS)}")
    if not gold.exists():
        raise UsageError(f"{gold}: no such file or folder")
    found: dict[str, Any] = import_module(f"tocsin.evaluation.{TASKS[task]}").evaluate(gold)
    if as_json:
        emit(found)
        return
    for key, value in found.items():
        say(f"{key:<16}{_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{k} {_shown(v)}" for k, v in value.items())
    return f"{value:.3f}" if isinstance(value, float) else str(value)
