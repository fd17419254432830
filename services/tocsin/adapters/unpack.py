"""Content-encodings undone piece by piece, so that a bomb is noticed while it is still small."""

import contextlib
import importlib
import zlib
from collections.abc import Iterator
from typing import Any, Protocol

from tocsin.ports.fetcher import FetchError

brotli: Any = None
with contextlib.suppress(ImportError):  # not a dependency of ours: without it `br` is not offered
    brotli = importlib.import_module("brotli")

ACCEPTED = "gzip, deflate, br" if brotli is not None else "gzip, deflate"
"""What we offer in Accept-Encoding."""
PIECE = 1 << 18
"""Most bytes given out at once."""
MEMBERS = 16
"""Gzip members of one body."""


class Unpacker(Protocol):
    """Undoes one content-encoding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpacked pieces of at most `PIECE` bytes. Raises FetchError for bytes that are not packed."""
        ...

    def finish(self) -> None:
        """Raises FetchError where the packed data broke off."""
        ...


def unpackers(header: str) -> list[Unpacker]:
    """The unpackers of a Content-Encoding header, in the order in which to apply them. Raises
    FetchError for an encoding that we did not offer, and for more than two.
    """
    names = [n for part in header.lower().split(",") if (n := part.strip()) not in ("", "identity")]
    if len(names) > 2:
        raise FetchError("protocol", "the answer is packed more than twice")
    return [_unpacker(name) for name in reversed(names)]


def _unpacker(name: str) -> Unpacker:
    if name in ("gzip", "x-gzip"):
        return _Zlib(31)
    if name == "deflate":
        return _Zlib(0)
    if name == "br" and brotli is not None:
        return _Brotli()
    raise FetchError("protocol", f"the answer is packed as {name[:20]!r}, which was not asked for")


class _Zlib:
    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._object = zlib.decompressobj(bits or zlib.MAX_WBITS)
        self._started = False
        self._members = 1

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not self._started and data:
            self._started = True
            if not self._bits and data[0] & 0x0F != 8:  # raw deflate, as some servers send it
                self._object = zlib.decompressobj(-zlib.MAX_WBITS)
        while data:
            if self._object.eof:
                if self._bits != 31 or data[:1] != b"\x1f":
                    return  # padding after the end
                self._members += 1
                if self._members > MEMBERS:
                    raise FetchError("bomb", f"the answer holds more than {MEMBERS} gzip members")
                self._object = zlib.decompressobj(self._bits)
            try:
                piece = self._object.decompress(data, PIECE)
            except zlib.error as error:
                raise FetchError("protocol", "the answer's packing is damaged") from error
            if piece:
                yield piece
            data = self._object.unconsumed_tail or self._object.unused_data
            if not piece and not self._object.eof:
                return

    def finish(self) -> None:
        if self._started and not self._object.eof:
            raise FetchError("protocol", "the answer broke off")


class _Brotli:
    def __init__(self) -> None:
        self._object = brotli.Decompressor()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._started = self._started or bool(data)
        try:
            piece = self._object.process(data, output_buffer_limit=PIECE)
            while piece:
                yield piece
                if self._object.is_finished():
                    return
                piece = self._object.process(b"", output_buffer_limit=PIECE)
        except brotli.error as error:
            raise FetchError("protocol", "the answer's packing is damaged") from error

    def finish(self) -> None:
        if self._started and not self._object.is_finished():
            raise FetchError("protocol", "the answer broke off")
