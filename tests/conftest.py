"""What every test has: logs as the product writes them, not in the colours of a terminal."""

from tocsin.telemetry import configure


def pytest_configure() -> None:
    """Plain JSON lines; tracebacks drawn for terminals cost seconds where a test raises on purpose."""
    configure("warning")
