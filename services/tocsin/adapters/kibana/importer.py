"""Hands the objects of `objects` to a Kibana, and has it say whether it can use them.

Three steps, each safe to repeat: the file is imported (what stands there under our ids is replaced), the
query string options are set so that Lucene text means in Kibana what it means on the desk (design §5),
and the dashboards are read back, since an import never looks inside a panel.

Known from public documentation and source only, tried against no Kibana (none can run where this was
built; tried against a loopback server that answers as described):
- `POST /api/saved_objects/_import?overwrite=true`, multipart field `file` named `….ndjson`; HTTP 200 with
  `success: false` and `errors[].error.type` is a failure;
- `query:queryString:options` is one JSON text, by default `{"analyze_wildcard": true}`; in 9.x its schema
  names every key (`analyze_wildcard` required; default_operator, fuzzy_prefix_length and
  fuzzy_max_expansions among the known) and refuses others, so an older one may refuse ours (a note then);
  read and written at `/api/kibana/settings` (`{"changes": {…}}`), a route of the public source that the
  API reference does not list;
- `GET /api/dashboards/{id}` exists from 9.4 and answers `data.panels`, `data.pinned_panels` (controls)
  and `warnings` (`dropped_panel`, `schema_warning`); earlier versions convert nothing on reading.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.adapters.kibana.connection import Answer, Kibana, plain
from tocsin.errors import UsageError
from tocsin.query.lucene import OPTIONS

LUCENE = "query:queryString:options"
LUCENE_OPTIONS: Mapping[str, object] = {
    name: OPTIONS[name]
    for name in (
        "analyze_wildcard",
        "default_operator",
        "fuzzy_max_expansions",
        "fuzzy_prefix_length",
    )
}
"""What of `query.lucene.OPTIONS` a person's Kibana gets: those that change what a text of ours finds.
Not `lenient: false`, with which a bare word fails on the numbers of a view (measured on 9.4.3), and not
`allow_leading_wildcard: false`, which takes away what an analyst may be used to.
"""
READS_BACK = (9, 4)
"""First version that can show a dashboard as its reader will get it."""
_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})")
API_VERSION = "2023-10-31"
"""The public API's version; the only one there is."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was done. `notes` are what a person should know although nothing failed, one line each."""

    version: str
    objects: int
    dashboards: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def import_objects(
    kibana_url: str,
    ndjson: str,
    *,
    user: str = "",
    password: str = "",
    ca_file: Path | None = None,
    patience_s: float = 120.0,
    pause_s: float = 2.0,
) -> Imported:
    """Import `ndjson` into the Kibana at `kibana_url`; idempotent, overwrites objects of the same ids.

    502, 503 and refused connections are tried again every `pause_s` for `patience_s` seconds in all.
    Raises Retryable when it is not ready by then; UsageError for an address that is no Kibana, a user who
    is refused, objects that are refused (each named with its reason), and a dashboard that Kibana can't
    show whole.
    """
    kibana = Kibana(
        kibana_url,
        user=user,
        password=password,
        ca_file=ca_file,
        patience_s=patience_s,
        pause_s=pause_s,
    )
    version = _version(kibana)
    count = _import(kibana, ndjson)
    notes = list(_set_lucene(kibana))
    read = []
    if _reads_back(version):
        for identity, panels, controls in _dashboards(ndjson):
            note = _read_back(kibana, identity, panels, controls)
            notes += note
            read += [] if note else [identity]
    else:
        notes.append(f"Kibana {version} can't show a dashboard by API: open it once and look")
    return Imported(version, count, tuple(read), tuple(notes))


def _version(kibana: Kibana) -> str:
    answer = kibana.ask("GET", "/api/status")
    held = answer.json
    version = held.get("version") if isinstance(held, dict) else None
    number = version.get("number") if isinstance(version, dict) else None
    if answer.status != 200 or not isinstance(number, str) or not _VERSION.match(number):
        raise UsageError(
            f"what answers at {kibana.url} is no Kibana ({answer.status} at /api/status, without a"
            " version); look at TOCSIN_KIBANA, its port, and its base path if it has one"
        )
    return plain(number)


def _reads_back(version: str) -> bool:
    found = _VERSION.match(version)
    return found is not None and (int(found[1]), int(found[2])) >= READS_BACK


