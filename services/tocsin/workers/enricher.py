"""The enricher: collected items through the killable child pool to enriched articles.

Stateless. An item the children cannot read is a dead letter with outcome `dead`; its neighbours in
the batch are not touched.
"""

from collections.abc import Callable, Sequence

from tocsin.errors import Rejected
from tocsin.ports.bus import Message, Record
from tocsin.telemetry import logger
from tocsin.workers.endings import dead_letter
from tocsin_schemas.topics import ENRICHED

_TOO_LARGE = f"read, it is above the {ENRICHED.max_bytes:,} bytes that {ENRICHED.name} takes; shorten its item key"
Read = Callable[[list[bytes]], list[bytes | Rejected]]
"""Reads many items at once (`ChildPool.map`); answers in order."""


class Enricher:
    """The effect of the enricher's `Pipe`."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._log = logger(worker="enricher")

    def __call__(self, records: Sequence[Record]) -> list[Message]:
        """Enriched articles, dead letters and outcomes of one batch."""
        whole = [r for r in records if r.value is not None]
        messages: list[Message] = []
        for record, answer in zip(whole, self._read([r.value or b"" for r in whole]), strict=True):
            if not isinstance(answer, Rejected) and len(answer) > ENRICHED.max_bytes:
                answer = Rejected("too-large", _TOO_LARGE)  # noqa: PLW2901  # its fate is that of the others
            if isinstance(answer, Rejected):
                self._log.warning(
                    "dead-letter", reason=answer.code, why=str(answer), key=record.key
                )
                messages += dead_letter(
                    record, stage="enricher", code=answer.code, text=str(answer), at=record.written
                )
            else:
                messages.append(Message(ENRICHED.name, record.key, answer))
        return messages
