"""The broker's topics, made from `tocsin_schemas.topics`: the table is the truth, the broker follows.

Missing topics are made, differing settings altered and told. A partition count is never changed
behind anyone's back: keys would move between partitions.
"""

import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from kafka import errors
from kafka.admin import ConfigResource, ConfigResourceType

from tocsin.adapters.kafka import client
from tocsin.adapters.routing import TOMBSTONE_S
from tocsin.errors import Retryable, TocsinError
from tocsin_schemas.topics import TOPICS, Topic

CLIENT_ID = "tocsin-setup"
_API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)
"""The smallest question that any broker answers: ApiVersions 0, no client id."""
_ASK_S = 2.0
_CREATE_MS = 20_000


def settings_of(topic: Topic) -> dict[str, str]:
    """A topic's settings on the broker.

    The broker packs, by gzip at level 1: every reader can unpack it, while zstd would need a package
    that this client and Faust's choose differently. Measured on 2 KB records: half the processor time
    of a producer that packs, which this client does at level 9 and no other.
    """
    policy = "delete"
    if topic.compacted:
        policy = "compact" if topic.retention_s is None else "compact,delete"
    kept_ms = -1 if topic.retention_s is None else topic.retention_s * 1000
    settings = {
        "cleanup.policy": policy,
        "retention.ms": str(kept_ms),
        "max.message.bytes": str(topic.max_bytes + client.RECORD_OVERHEAD),
        "compression.type": "gzip",
        "compression.gzip.level": "1",
    }
    if topic.compacted:
        settings["min.compaction.lag.ms"] = str(topic.compaction_lag_s * 1000)
        settings["delete.retention.ms"] = str(TOMBSTONE_S * 1000)
    return settings


def make_topics(
    servers: str, prefix: str = "", replicas: int = 1, topics: Mapping[str, Topic] = TOPICS
) -> list[str]:
    """Make and mend the desk's topics; idempotent. Returns what was done, a line each, [] where all
    was well. `replicas`: copies of each partition, for new topics. TocsinError, naming the mend, for
    an existing topic with another number of partitions; Retryable while the broker is away.
    """
    done: list[str] = []
    with _asking(servers) as (admin, base):
        existing = _partitions(admin, prefix, topics)
        missing = [t for t in topics.values() if prefix + t.name not in existing]
        if missing:
            _create(admin, base, prefix, missing, replicas)
            done += [f"made {prefix}{t.name} ({t.partitions} partitions)" for t in missing]
        wrong = [
            f"{prefix}{t.name} has {existing[prefix + t.name]} partitions, {t.partitions} are needed"
            for t in topics.values()
            if existing.get(prefix + t.name, t.partitions) != t.partitions
        ]
        if wrong:
            raise TocsinError(
                f"Kafka at {servers}: {'; '.join(wrong)}. Keys would move between partitions, so this "
                "is not done for you: stop the workers, then delete the topic and run `tocsin setup` "
                "again, or use another TOCSIN_PREFIX"
            )
        for topic in topics.values():
            if prefix + topic.name in existing:
                done += _mend(admin, base, prefix + topic.name, settings_of(topic))
    return done


def missing_topics(
    servers: str, prefix: str = "", topics: Mapping[str, Topic] = TOPICS
) -> list[str]:
    """Names on the broker of the topics that are not there, in the table's order."""
    with _asking(servers) as (admin, _):
        existing = _partitions(admin, prefix, topics)
    return [prefix + name for name in topics if prefix + name not in existing]


def wait_for_broker(servers: str, timeout_s: float) -> None:
    """Return once a broker answers; Retryable, naming the addresses, after `timeout_s`. UsageError for
    an address that is none.
    """
    addresses = client.addresses(servers)
    deadline = monotonic() + timeout_s
    while not any(_answers(*address) for address in addresses):
        if monotonic() >= deadline:
            raise Retryable(f"Kafka does not answer at {servers} (waited {timeout_s:g} s)")
        sleep(min(0.5, max(0.0, deadline - monotonic())))


def _answers(host: str, port: int) -> bool:
    """Whether a broker, and not just an open port, is there."""
    try:
        with socket.create_connection((host, port), _ASK_S) as connection:
            connection.settimeout(_ASK_S)
            connection.sendall(_API_VERSIONS)
            answer = connection.recv(10, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(answer) == 10 and struct.unpack(">iih", answer)[1:] == (1, 0)


@contextmanager
def _asking(servers: str) -> Iterator[tuple[Any, client.Options]]:
    base = client.options(servers, CLIENT_ID)
    with client.answered(base):
        admin = client.admin(base)
        try:
            yield admin, base
        finally:
            admin.close()


def _partitions(admin: Any, prefix: str, topics: Mapping[str, Topic]) -> dict[str, int]:
    """How many partitions each of the desk's existing topics has."""
    described = admin.describe_topics([prefix + name for name in topics])
    return {t["name"]: len(t["partitions"]) for t in described if t["error_code"] == 0}


def _create(
    admin: Any, base: client.Options, prefix: str, missing: list[Topic], replicas: int
) -> None:
    wanted = {
        prefix + topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": replicas,
            "configs": settings_of(topic),
        }
        for topic in missing
    }
    answer = admin.create_topics(wanted, timeout_ms=_CREATE_MS, raise_errors=False)
    for made in answer["topics"]:
        error = errors.for_code(made["error_code"])
        if error is errors.InvalidReplicationFactorError:
            raise TocsinError(
                f"Kafka cannot keep {replicas} copies of {made['name']}: it has fewer brokers. "
                "Set TOCSIN_REPLICAS to at most their number"
            )
        if error not in {errors.NoError, errors.TopicAlreadyExistsError}:
            raise client.ours(base, error(made.get("error_message")), made["name"])
    admin.wait_for_topics(list(wanted), timeout_ms=_CREATE_MS)


def _mend(admin: Any, base: client.Options, name: str, wanted: dict[str, str]) -> list[str]:
    """Alter what differs from `wanted`; says what."""
    resource = ConfigResource(ConfigResourceType.TOPIC, name)
    described = admin.describe_configs([resource], config_filter="all")["topic"][name]
    held = {key: described[key]["value"] for key in wanted}
    differing = {key: value for key, value in wanted.items() if not same(held[key], value)}
    if not differing:
        return []
    answer = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, differing)])
    said = answer["topic"][name]
    if said != "OK":
        raise TocsinError(
            f"Kafka at {','.join(base['bootstrap_servers'])} does not alter {name}: {said}"
        )
    return [f"{name}: {key} was {held[key]}, is {value}" for key, value in differing.items()]


def same(held: str | None, wanted: str) -> bool:
    """Whether two values of a setting mean the same; lists come in any order."""
    return sorted((held or "").split(",")) == sorted(wanted.split(","))