def _import(kibana: Kibana, ndjson: str) -> int:
    content = ndjson.encode()
    boundary = "tocsin-" + hashlib.sha256(content).hexdigest()[:32]
    body = b"".join(
        (
            f"--{boundary}\r\n".encode(),
            b'Content-Disposition: form-data; name="file"; filename="tocsin.ndjson"\r\n',
            b"Content-Type: application/ndjson\r\n\r\n",
            content,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )
    answer = kibana.ask(
        "POST",
        "/api/saved_objects/_import?overwrite=true",
        body,
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    held = answer.json
    if answer.status != 200 or not isinstance(held, dict):
        raise UsageError(
            f"Kibana at {kibana.url} did not take the objects ({answer.status}): {answer.words()}"
        )
    if held.get("success") is not True:
        told = "; ".join(_errors(held)) or answer.words()
        raise UsageError(
            f"Kibana at {kibana.url} refuses objects of the Tocsin package: {told}."
            " Mend what is named and run setup again; what was taken is replaced then"
        )
    count = held.get("successCount")
    return count if isinstance(count, int) else 0


def _errors(held: Mapping[str, Any]) -> Iterable[str]:
    """`dashboard tocsin-monitoring: missing_references (index-pattern tocsin-stories)`."""
    for error in _objects(held.get("errors")):
        why = error.get("error")
        why = why if isinstance(why, dict) else {}
        missing = [f"{r.get('type')} {r.get('id')}" for r in _objects(why.get("references"))]
        more = ", ".join(missing) or why.get("message") or why.get("destinationId") or ""
        told = f"{error.get('type')} {error.get('id')}: {why.get('type') or 'no reason given'}"
        yield plain(f"{told} ({more})" if more else told)


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list that another program sent; none where it is no list."""
    return [o for o in value if isinstance(o, dict)] if isinstance(value, list) else []


def _set_lucene(kibana: Kibana) -> Iterable[str]:
    """Our options added to those that stand there; a note where they can't be."""
    path = "/api/kibana/settings"
    answer = kibana.ask("GET", path)
    if answer.status == 200:
        held = _lucene_held(answer)
        wanted = {**held, **LUCENE_OPTIONS}
        if wanted == held:
            return
        text = json.dumps(wanted, sort_keys=True)
        answer = kibana.ask(
            "POST",
            path,
            json.dumps({"changes": {LUCENE: text}}).encode(),
            headers={"Content-Type": "application/json"},
        )
        if answer.status == 200:
            return
    yield (
        f"the setting {LUCENE} could not be set ({answer.status}: {answer.words()}); set it by hand"
        f" (Stack Management, Advanced Settings) to {json.dumps(LUCENE_OPTIONS, sort_keys=True)},"
        " else Lucene text of the desk may find more or less in Kibana"
    )


def _lucene_held(answer: Answer) -> dict[str, object]:
    held = answer.json
    for step in ("settings", LUCENE, "userValue"):
        held = held.get(step) if isinstance(held, dict) else None
    try:
        options = json.loads(held) if isinstance(held, str) else held
    except ValueError:
        return {}
    return options if isinstance(options, dict) else {}


def _dashboards(ndjson: str) -> Iterable[tuple[str, int, int]]:
    """(id, panels, controls) of each dashboard in the file."""
    for line in ndjson.splitlines():
        held = json.loads(line)
        if held.get("type") == "dashboard":
            attributes = held["attributes"]
            controls = attributes.get("controlGroupInput", {}).get("panelsJSON", "{}")
            yield held["id"], len(json.loads(attributes["panelsJSON"])), len(json.loads(controls))


def _read_back(kibana: Kibana, identity: str, panels: int, controls: int) -> list[str]:
    answer = kibana.ask(
        "GET", f"/api/dashboards/{identity}", headers={"elastic-api-version": API_VERSION}
    )
    held = answer.json
    data = held.get("data") if isinstance(held, dict) else None
    if answer.status == 404 and identity in answer.words():
        raise UsageError(
            f"Kibana at {kibana.url} took the dashboard {identity} and does not find it again"
        )
    if answer.status != 200 or not isinstance(held, dict) or not isinstance(data, dict):
        why = f"{answer.status}: {answer.words()}"
        return [f"the dashboard {identity} could not be read back ({why}): open it once and look"]
    warnings = [
        plain(f"{w.get('type')}: {w.get('message')}") for w in _objects(held.get("warnings"))
    ]
    for name, wanted in (("panels", panels), ("pinned_panels", controls)):
        found = data.get(name)
        if isinstance(found, list) and len(found) != wanted:
            warnings.append(f"{len(found)} of {wanted} {name.replace('_', ' ')} are left")
    if warnings:
        raise UsageError(
            f"Kibana at {kibana.url} can't show all of the dashboard {identity}:"
            f" {'; '.join(warnings)}. This is a fault of the package: please report it with your"
            " Kibana's version"
        )
    return []
