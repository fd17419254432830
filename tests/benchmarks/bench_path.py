"""The whole path, embedded: items in the log to alerts in the outbox, no page extraction.

All workers as threads over one SQLite file, as the desk runs them, on articles of 400 words, with ten
subscriptions; wall time from the first record to a drained path. Beside it the readers alone (the child
pool), which share the cores with the path.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from support.builders import a_subscription
from support.corpus import Corpus
from tocsin.adapters.sqlite.store import SqliteStore
from tocsin.bootstrap.path import EmbeddedPath
from tocsin.pipeline.collect.ingest import message_of, parse_line
from tocsin.ports.clock import SystemClock
from tocsin.settings import Settings
from tocsin.workers.runner import lag
from tocsin.workers.supervisor import Supervisor

ITEMS = 3_000
WORDS = 380
QUERIES = (
    "miranshah AND killed:>=1",
    "bombing OR airstrike",
    "killed:>=15",
    '"officials said" AND quetta',
    "kandah*",
    "country:PK AND killed:>=3",
    "mosul AND origins:>=2",
    "raid NOT exercise",
    "place:aleppo",
    "manila OR kano",
)


def run() -> list[dict[str, Any]]:
    """Articles a second through everything, and through the readers alone."""
    now = SystemClock().now()
    lines = [json.dumps(x).encode() for x in Corpus(11, words=WORDS).lines(ITEMS)]
    messages = [message_of(parse_line(x, i, now), "live") for i, x in enumerate(lines, 1)]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        store = SqliteStore(settings.data)
        path = EmbeddedPath(settings, store)
        path.registers.put_subscription(
            *(a_subscription(q, name=q, created=now, effective_from=now) for q in QUERIES), at=now
        )
        warm = [m.value or b"" for m in messages[:64]]
        path.read(warm)
        began = time.perf_counter()
        path.read([m.value or b"" for m in messages[:1000]])
        readers = 1000 / (time.perf_counter() - began)
        supervisor = Supervisor(path.lanes, path.bus.wait)
        supervisor.start()
        began = time.perf_counter()
        for i in range(0, ITEMS, 250):
            path.bus.produce(messages[i : i + 250])
        while sum(lag(path.bus).values()) > 0 or len(lag(path.bus)) < len(path.workers):
            time.sleep(0.25)
        whole = ITEMS / (time.perf_counter() - began)
        supervisor.stop()
        path.close()
        store.close()
    return [
        {
            "what": "readers alone (normalise, enrich, prepare), all children",
            "figure": readers,
            "unit": "articles/s",
        },
        {
            "what": f"whole path, embedded, {ITEMS} articles of {WORDS} words",
            "figure": whole,
            "unit": "articles/s",
            "beside": "the readers alone",
            "ratio": whole / readers,
            "floor": 100,
        },
    ]
