"""The real servers of a benchmark run: those that are given, else a broker and a node of our own on loopback.

`TOCSIN_KAFKA` and `TOCSIN_ELASTICSEARCH` name given ones (both, or neither). They are taken out of the
environment: an embedded desk that a benchmark starts must not inherit them. Names begin with a prefix of
their own each time, so nothing is found of another run; what bears it on given servers is deleted.
"""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.processes import Processes
from support.servers import elastic_home, kafka_jars, tidy
from support.servers.cache import Unavailable
from support.servers.choice import given, set_aside
from support.servers.elastic_local import LocalElastic
from support.servers.kafka_local import LocalKafka

warnings.filterwarnings("ignore", category=DeprecationWarning, module="kafka")


@dataclass(frozen=True)
class Servers:
    """Where they are. `broker` and `node` are null where the servers were given: never kill those."""

    kafka: str
    elasticsearch: str
    broker: LocalKafka | None = None
    node: LocalElastic | None = None

    @contextmanager
    def desk(self, **options: Any) -> Iterator[Processes]:
        """A distributed desk of its own, set up, nothing started; gone afterwards. `options`: of
        `Processes`.
        """
        prefix = f"b{secrets.token_hex(3)}-"
        with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
            with Processes(
                Path(folder) / "desk",
                kafka=self.kafka,
                elasticsearch=self.elasticsearch,
                prefix=prefix,
                **options,
            ) as desk:
                desk.setup()
                yield desk
            if self.broker is None:
                tidy.forget_topics(self.kafka, prefix)
            if self.node is None:
                tidy.forget_indices(self.elasticsearch, prefix)


@contextmanager
def servers() -> Iterator[Servers]:
    """The servers, until left. Raises Unavailable with the reason where there are none."""
    kafka, elasticsearch = given("KAFKA"), given("ELASTICSEARCH")
    set_aside(os.environ)
    if kafka and elasticsearch:
        yield Servers(kafka, elasticsearch)
        return
    if kafka or elasticsearch:
        raise Unavailable("one of TOCSIN_KAFKA and TOCSIN_ELASTICSEARCH is set: both, or neither")
    if reason := kafka_jars.lacking() or elastic_home.lacking():
        raise Unavailable(reason)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder, ExitStack() as stack:
        broker = stack.enter_context(LocalKafka(Path(folder) / "kafka"))
        node = stack.enter_context(LocalElastic(Path(folder) / "elasticsearch"))
        yield Servers(broker.servers, node.url, broker, node)
