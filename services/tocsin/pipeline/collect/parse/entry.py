"""What one entry says: its children in document order, whatever vocabulary each is from."""

import re
from collections.abc import Callable

from tocsin.pipeline.collect.parse.texts import XML, construct, inner, join, plain
from tocsin.pipeline.collect.parse.tree import Element
from tocsin.text.html import html_to_text

ENTRY_NAMES = frozenset(("item", "entry"))
_BODIES = frozenset(("content", "content:encoded", "xhtml:body", "body", "fullitem"))
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
_PEOPLE = frozenset(
    ("author", "dc:creator", "creator", "contributor", "dc:author", "itunes:author")
)
_HTML_TYPES = frozenset(("", "text/html", "application/xhtml+xml", "html", "xhtml"))
_WEB = re.compile(r"^https?://[^\s<>\"]+$", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,100}")


class Entry:
    """The children of one entry, taken up in document order."""

    def __init__(self, name_of: Callable[[Element], str], element: Element, base: str) -> None:
        self._values: dict[str, str] = {}
        self.link = self.permalink = ""
        self.summary = self.content = ""
        self.authors: list[str] = []
        self.categories: list[str] = []
        self.source_title = self.source_url = ""
        self._base = base
        self._name = name_of
        for child in element:
            name = name_of(child)
            if name and name not in ENTRY_NAMES:
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
            value = self._values["guid"] = plain(child)
            said = child.get("isPermaLink") or child.get("ispermalink") or "true"
            self._take_permalink(value if said.lower() == "true" else "")
        elif name == "id":
            self._values["id"] = plain(child)
            self._take_permalink(self._values["id"])
        elif name in _BODIES:
            self._take_content(name, child)
        elif name in _SUMMARIES:
            self._take_summary(name, child)
        elif name in _PEOPLE:
            self.authors.append(self._person(child))
        elif name in ("category", "dc:subject", "keywords"):
            self.categories.append(child.get("term") or child.get("label") or plain(child))
        elif name == "source":
            self._take_source(child)
        elif name in ("media:group", "media:content"):
            for part in child:
                said = self._name(part)
                if said in ("media:title", "media:description") and said not in self._values:
                    self._take(said, part)
        elif name in ("title", "tagline", "dc:title", "media:title", "itunes:title"):
            self._values[name] = construct(child) or self._values.get(name, "")
        elif name not in self._values or not self._values[name]:
            self._values[name] = plain(child)

    def _take_link(self, child: Element) -> None:
        href = child.get("href")
        if href is None:
            value = plain(child)
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
        own = child.get(f"{XML}base")
        return self._base if own is None else join(self._base, own.strip())

    def _take_content(self, name: str, child: Element) -> None:
        if child.get("src"):
            return
        value = construct(child)
        if name == "xhtml:body":
            value = value or inner(child)
        if len(value) > len(self.content):
            self.content = value

    def _take_summary(self, name: str, child: Element) -> None:
        value = construct(child)
        if name in ("media:description", "itunes:summary") and self.summary:
            return
        if name in ("summary", "description") or not self.summary:
            if self.summary and self.summary != value and not self.content:
                longer, shorter = sorted((self.summary, value), key=len, reverse=True)
                self.content, self.summary = longer, shorter
            else:
                self.summary = value

    def _person(self, child: Element) -> str:
        for part in child:
            if self._name(part).rpartition(":")[2] == "name":
                return html_to_text(plain(part))
        return _without_address(html_to_text(plain(child)[:500]))

    def _take_source(self, child: Element) -> None:
        if len(child) == 0:  # RSS
            self.source_title = plain(child) or self.source_title
            self.source_url = child.get("url", "").strip() or self.source_url
            return
        for part in child:  # Atom
            name = self._name(part)
            if name == "title":
                self.source_title = html_to_text(construct(part))
            elif name == "link" and part.get("rel", "alternate") == "alternate":
                self.source_url = join(self._base, part.get("href", "").strip())


def _without_address(person: str) -> str:
    """`ann@x.example (Ann)`, `Ann <ann@x.example>` → `Ann`; an address alone stays."""
    name = _ADDRESS.sub("", person).strip(" ()<>,;")
    return name or person
