"""Which server a run of the tests gets, decided in one place: one that is given, else a container, else one of ours.

Where there is none, the tests that need it skip with one line that names the mend; under CI the same line is a failure, since
there a skipped test would pass for a passed one.
"""

import os
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Literal, NoReturn

import pytest

NO_DOCKER = "TESTS_NO_DOCKER"
# What a test's subprocesses would read as their own settings.
OURS = ("TOCSIN_KAFKA", "TOCSIN_PREFIX", "TOCSIN_KIBANA")
OURS_BEGIN = "TOCSIN_ELASTICSEARCH"


@dataclass(frozen=True)
class Choice:
    """What was decided: `value` is the address of a given server, or the reason why there is none."""

    kind: Literal["given", "container", "local", "none"]
    value: str = ""


def set_aside(environment: MutableMapping[str, str]) -> None:
    """Renames `TOCSIN_KAFKA` and `TOCSIN_ELASTICSEARCH…` to `TESTS_…` and drops prefix and Kibana.

    The product reads the same names: a desk that a test starts must not come to work on the servers of this run by
    inheritance. Renamed and not kept in memory, so that pytest-xdist's workers have them too.
    """
    for name in sorted(environment):
        if name in OURS or name.startswith(OURS_BEGIN):
            environment[name.replace("TOCSIN_", "TESTS_", 1)] = environment.pop(name)


def given(name: Literal["KAFKA", "ELASTICSEARCH"]) -> str:
    """The address that the run was started with; empty: none."""
    return os.environ.get(f"TESTS_{name}") or os.environ.get(f"TOCSIN_{name}") or ""


def choose(address: str, offered: Callable[[], bool], lacking: Callable[[], str]) -> Choice:
    """The order: the given address, a container where an engine offers one, our own where nothing is lacking."""
    if address:
        return Choice("given", address)
    if not os.environ.get(NO_DOCKER) and offered():
        return Choice("container")
    if reason := lacking():
        return Choice("none", reason)
    return Choice("local")


def give_up(reason: str) -> NoReturn:
    """Skips the test with that one line; fails it where `CI` is set."""
    if os.environ.get("CI"):
        pytest.fail(f"no server for this test: {reason}", pytrace=False)
    pytest.skip(reason)
