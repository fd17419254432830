"""The alerter's process with 100,000 subscriptions: memory (I7), how fast it reads them, how fast it matches.

The subscriptions are those of `bench_matcher`, in the topic as the page puts them there; the articles are
invented news, of whose words hardly any subscription speaks. The alerter is alone on the machine with its
broker; then it is killed and started again with its state file.
"""

from typing import Any

import family
from bench_matcher import Press
from draining import drain, until
from servers import Servers
from told import clustered, connections, produce, save

from tocsin.bootstrap.standing import behind
from tocsin.ports.bus import Message
from tocsin_schemas.topics import CLUSTERED, STORIES

SUBSCRIPTIONS = 100_000
ARTICLES = 1_000
MOST_MIB = 500
PATIENCE_S = 900.0


def run(
    servers: Servers, subscriptions: int = SUBSCRIPTIONS, articles: int = ARTICLES
) -> list[dict[str, Any]]:
    """Memory, seconds to start, articles a second."""
    press, records = Press(), clustered(articles)
    messages = [Message(r.topic, r.key, r.value, r.headers) for r in records]
    queries: dict[str, None] = {}
    while len(queries) < subscriptions:
        queries[press.query()] = None
    chosen = list(queries)
    with servers.desk(services=("alerter",)) as desk:
        held = connections(desk)
        save(held.registers, chosen)
        produce(held, messages[:1])

        def read_all() -> bool:
            return behind(held.bus, "alerter", (CLUSTERED.name, STORIES.name)) == 0

        alerter = desk["alerter"].start()
        first = until(read_all, PATIENCE_S)
        produce(held, messages[1:])
        matched = drain(held.bus, alerter)
        used = family.memory(alerter.pid)
        alerter.kill()
        produce(held, messages[:1])
        alerter.start()
        again = until(read_all, PATIENCE_S)
        later = family.memory(alerter.pid)
        held.close()
    told = f"{len(chosen):,} subscriptions"
    return [
        {
            "what": f"alerter, {told}: memory, peak {used.peak:.0f}",
            "figure": used.resident,
            "unit": "MiB",
            "at_most": MOST_MIB,
        },
        {
            "what": f"alerter, {told}: memory after a restart, peak {later.peak:.0f}",
            "figure": later.resident,
            "unit": "MiB",
            "at_most": MOST_MIB,
        },
        {"what": f"alerter, {told}: first start, until it decides", "figure": first, "unit": "s"},
        {"what": f"alerter, {told}: restart with its state", "figure": again, "unit": "s"},
        {
            "what": f"alerter, {told}: matching",
            "figure": matched.rate(articles),
            "unit": "articles/s",
        },
        {
            "what": f"alerter, {told}: matching, its processor time",
            "figure": matched.ms_each(articles),
            "unit": "ms/article",
        },
    ]
