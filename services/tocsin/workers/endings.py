"""How an event ends: the dead letter that sets it aside, the outcome that invariant I1 counts.

The same record gives the same ids again, so a repetition adds nothing.
"""

from base64 import b64encode
from datetime import datetime

from tocsin.ports.bus import Message, Record
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.identity import digest_id
from tocsin_schemas.outcome import Outcome
from tocsin_schemas.registry import Event, WireError, decode, encode, event
from tocsin_schemas.topics import CLUSTERED, DEAD_LETTERS, ENRICHED, ITEMS, OUTCOMES

_ITEM_PATH = frozenset({ITEMS.name, ENRICHED.name, CLUSTERED.name})


def dead_letter(record: Record, *, stage: str, code: str, text: str, at: datetime) -> list[Message]:
    """The messages that set an event aside, whole: the dead letter, and for an event of an item the
    outcome `dead`. The same record gives the same ids again.
    """
    header = header_of(record.value)
    root = header.root_id if header else ""
    identity = digest_id(
        "dead", record.topic, record.key, str(record.partition), str(record.offset)
    )
    when = header.at if header else at
    letter = DeadLetter(
        id=identity,
        root_id=root,
        stage=stage,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        reason=code,  # type: ignore[arg-type]  # validated by the model: codes are a closed list
        message=text[:2000],
        payload=b64encode(record.value or b"").decode("ascii"),
        at=when,
    )
    made = event(letter, root_id=root or identity, at=when, discriminator=identity)
    messages = [
        Message(DEAD_LETTERS.name, identity, encode(made), {"reason": code, "stage": stage})
    ]
    if root and record.topic in _ITEM_PATH:
        messages.append(outcome(root, "dead", at=when, reason=code))
    return messages


def outcome(
    root: str,
    ended: str,
    *,
    at: datetime,
    reason: str = "",
    article: str | None = None,
    story: str | None = None,
    revision: int | None = None,
) -> Message:
    """An outcome for the ledger of invariant I1. Key: root id."""
    body = Outcome(
        root_id=root,
        ended=ended,  # type: ignore[arg-type]  # validated by the model: a closed list
        reason=reason,
        article_id=article,
        story_id=story,
        revision=revision,
        at=at,
    )
    return Message(
        OUTCOMES.name, root, encode(event(body, root_id=root, at=at, discriminator=ended))
    )


def header_of(value: bytes | None) -> Event | None:
    """The event in a record's bytes; null where they are none."""
    try:
        return decode(value) if value else None
    except WireError:
        return None
