"""What a feed says of itself: title, language, address, and how often it wants to be asked."""

from collections.abc import Callable

from tocsin.pipeline.collect.parse.model import MAX_URL
from tocsin.pipeline.collect.parse.texts import XML, construct, join, number, plain
from tocsin.pipeline.collect.parse.tree import Element
from tocsin.text.html import html_to_text

_PERIODS = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_DAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))


class Head:
    """What the feed says of itself."""

    def __init__(self, name_of: Callable[[Element], str], channel: Element, base: str) -> None:
        self.title = self.language = self.link = ""
        self.skip_hours: set[int] = set()
        self.skip_days: set[str] = set()
        ttl = period = None
        frequency = 1
        for child in channel:
            name = name_of(child)
            if name == "title" or (name == "dc:title" and not self.title):
                self.title = html_to_text(construct(child))
            elif name in ("language", "dc:language"):
                self.language = plain(child)[:40]
            elif name == "link":
                self._take_link(child, base)
            elif name == "ttl":
                ttl = number(plain(child), 60)
            elif name == "sy:updateperiod":
                period = _PERIODS.get(plain(child).lower())
            elif name == "sy:updatefrequency":
                frequency = number(plain(child), 1) or 1
            elif name == "skiphours":
                hours = (number(plain(h), 1) for h in child)
                self.skip_hours = {h % 24 for h in hours if h is not None and h <= 24}
            elif name == "skipdays":
                self.skip_days = {d for c in child if (d := plain(c).lower()) in _DAYS}
        self.language = self.language or channel.get(f"{XML}lang", "")
        wishes = [w for w in (ttl, period // frequency if period else None) if w]
        self.ttl_s = max(wishes) if wishes else None

    def _take_link(self, child: Element, base: str) -> None:
        href = child.get("href")
        if href is None:
            address = plain(child)[:MAX_URL]
            self.link = join(base, address) if address else self.link
        elif child.get("rel", "alternate") == "alternate":
            self.link = join(base, href.strip()[:MAX_URL])
