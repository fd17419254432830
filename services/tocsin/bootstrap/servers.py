"""The servers of a distributed desk, as one process meets them: Kafka for the log, Elasticsearch for the
index. Made once per process, closed by whoever made it.
"""

import importlib.util
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.errors import UsageError
from tocsin.ports.registers import Registers
from tocsin.ports.search import Index, Search
from tocsin.settings import Settings

if TYPE_CHECKING:
    from tocsin.adapters.kafka.bus import KafkaBus

LACKING = (
    "the distributed desk needs kafka-python, faust-streaming and elasticsearch: "
    "make setup (or pip install 'tocsin[distributed]')"
)


def distributed(settings: Settings) -> bool:
    """Whether these settings mean the distributed desk. Raises UsageError for half of it."""
    if not settings.kafka and not settings.elasticsearch:
        return False
    if not settings.kafka or not settings.elasticsearch:
        given, other = (
            ("TOCSIN_KAFKA", "TOCSIN_ELASTICSEARCH")
            if settings.kafka
            else ("TOCSIN_ELASTICSEARCH", "TOCSIN_KAFKA")
        )
        raise UsageError(
            f"{given} is set and {other} is not: a distributed desk needs both, the embedded one neither"
        )
    if not all(map(_is_installed, ("kafka", "elasticsearch", "faust"))):
        raise UsageError(LACKING)
    return True


def _is_installed(package: str) -> bool:
    # Faust takes its own spec away once it is imported.
    return package in sys.modules or importlib.util.find_spec(package) is not None


@dataclass(frozen=True, slots=True)
class Servers:
    """Bus, index and search of a distributed desk."""

    bus: "KafkaBus"
    index: Index
    search: Search
    registers: Registers
    client: Any

    def close(self) -> None:
        """Release connections."""
        self.bus.close()
        self.client.close()


def connect(settings: Settings, *, client_id: str = "tocsin") -> Servers:
    """Connections of this process; nothing is asked of the servers yet."""
    from tocsin.adapters.elasticsearch.client import client_of  # noqa: PLC0415  # an extra
    from tocsin.adapters.elasticsearch.index import ElasticIndex  # noqa: PLC0415
    from tocsin.adapters.elasticsearch.search import ElasticSearch  # noqa: PLC0415
    from tocsin.adapters.kafka.bus import KafkaBus  # noqa: PLC0415

    bus = KafkaBus(settings.kafka, prefix=settings.prefix, client_id=client_id)
    client = client_of(settings)
    return Servers(
        bus,
        ElasticIndex(client, prefix=settings.prefix),
        ElasticSearch(client, prefix=settings.prefix),
        Registers(bus),
        client,
    )
