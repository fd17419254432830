"""`tocsin replay`: send what the log holds through the path once more.

Nothing changes by it: ids are of content, versions are known, rung alerts are known. It is how a lost
index is filled again, and the proof that it may always be done.
"""

from typing import Annotated

import typer

from tocsin.bootstrap.session import writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, faults
from tocsin.errors import UsageError
from tocsin.ports.bus import Message
from tocsin_schemas.topics import CLUSTERED, ITEMS

WHAT = {"items": ITEMS.name, "articles": CLUSTERED.name}
BATCH = 250


@faults
def replay(
    what: Annotated[
        str, typer.Argument(help="items: the whole path; articles: index and alerts only.")
    ] = "items",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send collected items (or clustered articles) through again; changes nothing that stands."""
    if what not in WHAT:
        raise UsageError(f"{what!r}: items or articles")
    count = 0
    with writing(settings(data)) as desk:
        topic = WHAT[what]
        batch: list[Message] = []
        for record in desk.bus.read(topic, None, desk.bus.ends(topic)):
            if record.value is None:
                continue
            batch.append(Message(topic, record.key, record.value, record.headers))
            if len(batch) >= BATCH:
                desk.bus.produce(batch)
                count += len(batch)
                batch = []
        if batch:
            desk.bus.produce(batch)
            count += len(batch)
        desk.settle()
    answer(f"{count} events sent through again", {"replayed": count}, as_json=as_json)
