"""Writing through a running desk: how a command beside it puts records into its log.

The desk is the one writer of its store; a command that writes hands its records to the desk's own door
on loopback. When the desk vanishes meanwhile, the caller finds out (`DoorClosed`) and looks again who
holds the store: the same records given twice are the same events, so nothing is lost or doubled.
"""

import http.client
import json
from base64 import b64encode
from collections.abc import Sequence

from tocsin.errors import Retryable, UsageError
from tocsin.ports.bus import Message

PATH = "/api/v1/log"
TIMEOUT_S = 60.0
"""A desk that is busy with a large batch answers late; a dead one refuses at once."""
MOST_BYTES = 24 << 20
"""Bytes of one request; more is handed over in parts, each acknowledged."""


class DoorClosed(Retryable):
    """Nobody answers at that port (any more)."""


class DoorBusy(DoorClosed):
    """The desk answers, and cannot take it now (a full disk, say); the text is the desk's own."""


def push(port: int, messages: Sequence[Message]) -> list[int]:
    """Hand `messages` to the desk on loopback `port`; returns their offsets once they are durable.
    Raises DoorClosed when no whole answer came (they may or may not stand in the log), DoorBusy when it
    cannot take them now, UsageError with the desk's words when it refuses them.
    """
    lines = [_line(m) for m in messages]
    if len(lines) > 1 and sum(map(len, lines)) > MOST_BYTES:
        half = len(lines) // 2
        return push(port, messages[:half]) + push(port, messages[half:])
    body = b"".join(lines)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", PATH, body, {"Content-Type": "application/x-ndjson"})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise DoorClosed(f"the desk on port {port} does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status == http.client.OK:
        return [int(n) for n in json.loads(text)["offsets"]]
    if answer.status >= http.client.INTERNAL_SERVER_ERROR:
        raise DoorBusy(f"the desk on port {port} cannot take it now: {_words(text)}")
    raise UsageError(f"the desk on port {port} refuses it ({answer.status}): {_words(text)}")


def _words(text: str) -> str:
    """What a failure's JSON says (`api/failures.py`), else the answer as it is, cut."""
    try:
        return str(json.loads(text)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return text[:500]


def _line(m: Message) -> bytes:
    value = None if m.value is None else b64encode(m.value).decode("ascii")
    record = {"topic": m.topic, "key": m.key, "value": value, "headers": dict(m.headers)}
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"
