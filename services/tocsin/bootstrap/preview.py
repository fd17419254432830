"""What a feed would bring, from a file or by fetching it once: `tocsin feeds preview`."""

import asyncio
from pathlib import Path
from typing import Any

from tocsin.adapters.http_fetcher import HttpFetcher
from tocsin.errors import TocsinError, UsageError
from tocsin.pipeline.collect.parse.model import NotAFeedError
from tocsin.pipeline.collect.preview import preview as preview_body
from tocsin.ports.fetcher import FetchError, Request, Response
from tocsin.settings import Settings

MOST_BYTES = 15 << 20
"""Bytes of a feed that are looked at, as of one that is fetched."""


def preview(where: str, settings: Settings) -> dict[str, Any]:
    """{feed, items, warnings}. Raises UsageError for a file that cannot be read or an answer that is no
    feed (naming the feeds it points to), TocsinError when nothing could be fetched.
    """
    url = where if where.startswith(("http://", "https://")) else ""
    if url:
        answer = asyncio.run(_fetch(url, settings))
        if answer.status != 200:
            raise TocsinError(f"{url}: HTTP {answer.status}, not a feed; look at it in a browser")
        body, kind, base = answer.body, answer.headers.get("content-type", ""), answer.url
    else:
        body, kind, base = _read(where), "", ""
    try:
        return preview_body(body, kind, base)
    except NotAFeedError as error:
        found = ", ".join(error.alternatives)
        mend = f"; feeds found on that page: {found}" if found else ""
        raise UsageError(f"{where}: {error}{mend}") from error


def _read(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    if len(body) > MOST_BYTES:
        raise UsageError(f"{path}: larger than {MOST_BYTES >> 20} MiB, more than a feed may be")
    return body


async def _fetch(url: str, settings: Settings) -> Response:
    fetcher = HttpFetcher(settings)
    try:
        return await fetcher.fetch(Request(url))
    except FetchError as error:
        raise TocsinError(f"{url}: {error}") from error
    finally:
        await fetcher.close()
