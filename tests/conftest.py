"""What every test has: logs as the product writes them, not in the colours of a terminal; and the real
servers, for those that ask.
"""

import os

from support.servers.choice import set_aside
from tocsin.telemetry import configure

pytest_plugins = ["support.servers.fixtures"]


def pytest_configure() -> None:
    """Plain JSON lines: tracebacks drawn for terminals cost seconds where a test raises on purpose. And no
    address of a server in the environment, which desks started by tests would take for their own setting.
    """
    configure("warning")
    set_aside(os.environ)
