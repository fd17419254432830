"""The real servers as fixtures: started when the first test asks, once per run, in a fresh folder; ended with the run.

`kafka_server` and `elastic_server` are shared by all tests, which keep apart by `prefix`: never kill these. A test that kills its
server makes its own by `own_kafka` and `own_elastic`.
"""

import itertools
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from support.servers import containers, elastic_home, kafka_jars, tidy
from support.servers.cache import Unavailable
from support.servers.choice import Choice, choose, give_up, given
from support.servers.elastic_local import LocalElastic
from support.servers.kafka_local import LocalKafka

Server = TypeVar("Server", LocalKafka, LocalElastic)


@dataclass(frozen=True)
class KafkaServer:
    """A broker to talk to: `servers` is host:port, several by commas."""

    servers: str


@dataclass(frozen=True)
class ElasticServer:
    """A node to talk to: `url` is http(s)://host:port."""

    url: str


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetches what the chosen tests will need, before any of them runs: it may take longer than one test may."""
    if session.config.option.collectonly:
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    with suppress(Unavailable):  # the fixture will say so, to the tests that ask
        if "own_kafka" in wanted or ("kafka_server" in wanted and kafka_choice().kind == "local"):
            kafka_jars.jars()
    with suppress(Unavailable):
        if "own_elastic" in wanted or (
            "elastic_server" in wanted and elastic_choice().kind == "local"
        ):
            elastic_home.home()


def kafka_choice() -> Choice:
    """Where this run's broker comes from."""
    return choose(given("KAFKA"), lambda: containers.offered(containers.KAFKA), kafka_jars.lacking)


def elastic_choice() -> Choice:
    """Where this run's node comes from."""
    return choose(
        given("ELASTICSEARCH"), lambda: containers.offered(containers.ELASTIC), elastic_home.lacking
    )


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """The run's Kafka broker."""
    choice = kafka_choice()
    with ExitStack() as stack:
        if choice.kind == "none":
            give_up(choice.value)
        if choice.kind == "given":
            address = choice.value
        elif choice.kind == "container":
            address = stack.enter_context(containers.kafka())
        else:
            address = stack.enter_context(_kafka(tmp_path_factory.mktemp("kafka"))).servers
        yield KafkaServer(address)


@pytest.fixture(scope="session")
def elastic_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElasticServer]:
    """The run's Elasticsearch node."""
    choice = elastic_choice()
    with ExitStack() as stack:
        if choice.kind == "none":
            give_up(choice.value)
        if choice.kind == "given":
            address = choice.value.split(",")[0]
        elif choice.kind == "container":
            address = stack.enter_context(containers.elastic())
        else:
            address = stack.enter_context(_elastic(tmp_path_factory.mktemp("elastic"))).url
        yield ElasticServer(address)


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Callable[..., LocalKafka]]:
    """Makes started brokers of this test's own, to be killed: `own_kafka(**{"broker.property": "value"})`."""
    yield from _own(kafka_jars.lacking(), _kafka, tmp_path / "kafka")


@pytest.fixture
def own_elastic(tmp_path: Path) -> Iterator[Callable[..., LocalElastic]]:
    """Makes started nodes of this test's own, to be killed: `own_elastic(**{"node.setting": "value"})`."""
    yield from _own(elastic_home.lacking(), _elastic, tmp_path / "elastic")


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> Iterator[str]:
    """A prefix of names that no other test has had on these servers, like "t3f9a1c2-"; what bears it on a server that was
    lent to this run is deleted after the test.
    """
    name = f"t{secrets.token_hex(4)}-"
    yield name
    if "kafka_server" in request.fixturenames and (servers := given("KAFKA")):
        tidy.forget_topics(servers, name)
    if "elastic_server" in request.fixturenames and (url := given("ELASTICSEARCH")):
        tidy.forget_indices(url.split(",")[0], name)


def _own(
    reason: str,
    started: Callable[[Path, Mapping[str, str]], AbstractContextManager[Server]],
    folder: Path,
) -> Iterator[Callable[..., Server]]:
    """What makes started servers, each in a folder of its own; they end with the test."""
    if reason:
        give_up(reason)
    with ExitStack() as stack:
        number = itertools.count(1)

        def make(**settings: str) -> Server:
            place = folder.with_name(f"{folder.name}-{next(number)}")
            return stack.enter_context(started(place, settings))

        yield make


@contextmanager
def _kafka(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[LocalKafka]:
    try:
        with LocalKafka(folder, settings=settings) as broker:
            yield broker
    except Unavailable as error:
        give_up(str(error))


@contextmanager
def _elastic(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[LocalElastic]:
    try:
        with LocalElastic(folder, settings=settings) as node:
            yield node
    except Unavailable as error:
        give_up(str(error))
