"""What `tocsin setup` makes on the servers of a distributed desk: topics, index templates and aliases,
Kibana's objects. Idempotent: what is there and right is left alone.
"""

from collections.abc import Callable

from tocsin.adapters.elasticsearch.client import client_of, password_in, wait_for_elasticsearch
from tocsin.adapters.elasticsearch.setup import check, make_templates
from tocsin.adapters.kafka.topics import make_topics, wait_for_broker
from tocsin.adapters.kibana.importer import import_objects
from tocsin.adapters.kibana.objects import package
from tocsin.errors import TocsinError
from tocsin.settings import Settings
from tocsin_schemas.topics import TOPICS

PATIENCE_S = 60.0
"""How long setup waits for a server that starts beside it, seconds."""
NO_KIBANA = "Kibana: no address (TOCSIN_KIBANA); its views and dashboard were not imported"


def install(
    settings: Settings, tell: Callable[[str], None], *, kibana_only: bool = False
) -> dict[str, object]:
    """Make everything, a line to `tell` for each step; returns the facts. Raises TocsinError with place
    and mend where a server does not come, or holds something that must not be overwritten.
    """
    facts: dict[str, object] = {}
    if not kibana_only:
        facts |= _log(settings, tell) | _index(settings, tell)
    if settings.kibana:
        facts["kibana"] = _kibana(settings, tell)
    else:
        tell(NO_KIBANA)
        facts["kibana"] = None
    return facts


def _log(settings: Settings, tell: Callable[[str], None]) -> dict[str, object]:
    wait_for_broker(settings.kafka, PATIENCE_S)
    done = make_topics(settings.kafka, settings.prefix, settings.replicas)
    for line in done:
        tell(f"Kafka: {line}")
    tell(f"Kafka at {settings.kafka}: {len(TOPICS)} topics ready")
    return {"topics": sorted(settings.prefix + name for name in TOPICS), "kafka": done}


def _index(settings: Settings, tell: Callable[[str], None]) -> dict[str, object]:
    client = client_of(settings)
    try:
        wait_for_elasticsearch(client, PATIENCE_S)
        make_templates(client, settings.prefix, replicas=settings.replicas - 1)
        if problems := check(client, settings.prefix):
            raise TocsinError("\n".join(problems))
    finally:
        client.close()
    tell(f"Elasticsearch at {settings.elasticsearch}: templates and aliases ready")
    return {"elasticsearch": settings.elasticsearch}


def _kibana(settings: Settings, tell: Callable[[str], None]) -> dict[str, object]:
    file = settings.elasticsearch_password_file
    done = import_objects(
        settings.kibana,
        package(settings),
        user=settings.elasticsearch_user,
        password=password_in(file) if file else "",
        ca_file=settings.elasticsearch_ca_file,
    )
    tell(f"Kibana {done.version} at {settings.kibana}: {done.objects} objects imported")
    for line in done.notes:
        tell(f"Kibana: {line}")
    return {"address": settings.kibana, "version": done.version, "objects": done.objects}
