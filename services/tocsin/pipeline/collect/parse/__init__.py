"""Reads any feed: RSS 0.9–2.0, RDF, Atom 0.3 and 1.0, JSON Feed, CDF.

Takes bytes from strangers, so every path has its limit (characters, depth, entries) and none resolves
an entity or touches the network. Never raises anything but NotAFeedError.
"""

from tocsin.pipeline.collect.parse.charset import decode
from tocsin.pipeline.collect.parse.json import parse_json
from tocsin.pipeline.collect.parse.model import NotAFeedError, ParsedFeed, Warnings
from tocsin.pipeline.collect.parse.page import feeds_named, is_html
from tocsin.pipeline.collect.parse.xml import parse_xml

__all__ = ["NotAFeedError", "ParsedFeed", "parse_feed"]


def parse_feed(body: bytes, content_type: str = "", url: str = "") -> ParsedFeed:
    """What `body` says, whatever its label. `url` is where it came from (relative addresses are made
    absolute against it; "" leaves them), `content_type` the HTTP header.

    Raises NotAFeedError, with the feeds that a web page names. Deterministic; linear in `body`.
    """
    warnings = Warnings()
    text, codec = decode(body, content_type)
    if codec.endswith("replaced"):
        warnings.add(f"bytes that are not {codec.partition(',')[0]} became U+FFFD")
    start = text[:1_000].lstrip("\ufeff \t\r\n\0")
    if not start:
        raise NotAFeedError("the answer is empty")
    if start.startswith(("{", "[")):
        return parse_json(text.lstrip("\ufeff"), url, warnings)
    if "<" not in text:
        raise NotAFeedError("the answer is plain text, no feed")
    try:
        return parse_xml(text, url, warnings)
    except NotAFeedError:
        if is_html(text):
            found = feeds_named(text, url)
            hint = "; use one of the feeds that it names" if found else ""
            raise NotAFeedError(f"got HTML, not a feed{hint}", found) from None
        raise
