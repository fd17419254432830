"""`tocsin setup`: make the store ready. Idempotent."""

from tocsin.bootstrap.session import writing
from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import answer, faults
from tocsin_schemas.topics import TOPICS


@faults
def setup(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Make or check the embedded store: topics, index, state."""
    chosen = settings(data)
    with writing(chosen):
        line = f"{chosen.data}: {len(TOPICS)} topics, index and state ready"
        answer(line, {"data": str(chosen.data), "topics": sorted(TOPICS)}, as_json=as_json)
