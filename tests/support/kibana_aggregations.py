"""A Lens panel as the search that Kibana sends for it: columns in their order become aggregations, each within the one before.

Left out is what Kibana asks in further requests: the bucket for the rest of `terms`.
"""

from collections.abc import Mapping
from typing import Any

AUTO = "3h"
"""What `auto` comes to over seven days."""


def search_of(
    drawn: Mapping[str, Any], clock: str | None, since: str, until: str, options: Mapping[str, Any]
) -> dict[str, Any]:
    """The body of the search for the panel `drawn` over a view with the time field `clock`."""
    (layer,) = drawn["state"]["datasourceStates"]["formBased"]["layers"].values()
    columns = [(name, layer["columns"][name]) for name in layer["columnOrder"]]
    buckets = [(n, c) for n, c in columns if c["isBucketed"]]
    measures = {
        n: agg
        for n, c in columns
        if not c["isBucketed"] and (agg := _measure(c, options)) is not None
    }
    aggs: dict[str, Any] = dict(measures)
    for name, column in reversed(buckets):
        within = aggs if column is buckets[-1][1] else {**aggs, **_ordering(column, measures)}
        aggs = {name: {**_bucket(column, measures), **({"aggs": within} if within else {})}}
    ranges = {"gte": since, "lte": until, "format": "strict_date_optional_time"}
    return {
        "size": 0,
        "track_total_hits": True,
        "query": {
            "bool": {
                "filter": [
                    query_of(drawn["state"]["query"], options),
                    *([{"range": {clock: ranges}}] if clock else []),
                ]
            }
        },
        "aggs": aggs,
    }


def query_of(query: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """A Lucene query as Kibana sends it."""
    assert query["language"] == "lucene"
    if not query["query"]:
        return {"match_all": {}}
    return {"query_string": {"query": query["query"], **options}}


def _bucket(column: Mapping[str, Any], measures: Mapping[str, Any]) -> dict[str, Any]:
    params = column["params"]
    if column["operationType"] == "date_histogram":
        every = params["interval"]
        interval = {"fixed_interval": AUTO} if every == "auto" else {"calendar_interval": every}
        return {
            "date_histogram": {
                "field": column["sourceField"],
                **interval,
                "time_zone": "Asia/Karachi",
                "min_doc_count": 0,
            }
        }
    assert column["operationType"] == "terms"
    order = params["orderBy"]
    by = "_key" if order["type"] == "alphabetical" else order["columnId"]
    by = by if by in {"_key", *measures} else "_count"
    return {
        "terms": {
            "field": column["sourceField"],
            "size": params["size"],
            "order": {by: params["orderDirection"]},
        }
    }


def _ordering(column: Mapping[str, Any], measures: Mapping[str, Any]) -> dict[str, Any]:
    """What an outer bucket is ordered by has to be measured in it too."""
    by = column["params"].get("orderBy", {}).get("columnId")
    return {by: measures[by]} if by in measures else {}


def _measure(column: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Null for a count, which every bucket carries."""
    name, operation = column["sourceField"], column["operationType"]
    if operation == "count":
        return None
    if operation == "last_value":
        hits = {
            "size": 1,
            "_source": False,
            "fields": [{"field": name}],
            "sort": [{column["params"]["sortField"]: {"order": "desc"}}],
        }
        return {
            "filter": query_of(column["filter"], options),
            "aggs": {"last": {"top_hits": hits}},
        }
    return {{"max": "max", "unique_count": "cardinality"}[operation]: {"field": name}}
