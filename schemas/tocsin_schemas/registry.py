"""Which model an event's type and version mean, and how an older version becomes the newest.

Reading never fails on a field it does not know; an unknown type or version raises
`UnknownVersionError`, which the worker turns into a dead letter, replayable after an upgrade.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationError, create_model

from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.article import Article
from tocsin_schemas.contract import Contract, Mode
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.envelope import Envelope
from tocsin_schemas.feed import Feed, FeedState
from tocsin_schemas.identity import digest_id
from tocsin_schemas.item import ItemCollected
from tocsin_schemas.notification import Notification
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.story import ClusteredArticle, Story
from tocsin_schemas.subscription import Subscription, WordList

Body = dict[str, Any]
Upcaster = Callable[[Body], Body]
M = TypeVar("M", bound=Contract)


class WireError(ValueError):
    """Bytes that are no event of ours. `code` is the dead letter's reason code."""

    code = "invalid"


class BadJsonError(WireError):
    """Not JSON, or not an envelope."""

    code = "bad-json"


class UnknownVersionError(WireError):
    """A type or version that this release does not know."""

    code = "unknown-version"


@dataclass(frozen=True, slots=True)
class EventType:
    """An event's newest version, its model, and the upcasters that lead to it (from → body)."""

    name: str
    model: type[Contract]
    version: int = 1
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)


EVENTS: dict[str, EventType] = {
    e.name: e
    for e in (
        EventType("feed.changed", Feed),
        EventType("feed.polled", FeedState),
        EventType("list.changed", WordList),
        EventType("subscription.changed", Subscription),
        EventType("act.done", Act),
        EventType("item.collected", ItemCollected),
        EventType("article.enriched", Article),
        EventType("article.clustered", ClusteredArticle),
        EventType("story.changed", Story),
        EventType("alert.raised", Alert),
        EventType("notification.changed", Notification),
        EventType("outcome.recorded", Outcome),
        EventType("event.died", DeadLetter),
    )
}
_NAME_OF: dict[type[Contract], str] = {e.model: e.name for e in EVENTS.values()}


@dataclass(frozen=True, slots=True)
class Event:
    """An envelope opened: the header beside its typed body."""

    id: str
    type: str
    mode: Mode
    root_id: str
    trace: tuple[str, ...]
    at: datetime
    body: Contract


def name_of(body: Contract) -> str:
    """The event name of a body's model; KeyError for a model that does not travel alone."""
    return _NAME_OF[type(body)]


def event(
    body: Contract,
    *,
    root_id: str,
    at: datetime,
    mode: Mode = "live",
    cause: Event | None = None,
    discriminator: str = "",
) -> Event:
    """A new event around `body`. Its id is a hash of type, root, cause and `discriminator`
    (what tells two events of one cause apart: an article id and revision), so the same
    decision made again has the same id.
    """
    name = name_of(body)
    trace = () if cause is None else (*cause.trace[-6:], cause.id)
    identity = digest_id("event", name, root_id, cause.id if cause else "", discriminator)
    return Event(identity, name, mode, root_id, trace, at, body)


def encode(e: Event) -> bytes:
    """Wire bytes (UTF-8 JSON) of an event at its newest version."""
    known = EVENTS[e.type]
    header = Envelope(
        id=e.id,
        type=e.type,
        version=known.version,
        mode=e.mode,
        root_id=e.root_id,
        trace=e.trace,
        at=e.at,
        body={},
    ).model_dump_json(exclude={"body"})
    return f'{header[:-1]},"body":{e.body.model_dump_json()}}}'.encode()


def encode_body(
    name: str,
    body: bytes,
    *,
    root_id: str,
    at: datetime,
    mode: Mode = "live",
    cause: Event | None = None,
    discriminator: str = "",
) -> bytes:
    """`encode(event(…))` for a body that already is JSON of the newest version of `name`'s model:
    what a stage sends again, or puts together from parts, need not be parsed for it.
    """
    header = Envelope(
        id=digest_id("event", name, root_id, cause.id if cause else "", discriminator),
        type=name,
        version=EVENTS[name].version,
        mode=mode,
        root_id=root_id,
        trace=() if cause is None else (*cause.trace[-6:], cause.id),
        at=at,
        body={},
    ).model_dump_json(exclude={"body"})
    return b"".join((header[:-1].encode(), b',"body":', body, b"}"))


def decode(data: bytes) -> Event:
    """Open wire bytes. Raises `BadJsonError`, `UnknownVersionError` or `WireError` (invalid body),
    each with the place in its words.
    """
    head = _HEAD.match(data)
    known = EVENTS.get(head[1].decode()) if head else None
    if head and known and int(head[2]) == known.version:
        try:
            return _opened(_whole(known.model).model_validate_json(data))
        except ValidationError:
            pass  # below it is told whether the envelope or the body is wrong, and where
    return _decode_in_parts(data)


_HEAD = re.compile(rb'\{"id":"[a-z2-7]{26}","type":"([a-z.]{1,40})","version":(\d{1,4}),')
"""How our own encoder begins: then envelope and body are read in one pass, without a dict between."""


@cache
def _whole(model: type[Contract]) -> type[Envelope]:
    """The envelope with its body typed."""
    return create_model("Whole", __base__=Envelope, body=(model, ...))


def _opened(whole: Envelope) -> Event:
    body: Any = whole.body
    return Event(whole.id, whole.type, whole.mode, whole.root_id, whole.trace, whole.at, body)


def _decode_in_parts(data: bytes) -> Event:
    """Any envelope that is ours, of any version: the body upcast, then read."""
    try:
        envelope = Envelope.model_validate_json(data)
    except ValidationError as error:
        raise BadJsonError(_first(error, "envelope")) from error
    known = EVENTS.get(envelope.type)
    if known is None:
        raise UnknownVersionError(f"event type {envelope.type!r} is not known to this release")
    body, version = envelope.body, envelope.version
    while version < known.version:
        step = known.upcasters.get(version)
        if step is None:
            break
        body, version = step(body), version + 1
    if version != known.version:
        raise UnknownVersionError(
            f"{envelope.type} v{envelope.version} is not known; this release reads v{known.version}"
        )
    try:
        model = known.model.model_validate(body)
    except ValidationError as error:
        raise WireError(_first(error, envelope.type)) from error
    return _opened(envelope.model_copy(update={"body": model}))


def body_of(e: Event, model: type[M]) -> M:
    """The body, which must be a `model`; WireError otherwise (a record on the wrong topic)."""
    if not isinstance(e.body, model):
        msg = f"expected {model.__name__}, got {e.type}: the record stands on the wrong topic"
        raise WireError(msg)
    return e.body


def _first(error: ValidationError, where: str) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(p) for p in first["loc"])
    return f"{where}{'.' + place if place else ''}: {first['msg']} ({error.error_count()} in all)"
