"""`tocsin run`: the embedded desk, until it is told to stop."""

from typing import Annotated

import typer

from tocsin.cli.options import DataOption, settings
from tocsin.cli.output import faults
from tocsin.telemetry import configure


@faults
def run(
    demo: Annotated[
        bool | None, typer.Option("--demo/--no-demo", help="With the demo press beside it.")
    ] = None,
    data: DataOption = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the page; 0: any free one.")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address of the page (default: loopback).")
    ] = None,
    starter: Annotated[
        bool | None,
        typer.Option("--starter/--no-starter", help="Add the starter list of public feeds."),
    ] = None,
) -> None:
    """Run the desk: collect, read, cluster, ring; the page on loopback."""
    chosen = settings(data, demo=demo, port=port, host=host, starter_feeds=starter)
    configure(chosen.log_level)
    from tocsin.bootstrap.embedded import serve  # noqa: PLC0415  # the server's weight, for this command only

    serve(chosen)
