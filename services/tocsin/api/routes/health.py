"""Is it alive, is it ready, how is it doing, what changed: for machines, and for the page's script."""

from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response, StreamingResponse

from tocsin import telemetry
from tocsin.api.forms import Read
from tocsin.api.live import Live
from tocsin.api.shapes import when

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
    """Prometheus text."""
    counts: dict[str, int] = {}
    for line in read.feeds():
        counts[line.health] = counts.get(line.health, 0) + 1
    telemetry.FEEDS.clear()
    for state, n in sorted(counts.items()):
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
