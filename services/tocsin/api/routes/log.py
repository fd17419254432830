"""The door for commands beside a running desk: records in, offsets out once they are durable.

Only for programs on this machine: it refuses any request that a browser could have made, and the app
answers on loopback names alone.
"""

import json
from base64 import b64decode
from binascii import Error as Base64Error

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from tocsin.api.desk import Desk
from tocsin.errors import Retryable, StoreError, TocsinError
from tocsin.ports.bus import Message
from tocsin_schemas.topics import TOPICS

MOST_BYTES = 64 << 20


router = APIRouter()


@router.post("/api/v1/log", include_in_schema=False)
async def log(request: Request) -> JSONResponse:
    """JSON Lines of {topic, key, value (base64), headers} → {offsets}."""
    if "sec-fetch-site" in request.headers or "origin" in request.headers:
        return JSONResponse({"error": "for programs on this machine, not for pages"}, 403)
    body = await request.body()
    if len(body) > MOST_BYTES:
        return JSONResponse({"error": f"at most {MOST_BYTES >> 20} MiB at once"}, 413)
    desk: Desk = request.app.state.desk
    try:
        messages = [_message(line, i) for i, line in enumerate(body.splitlines(), 1)]
        offsets = await run_in_threadpool(desk.bus.produce, messages)
    except (Retryable, StoreError) as error:
        return JSONResponse({"error": str(error)}, 503)
    except (TocsinError, ValueError) as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse({"offsets": offsets})


def _message(line: bytes, number: int) -> Message:
    try:
        record = json.loads(line)
        topic, key, value = record["topic"], record["key"], record["value"]
        headers = {str(k): str(v) for k, v in record.get("headers", {}).items()}
        raw = None if value is None else b64decode(value, validate=True)
    except (ValueError, TypeError, KeyError, AttributeError, Base64Error) as error:
        raise ValueError(f"line {number}: not a record ({error})") from error
    if topic not in TOPICS or not isinstance(key, str):
        raise ValueError(f"line {number}: no topic {topic!r}")
    return Message(topic, key, raw, headers)
