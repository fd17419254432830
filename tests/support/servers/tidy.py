"""Takes a test's names off servers that were lent to the run; those of our own end with it, so they are left as they are."""

import http.client
import json
import warnings
from typing import Any
from urllib.parse import quote, urlsplit


def forget_topics(servers: str, prefix: str) -> None:
    """Deletes the topics and the idle groups whose names begin with `prefix`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python's own, at import
        from kafka import KafkaAdminClient  # noqa: PLC0415 - only where a server is lent

    admin = KafkaAdminClient(bootstrap_servers=servers)
    try:
        topics = [name for name in admin.list_topics() if name.startswith(prefix)]
        if topics:
            admin.delete_topics(topics)
        groups = [group["group_id"] for group in admin.list_groups()]
        if mine := [group for group in groups if group.startswith(prefix)]:
            admin.delete_groups(mine)
    finally:
        admin.close()


def forget_indices(url: str, prefix: str) -> None:
    """Deletes the indices and the templates whose names begin with `prefix`."""
    rows = _ask(
        url, "GET", f"/_cat/indices/{quote(prefix)}*?format=json&h=index&expand_wildcards=all"
    )
    for row in rows if isinstance(rows, list) else []:
        _ask(url, "DELETE", f"/{quote(row['index'])}")
    for kind in ("_index_template", "_component_template"):
        _ask(url, "DELETE", f"/{kind}/{quote(prefix)}*")


def _ask(url: str, method: str, path: str) -> Any:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    door = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    line = door(parts.hostname or "", parts.port, timeout=30)
    try:
        line.request(method, path)
        return json.loads(line.getresponse().read() or b"null")
    finally:
        line.close()
