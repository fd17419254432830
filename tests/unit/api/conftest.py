import pytest

from support.asgi_client import Client
from support.desk_fixture import DeskFixture, desk_fixture, empty_fixture
from tocsin.api.app import create_app


@pytest.fixture
def full() -> DeskFixture:
    return desk_fixture()


@pytest.fixture
def empty() -> DeskFixture:
    return empty_fixture()


@pytest.fixture
def client(full: DeskFixture) -> Client:
    return Client(create_app(full.desk))


@pytest.fixture
def bare_client(empty: DeskFixture) -> Client:
    return Client(create_app(empty.desk))
