"""What the demo brings to the desk: its feeds, and three subscriptions marked demo.

Ids come from stable names, never from the port the press happened to get, so that a restart on another
port finds its feeds, items, stories and alerts again and rings nothing.
"""

from datetime import datetime

from tocsin.demo.script import outlets
from tocsin_schemas.feed import Feed
from tocsin_schemas.identity import digest_id, feed_id
from tocsin_schemas.subscription import Reason, Subscription

POLL_S = 2
"""Seconds between two polls of a demo feed (design §2)."""

MAIN = "Raid in South Waziristan"
"""The main subscription: it rings exactly twice, `first-match` and one `toll`."""

_DEFAULT: tuple[Reason, ...] = ("first-match", "toll", "correction", "origins")


def path_of(outlet: str) -> str:
    """Where the press serves an outlet's feed."""
    return f"/feeds/{outlet}.xml"


def feeds(base: str, now: datetime) -> list[Feed]:
    """A feed for each outlet, served under `base` (`http://127.0.0.1:PORT`)."""
    return [
        Feed(
            id=feed_id(f"{outlet.home}{path_of(key)}"),
            url=f"{base}{path_of(key)}",
            source=outlet.source,
            title=f"{outlet.source.name} (demo)",
            interval_s=POLL_S,
            demo=True,
            added=now,
        )
        for key, outlet in outlets().items()
    ]


def subscriptions(now: datetime) -> list[Subscription]:
    """The three, effective from `now`. Put them once: a later `now` would begin them anew."""
    raid = _subscription(
        MAIN,
        '"south waziristan" AND ("angoor ada" OR "angoori ada") AND (raid OR troops OR commandos)',
        ("first-match", "toll"),
        now,
    )
    marriott = _subscription(
        "Marriott bombing", "marriott AND killed:>=10", ("first-match", "toll", "origins"), now
    )
    words = _subscription(
        "Pakistan–US statements", "(kayani OR durrani) AND sovereignty", _DEFAULT, now
    )
    return [raid, marriott, words]


def _subscription(
    name: str, query: str, reasons: tuple[Reason, ...], now: datetime
) -> Subscription:
    return Subscription(
        id=digest_id("demo-subscription", name),
        name=name,
        query=query,
        reasons=reasons,
        demo=True,
        created=now,
        effective_from=now,
    )
