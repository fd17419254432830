"""A dead letter sent through again: the record as it was, to the topic it came from.

The letter is marked replayed; the item's new outcome supersedes its `dead` (design §7, I1).
"""

import base64
import binascii

from tocsin.api.failures import Missing
from tocsin.api.reading import Reading
from tocsin.errors import UsageError
from tocsin.ports.bus import Message
from tocsin.ports.registers import message
from tocsin_schemas.dead_letter import DeadLetter
from tocsin_schemas.topics import DEAD_LETTERS, TOPICS


def letter_of(reading: Reading, identity: str) -> DeadLetter:
    """The dead letter; Missing otherwise."""
    found = reading.desk.search.get("dead-letters", identity)
    if found is None or not isinstance(found.body, DeadLetter):
        raise Missing("There is no dead letter of that id.", "Dead letters are kept for 90 days.")
    return found.body


def replay(reading: Reading, identity: str) -> DeadLetter:
    """Send a dead letter's record through again; a replayed one is left as it is. Raises Missing,
    UsageError where the record can't be sent.
    """
    letter = letter_of(reading, identity)
    if letter.replayed:
        return letter
    if letter.topic not in TOPICS:
        msg = f"the record came from {letter.topic!r}, which is no topic of this desk"
        raise UsageError(msg)
    try:
        payload = base64.b64decode(letter.payload, validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "the record kept in this dead letter is damaged: it is not base64"
        raise UsageError(msg) from error
    done = letter.model_copy(update={"replayed": True})
    reading.desk.bus.produce(
        [
            Message(letter.topic, letter.key, payload, {"replay_of": letter.id}),
            message(
                DEAD_LETTERS,
                letter.id,
                done,
                root_id=letter.root_id or letter.id,
                at=letter.at,
                discriminator="replayed",
            ),
        ]
    )
    return done
