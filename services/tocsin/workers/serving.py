"""The loop of a reading process: frames in, answers out, killed from outside when an item runs away.

It speaks with its parent (`workers.pool`) over two pipes. It imports nothing of the pipeline: the
reader is named by the parent, so that the parent's memory stays small and a test can bring its own.

Frames, all numbers big-endian: to the child `u32 count`, then `count` × (`u32 length`, bytes); from
the child, once it is warm and then once an item, `u32 length`, `u8 status`, bytes. Status 0: the
event; 1: refused for good (`code`, newline, message); 2: failed, worth one retry (same form).
"""

import ctypes
import gc
import os
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from tocsin.errors import Rejected
from tocsin_schemas.registry import WireError

DONE, REFUSED, FAILED = 0, 1, 2
COUNT = struct.Struct(">I")
REPLY = struct.Struct(">IB")
Reader = Callable[[bytes], bytes]

_PR_SET_PDEATHSIG = 1


def main(reader: str, memory_mb: int, parent: int) -> None:
    """Serve the parent on standard input and output until it closes them or dies.

    `reader` is `module:function`; a `warm` function beside it is called first. The address space
    is limited to `memory_mb` MiB. Whatever else prints goes to standard error.
    """
    _die_with(parent)
    limit = memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    gc.disable()  # loading only allocates: collecting meanwhile doubles the time
    module, _, name = reader.partition(":")
    home = import_module(module)
    work: Reader = getattr(home, name)
    if hasattr(home, "warm"):
        home.warm()
    gc.collect()
    gc.enable()
    gc.freeze()  # dictionaries live as long as the process: no collection need look at them again
    _reply(replies, DONE, b"")
    while chunk := _chunk(requests):
        for value in chunk:
            if not _serve(work, value, replies):
                return


def _serve(work: Reader, value: bytes, replies: BinaryIO) -> bool:
    """One item; False where this process should not go on."""
    try:
        made = work(value)
    except (Rejected, WireError) as error:
        _reply(replies, REFUSED, f"{error.code}\n{error}".encode("utf-8", "replace"))
    except MemoryError:
        _reply(replies, FAILED, b"crash\nreading it needs more memory than a child may have")
        return False
    except Exception as error:  # a bug of ours: the item is kept as a dead letter, the news goes on
        traceback.print_exc()
        _reply(replies, REFUSED, f"crash\n{_told(error)}".encode("utf-8", "replace"))
    else:
        _reply(replies, DONE, made)
    return True


def _told(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {str(error)[:300]}{place}"


def _chunk(requests: BinaryIO) -> list[bytes]:
    """The next chunk, whole before its first item is begun (so neither side waits for the other);
    empty when the parent has closed the pipe.
    """
    head = requests.read(COUNT.size)
    if len(head) < COUNT.size:
        return []
    return [
        requests.read(COUNT.unpack(requests.read(COUNT.size))[0])
        for _ in range(COUNT.unpack(head)[0])
    ]


def _reply(replies: BinaryIO, status: int, body: bytes) -> None:
    replies.write(REPLY.pack(len(body), status) + body)
    replies.flush()


def _die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent is gone (Linux); elsewhere the closed
    pipe ends it after the item in hand.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
