"""Delivers an alert to a webhook, signed so that its receiver can tell that it came from this desk.

Standard Webhooks 1.0: `webhook-id` (the notification's id: the receiver's key against repeats),
`webhook-timestamp`, `webhook-signature` = `v1,` base64 HMAC-SHA256 of `id.timestamp.body`. Follows no
redirect, reads no body, dials through `outbound` alone.
"""

import asyncio
import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from tocsin.adapters.outbound import MUST_NOT, checked_url, policy, session, user_agent
from tocsin.errors import Refused
from tocsin.pipeline.notify.render import payload
from tocsin.ports.clock import Clock, SystemClock
from tocsin.ports.notifier import Delivery
from tocsin.settings import Settings
from tocsin_schemas.alert import Alert
from tocsin_schemas.notification import Notification
from tocsin_schemas.subscription import Channel

TIMEOUT_S = 15.0
"""For the whole attempt (reliability.md §5)."""


def sign(secret: str, identity: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`. `secret` is `whsec_` and base64 of 24–64 bytes, padded or not.
    Raises ValueError for one that is no base64.
    """
    text = secret.removeprefix("whsec_")
    key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


class WebhookNotifier:
    """A `ports.notifier.Notifier` for channels of kind `webhook`. Used from one event loop; connections
    open at the first delivery. `base_url` is the desk's address, for the links.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        base_url: str = "",
        clock: Clock | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._rules = policy(settings, "webhook")
        self._agent = user_agent(settings)
        self._base_url = base_url
        self._clock = clock or SystemClock()
        self._timeout_s = timeout_s
        self._client: aiohttp.ClientSession | None = None

    async def deliver(self, notification: Notification, channel: Channel, alert: Alert) -> Delivery:
        """One attempt. Any 2xx is a delivery; everything else, 3xx included, is a fault."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._post(notification, channel, alert)
        except TimeoutError:
            answer = Delivery(delivered=False, error=f"no answer within {self._timeout_s:g} s")
        except Refused as error:
            answer = Delivery(delivered=False, error=f"refused: {error}")
        except aiohttp.ClientError as error:
            answer = Delivery(delivered=False, error=_words(error))
        except (OSError, ValueError) as error:
            answer = Delivery(delivered=False, error=f"{type(error).__name__}: {error}"[:200])
        took = round((time.monotonic() - started) * 1000)
        return Delivery(
            answer.delivered, answer.status, answer.error, answer.gone, answer.retry_after_s, took
        )

    async def _post(self, n: Notification, channel: Channel, alert: Alert) -> Delivery:
        url = checked_url(channel.url)
        body = payload(alert, n, self._base_url)
        now = self._clock.now()
        stamp = int(now.timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": n.id,
            "webhook-timestamp": str(stamp),
        }
        if channel.secret:
            headers["webhook-signature"] = sign(channel.secret, n.id, stamp, body)
        if self._client is None or self._client.closed:
            self._client = session(self._rules, agent=self._agent, per_host=4)
        async with self._client.post(
            url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            status = answer.status
            if 200 <= status < 300:
                return Delivery(delivered=True, status=status)
            return Delivery(
                delivered=False,
                status=status,
                error=_why(status),
                gone=status == 410,
                retry_after_s=_retry_after(answer.headers.get("Retry-After", ""), now),
            )

    async def close(self) -> None:
        """Close connections; idempotent."""
        if self._client is not None:
            await self._client.close()
            self._client = None


def _why(status: int) -> str:
    if 300 <= status < 400:
        return f"HTTP {status}: redirects are not followed; give the final address"
    if status == 410:
        return "HTTP 410: the receiver wants no more"
    return f"HTTP {status}"


def _retry_after(value: str, now: datetime) -> float | None:
    """Seconds asked for, as a number or as a date; null where there is none, or none that can be read."""
    value = value.strip()[:64]
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max(0.0, (at - now).total_seconds())


def _words(error: aiohttp.ClientError) -> str:
    """The fault in words that never echo what the receiver said."""
    text = str(error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error)
    if MUST_NOT in text:
        return f"refused: {text[text.index(MUST_NOT) :].partition(']')[0][:200]}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the name is not known"
    if isinstance(error, aiohttp.ClientSSLError):
        return f"TLS: {type(error).__name__}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error.strerror or "no connection"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the receiver hung up"
    return type(error).__name__
