"""`tocsin config`: the effective settings."""

from tocsin.cli.options import DataOption, JsonOption, settings
from tocsin.cli.output import emit, faults, table
from tocsin.settings import Settings


@faults
def config(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Print every setting, its value and what it means; set them by TOCSIN_… variables."""
    values = settings(data).model_dump(mode="json")
    if as_json:
        emit(values)
        return
    fields = Settings.model_fields
    table(
        ("variable", "value", "meaning"),
        ((f"TOCSIN_{k.upper()}", v, fields[k].description or "") for k, v in values.items()),
        empty="",
    )
