"""From a feed's bytes to its characters: byte-order mark, HTTP, declaration, UTF-8, Windows-1252.

Servers lie about charsets, so a label counts only where the bytes agree with it; text that is valid
UTF-8 beyond ASCII is UTF-8 whatever a single-byte label says, since that does not happen by chance.
Never fails: what cannot be decoded becomes U+FFFD.
"""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SHAPES = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),  # EBCDIC "<?xm"
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_DECLARED_TEXT = re.compile(
    r"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']"""
)
_META = re.compile(
    rb"""<meta[^>]{1,200}?charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE
)
_LABEL = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
}
"""Labels whose users mean a superset, as in browsers."""
_NOT_FOR_TEXT = frozenset(
    ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem")
)
"""Codecs of Python that no document is written in; some are quadratic."""


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text of `body` and the codec used (Python's name, `…, replaced` where bytes were bad)."""
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _or_replaced(body[len(mark) :], codec)
    candidates: list[str] = []
    shaped = next((c for shape, c in _SHAPES if body.startswith(shape)), "")
    if shaped == "cp037":
        declared = _DECLARED_TEXT.match(body[:400].decode("cp037", "replace"))
        candidates += [declared[1]] if declared else []
    if shaped:
        candidates.append(shaped)
    labels = (_LABEL.search(content_type), _DECLARED.match(body[:1024]), _META.search(body[:2048]))
    for label in labels:
        if label is not None:
            found = label[1]
            candidates.append(found if isinstance(found, str) else found.decode("ascii"))
    utf8 = _strict(body, "utf-8")
    for label_ in candidates:
        name = codec_of(label_)
        if not name or (utf8 is not None and _single_byte(name) and not body.isascii()):
            continue
        text = _strict(body, name)
        if text is not None and ("<" in text or "{" in text):
            return text, name
    if utf8 is not None:
        return utf8, "utf-8"
    return _mostly(body)


def codec_of(label: str) -> str:
    """The codec that a charset label means, "" for one that is unknown or not for text."""
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, ValueError):
        return ""
    return "" if name in _NOT_FOR_TEXT else _WIDER.get(name, name)


def _single_byte(codec: str) -> bool:
    return codec.startswith(
        ("cp125", "iso8859", "koi8", "mac-", "cp437", "cp850", "cp866", "cp874")
    )


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _or_replaced(body: bytes, codec: str) -> tuple[str, str]:
    text = _strict(body, codec)
    if text is not None:
        return text, codec
    return body.decode(codec, "replace"), f"{codec}, replaced"


def _mostly(body: bytes) -> tuple[str, str]:
    """UTF-8 with a few bad bytes, or else Windows-1252."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    if good >= bad:
        return text, "utf-8, replaced"
    return body.decode("cp1252", "replace"), "cp1252, replaced"
