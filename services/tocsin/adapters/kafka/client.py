"""The one place where Kafka's clients are configured and made, and where their errors become ours.

Security options (SASL, TLS) would be added to `options`, and hold for every client.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, errors
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.net.compat import KafkaNetClient

from tocsin.adapters.kafka.noise import quiet
from tocsin.adapters.kafka.sockets import close_refused
from tocsin.errors import Retryable, TocsinError, UsageError

Options = dict[str, Any]

BOOTSTRAP_S = 5.0
"""How long a new client looks for a broker."""
REQUEST_S = 8.0
"""How long one question to a broker may take."""
DELIVERY_S = 15.0
"""How long a record may wait for its acknowledgement; a broker killed and restarted needs 3 to 11 s."""
MAX_POLL_INTERVAL_S = 600.0
"""A worker may pause this long between polls (it retries an effect) before the group goes on without."""
RECORD_OVERHEAD = 64 << 10
"""Bytes that key, headers and framing may add to a record of a topic's largest size."""
FRAMING = 512
"""Bytes that a batch and a record add at most, without headers."""
_FETCH_BYTES = 2 << 20


def addresses(servers: str) -> list[tuple[str, int]]:
    """The host and port of each of `servers`. UsageError where one is no address, or there is none."""
    found: list[tuple[str, int]] = []
    for server in filter(None, map(str.strip, servers.split(","))):
        host, _, port = server.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise UsageError(f"{server!r} is no address of Kafka: write host:port")
        found.append((host.strip("[]"), int(port)))
    if not found:
        raise UsageError("no address of Kafka is set: give TOCSIN_KAFKA=host:port")
    return found


def options(servers: str, client_id: str) -> Options:
    """What all clients share. `servers`: host:port by commas; UsageError where they are none."""
    addresses(servers)
    return {
        "bootstrap_servers": [server.strip() for server in servers.split(",") if server.strip()],
        "client_id": client_id,
        "bootstrap_timeout_ms": int(BOOTSTRAP_S * 1000),
        "request_timeout_ms": int(REQUEST_S * 1000),
        "reconnect_backoff_max_ms": 1000,
        "metadata_max_age_ms": 60_000,
    }


def producer(base: Options, largest: int) -> Any:
    """An idempotent producer; `largest`: bytes of the largest value that any topic takes. It packs
    nothing: the broker does, as each topic says (`topics.settings_of`).
    """
    return _made(
        KafkaProducer,
        {
            **base,
            "acks": "all",
            "enable_idempotence": True,
            "max_request_size": largest + RECORD_OVERHEAD,
            "batch_size": 256 << 10,
            "linger_ms": 2,
            "delivery_timeout_ms": int(DELIVERY_S * 1000),
            "max_block_ms": int(BOOTSTRAP_S * 1000),
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        },
    )


def member(
    base: Options, group: str, session_s: float, heartbeat_s: float, *, together: bool
) -> Any:
    """A consumer of `group` (its physical name) that commits nothing by itself. `together`: partitions
    of one number go to one member; else they move from member to member one by one.
    """
    return _made(
        KafkaConsumer,
        {
            **_reading(base),
            "group_id": group,
            "session_timeout_ms": int(session_s * 1000),
            "heartbeat_interval_ms": int(heartbeat_s * 1000),
            "max_poll_interval_ms": int(MAX_POLL_INTERVAL_S * 1000),
            "partition_assignment_strategy": (
                RangePartitionAssignor if together else CooperativeStickyAssignor,
            ),
        },
    )


def reader(base: Options) -> Any:
    """A consumer of no group, to be told where to read."""
    return _made(KafkaConsumer, {**_reading(base), "group_id": None})


def admin(base: Options) -> Any:
    """A client for questions about topics, offsets and groups. Thread-safe."""
    return _made(KafkaAdminClient, base)


def _reading(base: Options) -> Options:
    return {
        **base,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "allow_auto_create_topics": False,
        "max_partition_fetch_bytes": _FETCH_BYTES,
        "fetch_max_bytes": 4 * _FETCH_BYTES,
        "metrics_enabled": False,
    }


def _made(kind: Callable[..., Any], settings: Options) -> Any:
    """The client. One that finds no broker leaves neither thread nor socket behind, as the library
    would have it.
    """
    quiet("kafka")
    close_refused()
    nets: list[Any] = []

    def net(**given: Any) -> Any:
        nets.append(KafkaNetClient(**given))
        return nets[-1]

    try:
        return kind(kafka_client=net, **settings)
    except BaseException:
        for one in nets:
            with suppress(Exception):
                one.close()
        raise


@contextmanager
def answered(base: Options, topic: str = "") -> Iterator[None]:
    """Kafka's errors within, as ours: broker away or busy is Retryable, a missing topic and a missing
    right are TocsinErrors with the mend, a record too large is a UsageError.
    """
    try:
        yield
    except errors.KafkaError as error:
        raise ours(base, error, topic) from error


def ours(base: Options, error: Exception, topic: str = "") -> TocsinError:
    """The error of ours that `error` means."""
    servers = ",".join(base["bootstrap_servers"])
    name, said = type(error).__name__, str(error)  # the client often writes its name before it
    text = said[:300] if said.startswith(name) else f"{name}: {said}".removesuffix(": ")[:300]
    if isinstance(error, errors.UnknownTopicOrPartitionError | errors.InvalidTopicError):
        return no_topic(base, topic)
    if isinstance(error, errors.MessageSizeTooLargeError | errors.RecordListTooLargeError):
        return UsageError(
            f"Kafka at {servers} refuses a record of {topic} as too large ({text}); "
            "run `tocsin setup` to set the topic's limit"
        )
    if isinstance(error, errors.AuthorizationError):
        return TocsinError(f"Kafka at {servers} does not permit this: {text}")
    if isinstance(error, errors.KafkaTimeoutError | errors.KafkaConnectionError):
        return Retryable(f"Kafka at {servers} does not answer ({text})")
    return Retryable(f"Kafka at {servers}: {text}")


def no_topic(base: Options, topic: str) -> TocsinError:
    """What is said where a topic was never made."""
    servers = ",".join(base["bootstrap_servers"])
    return TocsinError(f"Kafka at {servers} has no topic {topic}; run `tocsin setup`")
