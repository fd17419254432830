"""`tocsin setup`: make the store ready. Idempotent."""

from tocsin.bootstrap.session import writing
from tocsin.cli.options import DataOption, settings
from tocsin.cli.output import faults, say
from tocsin_schemas.topics import TOPICS


@faults
def setup(data: DataOption = None) -> None:
    """Make or check the embedded store: topics, index, state."""
    chosen = settings(data)
    with writing(chosen):
        say(f"{chosen.data}: {len(TOPICS)} topics, index and state ready")
