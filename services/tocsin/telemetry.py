"""Every metric name with its help text, and how logs are written: JSON lines on standard error.

A log event's name is constant, its facts are keywords, ids not objects; no article bodies, no secrets.
"""

import contextlib
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

EVENTS = Counter(
    "tocsin_events_total",
    "Events handled, by worker and how each ended",
    ("worker", "ended"),
    registry=REGISTRY,
)
LAG = Gauge(
    "tocsin_lag_records",
    "Records not yet handled, by consumer group",
    ("group",),
    registry=REGISTRY,
)
POLLS = Counter("tocsin_polls_total", "Feed polls, by result", ("result",), registry=REGISTRY)
FEEDS = Gauge("tocsin_feeds", "Feeds by state", ("state",), registry=REGISTRY)
ALERTS = Counter("tocsin_alerts_total", "Alerts raised, by reason", ("reason",), registry=REGISTRY)
DELIVERIES = Counter(
    "tocsin_deliveries_total",
    "Delivery attempts, by channel kind and result",
    ("channel", "result"),
    registry=REGISTRY,
)
STAGE_SECONDS = Histogram(
    "tocsin_batch_seconds", "Time to handle one batch, seconds", ("worker",), registry=REGISTRY
)

_SECRET = re.compile(
    r"(whsec_[A-Za-z0-9+/=]+|(?<=://)[^/@\s]+(?=@)|(?<=[?&]key=)[^&\s]+|(?<=[?&]token=)[^&\s]+)"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
VALUE_LIMIT = 1024
"""Characters kept of one logged value."""


def redact(value: str) -> str:
    """A value fit for a log: no secrets, no control characters, ≤ `VALUE_LIMIT` characters."""
    return _CONTROL.sub("", _SECRET.sub("***", value))[:VALUE_LIMIT]


def _redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
    return event


class _StandardError:
    """Standard error as it is when a line is written: it may be replaced after logging was set up, or
    closed, and a log line is never worth a failure.
    """

    def write(self, text: str) -> None:
        """Write, if there is somewhere to."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush, if there is something to."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.flush()


def configure(level: str = "info") -> None:
    """Set up logging for this process; may be called again."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _StandardError())),
        cache_logger_on_first_use=False,
    )


def logger(**bound: Any) -> structlog.typing.FilteringBoundLogger:
    """A logger that carries `bound` in every line."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger().bind(**bound))
