"""The article in a fetched page: its text without the furniture, and the time it was published.

trafilatura (`fast=True`) finds the text, resiliparse where it finds none or fails; both are
measured in reference/enrichment.md §4. The page is never rendered and nothing in it is run.
"""

import json
import re

import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from tocsin.text.clean import squeeze
from tocsin.text.html import unescape

LONGEST_PAGE = 3 << 20
"""Characters of HTML that are looked at (the fetcher's own limit)."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_META = re.compile(r"<meta\b[^<>]{1,400}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z:_-]{2,20})\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""", re.IGNORECASE)
_JSON_LD = re.compile(r'"datePublished"\s*:\s*"([^"]{4,60})"')
_DATE_NAMES = _words(
    "article:published_time datepublished date dc.date dc.date.issued pubdate publishdate "
    "publish-date publication_date sailthru.date parsely-pub-date og:published_time "
    "originalpublicationdate"
)


def text_of(html: str, url: str = "") -> str:
    """Cleaned plain text of the article in `html`; '' where none is found. Raises nothing but
    MemoryError.
    """
    html = html[:LONGEST_PAGE]
    if not html.strip():
        return ""
    try:
        found = trafilatura.extract(html, url=url or None, fast=True, include_comments=False)
    except MemoryError:
        raise
    except Exception:  # whatever a hostile page makes an extractor do, the other one is asked
        found = None
    if not found:
        try:
            found = extract_plain_text(html, main_content=True, alt_texts=False)
        except MemoryError:
            raise
        except Exception:  # same: a page that nobody can read leaves the feed's text
            found = ""
    return squeeze(found)


def published(html: str) -> str:
    """What the page says of its publication (meta element, else JSON-LD), unread; '' without."""
    head = html[: 1 << 18]
    for element in _META.finditer(head):
        pairs = {k.lower(): a or b for k, a, b in _ATTRIBUTE.findall(element.group())}
        name = (pairs.get("property") or pairs.get("name") or pairs.get("itemprop") or "").lower()
        if name in _DATE_NAMES and pairs.get("content"):
            return unescape(pairs["content"])
    match = _JSON_LD.search(head)
    if match is None:
        return ""
    try:
        return str(json.loads(f'"{match[1]}"'))
    except ValueError:
        return ""
