"""The page and the doors as one ASGI app: what the composition root gives goes in, nothing else is read.

Routes are plain functions, so that store calls run in the thread pool and never hold up the loop.
"""

import mimetypes

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from tocsin.api import failures
from tocsin.api.desk import Desk
from tocsin.api.failures import Failure
from tocsin.api.guard import Guard
from tocsin.api.live import Live
from tocsin.api.pages import WEB
from tocsin.api.reading import Reading
from tocsin.api.routes import (
    alerts,
    articles,
    deadletters,
    feeds,
    health,
    latest,
    manual,
    search,
    stories,
    subscriptions,
)
from tocsin.api.routes.doors import ALL as DOORS
from tocsin.errors import TocsinError

PAGES = (latest, articles, stories, search, subscriptions, alerts, feeds, deadletters, manual)


def create_app(desk: Desk) -> FastAPI:
    """The app of one desk. `app.state.live.close()` ends the live streams: call it before the server
    stops, for an open stream would hold it up.
    """
    app = FastAPI(
        title="Tocsin",
        version="1",
        summary="News monitoring that rings once: silence means nothing new happened.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.desk = desk
    app.state.reading = Reading(desk)
    app.state.live = Live(app.state.reading)
    mimetypes.add_type("text/javascript", ".js")
    app.mount("/static", StaticFiles(directory=WEB / "static"), name="static")
    for door in (*DOORS, health):
        app.include_router(door.router)
    for page in PAGES:
        app.include_router(page.router, include_in_schema=False)
    app.add_middleware(Guard, settings=desk.settings)
    app.add_exception_handler(TocsinError, failures.handle)
    app.add_exception_handler(HTTPException, failures.handle)
    app.add_exception_handler(RequestValidationError, _wrong_parameter)
    return app


def _wrong_parameter(request: Request, error: Exception) -> Response:
    """A parameter that FastAPI refused: named, without its echo of the input."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = str(first["loc"][-1])
    return failures.answer(request.scope, Failure(400, f"{name}: {first['msg'].lower()}"))
