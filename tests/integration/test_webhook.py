"""Webhooks to receivers on loopback that answer as receivers do: well, badly, late, never."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from standardwebhooks.webhooks import Webhook

from support.alerts import alert
from support.ring import Desk, subscription, webhook
from tocsin.adapters.memory.bus import MemoryBus
from tocsin.adapters.memory.state import MemoryState
from tocsin.adapters.notifiers.webhook import WebhookNotifier
from tocsin.pipeline.notify.notifier import Notifier
from tocsin.ports.notifier import Delivery
from tocsin.ports.registers import Registers, message
from tocsin.settings import Settings
from tocsin.workers.host import Host
from tocsin.workers.notifier import NotifierLoop
from tocsin_schemas.notification import Notification
from tocsin_schemas.registry import body_of, decode
from tocsin_schemas.topics import ACTS, ALERTS, NOTIFICATIONS, SUBSCRIPTIONS

ALLOWED = Settings(allow_private_webhooks="127.0.0.0/8")
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def notification() -> Notification:
    desk = Desk(Notifier())
    desk.feed(subscription(channels=(webhook(),)))
    return next(n for n in desk.feed(alert()) if n.channel_kind == "webhook")


def saying(head: str, seen: list[tuple[dict[str, str], bytes]] | None = None) -> Answer:
    """A receiver that reads the request and answers with `head`."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v for k, _, v in (x.partition(": ") for x in lines[1:] if x)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if seen is not None:
            seen.append((headers, body))
        writer.write(head.encode())
        await writer.drain()

    return answer


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:
        server.close()


async def deliver(answer: Answer, *, timeout_s: float = 5.0) -> Delivery:
    notifier = WebhookNotifier(ALLOWED, timeout_s=timeout_s)
    async with receiver(answer) as url:
        try:
            return await notifier.deliver(notification(), webhook(url), alert())
        finally:
            await notifier.close()


EMPTY = "Content-Length: 0\r\nConnection: close\r\n\r\n"


async def test_a_2xx_is_a_delivery_and_the_receiver_can_verify_it():
    seen: list[tuple[dict[str, str], bytes]] = []
    ended = await deliver(saying(f"HTTP/1.1 204 No Content\r\n{EMPTY}", seen))
    assert (ended.delivered, ended.status) == (True, 204)
    headers, body = seen[0]
    assert headers["webhook-id"] == notification().id
    Webhook(webhook().secret).verify(body, headers)
    assert json.loads(body)["data"]["alert"] == alert().id
    assert len(seen) == 1


async def test_a_500_is_a_fault_to_be_tried_again():
    ended = await deliver(saying(f"HTTP/1.1 500 Oh\r\n{EMPTY}"))
    assert (ended.delivered, ended.status, ended.gone, ended.error) == (
        False,
        500,
        False,
        "HTTP 500",
    )


async def test_a_410_is_gone():
    assert (await deliver(saying(f"HTTP/1.1 410 Gone\r\n{EMPTY}"))).gone


async def test_a_429_says_how_long_to_wait_in_seconds_or_as_a_date():
    ended = await deliver(saying(f"HTTP/1.1 429 Busy\r\nRetry-After: 90\r\n{EMPTY}"))
    assert ended.retry_after_s == 90
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    ended = await deliver(saying(f"HTTP/1.1 503 Busy\r\nRetry-After: {date}\r\n{EMPTY}"))
    assert ended.retry_after_s is not None
    assert 500 < ended.retry_after_s <= 600
    ended = await deliver(saying(f"HTTP/1.1 503 Busy\r\nRetry-After: soon\r\n{EMPTY}"))
    assert ended.retry_after_s is None


async def test_a_redirect_is_a_fault_and_is_not_followed():
    seen: list[tuple[dict[str, str], bytes]] = []
    async with receiver(saying(f"HTTP/1.1 200 OK\r\n{EMPTY}", seen)) as elsewhere:
        ended = await deliver(saying(f"HTTP/1.1 307 There\r\nLocation: {elsewhere}\r\n{EMPTY}"))
    assert (ended.delivered, ended.status) == (False, 307)
    assert seen == []


