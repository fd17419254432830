"""Charts in Kibana's stored form (Lens), each from one line that says what is counted over what.

The shape is the one that 8.9 wrote and that every later version migrates (reference/deploy.md §5): inner
ids are fixed (`L1`; columns by what they do: `x`, `split`, `y`), so that the file is the same each time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

LAYER = "L1"
RECORDS = "___records___"
"""What Kibana calls the documents themselves; a count of anything else counts a field's values."""
Json = dict[str, Any]


def query(text: str) -> Json:
    """A Lucene query as Kibana stores it; empty: everything."""
    return {"language": "lucene", "query": text}


def count(label: str) -> Json:
    """How many documents."""
    return _measure("count", RECORDS, label)


def highest(name: str, label: str) -> Json:
    """The largest value of the number `name`."""
    return _measure("max", name, label)


def newest(name: str, label: str, *, by: str) -> Json:
    """The value of `name`, text too, in the document that is last by the date `by`."""
    return {
        **_measure("last_value", name, label),
        "dataType": "string",
        "scale": "ordinal",
        "filter": query(f"_exists_:{name}"),
        # As a list: Kibana then asks for the document, which any field has; else for a doc value.
        "params": {"sortField": by, "showArrayValues": True},
    }


def days(name: str, label: str, *, every: str = "1d") -> Json:
    """One bucket each `every` of the date `name`; `auto` lets the time range decide."""
    return {
        "label": label,
        "customLabel": True,
        "dataType": "date",
        "operationType": "date_histogram",
        "isBucketed": True,
        "scale": "interval",
        "sourceField": name,
        "params": {"interval": every, "includeEmptyRows": True, "dropPartials": False},
    }


def top(name: str, label: str, size: int, *, rest: bool = True) -> Json:
    """The `size` values of the keyword `name` with most of `y`, and one bucket for the rest."""
    column = _terms(name, label, "string", size, {"type": "column", "columnId": "y"}, "desc")
    column["params"]["otherBucket"] = rest
    return column


def each(name: str, label: str, size: int) -> Json:
    """The `size` lowest values of the whole number `name`, in order."""
    order = {"type": "alphabetical", "fallback": False}
    return _terms(name, label, "number", size, order, "asc")


def _terms(name: str, label: str, kind: str, size: int, order: Json, direction: str) -> Json:
    return {
        "label": label,
        "customLabel": True,
        "dataType": kind,
        "operationType": "terms",
        "isBucketed": True,
        "scale": "ordinal",
        "sourceField": name,
        "params": {
            "size": size,
            "orderBy": order,
            "orderDirection": direction,
            "otherBucket": False,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }


def _measure(operation: str, name: str, label: str) -> Json:
    return {
        "label": label,
        "customLabel": True,
        "dataType": "number",
        "operationType": operation,
        "isBucketed": False,
        "scale": "ratio",
        "sourceField": name,
    }


@dataclass(frozen=True, slots=True)
class Chart:
    """A panel over one data view. `columns` in Kibana's order: split, x, then what is measured.

    `steady`: the dashboard's filters and controls leave it alone (its time range does not), for views
    that lack the fields filtered by: they would show nothing, and nothing looks like silence.
    """

    title: str
    view: str
    shape: Literal["bar_stacked", "bar_horizontal", "number", "table"]
    columns: Mapping[str, Json]
    where: str = ""
    steady: bool = False
    place: tuple[int, int, int, int] = field(default=(0, 0, 48, 10))
    """x, y, width, height on the dashboard's 48 columns."""


def lens(chart: Chart, view_id: str) -> Json:
    """`chart` as the `attributes` of a Lens panel by value, over the data view `view_id`."""
    kind, shown = _shown(chart.shape, list(chart.columns))
    layer: Json = {
        "columnOrder": list(chart.columns),
        "columns": dict(chart.columns),
        "incompleteColumns": {},
    }
    if chart.steady:
        layer["ignoreGlobalFilters"] = True
    return {
        "title": "",
        "type": "lens",
        "visualizationType": kind,
        "references": [
            {
                "type": "index-pattern",
                "id": view_id,
                "name": f"indexpattern-datasource-layer-{LAYER}",
            }
        ],
        "state": {
            "query": query(chart.where),
            "filters": [],
            "internalReferences": [],
            "adHocDataViews": {},
            "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
            "visualization": shown,
        },
    }


def _shown(shape: str, columns: Sequence[str]) -> tuple[str, Json]:
    layer = {"layerId": LAYER, "layerType": "data"}
    if shape == "number":
        return "lnsMetric", {**layer, "metricAccessor": "y"}
    if shape == "table":
        return "lnsDatatable", {**layer, "columns": [{"columnId": c} for c in columns]}
    drawn: Json = {**layer, "seriesType": shape, "xAccessor": "x", "accessors": ["y"]}
    if "split" in columns:
        drawn["splitAccessor"] = "split"
    return "lnsXY", {
        "preferredSeriesType": shape,
        "legend": {"isVisible": "split" in columns, "position": "right"},
        "layers": [drawn],
    }
