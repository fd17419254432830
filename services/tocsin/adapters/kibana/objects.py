"""The file that Kibana imports: views, searches and dashboard as saved objects, one JSON a line.

The same input makes the same bytes. Ids begin with `tocsin-`, then the desk's prefix, so that a second
import replaces the first and two desks share one Kibana. The versions written are the oldest floor that
8.x and 9.x both migrate from (reference/deploy.md §5); a newer one would be refused by older Kibanas, none
at all would be migrated as if it came from 6.x.

What Kibana keeps as JSON text inside JSON (`panelsJSON`, `searchSourceJSON` …) is text here too.
"""

import json
import sys
from typing import Any

from tocsin.adapters.elasticsearch.mappings import FIELDS
from tocsin.adapters.elasticsearch.names import index_pattern
from tocsin.adapters.kibana.board import ABOUT, CHARTS, CONTROLS, LIST, LIST_PLACE, TITLE
from tocsin.adapters.kibana.panels import Json, lens, query
from tocsin.adapters.kibana.searches import SEARCHES, Saved
from tocsin.adapters.kibana.views import VIEWS, View
from tocsin.settings import Settings

DESK = "http://localhost:8420"
"""The desk's address in the committed file; `TOCSIN_PAGE_URL` at generation otherwise."""
CORE_VERSION = "8.8.0"
TYPE_VERSIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "dashboard": "8.9.0"}
SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"


def package(settings: Settings) -> str:
    """The file for this desk: its prefix, and links to its page."""
    return ndjson(settings.prefix, settings.page_url or DESK)


def ndjson(prefix: str = "", desk: str = DESK) -> str:
    """The file, in the order in which references are met: views, searches, dashboard."""
    objects = [
        *(_view(view, prefix, desk.rstrip("/")) for view in VIEWS),
        *(_search(saved, prefix) for saved in SEARCHES),
        _dashboard(prefix),
    ]
    return "".join(json.dumps(o, ensure_ascii=False, sort_keys=True) + "\n" for o in objects)


def object_id(prefix: str, key: str) -> str:
    """The id of the object `key` of the desk with `prefix`."""
    return f"tocsin-{prefix}{key}"


def _named(title: str, prefix: str) -> str:
    """A title that tells two desks in one Kibana apart."""
    return f"{title} ({prefix.rstrip('-')})" if prefix else title


def _object(kind: str, identity: str, attributes: Json, references: list[Json]) -> Json:
    return {
        "type": kind,
        "id": identity,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": TYPE_VERSIONS[kind],
    }


def _text(value: Any) -> str:
    """JSON as text inside JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _reference(name: str, kind: str, identity: str) -> Json:
    return {"name": name, "type": kind, "id": identity}


def _view(view: View, prefix: str, desk: str) -> Json:
    def link(template: str) -> Json:
        params = {"type": "a", "urlTemplate": template, "labelTemplate": "{{value}}"}
        return {"id": "url", "params": {**params, "openLinkInCurrentTab": False}}

    formats = {name: link(f"{desk}/{door}/{{{{value}}}}") for name, door in view.links.items()}
    if "url" in FIELDS[view.kind]:
        formats["url"] = link("{{rawValue}}")
    for name in view.days:
        formats[name] = {"id": "date", "params": {"pattern": "YYYY-MM-DD", "timezone": "UTC"}}
    attributes: Json = {
        "title": index_pattern(prefix, view.kind),
        "name": _named(view.name, prefix),
        "fields": "[]",
        # The contract as it travels: kept for the desk, too large to be drawn in a table.
        "sourceFilters": _text([{"value": "body"}, {"value": "body.*"}]),
        "runtimeFieldMap": "{}",
        "fieldAttrs": _text({name: {"customLabel": label} for name, label in view.labels.items()}),
        "fieldFormatMap": _text(formats),
    }
    if view.clock:
        attributes["timeFieldName"] = view.clock
    return _object("index-pattern", object_id(prefix, view.key), attributes, [])


def _search(saved: Saved, prefix: str) -> Json:
    source = {"query": query(saved.where), "filter": [], "indexRefName": SOURCE}
    attributes = {
        "title": _named(saved.title, prefix),
        "description": saved.about,
        "columns": list(saved.columns),
        "sort": [list(saved.order)],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text(source)},
    }
    view = _reference(SOURCE, "index-pattern", object_id(prefix, saved.view))
    return _object("search", object_id(prefix, saved.key), attributes, [view])


def _dashboard(prefix: str) -> Json:
    panels: list[Json] = []
    references: list[Json] = []
    for number, chart in enumerate(CHARTS, start=1):
        index = f"p{number:02}"
        drawn = lens(chart, object_id(prefix, chart.view))
        panels.append(
            {
                "type": "lens",
                "panelIndex": index,
                "gridData": _grid(index, chart.place),
                "title": chart.title,
                "embeddableConfig": {"attributes": drawn, "enhancements": {}},
            }
        )
        references += [{**r, "name": f"{index}:{r['name']}"} for r in drawn["references"]]
    index = f"p{len(CHARTS) + 1:02}"
    panels.append(
        {
            "type": "search",
            "panelIndex": index,
            "gridData": _grid(index, LIST_PLACE),
            "title": next(s.title for s in SEARCHES if s.key == LIST),
            "panelRefName": f"panel_{index}",
            "embeddableConfig": {"enhancements": {}},
        }
    )
    references.append(_reference(f"{index}:panel_{index}", "search", object_id(prefix, LIST)))
    articles = object_id(prefix, "articles")
    references += [
        _reference(f"controlGroup_{c.key}:optionsListDataView", "index-pattern", articles)
        for c in CONTROLS
    ]
    attributes = {
        "title": _named(TITLE, prefix),
        "description": ABOUT,
        "timeRestore": True,
        "timeFrom": "now-7d",
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": 60_000},
        "optionsJSON": _text(
            {"useMargins": True, "hidePanelTitles": False, "syncColors": True, "syncCursor": True}
        ),
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text({"query": query(""), "filter": []})},
        "panelsJSON": _text(panels),
        "controlGroupInput": _controls(),
        "version": 1,
    }
    return _object("dashboard", object_id(prefix, "monitoring"), attributes, references)


def _grid(index: str, place: tuple[int, int, int, int]) -> Json:
    return {**dict(zip("xywh", place, strict=True)), "i": index}


def _controls() -> Json:
    controls = {
        control.key: {
            "order": order,
            "width": "medium",
            "grow": True,
            "type": "optionsListControl",
            "explicitInput": {
                "id": control.key,
                "fieldName": control.field,
                "title": control.title,
            },
        }
        for order, control in enumerate(CONTROLS)
    }
    kept = ("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations")
    return {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "panelsJSON": _text(controls),
        "ignoreParentSettingsJSON": _text(dict.fromkeys(kept, False)),
    }


if __name__ == "__main__":
    sys.stdout.write(ndjson())
