"""The one place where Faust is configured: an app for one group, made anew for each start.

At least once, one stream, no tables, no web server, no topics of its own. `acks=False`: Faust commits
nothing; positions are the shell's affair.
"""

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import faust

SESSION_S = 10.0
"""A member that is silent for so long is replaced."""
HEARTBEAT_S = 3.0
_NEVER_S = 30 * 86_400.0
"""For alarms of Faust's own about slow stages: readiness looks at lag instead."""
_POLL_S = 3600.0
"""How long a batch may be retried in place before the group goes on without this member."""
_FETCH_BYTES = 2 << 20
"""Of one partition in one fetch; a larger record comes alone."""


class _Forgetful(dict[Any, None]):
    """In place of Faust's memory of how far it read, by which it drops what we seek back to."""

    def __missing__(self, place: Any) -> None:
        return None

    def __setitem__(self, place: Any, offset: Any) -> None:
        """Forget it."""

    def update(self, *_: Any, **__: Any) -> None:
        """Forget them."""


Agent = Callable[[Any], Awaitable[None]]


def make_app(
    group: str, topics: Sequence[str], servers: str, *, data: Path, buffer: int
) -> tuple[faust.App, Any]:
    """The app and the channel of `topics` (physical names, as is `group`). `buffer`: records held
    between the consumer and the stage. Must be called with the event loop running that will run it.
    """
    app = faust.App(
        group,
        broker=[f"kafka://{server.strip()}" for server in servers.split(",") if server.strip()],
        autodiscover=False,
        datadir=str(data),
        store="memory://",
        processing_guarantee="at_least_once",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        broker_session_timeout=SESSION_S,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_commit_interval=0.5,
        broker_max_poll_records=buffer,
        broker_max_poll_interval=_POLL_S,
        broker_commit_livelock_soft_timeout=_NEVER_S,
        stream_processing_timeout=_NEVER_S,
        stream_buffer_maxsize=buffer,
        stream_wait_empty=False,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=_FETCH_BYTES,
    )
    raw = app.topic(
        *topics,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        allow_empty=True,
        acks=False,
    )
    return app, raw


def agent(app: faust.App, channel: Any, take: Callable[[Any], Awaitable[None]]) -> None:
    """Have `app` give each event of `channel` to `take`, one after the other."""

    async def hand_over(stream: Any) -> None:
        events: AsyncIterable[Any] = stream.events()
        async for event in events:
            await take(event)

    app.agent(channel, name=f"{app.conf.id}.stage", concurrency=1)(hand_over)


def believe_all(app: faust.App) -> None:
    """Have the finished `app` hand over every record it reads, also one before those it read last."""
    app.consumer._read_offset = _Forgetful()  # type: ignore[attr-defined]  # noqa: SLF001  # no setting
