"""Is it alive, is it ready, how is it doing, what changed: for machines, and for the page's script."""

from collections import Counter
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response, StreamingResponse

from tocsin import telemetry
from tocsin.api.forms import Read
from tocsin.api.live import Live
from tocsin.api.shapes import when
from tocsin.errors import TocsinError

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(read: Read) -> Response:
    """The store answers and nothing stands in the way; 503 with the fault otherwise."""
    progress = read.progress()
    body: dict[str, Any] = {
        "status": "not ready" if progress.problem else "ok",
        "problem": progress.problem,
        "articles": read.desk.search.count("articles"),
        "lag": progress.lag,
        "newest": when(progress.newest),
        "started": when(progress.started),
    }
    return JSONResponse(body, 503 if progress.problem else 200)


@router.get("/metrics")
def metrics(read: Read) -> Response:
    """Prometheus text. Feeds are left out while the store does not answer: the rest is wanted most then."""
    telemetry.FEEDS.clear()
    with suppress(TocsinError):
        for state, n in sorted(Counter(line.health for line in read.feeds()).items()):
            telemetry.FEEDS.labels(state).set(n)
    return Response(generate_latest(telemetry.REGISTRY), media_type=CONTENT_TYPE_LATEST)


@router.get("/live", include_in_schema=False)
async def live(request: Request) -> Response:
    """Server-sent events: counts at once, then at each change."""
    streams: Live = request.app.state.live
    if streams.full:
        return JSONResponse({"error": {"message": "too many open pages"}}, 503,
                            headers={"Retry-After": "30"})  # fmt: skip
    return StreamingResponse(
        streams.stream(request),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )
