"""RSS 0.9–2.0, RDF, Atom 0.3 and 1.0, CDF: one reader, since feeds mix their words freely.

Where two elements could give one value, the feed's own word wins over a module's, and within a kind the
last one said (as in feedparser, whose readings are the measure). Texts stay as given.
"""

import base64
import binascii
import re
from collections.abc import Callable
from html import escape
from urllib.parse import urljoin

from lxml import etree

from tocsin.pipeline.collect.parse.model import (
    MAX_BODY,
    MAX_ENTRIES,
    MAX_TITLE,
    MAX_URL,
    NotAFeedError,
    ParsedFeed,
    Warnings,
)
from tocsin.pipeline.collect.parse.names import Names
from tocsin.pipeline.collect.parse.tree import Element, tree_of
from tocsin.pipeline.collect.times import parse_time
from tocsin.text.html import has_markup, html_to_text, unescape
from tocsin_schemas.item import RawEntry

_XML = "{http://www.w3.org/XML/1998/namespace}"
_SUMMARIES = frozenset(
    (
        "summary",
        "description",
        "abstract",
        "dc:description",
        "media:description",
        "itunes:summary",
    )
)
_XHTML_DIV = "{http://www.w3.org/1999/xhtml}div"
_XMLNS = re.compile(r"""\sxmlns(?::[\w.-]{1,40})?="[^"<>]*\"""")
_ENTRY_NAMES = frozenset(("item", "entry"))
_HTML_TYPES = frozenset(("", "text/html", "application/xhtml+xml", "html", "xhtml"))
_PERIODS = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_WEB = re.compile(r"^https?://[^\s<>\"]+$", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,100}")
_DAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))


def parse_xml(text: str, url: str, warnings: Warnings) -> ParsedFeed:
    """The feed in `text`. Raises NotAFeedError for any other document."""
    root, complaints = tree_of(text)
    if root is None:
        raise NotAFeedError("the document is not XML: no feed can be read from it")
    reader = _Reader(root, url, warnings)
    if not reader.is_feed():
        raise NotAFeedError(f"the document is XML, but <{reader.name(root)}> is no feed")
    for complaint in complaints:
        warnings.add(f"not well-formed, {complaint}")
    return reader.feed(broken_off=any("depth" in c or "huge" in c.lower() for c in complaints))


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
        return self.name(self._root) in (
            "rss",
            "feed",
            "rdf:rdf",
            "rdf",
            "channel",
            "entry",
            "item",
        )

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
        head = _Head(self, channel, base)
        return ParsedFeed(
            format=self._format(),
            title=head.title[:MAX_TITLE],
            language=head.language or root.get(f"{_XML}lang", ""),
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
        found = [e for e in self._root.iter("{*}item", "{*}entry") if self.name(e) in _ENTRY_NAMES]
        if not found:  # other letter cases, undeclared prefixes
            found = [e for e in self._root.iter() if self.name(e) in _ENTRY_NAMES]
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
        own = element.get(f"{_XML}base")
        return above if own is None else join(above, own.strip())[:MAX_URL]

    def _entry(self, element: Element, base: str) -> RawEntry:
        got = _Entry(self, element, base)
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
            language=(element.get(f"{_XML}lang") or got.first("dc:language", "language"))[:40],
            source_title=got.source_title[:200],
            source_url=got.source_url[:MAX_URL],
        )


def join(base: str, address: str) -> str:
    """`address` made absolute against `base`; as it stands where that is impossible."""
    if not base or not address:
        return address or base
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _plain(element: Element) -> str:
    """The element's text, markup inside it left out."""
    if len(element) == 0:
        return (element.text or "").strip()
    return "".join(t for t in element.itertext() if isinstance(t, str)).strip()


def _inner(element: Element) -> str:
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


def _construct(element: Element) -> str:
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
    value = _inner(element)
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


