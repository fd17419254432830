"""What can be known of a file for Kibana without a Kibana: shape, versions, references, fields, geometry.

`faults(text, mappings)` returns one sentence for each fault, none for a file that is sound as far as this
goes (reference/deploy.md §5–6). `mappings`: title of a data view → its fields as our index template has
them. What a Kibana alone can tell (rendering, its own migrations) is not here.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from support.kibana_lens_checker import lens_faults

Fields = Mapping[str, Mapping[str, Any]]

CORE = "8.8.0"
FLOORS = {"index-pattern": "8.0.0", "search": "10.5.0", "lens": "8.9.0", "dashboard": "8.9.0"}
"""The oldest version of each type that every Kibana since 8.19 migrates from."""
KEYS = {
    "type",
    "id",
    "attributes",
    "references",
    "coreMigrationVersion",
    "typeMigrationVersion",
}
TEXTS = {
    "index-pattern": ("fields", "sourceFilters", "runtimeFieldMap", "fieldAttrs", "fieldFormatMap"),
    "search": ("kibanaSavedObjectMeta.searchSourceJSON",),
    "dashboard": (
        "optionsJSON",
        "kibanaSavedObjectMeta.searchSourceJSON",
        "panelsJSON",
        "controlGroupInput.panelsJSON",
        "controlGroupInput.ignoreParentSettingsJSON",
    ),
}
"""Attributes that hold JSON as text; an object there is the most frequent mistake."""
ATTRIBUTES = {
    "index-pattern": {"title", "name", "timeFieldName", *TEXTS["index-pattern"]},
    "search": {
        "title",
        "description",
        "columns",
        "sort",
        "grid",
        "hideChart",
        "isTextBasedQuery",
        "kibanaSavedObjectMeta",
    },
    "dashboard": {
        "title",
        "description",
        "timeRestore",
        "timeFrom",
        "timeTo",
        "refreshInterval",
        "optionsJSON",
        "kibanaSavedObjectMeta",
        "panelsJSON",
        "controlGroupInput",
        "hits",
        "version",
    },
}
"""Of the shapes written; a dashboard with any other is refused by its schema."""
COLUMNS = 48
DATES = {"date", "date_nanos"}
_ASKED = re.compile(r"_exists_:([\w.]+)|(?<![\w:.])([A-Za-z_][\w.]*):")


def faults(text: str, mappings: Mapping[str, Fields]) -> list[str]:
    """Every fault of the file `text`, as sentences that begin with the object's type and id."""
    objects, found = _parsed(text)
    if not found:
        views = {o["id"]: o for o in objects if o["type"] == "index-pattern"}
        fields = {i: mappings.get(v["attributes"].get("title"), {}) for i, v in views.items()}
        known = {(o["type"], o["id"]) for o in objects}
        for o in objects:
            at = f"{o['type']} {o['id']}"
            found += [f"{at}: {fault}" for fault in _faults_of(o, known, fields, mappings)]
    return found


