"""The text of one element: as it stands, as markup, or undone from the packing that Atom allows."""

import base64
import binascii
import re
from html import escape
from urllib.parse import urljoin

from lxml import etree

from tocsin.pipeline.collect.parse.model import MAX_BODY
from tocsin.pipeline.collect.parse.tree import Element
from tocsin.text.html import has_markup, unescape

XML = "{http://www.w3.org/XML/1998/namespace}"
"""The namespace of `xml:base` and `xml:lang`."""
_XHTML_DIV = "{http://www.w3.org/1999/xhtml}div"
_XMLNS = re.compile(r"""\sxmlns(?::[\w.-]{1,40})?="[^"<>]*\"""")


def join(base: str, address: str) -> str:
    """`address` made absolute against `base`; as it stands where that is impossible."""
    if not base or not address:
        return address or base
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def plain(element: Element) -> str:
    """The element's text, markup inside it left out."""
    if len(element) == 0:
        return (element.text or "").strip()
    return "".join(t for t in element.itertext() if isinstance(t, str)).strip()


def inner(element: Element) -> str:
    """What stands inside the element, as markup."""
    if len(element) == 0:
        return (element.text or "").strip()
    only = element[0]
    wrapped = len(element) == 1 and not (element.text or "").strip() and only.tag == _XHTML_DIV
    if wrapped and element.get("type") == "xhtml" and not (only.tail or "").strip():
        element = only  # Atom 1.0: the <div> is no part of the text
    pieces = [escape(element.text or "", quote=False)]
    pieces += [etree.tostring(child, encoding="unicode") for child in element]
    return _XMLNS.sub("", "".join(pieces)).strip()


def construct(element: Element) -> str:
    """A text construct (Atom's `type` and `mode`; RSS has none) as HTML or plain text.

    Text that is declared plain and would be misread as markup is escaped, so that the one function
    that reads it later (`html_to_text`) gives it back as it was.
    """
    kind = element.get("type", "").strip().lower()
    mode = element.get("mode", "").strip().lower()
    if mode == "base64" or (kind and not _textual(kind)):
        packed = (element.text or "").strip()[: MAX_BODY * 2]
        try:
            return base64.b64decode("".join(packed.split()), validate=True).decode("utf-8").strip()
        except (binascii.Error, ValueError):
            return packed
    value = inner(element)
    if (
        kind in ("text", "text/plain")
        and len(element) == 0
        and (has_markup(value) or unescape(value) != value)
    ):
        return escape(value, quote=False)
    return value


def _textual(kind: str) -> bool:
    return (
        kind in ("text", "html", "xhtml", "xml", "escaped", "plain")
        or kind.startswith("text/")
        or kind.endswith(("+xml", "/xml"))
        or "/" not in kind
    )


def number(text: str, unit: int) -> int | None:
    """A whole number of at most nine digits, times `unit`; None for anything else."""
    text = text.strip()
    return int(text) * unit if text.isascii() and text.isdigit() and len(text) <= 9 else None