async def test_a_receiver_that_never_answers_costs_its_time_limit_and_no_more():
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    ended = await deliver(never, timeout_s=0.3)
    assert (ended.delivered, ended.status) == (False, None)
    assert ended.error == "no answer within 0.3 s"


async def test_a_receiver_that_drips_its_headers_costs_no_more_either():
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for sign in "HTTP/1.1 200 OK\r\nX-Slow: " + "a" * 500:
            writer.write(sign.encode())
            await writer.drain()
            await asyncio.sleep(0.05)

    assert not (await deliver(drip, timeout_s=0.3)).delivered


async def test_an_endless_body_after_a_2xx_is_not_read():
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    assert (await deliver(flood)).delivered


@pytest.mark.parametrize(
    "rubbish", ["", "\x00\x01\x02", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n"]
)
async def test_rubbish_is_a_fault_whose_words_do_not_echo_it(rubbish: str):
    ended = await deliver(saying(rubbish))
    assert not ended.delivered
    assert ended.error
    assert "SSH" not in ended.error


async def test_nobody_at_the_address_is_a_fault():
    async with receiver(saying("")) as url:
        pass
    notifier = WebhookNotifier(ALLOWED)
    ended = await notifier.deliver(notification(), webhook(url), alert())
    await notifier.close()
    assert not ended.delivered


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "http://10.0.0.1/x",
        "http://169.254.169.254/latest",
        "http://[::1]/x",
        "http://0x7f000001/",
        "file:///etc/passwd",
        "http://user:secret@example.org/",
        "gopher://example.org/",
    ],
)
async def test_private_and_strange_addresses_are_refused_unless_allowed(url: str):
    notifier = WebhookNotifier(Settings())
    ended = await notifier.deliver(notification(), webhook(url), alert())
    await notifier.close()
    assert not ended.delivered
    assert ended.status is None
    assert "secret" not in ended.error


async def test_a_channel_without_a_secret_is_sent_unsigned():
    seen: list[tuple[dict[str, str], bytes]] = []
    async with receiver(saying(f"HTTP/1.1 200 OK\r\n{EMPTY}", seen)) as url:
        notifier = WebhookNotifier(ALLOWED)
        channel = webhook(url).model_copy(update={"secret": ""})
        assert (await notifier.deliver(notification(), channel, alert())).delivered
        await notifier.close()
    assert "webhook-signature" not in seen[0][0]
    assert seen[0][0]["webhook-id"] == notification().id


@contextmanager
def receiver_in_a_thread(answer: Answer) -> Iterator[str]:
    """A receiver with a loop of its own, for tests that drive the worker by hand."""
    found: list[str] = []
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with receiver(answer) as url:
            found.append(url)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(5)
    try:
        yield found[0]
    finally:
        stop.set()
        thread.join(5)


def loop(bus: MemoryBus, state: MemoryState) -> NotifierLoop:
    host = Host(
        "notifier",
        Notifier(),
        bus=bus,
        state=state,
        reads=(ALERTS, SUBSCRIPTIONS, ACTS),
        folds=(NOTIFICATIONS,),
        prime=(SUBSCRIPTIONS, ACTS),
        recalls=(ALERTS,),
    )
    return NotifierLoop(host, {"webhook": WebhookNotifier(ALLOWED)}, state=state)


def drained(worker: NotifierLoop) -> None:
    for _ in range(500):
        if worker.step(0.0) == 0:
            return
    pytest.fail("the notifier never came to rest")


def told(bus: MemoryBus) -> dict[str, str]:
    found = {}
    for r in bus.latest(NOTIFICATIONS.name):
        assert r.value is not None
        n = body_of(decode(r.value), Notification)
        found[n.channel_kind] = n.status
    return found


