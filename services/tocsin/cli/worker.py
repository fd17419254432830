"""`tocsin worker NAME`: one process of the distributed desk, until it is told to stop."""

from typing import Annotated

import typer

from tocsin.cli.options import DataOption, settings
from tocsin.cli.output import faults
from tocsin.telemetry import configure


@faults
def worker(
    name: Annotated[
        str,
        typer.Argument(
            help="collector, enricher, clusterer, indexer, alerter, notifier, api or press."
        ),
    ],
    data: DataOption = None,
) -> None:
    """Be one worker: needs TOCSIN_KAFKA and TOCSIN_ELASTICSEARCH; health on TOCSIN_HEALTH_PORT."""
    chosen = settings(data)
    configure(chosen.log_level)
    from tocsin.bootstrap.servers import distributed  # noqa: PLC0415  # says first what is lacking

    distributed(chosen)
    from tocsin.bootstrap.distributed import run_worker  # noqa: PLC0415  # needs the extra's packages

    run_worker(chosen, name)
