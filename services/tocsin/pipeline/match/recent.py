"""The last ten minutes of articles, so that a new subscription rings for those collected since it took
effect: no order exists between the topics that bring the two (design §6).

Kept as rows in the order in which they came, without what a match does not read; the older go first.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.ports.state import Transaction
from tocsin_schemas.article import Terms
from tocsin_schemas.registry import Event, body_of, decode, encode
from tocsin_schemas.story import ClusteredArticle

RECENT = "recent"
KEEP = timedelta(minutes=10)
MOST = 10_000
"""Articles kept at most: 17 a second for ten minutes; above that the oldest go early."""
_FRESH, _KNOWN = b"\x01", b"\x00"


class Recent:
    """The ring of recent articles; keys in memory, articles in rows."""

    def __init__(self) -> None:
        self._keys: deque[tuple[int, datetime]] = deque()
        self._next = 0
        self._newest: datetime | None = None

    def restore(self, tx: Transaction) -> None:
        """Read the keys again from the rows."""
        self._keys.clear()
        self._next, self._newest = 0, None
        for key, _ in tx.scan(RECENT):
            number, _, collected = key.partition(" ")
            self._note(int(number), datetime.fromisoformat(collected))

    def add(self, event: Event, tx: Transaction, *, fresh: bool) -> None:
        """Keep an article, and let go of those collected more than ten minutes before the newest.
        `fresh`: it brought a version that its story had not seen.
        """
        c = body_of(event, ClusteredArticle)
        article = c.article.model_copy(update={"fingerprints": "", "terms": Terms()})
        slim = c.model_copy(update={"article": article, "vectors": {}})
        collected = c.article.collected
        tx.put(
            RECENT,
            _key(self._next, collected),
            (_FRESH if fresh else _KNOWN) + encode(replace(event, body=slim)),
        )
        self._note(self._next, collected)
        assert self._newest is not None
        while self._keys[0][1] < self._newest - KEEP or len(self._keys) > MOST:
            tx.delete(RECENT, _key(*self._keys.popleft()))

    def _note(self, number: int, collected: datetime) -> None:
        self._keys.append((number, collected))
        self._next = number + 1
        self._newest = max(self._newest or collected, collected)

    def since(self, at: datetime, tx: Transaction) -> Iterator[tuple[Event, bool]]:
        """Articles collected at or after `at`, in the order in which they came, each with `fresh`."""
        for number, collected in list(self._keys):
            if collected >= at:
                row = tx.get(RECENT, _key(number, collected))
                if row is not None:
                    yield decode(row[1:]), row[:1] == _FRESH


def _key(number: int, collected: datetime) -> str:
    return f"{number:015d} {collected.isoformat()}"
