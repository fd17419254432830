"""What can be known of one Lens panel without a Kibana: its layers, columns, fields and accessors."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Fields = Mapping[str, Mapping[str, Any]]

RECORDS = "___records___"
NUMBERS = {"integer", "long", "float", "double"}
RANGES = {"integer_range", "long_range"}
FITS: Mapping[str, set[str]] = {
    "terms": {"keyword", "boolean", *NUMBERS},
    "date_histogram": {"date", "date_range"},
    "max": NUMBERS | {"date"},
    "min": NUMBERS | {"date"},
    "sum": NUMBERS,
    "unique_count": {"keyword", "boolean", "date", *NUMBERS},
    "last_value": {"keyword", "boolean", "date", "text", *NUMBERS},
}
"""Operation → types of field it can be done with."""
SHOWN = {"keyword": "string", "text": "string", "boolean": "boolean", "date": "date"}
BUCKETS = {"terms", "date_histogram"}
KINDS = {"lnsXY", "lnsMetric", "lnsDatatable"}
SERIES = {"bar_stacked", "bar_horizontal", "bar", "line", "area"}


def lens_faults(
    attributes: Any,
    outer: Mapping[str, Mapping[str, Any]],
    fields: Mapping[str, Fields],
    query_faults: Callable[[Any, Fields], Iterator[str]],
) -> Iterator[str]:
    """`outer`: references of the dashboard that belong to the panel, without its index before them."""
    if not isinstance(attributes, dict):
        yield f"its attributes are no object but {type(attributes).__name__}"
        return
    state = attributes.get("state", {})
    layers = state.get("datasourceStates", {}).get("formBased", {}).get("layers", {})
    inner = {r["name"]: r for r in attributes.get("references", [])}
    wanted = {f"indexpattern-datasource-layer-{name}" for name in layers}
    for where, given in (("inside it", inner), ("of the dashboard", outer)):
        for name in sorted(wanted ^ set(given)):
            word = "is missing" if name in wanted else "belongs to no layer"
            yield f"reference {name} {word} {where}"
    for name in sorted(set(inner) & set(outer)):
        if inner[name]["id"] != outer[name]["id"]:
            yield f"reference {name} leads to two data views"
    if attributes.get("visualizationType") not in KINDS:
        yield f"visualization {attributes.get('visualizationType')} is not checked"
    for name, layer in layers.items():
        view = inner.get(f"indexpattern-datasource-layer-{name}", {}).get("id", "")
        own = fields.get(view, {})
        yield from query_faults(state.get("query"), own)
        yield from _layer_faults(layer, own, view, query_faults)
        yield from _shown_faults(state.get("visualization", {}), name, layer.get("columns", {}))


def _layer_faults(
    layer: Mapping[str, Any],
    fields: Fields,
    view: str,
    query_faults: Callable[[Any, Fields], Iterator[str]],
) -> Iterator[str]:
    columns = layer.get("columns", {})
    if sorted(layer.get("columnOrder", [])) != sorted(columns):
        yield f"columnOrder {layer.get('columnOrder')} is not its columns {sorted(columns)}"
    bucketed = [bool(columns.get(c, {}).get("isBucketed")) for c in layer.get("columnOrder", [])]
    if bucketed != sorted(bucketed, reverse=True):
        yield "a column is measured before one that buckets"
    for name, column in columns.items():
        operation, source = column.get("operationType"), column.get("sourceField")
        params = column.get("params", {})
        if operation == "count":
            if source != RECORDS:
                yield f"column {name} counts {source}, not {RECORDS}"
        elif operation not in FITS:
            yield f"column {name} does the unknown {operation}"
        elif source not in fields:
            yield f"column {name} asks {source}, which is no field of {view}"
        elif fields[source]["type"] not in FITS[operation]:
            yield f"column {name} does {operation} on {source}, a {fields[source]['type']}"
        elif operation == "last_value" and not params.get("showArrayValues"):
            yield f"column {name} asks a doc value of {source}"
        elif operation != "unique_count" and column.get("dataType") != SHOWN.get(
            fields[source]["type"], "number"
        ):
            yield f"column {name} says that {source} is a {column.get('dataType')}"
        if bool(column.get("isBucketed")) != (operation in BUCKETS):
            yield f"column {name} does not say rightly whether it buckets"
        if operation == "terms":
            order = params.get("orderBy", {})
            by = order.get("columnId")
            if (
                order.get("type") == "column"
                and columns.get(by, {"isBucketed": True})["isBucketed"]
            ):
                yield f"column {name} is ordered by {by}, which measures nothing"
            if order.get("type") not in {"column", "alphabetical"} or not params.get("size"):
                yield f"column {name} has no order or size"
        if operation == "date_histogram" and not params.get("interval"):
            yield f"column {name} has no interval"
        if (
            operation == "last_value"
            and fields.get(params.get("sortField"), {}).get("type") != "date"
        ):
            yield f"column {name} is last by {params.get('sortField')}, which is no date"
        if "filter" in column:
            yield from query_faults(column["filter"], fields)


def _shown_faults(
    shown: Mapping[str, Any], layer: str, columns: Mapping[str, Any]
) -> Iterator[str]:
    """Every accessor names a column, every column is shown."""
    named: set[str] = set()
    for drawn in shown.get("layers", [shown]):
        if drawn.get("layerId") != layer:
            yield f"what is drawn is of layer {drawn.get('layerId')}, not {layer}"
        if "seriesType" in drawn and drawn["seriesType"] not in SERIES:
            yield f"series {drawn['seriesType']} is unknown"
        one = (drawn.get(a) for a in ("xAccessor", "splitAccessor", "metricAccessor"))
        named |= {a for a in one if a} | set(drawn.get("accessors", []))
        named |= {c.get("columnId") for c in drawn.get("columns", [])}
    for name in sorted(named - set(columns)):
        yield f"accessor {name} is no column"
    for name in sorted(set(columns) - named):
        yield f"column {name} is not shown"
