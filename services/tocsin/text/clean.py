"""Cleaning at the door: articles and queries alike, once, so that offsets mean the same everywhere.

NFC; lone surrogates → U+FFFD; U+202F → space; soft hyphen, BOM, U+2060 and direction marks out; ZWJ and
ZWNJ kept (emoji, Persian, Indic); control characters out but for newline and tab (design §5,
reference/analysis.md).
"""

import re
import unicodedata

_DROP = dict.fromkeys(
    (
        0x00AD,
        0xFEFF,
        0x2060,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *(c for c in range(0x20) if c not in (0x09, 0x0A)),
        *range(0x7F, 0xA0),
    )
)
_MAP: dict[int, str | None] = {**_DROP, 0x202F: " ", 0x0D: "\n"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r" ?\n[ \n]*")


def clean(text: str) -> str:
    """`text` as every later stage sees it. Idempotent; length may shrink, never grows but by NFC."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").translate(_MAP)
    text = _SURROGATE.sub("\ufffd", text)
    # NFC may join what a dropped character parted, and never makes a dropped one: once is enough.
    return unicodedata.normalize("NFC", text)


def squeeze(text: str) -> str:
    """Cleaned, runs of blanks as one space, blank lines folded to one newline, ends trimmed."""
    return _LINES.sub("\n", _BLANKS.sub(" ", clean(text))).strip()


def one_line(text: str) -> str:
    """Cleaned and on one line: titles, names."""
    return " ".join(clean(text).split())
