"""RSS 0.9–2.0, RDF, Atom 0.3 and 1.0, CDF: one reader, since feeds mix their words freely.

Where two elements could give one value, the feed's own word wins over a module's, and within a kind the
last one said (as in feedparser, whose readings are the measure). Texts stay as given.
"""

from tocsin.pipeline.collect.parse.entry import ENTRY_NAMES, Entry
from tocsin.pipeline.collect.parse.head import Head
from tocsin.pipeline.collect.parse.model import (
    MAX_BODY,
    MAX_ENTRIES,
    MAX_TAGS,
    MAX_TITLE,
    MAX_URL,
    NotAFeedError,
    ParsedFeed,
    Warnings,
)
from tocsin.pipeline.collect.parse.names import Names
from tocsin.pipeline.collect.parse.texts import XML, join
from tocsin.pipeline.collect.parse.tree import Element, tree_of, within_tags
from tocsin.pipeline.collect.times import parse_time
from tocsin_schemas.item import RawEntry

_ROOTS = frozenset(("rss", "feed", "rdf:rdf", "rdf", "channel", "entry", "item"))


def parse_xml(text: str, url: str, warnings: Warnings) -> ParsedFeed:
    """The feed in `text`. Raises NotAFeedError for any other document."""
    bounded = within_tags(text, MAX_TAGS)
    if len(bounded) < len(text):
        warnings.add(f"more than {MAX_TAGS} tags; what follows was left out")
    root, complaints = tree_of(bounded)
    if root is None:
        raise NotAFeedError("the document is not XML: no feed can be read from it")
    reader = _Reader(root, url, warnings)
    if not reader.is_feed():
        raise NotAFeedError(f"the document is XML, but <{reader.name(root)}> is no feed")
    for complaint in complaints:
        warnings.add(f"not well-formed, {complaint}")
    broken_off = len(bounded) < len(text) or any(
        "depth" in c or "huge" in c.lower() for c in complaints
    )
    return reader.feed(broken_off=broken_off)


class _Reader:
    def __init__(self, root: Element, url: str, warnings: Warnings) -> None:
        self._root = root
        self._url = url
        self._warnings = warnings
        self._names = Names(root)
        self._bases: dict[Element, str] = {}

    def name(self, element: Element) -> str:
        """The element's one name."""
        return self._names.name_of(element)

    def is_feed(self) -> bool:
        """Whether the root is one of a feed's."""
        return self.name(self._root) in _ROOTS

    def feed(self, *, broken_off: bool) -> ParsedFeed:
        """Everything the document says."""
        root = self._root
        channel = root
        if self.name(root) not in ("feed", "channel", "entry", "item"):
            channel = next((c for c in root if self.name(c) == "channel"), root)
        base = self._base(channel)
        elements = self._entries()
        truncated = broken_off
        if len(elements) > MAX_ENTRIES:
            self._warnings.add(f"{len(elements)} entries; the newest {MAX_ENTRIES} were kept")
            truncated = True
            elements = self._newest(elements)
        entries, bases = [], []
        for element in elements:
            entry_base = self._base(element)
            entries.append(self._entry(element, entry_base))
            bases.append(entry_base)
        head = Head(self.name, channel, base)
        return ParsedFeed(
            format=self._format(),
            title=head.title[:MAX_TITLE],
            language=head.language or root.get(f"{XML}lang", ""),
            link=head.link,
            ttl_s=head.ttl_s,
            skip_hours=tuple(sorted(head.skip_hours)),
            skip_days=tuple(sorted(head.skip_days)),
            entries=tuple(entries),
            entry_bases=tuple(bases),
            base_url=base,
            warnings=self._warnings.told(),
            truncated=truncated,
        )

    def _format(self) -> str:
        root = self._root
        name = self.name(root)
        if name == "rss":
            version = root.get("version", "").strip()
            return f"rss{version.replace('.', '')[:4]}" if version else "rss"
        if name in ("rdf:rdf", "rdf"):
            return (
                "rdf09"
                if any("my.netscape.com" in (u or "") for u in root.nsmap.values())
                else "rdf10"
            )
        if name == "channel":
            return (
                "cdf"
                if root.get("href") or root.get("HREF") or root.find("{*}item[@href]") is not None
                else "rss"
            )
        return "atom10" if "2005/atom" in str(root.tag).lower() else "atom03"

    def _entries(self) -> list[Element]:
        found = [e for e in self._root.iter("{*}item", "{*}entry") if self.name(e) in ENTRY_NAMES]
        if not found:  # other letter cases, undeclared prefixes
            found = [e for e in self._root.iter() if self.name(e) in ENTRY_NAMES]
        return found

    def _newest(self, elements: list[Element]) -> list[Element]:
        def age(at: int) -> tuple[int, float]:
            for child in elements[at]:
                if self.name(child) in ("pubdate", "published", "updated", "dc:date", "modified"):
                    when = parse_time(child.text or "")
                    if when is not None:
                        return (1, -when.timestamp())
            return (0, 0.0)  # undated ones stay, in the feed's order

        kept = sorted(sorted(range(len(elements)), key=age)[:MAX_ENTRIES])
        return [elements[i] for i in kept]

    def _base(self, element: Element) -> str:
        """xml:base from the root down to `element`, each relative to the one before; parents are
        worked out once.
        """
        parent = element.getparent()
        if parent is None:
            above = self._url
        else:
            known = self._bases.get(parent)
            above = self._bases[parent] = self._base(parent) if known is None else known
        own = element.get(f"{XML}base")
        return above if own is None else join(above, own.strip())[:MAX_URL]

    def _entry(self, element: Element, base: str) -> RawEntry:
        got = Entry(self.name, element, base)
        title = got.first("title", "dc:title", "media:title", "itunes:title")
        link = got.link or got.permalink
        if len(link) > MAX_URL:
            self._warnings.add(
                f"an entry's link is longer than {MAX_URL} characters and was left out"
            )
            link = ""
        summary, content = got.summary, got.content
        if len(summary) > MAX_BODY or len(content) > MAX_BODY:
            self._warnings.add(f"an entry's text is longer than {MAX_BODY} characters and was cut")
        return RawEntry(
            title=title[:MAX_TITLE],
            link=link,
            guid=got.first("guid", "id", "dc:identifier")[:MAX_URL],
            summary=summary[:MAX_BODY],
            content=content[:MAX_BODY],
            published=got.first(
                "published",
                "pubdate",
                "dcterms:issued",
                "issued",
                "dc:date",
                "dcterms:created",
                "created",
            )[:100],
            updated=got.first("updated", "modified", "dcterms:modified", "lastbuilddate")[:100],
            authors=tuple(dict.fromkeys(a[:200] for a in got.authors if a))[:20],
            categories=tuple(dict.fromkeys(c[:200] for c in got.categories if c))[:50],
            language=(element.get(f"{XML}lang") or got.first("dc:language", "language"))[:40],
            source_title=got.source_title[:200],
            source_url=got.source_url[:MAX_URL],
        )
