"""What a browser or a script sent, read once, with limits (the guard caps the bytes)."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from tocsin.api.reading import Reading
from tocsin.errors import UsageError

FIELDS = 100
"""Fields of one form."""


async def read_form(request: Request) -> AsyncIterator[FormData]:
    """The fields of a form, urlencoded or multipart; an uploaded file is closed afterwards."""
    async with request.form(max_files=1, max_fields=FIELDS) as form:
        yield form


async def read_json(request: Request) -> dict[str, Any]:
    """A JSON object; an empty body is an empty object. Raises UsageError with the place."""
    body = await request.body()
    if not body.strip():
        return {}
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        msg = f"the body is not JSON: {error}"
        raise UsageError(msg) from error
    if not isinstance(found, dict):
        msg = "the body must be a JSON object"
        raise UsageError(msg)
    return found


async def read_body(request: Request) -> bytes:
    """The body as it came."""
    return await request.body()


def _reading(request: Request) -> Reading:
    found: Reading = request.app.state.reading
    return found


Read = Annotated[Reading, Depends(_reading)]
Form = Annotated[FormData, Depends(read_form)]
Json = Annotated[dict[str, Any], Depends(read_json)]
Body = Annotated[bytes, Depends(read_body)]


def text(form: FormData | Mapping[str, Any], name: str, otherwise: str = "") -> str:
    """One field as text."""
    value = form.get(name, otherwise)
    return value.strip() if isinstance(value, str) else otherwise


def texts(form: FormData, name: str) -> list[str]:
    """Every value of a field, ticked boxes for instance."""
    return [v for v in form.getlist(name) if isinstance(v, str) and v]


def upload(form: FormData, name: str) -> bytes:
    """The bytes of an uploaded file, or of a field of that name; empty without either."""
    value = form.get(name)
    if isinstance(value, UploadFile):
        return value.file.read()
    return value.encode() if isinstance(value, str) else b""
