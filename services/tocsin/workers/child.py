"""What one reading process does: an item's bytes in, the article's bytes out, or why not.

`read` is the whole trip of an item through normalise, enrich and what the clusterer wants counted
beforehand. `main` is the loop around it: it speaks with its parent (`workers.pool`) over two pipes
and is killed from outside whenever an item takes too long, so nothing here needs to be defended
against itself.

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
from datetime import UTC, datetime
from importlib import import_module
from typing import BinaryIO

from tocsin.errors import Rejected
from tocsin.pipeline.cluster.terms import terms
from tocsin.pipeline.dedup.fingerprint import fingerprints
from tocsin.pipeline.enrich import enrich
from tocsin.pipeline.normalise import normalise
from tocsin_schemas import registry
from tocsin_schemas.article import Article
from tocsin_schemas.feed import Source
from tocsin_schemas.identity import digest_id
from tocsin_schemas.item import ItemCollected, RawEntry

DONE, REFUSED, FAILED = 0, 1, 2
COUNT = struct.Struct(">I")
REPLY = struct.Struct(">IB")
Reader = Callable[[bytes], bytes]

_PR_SET_PDEATHSIG = 1
_NO_CONTENT = "the entry has neither title nor text: nothing to file; look at the feed's raw entry"


def read(value: bytes) -> bytes:
    """An encoded `item.collected` → the encoded `article.enriched` it becomes.

    Same mode, root id and time as the item's event, which is its cause. Deterministic, so a replay
    gives the same event id. Raises WireError (its `code` is the reason) for bytes that are no such
    event, Rejected `no-content` for an item without any words.
    """
    cause = registry.decode(value)
    item = registry.body_of(cause, ItemCollected)
    article = normalise(item)
    if not article.title and not article.text:
        raise Rejected("no-content", _NO_CONTENT)
    article = prepare(enrich(article))
    made = registry.event(
        article, root_id=article.root_id, at=item.collected, mode=cause.mode, cause=cause
    )
    return registry.encode(made)


def prepare(article: Article) -> Article:
    """`article` with its fingerprints and terms: counted here, many times over in parallel, so
    that the one clusterer need not.
    """
    return article.model_copy(
        update={"fingerprints": fingerprints(article.text), "terms": terms(article)}
    )


def warm() -> None:
    """Load every dictionary and model now, so that the first item is not charged for it."""
    nobody = digest_id("warm")
    item = ItemCollected(
        root_id=nobody,
        feed_id=nobody,
        source=Source(id=nobody, name="warm"),
        item_key="warm",
        content_hash=nobody,
        entry=RawEntry(title="Two killed in Kabul", summary="Police said two people were killed."),
        collected=datetime(2000, 1, 1, tzinfo=UTC),
    )
    prepare(enrich(normalise(item)))


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
    module, _, name = reader.partition(":")
    home = import_module(module)
    work: Reader = getattr(home, name)
    if hasattr(home, "warm"):
        home.warm()
    gc.collect()
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
    except (Rejected, registry.WireError) as error:
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
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {str(error)[:300]}{place}"


def _chunk(requests: BinaryIO) -> list[bytes]:
    """The next chunk, whole before its first item is begun (so neither side waits for the other);
    empty when the parent has closed the pipe.
    """
    head = requests.read(COUNT.size)
    if len(head) < COUNT.size:
        return []
    values: list[bytes] = []
    for _ in range(COUNT.unpack(head)[0]):
        values.append(requests.read(COUNT.unpack(requests.read(COUNT.size))[0]))
    return values


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
