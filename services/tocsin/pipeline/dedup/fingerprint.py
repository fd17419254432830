"""Reduces an article's words to fingerprints, so that copies of one report can be found later.

Winnowing (Schleimer, Wilkerson, Aiken 2003) over hashes of four words, the least of every six kept:
any run of nine words that two texts share leaves a common fingerprint, whatever stands around it.
That is what finds a wire report cut to a third, or embedded in a round-up (reference/enrichment.md
§2: F1 .999, where MinHash at .8 finds a third). It never judges: see `copies`.
"""

from __future__ import annotations  # array[int] is for the type checker alone

import re
import sys
from array import array
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from hashlib import blake2b

from tocsin.errors import Rejected

K = 4
"""Words a hash covers."""
WINDOW = 6
"""Hashes of which the least is kept."""
FEW = 12
"""Up to so many hashes all are kept: a headline and a line must still be comparable."""
MAX_WORDS = 40_000
"""Words looked at, so that the work and the event stay bounded (text is ≤ 200,000 characters)."""
_MASK = (1 << 64) - 1
_ODD = 0x9E3779B97F4A7C15  # 2^64 / golden ratio: an odd multiplier that spreads over all bits
_CACHED_WORDS = 100_000
# Scripts written without blanks count every character as a word.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)

_Powers = tuple[int, int, int, int]


class _Words(dict[str, _Powers]):
    """Word → its hash times ODD³, ODD², ODD, 1: a run's hash is then three additions. Bounded; what
    is forgotten is computed again, the values are pure.
    """

    def __missing__(self, word: str) -> _Powers:
        if len(self) >= _CACHED_WORDS:
            self.clear()
        raw = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        h = int.from_bytes(raw, "little")
        made = (h * _ODD**3 & _MASK, h * _ODD**2 & _MASK, h * _ODD & _MASK, h)
        self[word] = made
        return made


_words = _Words()


def winnow(text: str) -> list[int]:
    """64-bit fingerprints of `text` in text order, each once; empty for a text without words.
    Linear time; the values hang on the words alone (no hash seed, no platform).
    """
    words = _WORD.findall(text[: MAX_WORDS * 5].lower())[:MAX_WORDS]
    if not words:
        return []
    rows = list(map(_words.__getitem__, words))
    if len(rows) < K:
        return [sum(row[i] for i, row in enumerate(rows)) & _MASK]
    a, b, c, d = zip(*rows, strict=True)
    hashes = [w + x + y + z & _MASK for w, x, y, z in zip(a, b[1:], c[2:], d[3:], strict=False)]
    if len(hashes) <= FEW:
        return list(dict.fromkeys(hashes))
    shifted = [hashes[i:] for i in range(WINDOW)]
    return list(dict.fromkeys(map(min, *shifted)))


def encode(prints: Iterable[int]) -> str:
    """Base64 of the fingerprints, in order, as little-endian unsigned 64-bit integers."""
    packed = array("Q", prints)
    return b64encode(_little(packed).tobytes()).decode("ascii")


def decode(encoded: str) -> array[int]:
    """The fingerprints, in text order. Raises Rejected (`invalid`) for what is no such list."""
    packed = array("Q")
    try:
        packed.frombytes(b64decode(encoded, validate=True))
    except (Base64Error, ValueError) as error:
        msg = f"article.fingerprints is no base64 of 64-bit integers ({error}); enrich it again"
        raise Rejected("invalid", msg) from error
    return _little(packed)


def fingerprints(text: str) -> str:
    """What `Article.fingerprints` holds; give it title, newline, text. Deterministic."""
    return encode(winnow(text))


def _little(packed: array[int]) -> array[int]:
    if sys.byteorder == "big":  # pragma: no cover - the wire is little-endian everywhere
        packed = packed[:]
        packed.byteswap()
    return packed
