"""`tocsin topology`: the path as it is built."""

from dataclasses import asdict

from tocsin.cli.options import JsonOption
from tocsin.cli.output import emit, faults, say
from tocsin.pipeline.topology import WORKERS, drawing


@faults
def topology(as_json: JsonOption = False) -> None:
    """Print the path: workers, stages, topics, keys, state."""
    if as_json:
        emit([asdict(w) for w in WORKERS])
    else:
        say(drawing())
