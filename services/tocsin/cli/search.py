"""`tocsin search QUERY`."""

from typing import Annotated

import typer

from tocsin.api.shapes import hit_row
from tocsin.bootstrap.session import reading
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import emit, faults, say, table
from tocsin.query.lucene import lucene
from tocsin.query.parse import parse


@faults
def search(
    query: str,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Hits shown.")] = 50,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Also: how the query was read, and as Lucene for Kibana."),
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find articles: the same query that would ring. Newest first."""
    with reading(settings(data)) as desk:
        lists = {w.name: w.words for w in desk.registers.lists().values()}
        parsed = parse(query, lists)
        found = desk.search.search(parsed, limit=limit)
    rows = [hit_row(hit) for hit in found.hits]
    if as_json:
        extra = {"read_as": parsed.canonical, "lucene": lucene(parsed)} if explain else {}
        emit({"total": found.total, "exact": found.exact, "hits": rows} | extra)
        return
    if explain:
        say(f"read as: {parsed.canonical}")
        say(f"Kibana (Lucene): {lucene(parsed)}")
    table(
        ("published", "source", "killed", "title"),
        ((r["published"], r["source"], r.get("killed"), r["title"]) for r in rows),
        empty="No article meets this query.",
    )
    if rows:
        more = "" if found.exact else "more than "
        say(f"{len(rows)} of {more}{found.total}")
