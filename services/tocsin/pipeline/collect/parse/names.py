"""One name for an element whatever prefix, namespace version or letter case the feed chose.

The core of RSS (all versions), RDF and Atom has no prefix; the modules have the usual one (`dc:date`).
"""

from lxml import etree

_NAMESPACES = {
    "": "",
    "http://backend.userland.com/rss": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://example.com/newformat#": "",
    "http://example.com/necho": "",
    "http://purl.org/echo/": "",
    "uri/of/echo/namespace#": "",
    "http://purl.org/pie/": "",
    "http://purl.org/atom/ns#": "",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/rss/1.0/modules/rss091#": "",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.georss.org/georss": "georss",
}
"""Namespace address, lower case → prefix. Early drafts of Atom ("pie", "echo") are still met."""

_ROOTS = frozenset(("rss", "feed"))


class Names:
    """The names of one document's elements; each tag is worked out once.

    A root called <rss> or <feed> is a feed's whatever its namespace: that namespace then counts as
    the core's.
    """

    def __init__(self, root: etree._Element) -> None:
        self._known: dict[tuple[str, str | None], str] = {}
        uri, _, local = str(root.tag).rpartition("}")
        self._core = uri if local.lower() in _ROOTS else None

    def name_of(self, element: etree._Element) -> str:
        """`title`, `dc:date` …; "" for what is no element."""
        tag = element.tag
        if not isinstance(tag, str):
            return ""
        key = (tag, element.prefix)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._name(tag, element.prefix)
        return known

    def _name(self, tag: str, prefix: str | None) -> str:
        uri, _, local = tag.rpartition("}")
        local = local.lower()
        mapped = "" if uri == self._core else _NAMESPACES.get(uri[1:].lower()) if uri else None
        if mapped is None:
            if not uri and ":" in local:  # a prefix that was never declared
                before, _, local = local.partition(":")
                mapped = "" if before in ("atom", "rss") else before
            else:
                mapped = (prefix or "").lower()
        return f"{mapped}:{local}" if mapped else local
