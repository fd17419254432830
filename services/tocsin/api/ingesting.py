"""JSON Lines in, items on the log, an answer for each line. An item is acknowledged only once the log
holds it; one bad line costs no other.
"""

from datetime import datetime
from typing import Any

from tocsin.errors import TocsinError, UsageError
from tocsin.pipeline.collect.ingest import message_of, parse_line
from tocsin.ports.bus import Bus, Message
from tocsin_schemas.contract import Mode
from tocsin_schemas.item import ItemCollected

BATCH = 200
"""Lines that share one durable write."""
BATCH_BYTES = 8 << 20
Answer = dict[str, Any]


def ingest(
    bus: Bus, data: bytes, now: datetime, *, mode: Mode = "live", first: int = 1
) -> tuple[list[Answer], TocsinError | None]:
    """Answers `{line, accepted, root_id | error}` in order of lines, blank ones left out; `first` is
    the number of the first line. The second value is a fault of the store that refused the rest.
    """
    answers: list[Answer] = []
    batch: list[tuple[int, ItemCollected, Message]] = []
    fault: TocsinError | None = None
    size = 0
    for number, line in enumerate(data.splitlines(), first):
        if not line.strip():
            continue
        try:
            item = parse_line(line, number, now)
        except UsageError as error:
            answers.append(_refused(number, str(error)))
            continue
        message = message_of(item, mode)
        batch.append((number, item, message))
        size += len(message.value or b"")
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            fault = _flush(bus, batch, answers, fault)
            size = 0
    fault = _flush(bus, batch, answers, fault)
    return sorted(answers, key=lambda a: int(a["line"])), fault


def _flush(
    bus: Bus,
    batch: list[tuple[int, ItemCollected, Message]],
    answers: list[Answer],
    fault: TocsinError | None,
) -> TocsinError | None:
    """Write the batch and empty it; after a fault of the store the rest is refused with its words."""
    if fault is not None:
        answers.extend(_refused(n, str(fault)) for n, _, _ in batch)
    elif batch:
        fault = _produce(bus, batch, answers)
    batch.clear()
    return fault


def _produce(
    bus: Bus, batch: list[tuple[int, ItemCollected, Message]], answers: list[Answer]
) -> TocsinError | None:
    """One durable write; where a record is refused, each for itself. Returns a fault of the store."""
    try:
        bus.produce([m for _, _, m in batch])
    except UsageError as error:
        if len(batch) == 1:
            answers.append(_refused(batch[0][0], f"line {batch[0][0]}: {error}"))
            return None
        for i, one in enumerate(batch):
            fault = _produce(bus, [one], answers)
            if fault is not None:
                answers.extend(_refused(n, str(fault)) for n, _, _ in batch[i + 1 :])
                return fault
        return None
    except TocsinError as error:
        answers.extend(_refused(n, str(error)) for n, _, _ in batch)
        return error
    answers.extend({"line": n, "accepted": True, "root_id": i.root_id} for n, i, _ in batch)
    return None


def _refused(number: int, error: str) -> Answer:
    return {"line": number, "accepted": False, "error": error}
