"""The connection to Elasticsearch that the settings describe.

Nothing is tried again behind our back: what a failure means is decided in `faults.py`, and whoever
asked decides when to ask again.
"""

import time
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from elastic_transport import OrjsonSerializer
from elasticsearch import Elasticsearch

from tocsin.adapters.elasticsearch.faults import addresses, asking
from tocsin.errors import Retryable, UsageError
from tocsin.settings import Settings

ANSWER_S = 30.0
"""Longest wait for an answer, seconds. A bulk of 5 MiB took 0.5 s on the test node."""
CONNECTIONS = 10
"""Per node: requests at one time of all threads of a process."""
_PAUSE_S = 0.5


class _Json(OrjsonSerializer):
    """What Elasticsearch 9 calls JSON, read and written fast."""

    mimetype: ClassVar[str] = "application/vnd.elasticsearch+json"


def client_of(settings: Settings) -> Elasticsearch:
    """A client, thread-safe; nothing is dialled yet. UsageError where a setting is wrong."""
    options: dict[str, Any] = {}
    if settings.elasticsearch_user:
        file = settings.elasticsearch_password_file
        if file is None:
            raise UsageError(
                "TOCSIN_ELASTICSEARCH_USER is set: set TOCSIN_ELASTICSEARCH_PASSWORD_FILE too,"
                " to a file that holds the password"
            )
        options["basic_auth"] = (settings.elasticsearch_user, password_in(file))
    hosts = [_host(part.strip()) for part in settings.elasticsearch.split(",") if part.strip()]
    if not hosts:
        raise UsageError("TOCSIN_ELASTICSEARCH is empty: set it to http(s)://host:port")
    if ca := settings.elasticsearch_ca_file:
        _read(ca, "TOCSIN_ELASTICSEARCH_CA_FILE")
        if any(host.startswith("https:") for host in hosts):
            options["ca_certs"] = str(ca)
    return Elasticsearch(
        hosts,
        request_timeout=ANSWER_S,
        max_retries=0,
        retry_on_status=(),
        connections_per_node=CONNECTIONS,
        serializers={_Json.mimetype: _Json()},
        **options,
    )


def password_in(file: Path) -> str:
    """The password that a file holds. UsageError where it cannot be read."""
    return _read(file, "TOCSIN_ELASTICSEARCH_PASSWORD_FILE").strip("\r\n")


def wait_for_elasticsearch(client: Elasticsearch, seconds: float) -> None:
    """Return as soon as the cluster answers and can serve (status yellow or green). Raises Retryable
    after `seconds`, StoreError at once for what waiting does not mend (a password, another product).
    """
    end = time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        try:
            with asking(client):
                wait = max(1.0, min(left, ANSWER_S))
                health = client.options(request_timeout=wait + 5).cluster.health(
                    wait_for_status="yellow", timeout=f"{wait:.0f}s"
                )
            if not health["timed_out"]:
                return
            fault = Retryable(
                f"Elasticsearch at {addresses(client)} is {health['status']}: a primary shard is"
                " not to be had"
            )
        except Retryable as error:
            fault = error
        if time.monotonic() + _PAUSE_S > end:
            raise fault
        time.sleep(_PAUSE_S)


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port
    except ValueError:
        good = False
    if good and (parts.username or parts.password):
        raise UsageError(
            f"TOCSIN_ELASTICSEARCH: the address of {parts.hostname} holds a user or password; put them"
            " into TOCSIN_ELASTICSEARCH_USER and TOCSIN_ELASTICSEARCH_PASSWORD_FILE"
        )
    if not good:
        raise UsageError(
            f"TOCSIN_ELASTICSEARCH: {address!r} is no address; write http://host:9200 or"
            " https://host:9200, several by commas"
        )
    return address


def _read(file: Path, setting: str) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{setting}: {file} cannot be read: {error}") from error
