"""`tocsin reindex`: fill the index anew from the log, for one that was lost or made anew."""

from tocsin.bootstrap.servers import distributed
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, faults
from tocsin.errors import UsageError


@faults
def reindex(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Write every document that the log knows to Elasticsearch; what stands there already stays."""
    chosen = settings(data)
    if not distributed(chosen):
        raise UsageError(
            "the embedded desk's index stands in one file with its log and cannot be lost alone; "
            "`tocsin doctor` checks it"
        )
    from tocsin.bootstrap.reindexing import fill  # noqa: PLC0415  # needs the extra's packages

    counts = fill(chosen)
    line = f"{counts['records']} records read, {counts['refused']} documents refused"
    answer(line, counts, as_json=as_json)
