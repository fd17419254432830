"""Adding, changing and removing feeds, one by one or by an OPML list; nothing is dialled here.

An address is checked for its form; whether it answers is the collector's finding, shown as health.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from tocsin.api.failures import Missing
from tocsin.api.reading import FeedLine, Reading
from tocsin.api.subscribing import Invalid
from tocsin.text.clean import one_line
from tocsin_schemas.feed import Feed, Source
from tocsin_schemas.identity import feed_id, source_id

POLICIES = ("never", "short", "always")
KINDS = ("outlet", "agency", "official", "aggregator")
LEAST_INTERVAL_S = 60
"""A person's least poll interval, seconds: publishers are treated with courtesy."""


def line_of(reading: Reading, identity: str) -> FeedLine:
    """The feed; Missing otherwise."""
    found = reading.feed(identity)
    if found is None:
        raise Missing("There is no feed of that id.", "It may have been removed.")
    return found


def address(text: str) -> str:
    """A feed's address in one spelling (scheme and host in lower case, no fragment). Raises Invalid."""
    wrong = {"url": "an address such as https://example.org/feed.xml"}
    text = text.strip()
    if "://" not in text and "." in text.partition("/")[0]:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(text) <= 2048
        fine = fine and text.isprintable() and " " not in text
        fine = fine and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise Invalid(wrong) from error
    if not fine:
        raise Invalid(wrong)
    return parts._replace(
        scheme=parts.scheme.lower(),
        netloc=parts.netloc.lower(),
        path=parts.path or "/",
        fragment="",
    ).geturl()


def _made(fields: Mapping[str, Any]) -> Feed:
    try:
        return Feed.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Invalid({".".join(str(p) for p in first["loc"]): first["msg"]}) from error


def _source(fields: Mapping[str, Any], url: str) -> Source:
    given = fields.get("source")
    given = {"name": given} if isinstance(given, str) else dict(given or {})
    name = one_line(str(given.get("name") or "")) or urlsplit(url).hostname or url
    try:
        return Source.model_validate({**given, "name": name[:200], "id": source_id(name[:200])})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(("source", *(str(p) for p in first["loc"])))
        raise Invalid({place: first["msg"]}) from error


def add(reading: Reading, fields: Mapping[str, Any]) -> Feed:
    """Add a feed: `url`, `source` (a name, or a source's fields), `title`, `page_policy`,
    `interval_s`. One that is known already is kept as it is. Raises Invalid.
    """
    url = address(str(fields.get("url") or ""))
    identity = feed_id(url)
    held = reading.feed(identity)
    if held is not None:
        return held.feed
    made = _made(
        {
            "id": identity,
            "url": url,
            "source": _source(fields, url),
            "title": one_line(str(fields.get("title") or ""))[:200],
            **_knobs(fields),
            "demo": bool(fields.get("demo", False)),
            "added": reading.now(),
        }
    )
    reading.desk.registers.put_feed(made, at=reading.now())
    return made


def add_all(reading: Reading, feeds: list[Feed]) -> int:
    """Add the feeds that are not known; returns how many were."""
    known = {line.feed.id for line in reading.feeds()}
    fresh = list({f.id: f for f in feeds if f.id not in known}.values())
    if fresh:
        reading.desk.registers.put_feed(*fresh, at=reading.now())
    return len(fresh)


def _knobs(fields: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    problems: dict[str, str] = {}
    if (policy := fields.get("page_policy")) is not None:
        if policy not in POLICIES:
            problems["page_policy"] = f"one of {', '.join(POLICIES)}"
        out["page_policy"] = policy
    if "interval_s" in fields and (interval := fields["interval_s"]) is not None:
        fine = isinstance(interval, int) and not isinstance(interval, bool)
        if not fine or not LEAST_INTERVAL_S <= interval <= 86_400:
            problems["interval_s"] = f"whole seconds, {LEAST_INTERVAL_S} to 86400"
        out["interval_s"] = interval
    elif "interval_s" in fields:
        out["interval_s"] = None
    if "active" in fields:
        if not isinstance(fields["active"], bool):
            problems["active"] = "true or false"
        out["active"] = fields["active"]
    if problems:
        raise Invalid(problems)
    return out


def change(reading: Reading, identity: str, fields: Mapping[str, Any]) -> Feed:
    """The feed with `active`, `page_policy`, `interval_s`, `title` or `source` changed. An address
    can't be changed: it is the feed's identity; add the new one and remove this. Raises Missing,
    Invalid.
    """
    held = line_of(reading, identity).feed
    update = _knobs(fields)
    if "title" in fields:
        update["title"] = one_line(str(fields["title"]))[:200]
    if "source" in fields:
        given = fields["source"]
        given = {"name": given} if isinstance(given, str) else dict(given or {})
        merged = {**held.source.model_dump(exclude={"id"}), **given}
        update["source"] = _source({"source": merged}, held.url)
    made = _made({**held.model_dump(), **update})
    if made != held:
        reading.desk.registers.put_feed(made, at=reading.now())
    return made


def remove(reading: Reading, identity: str) -> None:
    """Stop polling a feed for good; its articles stay. Raises Missing."""
    held = line_of(reading, identity).feed
    gone = held.model_copy(update={"deleted": True, "active": False})
    reading.desk.registers.put_feed(gone, at=reading.now())


def poll(reading: Reading, identity: str) -> None:
    """Ask the collector to poll a feed at once. Raises Missing."""
    reading.desk.poll_now(line_of(reading, identity).feed.id)
