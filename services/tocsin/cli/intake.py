"""JSON Lines as they come, from a file or from a pipe that may pause: lines are handed on soon, not only
when many are there. Reads bytes, never more than a line may have, and never splits or joins lines.
"""

import os
import select
import time
from collections.abc import Iterator

from tocsin.errors import UsageError

BATCH = 200
"""Lines acknowledged, and without a desk worked off, together."""
BATCH_BYTES = 8 << 20
LINE_LIMIT = 4 << 20
"""Bytes of a line that are kept: more than are taken, so that an over-long one is refused by its size."""
WAIT_S = 1.0
"""How long a line waits for others before it is handed on, seconds."""
READ_BYTES = 1 << 18
_FORMS = {
    b"\x1f\x8b": ("compressed by gzip", "gunzip -c FILE | tocsin ingest -"),
    b"\xff\xfe": ("UTF-16, not UTF-8", "iconv -f UTF-16 -t UTF-8 FILE | tocsin ingest -"),
    b"\xfe\xff": ("UTF-16, not UTF-8", "iconv -f UTF-16 -t UTF-8 FILE | tocsin ingest -"),
    b"PK": ("a zip archive", "unzip -p FILE | tocsin ingest -"),
}


def chunks(fd: int, name: str, *, wait_s: float = WAIT_S) -> Iterator[tuple[int, bytes]]:
    """(number of the first line, some whole lines), at most `BATCH` lines or `BATCH_BYTES` and a line
    more, and none later than `wait_s` after its first line came. A carriage return is a blank.
    Raises UsageError where the bytes are no lines of text at all; OSError.
    """
    number, held, size, since = 1, list[bytes](), 0, 0.0
    part = bytearray()
    began = False
    while True:
        if held and not _readable(fd, since + wait_s):
            yield number, b"".join(held)
            number, held, size = number + len(held), [], 0
        data = os.read(fd, READ_BYTES)
        if not began:
            began = True
            _check(data, name)
        *ends, rest = data.split(b"\n")
        for end in ends:
            _grow(part, end)
            if not held:
                since = time.monotonic()
            held.append(bytes(part).replace(b"\r", b" ") + b"\n")
            size += len(part)
            part.clear()
            if len(held) >= BATCH or size >= BATCH_BYTES:
                yield number, b"".join(held)
                number, held, size = number + len(held), [], 0
        _grow(part, rest)
        if not data:
            break
    if part:
        held.append(bytes(part).replace(b"\r", b" "))
    if held:
        yield number, b"".join(held)


def _grow(part: bytearray, more: bytes) -> None:
    part += more[: max(0, LINE_LIMIT - len(part))]


def _readable(fd: int, until: float) -> bool:
    left = until - time.monotonic()
    return left > 0 and bool(select.select([fd], [], [], left)[0])


def _check(data: bytes, name: str) -> None:
    for magic, (what, mend) in _FORMS.items():
        if data.startswith(magic):
            raise UsageError(f"{name}: is {what}; {mend}")
