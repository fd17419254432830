"""Lists of feeds as other readers write and read them (OPML 1 and 2).

Nested folders are tolerated and flattened; the publisher is the feed's title, since OPML knows no
better. Goes through the same hardened parser as feeds: no entity, no network, depth ≤ 256.
"""

from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree
from pydantic import ValidationError

from tocsin.errors import UsageError
from tocsin.pipeline.collect.parse.charset import decode
from tocsin.pipeline.collect.parse.model import MAX_URL
from tocsin.pipeline.collect.parse.tree import tree_of
from tocsin.text.clean import one_line
from tocsin.text.html import html_to_text
from tocsin_schemas.feed import Feed, Source
from tocsin_schemas.identity import feed_id, source_id

MAX_BYTES = 10 << 20
MAX_FEEDS = 20_000


def read_opml(data: bytes, added: datetime) -> tuple[list[Feed], list[str]]:
    """The feeds of an OPML list in its order, each address once, and a warning for each outline that
    was left out. Raises UsageError for what is no OPML. Pure; the same list gives the same ids.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"the list has more than {MAX_BYTES >> 20} MiB: split it")
    text, _ = decode(data)
    root, complaints = tree_of(text)
    if root is None or not _is_opml(root):
        raise UsageError("this is no OPML list: it has no <opml> with outlines in it")
    warnings = [f"not well-formed, {c}" for c in complaints]
    feeds: dict[str, Feed] = {}
    for outline in root.iter():
        said = {str(k).lower(): str(v) for k, v in outline.attrib.items()}
        url = said.get("xmlurl", "").strip()
        if not url:
            continue
        if len(feeds) >= MAX_FEEDS:
            warnings.append(f"more than {MAX_FEEDS} feeds: the rest was left out")
            break
        why = _unusable(url)
        if why:
            warnings.append(f"{url[:80]!r} was left out: {why}")
            continue
        feed = _feed(url, said, added)
        if isinstance(feed, str):
            warnings.append(f"{url[:80]!r} was left out: {feed}")
            continue
        feeds.setdefault(feed.id, feed)
    return list(feeds.values()), warnings


def write_opml(feeds: list[Feed]) -> bytes:
    """An OPML 2 list (UTF-8) of `feeds` in their order; read back, it gives the same addresses, titles
    and sources.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Feeds of a Tocsin desk"
    body = etree.SubElement(root, "body")
    for feed in feeds:
        said = {
            "type": "rss",
            "text": feed.title or feed.source.name,
            "title": feed.title or feed.source.name,
            "xmlUrl": feed.url,
            "source": feed.source.name,
            "sourceKind": feed.source.kind,
            "country": feed.source.country,
            "owner": feed.source.owner,
            "family": feed.source.family,
        }
        etree.SubElement(body, "outline", {k: _legal(v) for k, v in said.items() if v})
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _is_opml(root: etree._Element) -> bool:
    return str(root.tag).lower().rpartition("}")[2] in ("opml", "body", "outline", "oml")


def _unusable(url: str) -> str:
    if len(url) > MAX_URL:
        return f"longer than {MAX_URL} characters"
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "no address"
    if parts.scheme.lower() not in ("http", "https") or not host:
        return "not http or https"
    return "holds a user name" if "@" in parts.netloc else ""


def _feed(url: str, said: dict[str, str], added: datetime) -> Feed | str:
    title = one_line(html_to_text(said.get("title") or said.get("text") or ""))[:200]
    name = one_line(said.get("source", ""))[:200] or title or urlsplit(url).hostname or url
    kind = said.get("sourcekind", "outlet")
    try:
        source = Source.model_validate(
            {
                "id": source_id(name),
                "name": name,
                "kind": kind,
                "country": said.get("country", "").upper(),
                "owner": said.get("owner", ""),
                "family": said.get("family", ""),
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}"
    return Feed(id=feed_id(url), url=url, source=source, title=title, added=added)


def _legal(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))
