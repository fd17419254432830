from typing import Any

import pytest

from support.asgi_client import Client
from support.desk_fixture import DeskFixture, desk_fixture, empty_fixture
from tocsin.api.app import create_app
from tocsin.api.desk import Desk
from tocsin.api.live import Live
from tocsin.api.reading import Reading


@pytest.fixture
def full() -> DeskFixture:
    return desk_fixture()


@pytest.fixture
def empty() -> DeskFixture:
    return empty_fixture()


@pytest.fixture(scope="session")
def app() -> Any:
    """One app for all tests: its routes take longer to build than most tests to run."""
    return create_app(empty_fixture().desk)


def client_of(app: Any, desk: Desk) -> Client:
    """A client of `app`, which serves `desk` from now on: its state is all that knows the desk."""
    app.state.desk = desk
    app.state.reading = Reading(desk)
    app.state.live = Live(app.state.reading)
    return Client(app)


@pytest.fixture
def client(app: Any, full: DeskFixture) -> Client:
    return client_of(app, full.desk)


@pytest.fixture
def bare_client(app: Any, empty: DeskFixture) -> Client:
    return client_of(app, empty.desk)
