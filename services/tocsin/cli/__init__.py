"""The commands of `tocsin`: one file each, named like the command."""

import sys
from typing import Any

from tocsin.cli.streams import open_streams


def __getattr__(name: str) -> Any:
    """`app`, made when it is first asked for: its imports take a second."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tocsin.cli.commands import app  # noqa: PLC0415  # see above

    return app


def main() -> None:
    """Entry point. Logs go to standard error, results to standard output."""
    open_streams()
    try:
        from tocsin.cli.commands import app  # noqa: PLC0415  # Ctrl-C meanwhile must find us here
        from tocsin.telemetry import configure  # noqa: PLC0415  # the same

        configure("warning")
        app()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)
