"""`tocsin sources`: who publishes what we poll."""

from collections import Counter

from tocsin.bootstrap.session import reading
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import emit, faults, table


@faults
def sources(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the register of sources: name, owner, family, kind, country, tier, feeds."""
    with reading(settings(data)) as desk:
        feeds = desk.registers.feeds().values()
    counts = Counter(f.source.id for f in feeds)
    found = sorted({f.source.id: f.source for f in feeds}.values(), key=lambda s: s.name)
    if as_json:
        emit([s.model_dump(mode="json") | {"feeds": counts[s.id]} for s in found])
        return
    table(
        ("source", "kind", "country", "tier", "owner", "family", "feeds"),
        ((s.name, s.kind, s.country, s.tier, s.owner, s.family, counts[s.id]) for s in found),
        empty="No sources: they come with feeds. Add one: tocsin feeds add URL",
    )
