"""What is wrong with a desk's indices, each with its place and mend. Looks only; changes nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from tocsin.adapters.elasticsearch.faults import addresses, asking
from tocsin.adapters.elasticsearch.indices import alias_taken, aliases
from tocsin.adapters.elasticsearch.mappings import ANALYSIS, FIELDS, SETTINGS, mapping
from tocsin.adapters.elasticsearch.names import (
    KINDS,
    MONTHLY,
    index_pattern,
    reading_name,
    template_name,
)
from tocsin.errors import TocsinError
from tocsin.ports.search import DocKind

_SETUP = "run `tocsin setup`"
REINDEX = (
    'reindex it: copy it away (`POST _reindex`, dest with `"version_type": "external"`), delete it,'
    " run `tocsin setup`, copy it back"
)
"""The mend for an index whose mapping cannot be changed in place."""


def check(client: Elasticsearch, prefix: str) -> list[str]:
    """Every problem found, [] for none: the cluster is out of reach or lacks a primary shard, a
    template or alias is missing or another, an index could lose what it has acknowledged
    (`translog.durability: async`), takes no writes, or has another mapping or analysis than ours.
    """
    try:
        with asking(client):
            health = client.cluster.health()
        found = list(_shards(client, health.body))
        for kind in KINDS:
            found += _template(client, prefix, kind)
            for name, held in indices_of(client, prefix, kind).items():
                found += _index(prefix, kind, name, held)
    except TocsinError as error:
        return [str(error)]
    return found


def indices_of(client: Elasticsearch, prefix: str, kind: DocKind) -> dict[str, Any]:
    """Every index of a kind by name, with its `aliases`, `mappings` and `settings`; an index that has
    the name of the alias among them.
    """
    patterns = [index_pattern(prefix, kind), reading_name(prefix, kind)]
    with asking(client):
        return dict(client.indices.get(index=patterns, ignore_unavailable=True).body)


def _shards(client: Elasticsearch, health: Mapping[str, Any]) -> Iterator[str]:
    if health["status"] == "red":
        yield (
            f"Elasticsearch at {addresses(client)} is red: some primary shards are not to be had;"
            " see `GET _cluster/allocation/explain`"
        )


def _template(client: Elasticsearch, prefix: str, kind: DocKind) -> Iterator[str]:
    name = template_name(prefix, kind)
    with asking(client):
        try:
            answer = client.indices.get_index_template(name=name)
        except NotFoundError:
            yield f"the index template {name} is missing; {_SETUP}"
            return
    template = answer["index_templates"][0]["index_template"]
    held = template.get("template", {})
    settings = _flat(held.get("settings", {}))
    same = (
        template["index_patterns"] == [index_pattern(prefix, kind)]
        and template.get("allow_auto_create") is False
        and held.get("mappings") == mapping(kind)
        and held.get("aliases", {}) == aliases(prefix, kind)
        and all(settings.get(key) == value for key, value in _flat(SETTINGS).items())
    )
    if not same:
        yield f"the index template {name} is another than this release's; {_SETUP}"


def _index(prefix: str, kind: DocKind, name: str, held: Mapping[str, Any]) -> Iterator[str]:
    alias = reading_name(prefix, kind)
    if kind in MONTHLY and name == alias:
        yield alias_taken(prefix, kind)
        return
    if kind in MONTHLY and alias not in held["aliases"]:
        yield f"the index {name} lacks the alias {alias}, so nothing in it is found; {_SETUP}"
    settings = held["settings"]["index"]
    if settings.get("translog", {}).get("durability") == "async":
        yield (
            f"the index {name} has `index.translog.durability: async`: what it acknowledges may be"
            " lost when its node dies, so Tocsin refuses to write there; mend with"
            f' `PUT /{name}/_settings {{"index.translog.durability": "request"}}`'
        )
    blocks = sorted(k for k, v in settings.get("blocks", {}).items() if str(v) == "true")
    if blocks:
        yield (
            f"the index {name} takes no writes (`index.blocks.{blocks[0]}`): the disk is full, or"
            " someone is maintaining it"
        )
    if _flat(settings.get("analysis", {})) != _flat(ANALYSIS):
        yield f"the index {name} cuts words otherwise than this release; {REINDEX}"
    yield from _fields(kind, name, held["mappings"].get("properties", {}))


def _fields(kind: DocKind, name: str, held: Mapping[str, Any]) -> Iterator[str]:
    other = sorted(
        field
        for field, wanted in FIELDS[kind].items()
        if field in held and any(held[field].get(key) != value for key, value in wanted.items())
    )
    if other:
        yield (f"the index {name} holds {', '.join(other)} otherwise than this release; {REINDEX}")
        return
    missing = sorted(FIELDS[kind].keys() - held.keys())
    if missing:
        yield f"the index {name} lacks the fields {', '.join(missing)}; {_SETUP}"


def _flat(settings: Any, above: str = "") -> dict[str, str]:
    """Settings by their dotted names, as text: the node tells every value as a string."""
    if not isinstance(settings, Mapping):
        return {above: ",".join(settings) if isinstance(settings, list) else str(settings)}
    found: dict[str, str] = {}
    for key, value in settings.items():
        found |= _flat(value, f"{above}.{key}" if above else str(key))
    return found
