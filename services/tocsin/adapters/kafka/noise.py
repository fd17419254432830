"""What the Kafka clients say, as lines of our own log, and no more than a few of them.

A broker that is away for ten seconds makes the clients write hundreds of lines. Each kind of line is
passed on once in `EVERY_S`, with how many were left out. Never hides the first.
"""

import logging
import re
import threading
from time import monotonic

from tocsin.telemetry import logger

EVERY_S = 30.0
"""One line of a kind in this many seconds."""
KINDS = 500
"""Kinds remembered."""
_VARYING = re.compile(r"0x[0-9a-f]+|[0-9]+|'[^']*'")
"""What differs between two lines of a kind: the clients do not always write by templates."""
_CHATTER = ("kafka.net.selector", "kafka.coordinator.assignors")
"""Warn of a busy machine, and of metadata that are on their way."""


class Quietly(logging.Handler):
    """Passes a client's warnings and errors on as JSON lines, each kind once in `every_s` seconds."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        super().__init__(logging.WARNING)
        self._every_s = every_s
        self._guard = threading.Lock()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or count it as left out."""
        kind = record.name, _VARYING.sub("", str(record.msg)[:120])
        now = monotonic()
        with self._guard:
            last, left_out = self._said.get(kind, (-self._every_s, 0))
            if now - last < self._every_s:
                self._said[kind] = last, left_out + 1
                return
            if len(self._said) >= KINDS:
                self._said.clear()
            self._said[kind] = now, 0
        try:
            text = record.getMessage()
        except (TypeError, ValueError):  # a client's template and its values do not match
            text = str(record.msg)
        logger(client=record.name).warning("kafka-client", said=text, left_out=left_out)


def quiet(*names: str) -> None:
    """Put the loggers called `names` (and those below) at WARNING, through `Quietly`; idempotent."""
    for name in names:
        client = logging.getLogger(name)
        client.setLevel(logging.WARNING)
        client.propagate = False
        if not any(isinstance(handler, Quietly) for handler in client.handlers):
            client.addHandler(Quietly())
    for name in _CHATTER:
        logging.getLogger(name).setLevel(logging.ERROR)
