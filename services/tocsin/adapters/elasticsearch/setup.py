"""Makes Elasticsearch ready for a desk: templates, indices, aliases. Safe to run again at any time.

A template says what each later index is; an index that exists is brought up to it where that can be
done in place (fields added, replicas, a lost alias). What cannot is told with the mend. Nothing is ever
deleted here, and no write setting of a person's is overruled in silence (see `checkup.py`).
"""

from collections.abc import Mapping
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from tocsin.adapters.elasticsearch.checkup import REINDEX, check, indices_of
from tocsin.adapters.elasticsearch.faults import addresses, asking, cause
from tocsin.adapters.elasticsearch.indices import alias_taken, aliases, make_index
from tocsin.adapters.elasticsearch.mappings import SETTINGS, mapping
from tocsin.adapters.elasticsearch.names import (
    KINDS,
    MONTHLY,
    index_name,
    index_pattern,
    reading_name,
    template_name,
)
from tocsin.errors import StoreError
from tocsin.ports.clock import Clock, SystemClock
from tocsin.ports.search import DocKind

__all__ = ["check", "make_templates", "template_of"]

PRIORITY = 500
"""Above the templates that Elasticsearch brings along (100 to 200): `logs-*-*` must not take ours."""

_MACHINE = SystemClock()


def template_of(prefix: str, kind: DocKind, replicas: int) -> dict[str, Any]:
    """The index template of a kind, as the node is told. `replicas`: further copies of each shard."""
    index = {**SETTINGS["index"], "number_of_replicas": replicas}
    return {
        "index_patterns": [index_pattern(prefix, kind)],
        "priority": PRIORITY,
        # A mistyped month is refused, whatever the cluster allows elsewhere.
        "allow_auto_create": False,
        "template": {
            "settings": {"index": index},
            "mappings": mapping(kind),
            "aliases": aliases(prefix, kind),
        },
    }


def make_templates(
    client: Elasticsearch, prefix: str, *, replicas: int, clock: Clock = _MACHINE
) -> list[str]:
    """Make or renew every template, bring the existing indices up to it, and make the indices that
    today's documents go to (so that a dashboard has something to look at). Returns the names of the
    indices made; idempotent.

    `replicas` counts further copies of each shard: 0 on a single node. Raises StoreError, after doing
    all that can be done, where a mapping has changed in a way that only reindexing mends; Retryable
    where the cluster can't be reached.
    """
    conflicts: list[str] = []
    made: list[str] = []
    for kind in KINDS:
        existing = indices_of(client, prefix, kind)
        if kind in MONTHLY and reading_name(prefix, kind) in existing:
            conflicts.append(alias_taken(prefix, kind))
            continue
        with asking(client):
            client.indices.put_index_template(
                name=template_name(prefix, kind), **template_of(prefix, kind, replicas)
            )
        for name, held in existing.items():
            conflicts += _renew(client, prefix, kind, name, held, replicas)
        name = index_name(prefix, kind, clock.now())
        if make_index(client, prefix, kind, name):
            made.append(name)
    if conflicts:
        raise StoreError(f"Elasticsearch at {addresses(client)}: {'; '.join(conflicts)}")
    return made


def _renew(
    client: Elasticsearch,
    prefix: str,
    kind: DocKind,
    name: str,
    held: Mapping[str, Any],
    replicas: int,
) -> list[str]:
    with asking(client):
        if kind in MONTHLY and reading_name(prefix, kind) not in held["aliases"]:
            client.indices.put_alias(index=name, name=reading_name(prefix, kind))
        if held["settings"]["index"].get("number_of_replicas") != str(replicas):
            client.indices.put_settings(index=name, settings={"number_of_replicas": replicas})
        try:
            client.indices.put_mapping(index=name, **mapping(kind))
        except BadRequestError as error:
            reason = cause(error)[1]
            return [f"the mapping of {name} cannot be changed in place ({reason}); {REINDEX}"]
    return []
