"""`tocsin stories`, `tocsin story ID`: events, and what is told of them."""

from typing import Annotated

import typer

from tocsin.api import acting
from tocsin.api.brief import markdown
from tocsin.api.reading import Reading as Front
from tocsin.api.shapes import story_full, story_row
from tocsin.bootstrap.session import reading, writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, emit, faults, say, table
from tocsin.errors import UsageError
from tocsin.ports.clock import SystemClock
from tocsin.ports.search import bodies
from tocsin_schemas.act import Act
from tocsin_schemas.story import Story

app = typer.Typer(help="Events, and what is told of them.", invoke_without_command=True)


@app.callback()
@faults
def stories(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="Stories shown.")] = 500,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List stories by last change, newest first."""
    if context.invoked_subcommand is not None:
        return
    with reading(settings(data)) as desk:
        rows = [
            story_row(s)
            for s in bodies(desk.search, "stories", Story, where={"state": "open"}, limit=limit)
        ]
    if as_json:
        emit(rows)
        return
    table(
        ("id", "articles", "copies", "origins", "killed", "title"),
        (
            (
                r["id"],
                r["articles"],
                r["copies"],
                r["origins"],
                _range(r["figures"].get("killed")),
                r["title"],
            )
            for r in rows
        ),
        empty="No stories yet.",
    )


def _range(figure: dict[str, int | None] | None) -> str:
    if figure is None:
        return "–"
    low, high = figure["min"], figure["max"]
    return (
        str(low) if low == high else f"{'' if low is None else low}–{'' if high is None else high}"
    )


@app.command("merge")
@faults
def merge(
    stories: Annotated[
        list[str], typer.Argument(metavar="ID ID…", help="The older story survives.")
    ],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that stories are one event."""
    if len(set(stories)) < 2:
        raise UsageError("name at least two stories")
    with writing(settings(data)) as desk:
        found = [survivor(desk.front, identity) for identity in stories]
        act_id = acting.new_id()
        desk.registers.put_act(
            Act(
                id=act_id,
                kind="merge",
                subject_id=found[0].id,
                other_ids=tuple(s.id for s in found[1:]),
                who="command",
                at=SystemClock().now(),
            )
        )
        desk.settle()
    line = f"merged {len(found)} stories; `tocsin stories undo {act_id}` undoes it"
    answer(line, {"merged": [s.id for s in found], "act": act_id}, as_json=as_json)


@app.command("split")
@faults
def split(
    story_id: Annotated[str, typer.Argument(metavar="STORY")],
    articles: Annotated[
        list[str], typer.Argument(metavar="ARTICLE…", help="Ids, as `tocsin story` tells them.")
    ],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that articles of a story, with their copies, are about another event."""
    with writing(settings(data)) as desk:
        found = survivor(desk.front, story_id)
        made = acting.split(desk.front, found.id, articles)
        desk.settle()
    count = len(made.other_ids)
    off = f"split {count} {'article' if count == 1 else 'articles'} off"
    line = f"{off}; `tocsin stories undo {made.id}` undoes it"
    answer(line, {"split": list(made.other_ids), "act": made.id}, as_json=as_json)


@app.command("undo")
@faults
def undo(
    act_id: Annotated[str, typer.Argument(metavar="ACT", help="As `merge` and `split` tell it.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a merge or a split back, if that can still be done exactly; else nothing happens."""
    with writing(settings(data)) as desk:
        made = acting.undo(desk.front, act_id)
        desk.settle()
    answer("asked to undo it", {"act": made.id, "undoes": act_id}, as_json=as_json)


@faults
def story(
    story_id: Annotated[str, typer.Argument(metavar="ID")],
    _: Annotated[
        bool, typer.Option("--markdown", help="The brief, as Markdown (the default).")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one story: members, ledger, chronology, disagreements."""
    with reading(settings(data)) as desk:
        found = survivor(desk.front, story_id)
        if as_json:
            emit(story_full(found, desk.search))
        else:
            say(markdown(found, desk.search))


def survivor(front: Front, story_id: str) -> Story:
    """The story with this id, or the one it was merged into. UsageError otherwise."""
    seen, wanted = set[str](), story_id
    while wanted not in seen:
        seen.add(wanted)
        found = front.story(wanted)
        if found is None:
            break
        if found.lineage.merged_into is None:
            return found
        wanted = found.lineage.merged_into
    raise UsageError(f"no story {story_id!r}; `tocsin stories` shows what there is")
