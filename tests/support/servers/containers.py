"""The servers as containers, by testcontainers, where a Docker engine answers.

Not tried where this was written: there is no engine. Kept small for that reason; `TESTS_NO_DOCKER=1` goes round it. The Kafka
image is Confluent's, since testcontainers' class runs that vendor's own scripts and can't start apache/kafka. Confluent's 8.0
is Kafka 4.0.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

KAFKA = "confluentinc/cp-kafka:8.0.0"
ELASTIC = "elasticsearch:9.4.3"
SOCKET = "unix:///var/run/docker.sock"
PATIENCE = 2  # seconds an engine has to answer
PULL = 600  # seconds an image may take


def offered(image: str) -> bool:
    """Whether a Docker engine answers and has the image or can pull it. Milliseconds where there is none."""
    if not _answers():
        return False
    try:
        import docker  # type: ignore[import-untyped] # noqa: PLC0415 - untyped; slow to import

        client = docker.from_env(timeout=PULL)
        try:
            if not client.images.list(image):
                client.images.pull(image)
        finally:
            client.close()
    except Exception:  # docker's, requests' and urllib3's: whichever, there is no such container
        return False
    return True


def _answers() -> bool:
    """Whether somebody listens where the engine should. Docker's own client leaves its socket open where
    nobody does, which fails a test by its warning.
    """
    host = os.environ.get("DOCKER_HOST") or SOCKET
    if not host.startswith("unix://"):
        return True  # over a network: its client finds out
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        return line.connect_ex(host.removeprefix("unix://")) == 0


@contextmanager
def kafka() -> Iterator[str]:
    """A broker in a container: its host:port."""
    from testcontainers.community.kafka import KafkaContainer  # noqa: PLC0415 - see above

    container = KafkaContainer(KAFKA).with_kraft()
    container.with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
    container.with_env("KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "1000")
    container.with_env("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
    with container as broker:
        yield broker.get_bootstrap_server()


@contextmanager
def elastic() -> Iterator[str]:
    """A node in a container, security off: its URL."""
    from testcontainers.community.elasticsearch import (  # noqa: PLC0415 - see above
        ElasticSearchContainer,
    )

    container = ElasticSearchContainer(ELASTIC, mem_limit="2g")
    container.with_env("discovery.type", "single-node")
    container.with_env("ES_JAVA_OPTS", "-Xms512m -Xmx512m")
    container.with_env("cluster.max_shards_per_node", "20000")
    with container as node:
        yield f"http://{node.get_container_host_ip()}:{node.get_exposed_port(node.port)}"
