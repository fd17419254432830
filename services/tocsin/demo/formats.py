"""How an outlet prints: its feed in RSS 2.0, Atom, RDF or JSON Feed, and a page for each item.

Four formats, so that the demo walks through every parser of the desk. What is printed holds no port
and no clock: the same dispatches give the same bytes (and ETag) in every run.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape

from tocsin.demo.script import Dispatch, Outlet

MEDIA = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
}
"""Content type of each format."""


def feed(outlet: Outlet, items: Sequence[Dispatch]) -> bytes:
    """The outlet's feed with `items`, newest first (UTF-8)."""
    printer = {"rss": _rss, "atom": _atom, "rdf": _rdf, "json": _json}[outlet.format]
    return printer(outlet, items).encode()


def page(item: Dispatch) -> bytes:
    """The item's page as a site prints it: navigation, article, further reading, small print."""
    name = escape(item.outlet.source.name)
    title = escape(item.title)
    stamp = item.updated or item.published
    time = f'<time datetime="{_iso(stamp)}">{stamp:%d %B %Y, %H:%M} GMT</time>' if stamp else ""
    author = f'<p class="byline">{escape(item.author)}</p>' if item.author else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} | {name}</title>
<link rel="canonical" href="{escape(item.url)}"></head><body>
<header><a href="/">{name}</a><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li>
<li><a href="/sport">Sport</a></li><li><a href="/weather">Weather</a></li></ul></nav></header>
<main><article><h1>{title}</h1>{author}{time}
{_html(item)}
</article></main>
<aside><h2>Most read</h2><ul><li><a href="/puzzle">Today's puzzle</a></li>
<li><a href="/letters">Letters to the editor</a></li></ul></aside>
<footer><p>Written for the demo press of Tocsin. {name} did not publish this page.</p>
<p><a href="/terms">Terms</a> <a href="/privacy">Privacy</a> <a href="/contact">Contact us</a></p></footer>
</body></html>
""".encode()


def _rss(outlet: Outlet, items: Sequence[Dispatch]) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/">\n'
        f"<channel><title>{escape(outlet.source.name)}</title><link>{outlet.home}/</link>\n"
        f"<description>News from {escape(outlet.source.place)}</description>"
        f"<language>en</language>\n{''.join(map(_rss_item, items))}</channel></rss>\n"
    )


def _rss_item(item: Dispatch) -> str:
    link = f"<link>{escape(item.url)}</link>" if item.linked else ""
    date = f"<pubDate>{format_datetime(item.published)}</pubDate>" if item.published else ""
    return (
        f"<item><title>{escape(item.title)}</title>{link}"
        f'<guid isPermaLink="{str(item.linked).lower()}">{escape(item.guid)}</guid>'
        f"{date}{_creator(item)}<description>{escape(item.paragraphs[0])}</description>"
        f"<content:encoded>{escape(_html(item))}</content:encoded></item>\n"
    )


def _rdf(outlet: Outlet, items: Sequence[Dispatch]) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{escape(i.guid)}"/>' for i in items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{outlet.home}/"><title>{escape(outlet.source.name)}</title>'
        f"<link>{outlet.home}/</link><description>{escape(outlet.source.place)}</description>"
        f"<items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n"
        f"{''.join(map(_rdf_item, items))}</rdf:RDF>\n"
    )


def _rdf_item(item: Dispatch) -> str:
    date = f"<dc:date>{_iso(item.published)}</dc:date>" if item.published else ""
    return (
        f'<item rdf:about="{escape(item.guid)}"><title>{escape(item.title)}</title>'
        f"<link>{escape(item.url)}</link>{date}{_creator(item)}"
        f"<description>{escape(_html(item))}</description></item>\n"
    )


def _atom(outlet: Outlet, items: Sequence[Dispatch]) -> str:
    newest = max((i.updated or i.published for i in items if i.published), default=None)
    updated = f"<updated>{_iso(newest)}</updated>" if newest else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{escape(outlet.source.name)}</title><id>{outlet.home}/</id>"
        f'<link href="{outlet.home}/"/>{updated}\n{"".join(map(_atom_entry, items))}</feed>\n'
    )


def _atom_entry(item: Dispatch) -> str:
    author = f"<author><name>{escape(item.author)}</name></author>" if item.author else ""
    published = f"<published>{_iso(item.published)}</published>" if item.published else ""
    updated = item.updated or item.published
    changed = f"<updated>{_iso(updated)}</updated>" if updated else ""
    return (
        f'<entry><title>{escape(item.title)}</title><link rel="alternate" href="{escape(item.url)}"/>'
        f"<id>{escape(item.guid)}</id>{published}{changed}{author}"
        f'<content type="html">{escape(_html(item))}</content></entry>\n'
    )


def _json(outlet: Outlet, items: Sequence[Dispatch]) -> str:
    listing = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.source.name,
        "home_page_url": f"{outlet.home}/",
        "language": "en",
        "items": [_json_item(i) for i in items],
    }
    return json.dumps(listing, ensure_ascii=False, indent=1)


def _json_item(item: Dispatch) -> dict[str, object]:
    entry: dict[str, object] = {
        "id": item.guid,
        "url": item.url,
        "title": item.title,
        "content_html": _html(item),
    }
    if item.published:
        entry["date_published"] = _iso(item.published)
    if item.updated:
        entry["date_modified"] = _iso(item.updated)
    if item.author:
        entry["authors"] = [{"name": item.author}]
    return entry


def _creator(item: Dispatch) -> str:
    return f"<dc:creator>{escape(item.author)}</dc:creator>" if item.author else ""


def _html(item: Dispatch) -> str:
    return "\n".join(f"<p>{escape(p, quote=False)}</p>" for p in item.paragraphs)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat().replace("+00:00", "Z") if moment else ""
