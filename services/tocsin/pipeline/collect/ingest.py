"""One line of JSON as a collected item: the door for files, pipes and other programs.

The line is evidence as a feed's entry is, with the same identity rules: the same line is the same
event, however often it is given. Never guesses: a line that cannot be understood is refused with its
number, the field and how to mend it, and costs no other line.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import ValidationError

from tocsin.errors import UsageError
from tocsin.pipeline.collect.items import content_hash, item_key, text_of
from tocsin.pipeline.collect.parse.model import MAX_BODY, MAX_TITLE, MAX_URL
from tocsin.ports.bus import Message
from tocsin.text.clean import one_line
from tocsin.text.html import as_html, html_to_text
from tocsin_schemas.contract import Mode
from tocsin_schemas.feed import Source, SourceKind
from tocsin_schemas.identity import feed_id, root_id, source_id
from tocsin_schemas.item import ItemCollected, RawEntry
from tocsin_schemas.registry import encode, event
from tocsin_schemas.topics import ITEMS

MAX_LINE = 3 << 20
"""Bytes of one line."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_KINDS: tuple[str, ...] = get_args(SourceKind)


def parse_line(line: bytes, number: int, now: datetime) -> ItemCollected:
    """The item of one line. `number` counts from 1 and stands in every error,
    `now` becomes `collected`. Raises UsageError. The same line gives the same root id.

    Fields: `title` (words, or HTML), `text` (plain) or `html`, of which at least one; `url`; `published`, `updated` as
    strings (ISO 8601 or RFC 822) or Unix seconds; `source`, a name or an object {name, owner, family,
    kind, country, tier, place}; `feed`, a name or address (default: the source's name); `id`, what the
    item is known by (default: url, else title and date).
    """
    if len(line) > MAX_LINE:
        raise _wrong(
            number, "", f"is longer than {MAX_LINE >> 20} MiB", "split the text or drop it"
        )
    text = _decoded(line, number)
    if not text.strip():
        raise _wrong(number, "", "is blank", "leave it out")
    data = _object(text, number)
    title = _string(data, "title", number, most=MAX_TITLE * 4)
    plain = _string(data, "text", number, most=MAX_BODY)
    html = _string(data, "html", number, most=MAX_BODY)
    entry = RawEntry(
        title=title[:MAX_TITLE],
        link=_url(data, number),
        guid=_string(data, "id", number, most=MAX_URL),
        content=html or as_html(plain),
        published=_time(data, "published", number),
        updated=_time(data, "updated", number),
        language=_string(data, "language", number, most=40),
    )
    if not one_line(html_to_text(entry.title)) and not text_of(entry):
        raise _wrong(number, "title", "and text are both missing", 'give "title", "text" or "html"')
    source = _source(data.get("source"), number)
    feed = feed_id(_string(data, "feed", number, most=MAX_URL) or source.name)
    key = item_key(entry)
    said = content_hash(entry)
    return ItemCollected(
        root_id=root_id(feed, key, said),
        feed_id=feed,
        source=source,
        item_key=key,
        content_hash=said,
        entry=entry,
        collected=now,
        base_url=entry.link,
    )


def message_of(item: ItemCollected, mode: Mode) -> Message:
    """The record of an item for `news.items.collected`. The same item and mode give the same event id."""
    made = event(item, root_id=item.root_id, at=item.collected, mode=mode)
    headers = {"root_id": item.root_id}
    return Message(ITEMS.name, item.feed_id, encode(made), headers)


def _wrong(number: int, name: str, what: str, mend: str) -> UsageError:
    field = f'field "{name}" ' if name else ""
    return UsageError(f"line {number}: {field}{what}; {mend}")


def _decoded(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(
            number, "", f"is not UTF-8 at byte {error.start + 1}", "save the file as UTF-8"
        ) from error


def _object(text: str, number: int) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise _wrong(
            number, "", f"is not JSON at column {error.colno}: {error.msg}", "one object per line"
        ) from error
    except RecursionError as error:
        raise _wrong(number, "", "is JSON nested too deep", "one flat object per line") from error
    except ValueError as error:  # more digits than Python reads
        raise _wrong(
            number,
            "",
            "holds a number of more digits than are read",
            "put it in quotes, or drop it",
        ) from error
    if not isinstance(data, dict):
        kind = {"list": "an array", "str": "a string"}.get(type(data).__name__, "a bare value")
        raise _wrong(number, "", f"is {kind}, not an object", 'write {"title": …, "text": …}')
    return data


def _string(data: dict[str, Any], name: str, number: int, *, most: int) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if name == "id" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise _wrong(number, name, f"is {type(value).__name__}, not a string", "put it in quotes")
    value = _SURROGATE.sub("\ufffd", value).replace("\0", "").strip()
    if len(value) > most:
        raise _wrong(number, name, f"has {len(value)} characters", f"at most {most} are taken")
    return value


def _url(data: dict[str, Any], number: int) -> str:
    url = _string(data, "url", number, most=MAX_URL)
    if url and not url.lower().startswith(("http://", "https://")):
        raise _wrong(number, "url", f"is no web address: {url[:60]!r}", "begin it with https://")
    if any(c.isspace() or not c.isprintable() for c in url):
        raise _wrong(number, "url", "holds a blank or control character", "encode it as %20")
    return url


def _time(data: dict[str, Any], name: str, number: int) -> str:
    """Verbatim: what no reader understands later is null there, never "now". Unix seconds are written
    as ISO, since the raw words of an entry are text.
    """
    value = data.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, tz=UTC).isoformat()
        except (ValueError, OverflowError, OSError) as error:
            raise _wrong(number, name, "is no time", "give ISO 8601 or Unix seconds") from error
    return _string(data, name, number, most=100)


def _source(value: Any, number: int) -> Source:
    if value is None or value == "":
        value = "unknown"
    if isinstance(value, str):
        value = {"name": value}
    if not isinstance(value, dict):
        raise _wrong(number, "source", "is neither a name nor an object", 'write "source": "Dawn"')
    name = value.get("name")
    if not isinstance(name, str) or not one_line(name):
        raise _wrong(number, "source.name", "is missing", 'write "source": {"name": "Dawn"}')
    name = one_line(name)[:200]
    kind = value.get("kind", "outlet")
    if kind not in _KINDS:
        raise _wrong(number, "source.kind", f"is {kind!r}", f"one of {', '.join(_KINDS)}")
    known = {
        k: _SURROGATE.sub("\ufffd", v) if isinstance(v := value[k], str) else v
        for k in ("owner", "family", "country", "tier", "place")
        if k in value
    }
    try:
        return Source.model_validate({"id": source_id(name), "name": name, "kind": kind, **known})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(p) for p in first["loc"])
        raise _wrong(
            number, f"source.{place}", f"is not valid: {first['msg']}", "mend it"
        ) from error
