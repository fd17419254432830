"""From characters to an XML tree that nothing in the document can hurt.

The DOCTYPE goes before the parser sees it, so no entity is ever declared, and none expanded; HTML's
named entities are resolved by us. No network, depth ≤ 256, text nodes ≤ 10 MB (libxml2's own limits).
What is ill-formed is mended where publishers err most (bare `&`, unclosed `<br>`) and recovered by
libxml2 where it is not.
"""

import re
from html import escape
from html.entities import html5

from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml's only name for the type of a node

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DECLARATION = re.compile(r"<\?xml\b[^>]{0,400}>")
_ROOT = re.compile(
    r"<!--|<(?:[A-Za-z][\w.-]{0,40}:)?(?:rss|feed|rdf|channel|html|entry|opml)\b", re.IGNORECASE
)
_MOST_REFERENCES = 500_000
"""Above these, a document is recovered but not mended."""
_HEAD = 200_000
"""Characters in which the root must begin."""
_SUBSET_END = re.compile(r"\]\s*>")
_REFERENCE = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{0,31})(;?)|#(x?)([0-9A-Fa-f]{1,8});)?")
_VOID = re.compile(r"<(br|hr|img|input|wbr)\b([^<>]{0,2000}?)/?>(?:</\1>)?", re.IGNORECASE)
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_MENDABLE = frozenset((6, 7, 8, 9, 10, 11, 23, 26, 27, 68, 76))
"""libxml2's numbers for bad references (6–11, 23, 26, 27, 68) and tags that do not pair (76)."""


def tree_of(text: str) -> tuple[Element | None, tuple[str, ...]]:
    """The root of `text` and what the parser complained about (first three complaints)."""
    text = _prepared(text)
    root, log = _parsed(text)
    if any(e.type in _MENDABLE for e in log) and text.count("&") <= _MOST_REFERENCES:
        mended, log_after = _parsed(_mended(text))
        if mended is not None:
            root, log = mended, [*log[:1], *log_after]
    return root, tuple(dict.fromkeys(f"line {e.line}: {e.message.strip()}" for e in log))[:3]


def within_tags(text: str, most: int) -> str:
    """`text` up to its `most`th tag outside CDATA, roughly: a tree costs fifty times its text."""
    if text.count("<") <= most:
        return text
    at = seen = 0
    while True:
        start = text.find("<![CDATA[", at)
        outside = text.count("<", at, len(text) if start < 0 else start)
        if seen + outside > most:
            whole = (len(text) if start < 0 else start) - at
            return text[: at + whole * (most - seen) // outside]
        if start < 0:
            return text
        seen += outside + 1
        end = text.find("]]>", start)
        if end < 0:
            return text
        at = end + 3


def _prepared(text: str) -> str:
    """Without illegal characters, junk before the root, declaration and DOCTYPE."""
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub("", text)
    start = _root_start(text, 0)
    if start < 0:
        return _DECLARATION.sub("", text.lstrip(), count=1)
    doctype = text.upper().rfind("<!DOCTYPE", 0, start) if "<!" in text[:start] else -1
    subset = text.find("[", doctype, start) if doctype >= 0 else -1
    if subset >= 0:
        # a declaration may name <feed>: the root begins after the subset
        end = _SUBSET_END.search(text, subset)
        if end is not None:
            after = _root_start(text, end.end())
            start = after if after >= 0 else start
    return text[start:]


def _root_start(text: str, at: int) -> int:
    """Where the first tag of a feed's (or a page's) root begins, comments skipped; -1 for none."""
    limit = at + _HEAD
    while True:
        found = _ROOT.search(text, at, limit)
        if found is None:
            return -1
        if found[0] != "<!--":
            return found.start()
        at = text.find("-->", found.end())
        if at < 0:
            return -1


def _parsed(text: str) -> tuple[Element | None, list[etree._LogEntry]]:
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    return root, list(parser.error_log)


def _mended(text: str) -> str:
    """References and void tags put right outside CDATA; one pass."""
    out, at = [], 0
    while True:
        start = text.find("<![CDATA[", at)
        if start < 0:
            out.append(_mend(text[at:]))
            return "".join(out)
        out.append(_mend(text[at:start]))
        end = text.find("]]>", start)
        at = len(text) if end < 0 else end + 3
        out.append(text[start:at] if end >= 0 else f"{text[start:]}]]>")


def _mend(piece: str) -> str:
    return _VOID.sub(r"<\1\2/>", _REFERENCE.sub(_reference, piece))


def _reference(found: re.Match[str]) -> str:
    name, semicolon, hexadecimal, digits = found.groups()
    if digits is not None:
        try:
            code = int(digits, 16 if hexadecimal else 10)
        except ValueError:
            return f"&amp;{found[0][1:]}"
        legal = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000
        return found[0] if legal and code not in (0xFFFE, 0xFFFF) else ""
    if name is None:
        return "&amp;"
    if name in _XML_NAMES and semicolon:
        return found[0]
    character = html5.get(f"{name};") if semicolon else None
    if character is None:
        return f"&amp;{name}{semicolon}"
    return escape(character, quote=False)
