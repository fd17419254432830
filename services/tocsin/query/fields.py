"""The fields of the query language and how their values are read. A table, so that help and errors
say what the parser does.
"""

from difflib import get_close_matches
from typing import Literal

FieldKind = Literal["text", "keyword", "figure", "date", "story", "origins"]

FIELDS: dict[str, FieldKind] = {
    "title": "text",
    "text": "text",
    "source": "keyword",
    "family": "keyword",
    "country": "keyword",
    "lang": "keyword",
    "tag": "keyword",
    "place": "keyword",
    "person": "keyword",
    "actor": "keyword",
    "cites": "keyword",
    "published": "date",
    "event_date": "date",
    "killed": "figure",
    "wounded": "figure",
    "missing": "figure",
    "kidnapped": "figure",
    "story": "story",
    "origins": "origins",
}
"""Every field, by kind, in the order of design §5."""

KEYWORDS: tuple[str, ...] = tuple(name for name, kind in FIELDS.items() if kind == "keyword")

_OTHER_WORDS = {
    "abducted": "kidnapped",
    "body": "text",
    "city": "place",
    "content": "text",
    "date": "published",
    "dead": "killed",
    "deaths": "killed",
    "headline": "title",
    "injured": "wounded",
    "language": "lang",
    "location": "place",
    "name": "person",
    "org": "actor",
    "outlet": "source",
    "topic": "tag",
    "when": "event_date",
}
"""What people call a field elsewhere."""


def nearest_field(name: str) -> str | None:
    """The field that `name` was meant to be, if one is near."""
    lower = name.lower()
    if lower in FIELDS:
        return lower
    if lower in _OTHER_WORDS:
        return _OTHER_WORDS[lower]
    near = get_close_matches(lower[:64], [*FIELDS, *_OTHER_WORDS], n=1, cutoff=0.6)
    return _OTHER_WORDS.get(near[0], near[0]) if near else None
