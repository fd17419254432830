"""`tocsin setup`: make the desk's stores ready. Idempotent."""

from typing import Annotated, Any

import typer

from tocsin.bootstrap.servers import distributed
from tocsin.bootstrap.session import writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, emit, faults, say
from tocsin.errors import UsageError
from tocsin_schemas.topics import TOPICS


@faults
def setup(
    data: DataOption = None,
    kibana: Annotated[
        bool, typer.Option("--kibana", help="Only Kibana's objects (needs TOCSIN_KIBANA).")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make or check topics, index and state: of the embedded store, or, where TOCSIN_KAFKA is set, on
    Kafka, Elasticsearch and Kibana.
    """
    chosen = settings(data)
    if kibana and not chosen.kibana:
        raise UsageError("--kibana: set TOCSIN_KIBANA to Kibana's address, http://host:5601")
    if distributed(chosen):
        from tocsin.bootstrap.installing import install  # noqa: PLC0415  # needs the extra's packages

        facts = install(chosen, _quiet if as_json else say, kibana_only=kibana)
        if as_json:
            emit(facts)
        return
    if kibana:
        raise UsageError(
            "--kibana is of the distributed desk: set TOCSIN_KAFKA, TOCSIN_ELASTICSEARCH"
        )
    with writing(chosen):
        line = f"{chosen.data}: {len(TOPICS)} topics, index and state ready"
        answer(line, {"data": str(chosen.data), "topics": sorted(TOPICS)}, as_json=as_json)


def _quiet(_: Any) -> None:
    """One JSON document is all that is printed."""
