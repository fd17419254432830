"""Lists of a door as CSV, for a spreadsheet: the flat fields of the JSON rows, in their order.

A cell that a spreadsheet would run as a formula gets a leading quote (OWASP ASVS 1.2.10).
"""

import csv
import io
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """One cell: lists joined by `; `, null empty, nothing that runs."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = "; ".join(str(v) for v in value if not isinstance(v, dict | list))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) else text


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """Nested objects as `figures.killed.min`."""
    out: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            out.update({f"{key}.{k}": v for k, v in flat(value).items()})
        else:
            out[key] = value
    return out


def answer(rows: Sequence[dict[str, Any]], name: str) -> Response:
    """The rows as a CSV file called `name`."""
    flats = [flat(r) for r in rows]
    columns = list(dict.fromkeys(k for r in flats for k in r))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([cell(r.get(c)) for c in columns] for r in flats)
    return Response(
        out.getvalue(),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
    )