def test_the_worker_delivers_what_the_log_brings_and_tells_of_it():
    seen: list[tuple[dict[str, str], bytes]] = []
    with receiver_in_a_thread(saying(f"HTTP/1.1 200 OK\r\n{EMPTY}", seen)) as url:
        bus, state = MemoryBus(), MemoryState()
        sub = subscription(channels=(webhook(url),))
        Registers(bus).put_subscription(sub, at=sub.created)
        bus.produce([message(ALERTS, alert().id, alert(), root_id=alert().id, at=alert().rang)])
        worker = loop(bus, state)
        worker.start()
        drained(worker)
        worker.close()
    assert told(bus) == {"webhook": "delivered", "feed": "delivered"}
    assert [h["webhook-id"] for h, _ in seen] == [notification().id]


def test_a_worker_killed_while_sending_sends_again_under_the_same_id():
    seen: list[tuple[dict[str, str], bytes]] = []
    with receiver_in_a_thread(saying(f"HTTP/1.1 200 OK\r\n{EMPTY}", seen)) as url:
        bus, state = MemoryBus(), MemoryState()
        sub = subscription(channels=(webhook(url),))
        Registers(bus).put_subscription(sub, at=sub.created)
        bus.produce([message(ALERTS, alert().id, alert(), root_id=alert().id, at=alert().rang)])
        first = loop(bus, state)
        first.start()
        first._record = lambda *, timeout_s: 0  # type: ignore[method-assign]  # dies before it records
        for _ in range(50):
            first.step(0.02)
            if seen:
                break
        assert told(bus)["webhook"] == "leased"

        class Later:
            def now(self) -> datetime:
                return datetime.now(UTC) + timedelta(seconds=61)

        first._host.close()
        second = loop(bus, state)
        second._clock = Later()
        second.start()
        drained(second)
        second.close()
        first._sending.clear()
        first.close()
    assert told(bus)["webhook"] == "delivered"
    assert len(seen) == 2
    assert len({h["webhook-id"] for h, _ in seen}) == 1


def test_a_spare_sends_nothing_that_another_has_in_hand():
    seen: list[tuple[dict[str, str], bytes]] = []
    with receiver_in_a_thread(saying(f"HTTP/1.1 200 OK\r\n{EMPTY}", seen)) as url:
        bus, old = MemoryBus(), MemoryState()
        sub = subscription(channels=(webhook(url),))
        Registers(bus).put_subscription(sub, at=sub.created)
        bus.produce([message(ALERTS, alert().id, alert(), root_id=alert().id, at=alert().rang)])
        first = loop(bus, old)
        first._host.start()
        first._host.step(0.0)
        first._host.close()
        working = loop(bus, MemoryState())
        working._host.start()
        working._host.step(0.0)  # the delivery is its own now
        spare = loop(bus, old)
        spare.start()
        for _ in range(20):
            spare.step(0.02)
        spare.close()
        working._host.close()
    assert seen == []
    assert told(bus)["webhook"] == "pending"


def test_a_delivery_that_was_due_is_made_though_the_state_that_held_it_is_lost():
    seen: list[tuple[dict[str, str], bytes]] = []
    with receiver_in_a_thread(saying(f"HTTP/1.1 200 OK\r\n{EMPTY}", seen)) as url:
        bus = MemoryBus()
        sub = subscription(channels=(webhook(url),))
        Registers(bus).put_subscription(sub, at=sub.created)
        bus.produce([message(ALERTS, alert().id, alert(), root_id=alert().id, at=alert().rang)])
        before = loop(bus, MemoryState())
        before._host.start()
        before._host.step(0.0)
        before._host.close()
        assert told(bus)["webhook"] == "pending"
        after = loop(bus, MemoryState())
        after.start()
        for _ in range(50):
            after.step(0.05)
            if seen:
                break
        drained(after)
        after.close()
    assert told(bus)["webhook"] == "delivered"
    assert len(seen) == 1
