"""Reading a page of the desk in a test: its elements, its title, and the addresses of all pages."""

from html.parser import HTMLParser
from typing import Any

from support.desk_fixture import DeskFixture


class Page(HTMLParser):
    """Elements of a page with their attributes, in order; the text of the title."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def count(self, tag: str) -> int:
        return sum(t == tag for t, _ in self.elements)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.elements if t == tag]


def page_addresses(f: DeskFixture) -> list[str]:
    """One address for each page of desk.md §1, and for each of its larger states."""
    i = f.ids
    return [
        "/",
        "/stories",
        f"/stories/{i['raid']}",
        f"/stories/{i['raid']}?figure=missing&since=3&order=reported",
        f"/stories/{i['raid']}?scale=log",
        f"/stories/{i['mills-story']}",
        f"/stories/{i['hostile-0-story']}",
        f"/stories/{i['raid']}/brief",
        f"/articles/{i['bbc']}",
        f"/articles/{i['reuters-copy-0']}",
        f"/articles/{i['hostile-0']}",
        f"/articles/{i['hostile-3']}",
        f"/articles/{i['hostile-5']}",
        f"/articles/{i['bbc']}/versions",
        "/search",
        "/search?q=killed:%3E%3D5+AND+%22south+waziristan%22",
        "/search?q=script",
        "/search?q=waziristan+AND+nothinglikethat",
        "/subscriptions",
        "/subscriptions/new?q=waziristan",
        f"/subscriptions/{i['waziristan']}",
        f"/subscriptions/{i['evil']}",
        f"/subscriptions/{i['waziristan']}/edit",
        "/alerts",
        "/alerts?state=muted",
        f"/alerts/{i['toll']}",
        "/feeds",
        "/feeds?state=failing",
        f"/feeds/{i['feed Khyber Mail']}",
        "/deadletters",
        "/preferences",
        "/help/query",
        "/help/keys",
        "/api/docs",
    ]