def _parsed(text: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The objects, and what makes it pointless to look further."""
    objects, found = [], []
    if not text.endswith("\n"):
        found.append("the last line has no end")
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            o = json.loads(line)
        except ValueError as error:
            found.append(f"line {number} is no JSON: {error}")
            continue
        if not isinstance(o, dict) or set(o) != KEYS:
            odd = sorted(set(o) ^ KEYS) if isinstance(o, dict) else line
            found.append(f"line {number}: keys that are missing or too many: {odd}")
        elif o["type"] not in ATTRIBUTES:
            found.append(f"line {number}: type {o['type']} is not checked")
        else:
            objects.append(o)
    for (kind, identity), times in Counter((o["type"], o["id"]) for o in objects).items():
        found += [f"{kind} {identity} stands there {times} times"] if times > 1 else []
    for o in objects:
        for path in TEXTS[o["type"]]:
            value = _at(o["attributes"], path)
            if value is None:
                continue
            if not isinstance(value, str):
                found.append(f"{o['type']} {o['id']}: {path} is no text but {type(value).__name__}")
                continue
            try:
                json.loads(value)
            except ValueError as error:
                found.append(f"{o['type']} {o['id']}: {path} is no JSON: {error}")
    return objects, found


def _at(attributes: Mapping[str, Any], path: str) -> Any:
    value: Any = attributes
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _inner(o: Mapping[str, Any], path: str, otherwise: Any) -> Any:
    value = _at(o["attributes"], path)
    return otherwise if value is None else json.loads(value)


def _faults_of(
    o: dict[str, Any],
    known: set[tuple[str, str]],
    fields: Mapping[str, Fields],
    mappings: Mapping[str, Fields],
) -> Iterator[str]:
    kind, attributes = o["type"], o["attributes"]
    if not o["id"].startswith("tocsin-"):
        yield "its id does not begin with tocsin-"
    if o["coreMigrationVersion"] != CORE:
        yield f"coreMigrationVersion is {o['coreMigrationVersion']}, not {CORE}"
    if o["typeMigrationVersion"] != FLOORS[kind]:
        yield f"typeMigrationVersion is {o['typeMigrationVersion']}, not {FLOORS[kind]}"
    if odd := sorted(set(attributes) - ATTRIBUTES[kind]):
        yield f"attributes that its version does not know: {odd}"
    if not attributes.get("title"):
        yield "it has no title"
    held = {r["name"]: r for r in o["references"]}
    if len(held) != len(o["references"]):
        yield "two references of one name"
    for name, r in held.items():
        if (r["type"], r["id"]) not in known:
            yield f"reference {name} leads to {r['type']} {r['id']}, which is not in the file"
    if kind == "index-pattern":
        used: set[str] = set()
        yield from _view_faults(o, mappings)
    elif kind == "search":
        used = {_inner(o, "kibanaSavedObjectMeta.searchSourceJSON", {}).get("indexRefName", "")}
        yield from _search_faults(o, held, fields)
    else:
        used = set()
        yield from _dashboard_faults(o, held, fields, used)
    for name in sorted(used - set(held)):
        yield f"reference {name!r} is used and not given"
    for name in sorted(set(held) - used):
        yield f"reference {name!r} is given and not used"


def _view_faults(o: dict[str, Any], mappings: Mapping[str, Fields]) -> Iterator[str]:
    attributes = o["attributes"]
    title = attributes.get("title")
    if title not in mappings:
        yield f"no index template of ours has the pattern {title}"
        return
    fields = mappings[title]
    clock = attributes.get("timeFieldName")
    if clock is not None and fields.get(clock, {}).get("type") not in DATES:
        yield f"its time field {clock} is no date"
    formats = _inner(o, "fieldFormatMap", {})
    for what, names in (
        ("labelled", _inner(o, "fieldAttrs", {})),
        ("formatted", formats),
    ):
        for name in names:
            if name not in fields:
                yield f"{name} is {what} and no field of {title}"
    for entry in _inner(o, "sourceFilters", []):
        if entry["value"].partition(".")[0] not in fields:
            yield f"{entry['value']} is filtered out and no field of {title}"
    for name, how in formats.items():
        params = how.get("params", {})
        if how.get("id") == "url":
            template = params.get("urlTemplate", "")
            if not re.fullmatch(r"https?://\S+\{\{value\}\}|\{\{rawValue\}\}", template):
                yield f"{name} links to {template!r}"
        elif how.get("id") == "date":
            if fields.get(name, {}).get("type") not in DATES:
                yield f"{name} is formatted as a date and is none"
        else:
            yield f"{name} has the unknown format {how.get('id')}"


def _query_faults(query: Any, fields: Fields) -> Iterator[str]:
    if not isinstance(query, dict) or query.get("language") != "lucene":
        yield f"a query that is not Lucene: {query}"
        return
    for names in _ASKED.findall(re.sub(r'"[^"]*"', "", query["query"])):
        if (name := "".join(names)) not in fields:
            yield f"its query asks {name}, which is no field"


def _search_faults(
    o: dict[str, Any], held: Mapping[str, Any], fields: Mapping[str, Fields]
) -> Iterator[str]:
    source = _inner(o, "kibanaSavedObjectMeta.searchSourceJSON", {})
    view = held.get(source.get("indexRefName", ""), {}).get("id", "")
    own = fields.get(view, {})
    yield from _query_faults(source.get("query"), own)
    for name in o["attributes"].get("columns", []):
        if name not in own:
            yield f"column {name} is no field of {view}"
    for pair in o["attributes"].get("sort", []):
        name, direction = pair if isinstance(pair, list) and len(pair) == 2 else (pair, "")
        if direction not in {"asc", "desc"}:
            yield f"sorted by {pair}"
        elif own.get(name, {}).get("type", "text") in {"text", "object"}:
            yield f"sorted by {name}, which is no field that can be sorted by"


def _dashboard_faults(
    o: dict[str, Any], held: Mapping[str, Any], fields: Mapping[str, Fields], used: set[str]
) -> Iterator[str]:
    yield from _query_faults(
        _inner(o, "kibanaSavedObjectMeta.searchSourceJSON", {}).get("query"), {}
    )
    seen: dict[tuple[int, int], str] = {}
    indices: set[str] = set()
    for panel in _inner(o, "panelsJSON", []):
        index, grid = panel.get("panelIndex", ""), panel.get("gridData", {})
        at = f"panel {index} ({panel.get('title', '')})"
        if index in indices or grid.get("i") != index:
            yield f"{at}: its index is not its own"
        indices.add(index)
        x, y, w, h = (grid.get(side, -1) for side in "xywh")
        if min(x, y) < 0 or min(w, h) < 1 or x + w > COLUMNS:
            yield f"{at} stands outside the {COLUMNS} columns"
        over = {
            seen[cell]
            for cell in ((i, j) for i in range(x, x + w) for j in range(y, y + h))
            if seen.setdefault(cell, index) != index
        }
        if over:
            yield f"{at} overlaps {sorted(over)}"
        config = panel.get("embeddableConfig")
        if not isinstance(config, dict):
            yield f"{at} has no embeddableConfig"
        elif panel.get("type") == "search":
            name = f"{index}:{panel.get('panelRefName')}"
            used.add(name)
            if held.get(name, {"type": "search"})["type"] != "search":
                yield f"{at}: {name} is no search"
        elif panel.get("type") == "lens":
            outer = {
                n.removeprefix(f"{index}:"): r for n, r in held.items() if n.startswith(f"{index}:")
            }
            used |= {f"{index}:{n}" for n in outer}
            for fault in lens_faults(config.get("attributes"), outer, fields, _query_faults):
                yield f"{at}: {fault}"
        else:
            yield f"{at} is of the unchecked type {panel.get('type')}"
    yield from _control_faults(o, held, fields, used)


def _control_faults(
    o: dict[str, Any], held: Mapping[str, Any], fields: Mapping[str, Fields], used: set[str]
) -> Iterator[str]:
    controls = _inner(o, "controlGroupInput.panelsJSON", {})
    if len({c.get("order") for c in controls.values()}) != len(controls):
        yield "two controls stand in one place"
    for key, control in controls.items():
        given = control.get("explicitInput", {})
        name = f"controlGroup_{key}:optionsListDataView"
        used.add(name)
        own = fields.get(held.get(name, {}).get("id", ""), {})
        if control.get("type") != "optionsListControl" or given.get("id") != key:
            yield f"control {key} is not the list that it says"
        if own.get(given.get("fieldName"), {}).get("type") != "keyword":
            yield f"control {key} lists {given.get('fieldName')}, which is no keyword"
