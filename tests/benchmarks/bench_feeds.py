"""Our feed parser against feedparser: the same 50 items, RSS and Atom, in one run."""

import random
import time
import warnings
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import feedparser

from tocsin.pipeline.collect.parse import parse_feed
from tocsin.text.html import html_to_text

ITEMS = 50
SECONDS = 1.5
FLOOR = 10.0
"""Times as fast as feedparser (design §8)."""


class Prose:
    """Words without meaning, the same at each run."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = [
            "".join(self._random.choices(letters, k=self._random.randint(2, 10)))
            for _ in range(4_000)
        ]

    def words(self, count: int) -> str:
        return " ".join(self._random.choices(self._words, k=count)).capitalize() + "."

    def markup(self) -> str:
        return "".join(
            f'<p>{self.words(60)} <a href="/story/{n}?a=1&amp;b=2">{self.words(3)}</a>'
            f' <img src="/i/{n}.jpg" alt="x"></p>'
            for n in range(5)
        )


def rss() -> bytes:
    prose = Prose()
    items = "".join(
        f"<item><title>{prose.words(9)}</title><link>https://news.example/2026/{n}</link>"
        f'<guid isPermaLink="false">tag:news.example,2026:{n}</guid>'
        f"<pubDate>Mon, 23 Nov 2026 {n % 24:02d}:10:00 GMT</pubDate>"
        f"<dc:creator><![CDATA[{prose.words(2)}]]></dc:creator>"
        f"<category>{prose.words(1)}</category>"
        f"<description><![CDATA[{prose.words(40)}]]></description>"
        f"<content:encoded><![CDATA[{prose.markup()}]]></content:encoded></item>"
        for n in range(ITEMS)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Example News</title>'
        f"<link>https://news.example/</link><ttl>15</ttl>{items}</channel></rss>"
    ).encode()


def atom() -> bytes:
    prose = Prose()
    entries = "".join(
        f'<entry><title type="html">{prose.words(9)}</title><id>tag:news.example,2026:{n}</id>'
        f'<link rel="alternate" href="https://news.example/{n}"/>'
        f"<published>2026-11-23T{n % 24:02d}:10:00Z</published>"
        f"<author><name>{prose.words(2)}</name></author><summary>{prose.words(40)}</summary>"
        f'<content type="html">{escape(prose.markup())}</content></entry>'
        for n in range(ITEMS)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>Example</title><id>urn:x</id>{entries}</feed>"
    ).encode()


def run() -> list[dict[str, Any]]:
    """Feeds a second, side by side, and the words out of the items' markup."""
    rows: list[dict[str, Any]] = []
    for name, body in (("RSS", rss()), ("Atom", atom())):
        ours = _per_second(partial(parse_feed, body))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # feedparser warns of its own deprecations
            theirs = _per_second(partial(feedparser.parse, body))
        rows.append(
            {
                "what": f"{name} feed of {ITEMS} items, {len(body) >> 10} KiB",
                "figure": ours,
                "unit": "feeds/s",
                "beside": f"feedparser ({theirs:.1f})",
                "ratio": ours / theirs,
                "floor": FLOOR,
                "floor_of": "ratio",
            }
        )
    markup = Prose().markup() * 4
    rows.append(
        {
            "what": f"words out of {len(markup) >> 10} KiB of markup",
            "figure": _per_second(lambda: html_to_text(markup)),
            "unit": "texts/s",
        }
    )
    return rows


def _per_second(work: Callable[[], object]) -> float:
    work()
    done, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        work()
        done += 1
    return done / (time.process_time() - began)