class _Entry:
    """The children of one entry, taken up in document order."""

    def __init__(self, reader: _Reader, element: Element, base: str) -> None:
        self._values: dict[str, str] = {}
        self.link = self.permalink = ""
        self.summary = self.content = ""
        self.authors: list[str] = []
        self.categories: list[str] = []
        self.source_title = self.source_url = ""
        self._base = base
        self._name: Callable[[Element], str] = reader.name
        for child in element:
            name = reader.name(child)
            if name and name not in _ENTRY_NAMES:
                self._take(name, child)
        href = (element.get("href") or element.get("HREF") or "").strip()
        if href and not self.link:
            self.link = join(base, href)  # CDF

    def first(self, *names: str) -> str:
        """The first of `names` that was said."""
        for name in names:
            value = self._values.get(name)
            if value:
                return value
        return ""

    def _take(self, name: str, child: Element) -> None:
        if name == "link":
            self._take_link(child)
        elif name == "guid":
            value = self._values["guid"] = _plain(child)
            said = child.get("isPermaLink") or child.get("ispermalink") or "true"
            self._take_permalink(value if said.lower() == "true" else "")
        elif name == "id":
            self._values["id"] = _plain(child)
            self._take_permalink(self._values["id"])
        elif name in ("content", "content:encoded", "xhtml:body", "body", "fullitem"):
            self._take_content(name, child)
        elif name in _SUMMARIES:
            self._take_summary(name, child)
        elif name in (
            "author",
            "dc:creator",
            "creator",
            "contributor",
            "dc:author",
            "itunes:author",
        ):
            self.authors.append(self._person(child))
        elif name in ("category", "dc:subject", "keywords"):
            self.categories.append(child.get("term") or child.get("label") or _plain(child))
        elif name == "source":
            self._take_source(child)
        elif name in ("media:group", "media:content"):
            for inner in child:
                said = self._name(inner)
                if said in ("media:title", "media:description") and said not in self._values:
                    self._take(said, inner)
        elif name in ("title", "tagline", "dc:title", "media:title", "itunes:title"):
            self._values[name] = _construct(child) or self._values.get(name, "")
        elif name not in self._values or not self._values[name]:
            self._values[name] = _plain(child)

    def _take_link(self, child: Element) -> None:
        href = child.get("href")
        if href is None:
            value = _plain(child)
            if value:
                self.link = join(self._base_of(child), value)
            return
        if child.get("rel", "alternate").lower() in ("alternate", "") and (
            child.get("type", "").lower() in _HTML_TYPES
        ):
            self.link = join(self._base_of(child), href.strip())

    def _take_permalink(self, value: str) -> None:
        if _WEB.match(value):
            self.permalink = value

    def _base_of(self, child: Element) -> str:
        own = child.get(f"{_XML}base")
        return self._base if own is None else join(self._base, own.strip())

    def _take_content(self, name: str, child: Element) -> None:
        if child.get("src"):
            return
        value = _construct(child)
        if name == "xhtml:body":
            value = value or _inner(child)
        if len(value) > len(self.content):
            self.content = value

    def _take_summary(self, name: str, child: Element) -> None:
        value = _construct(child)
        if name in ("media:description", "itunes:summary") and self.summary:
            return
        if name in ("summary", "description") or not self.summary:
            if self.summary and self.summary != value and not self.content:
                longer, shorter = sorted((self.summary, value), key=len, reverse=True)
                self.content, self.summary = longer, shorter
            else:
                self.summary = value

    def _person(self, child: Element) -> str:
        for inner in child:
            if self._name(inner).rpartition(":")[2] == "name":
                return html_to_text(_plain(inner))
        return _without_address(html_to_text(_plain(child)[:500]))

    def _take_source(self, child: Element) -> None:
        if len(child) == 0:  # RSS
            self.source_title = _plain(child) or self.source_title
            self.source_url = child.get("url", "").strip() or self.source_url
            return
        for inner in child:  # Atom
            name = self._name(inner)
            if name == "title":
                self.source_title = html_to_text(_construct(inner))
            elif name == "link" and inner.get("rel", "alternate") == "alternate":
                self.source_url = join(self._base, inner.get("href", "").strip())


class _Head:
    """What the feed says of itself."""

    def __init__(self, reader: _Reader, channel: Element, base: str) -> None:
        self.title = self.language = self.link = ""
        self.skip_hours: set[int] = set()
        self.skip_days: set[str] = set()
        ttl = period = None
        frequency = 1
        for child in channel:
            name = reader.name(child)
            if name == "title" or (name == "dc:title" and not self.title):
                self.title = html_to_text(_construct(child))
            elif name in ("language", "dc:language"):
                self.language = _plain(child)[:40]
            elif name == "link":
                self._take_link(child, base)
            elif name == "ttl":
                ttl = _number(_plain(child), 60)
            elif name == "sy:updateperiod":
                period = _PERIODS.get(_plain(child).lower())
            elif name == "sy:updatefrequency":
                frequency = _number(_plain(child), 1) or 1
            elif name == "skiphours":
                hours = (_number(_plain(h), 1) for h in child)
                self.skip_hours = {h % 24 for h in hours if h is not None and h <= 24}
            elif name == "skipdays":
                self.skip_days = {d for c in child if (d := _plain(c).lower()) in _DAYS}
        self.language = self.language or channel.get(f"{_XML}lang", "")
        wishes = [w for w in (ttl, period // frequency if period else None) if w]
        self.ttl_s = max(wishes) if wishes else None

    def _take_link(self, child: Element, base: str) -> None:
        href = child.get("href")
        if href is None:
            self.link = join(base, _plain(child)[:MAX_URL]) or self.link
        elif child.get("rel", "alternate") == "alternate":
            self.link = join(base, href.strip()[:MAX_URL])


def _without_address(person: str) -> str:
    """`ann@x.example (Ann)`, `Ann <ann@x.example>` → `Ann`; an address alone stays."""
    name = _ADDRESS.sub("", person).strip(" ()<>,;")
    return name or person


def _number(text: str, unit: int) -> int | None:
    text = text.strip()
    return int(text) * unit if text.isascii() and text.isdigit() and len(text) <= 9 else None
