"""`POST /api/v1/log`: records for the log, from a command that runs beside the desk (`adapters/door.py`).

The desk is the one writer of its store. A record is what the command would have written itself.
"""

from base64 import b64decode
from typing import Any

import orjson
from fastapi import APIRouter

from tocsin.api.forms import Body, Read
from tocsin.errors import UsageError
from tocsin.ports.bus import Message
from tocsin_schemas.topics import TOPICS

router = APIRouter(prefix="/api/v1/log", tags=["log"])


@router.post("", include_in_schema=False)
def post(read: Read, body: Body) -> dict[str, Any]:
    """`{topic, key, value (base64 or null), headers}` a line; all or none, answered once durable."""
    messages = [_message(line, n) for n, line in enumerate(body.splitlines(), 1) if line.strip()]
    try:
        return {"offsets": read.desk.bus.produce(messages)}
    except ValueError as error:
        raise UsageError(str(error)) from error


def _message(line: bytes, number: int) -> Message:
    try:
        record = orjson.loads(line)
        topic, key, value = record["topic"], record["key"], record["value"]
        headers = {str(k): str(v) for k, v in (record.get("headers") or {}).items()}
        data = None if value is None else b64decode(value, validate=True)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        msg = f"line {number}: a record is {{topic, key, value, headers}}: {error!r}"
        raise UsageError(msg) from error
    if topic not in TOPICS or not isinstance(key, str):
        msg = f"line {number}: {str(topic)[:60]!r} is no topic of this desk, or the key is no text"
        raise UsageError(msg)
    return Message(topic, key, data, headers)
