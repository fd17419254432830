"""What a request that can't be met gets: a page or JSON by its path, with place and mend; no traceback."""

from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from tocsin.api.pages import bare
from tocsin.errors import DiskFull, Retryable, StoreError, TocsinError, UsageError
from tocsin.query.errors import QueryError

WORDS = {
    400: "That was not understood",
    403: "Refused",
    404: "Not found",
    405: "Not possible here",
    409: "Already so",
    413: "Too large",
    422: "That was not understood",
    429: "Too many at once",
    500: "A fault of the desk",
    503: "Not just now",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is no success: what is wrong, and how to mend it."""

    status: int
    message: str
    mend: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    onward: tuple[tuple[str, str], ...] = ()
    """(words, local address) of where to look instead."""


class Missing(TocsinError):
    """What was asked for does not exist (any more). `mend` says where to look instead."""

    def __init__(
        self, message: str, mend: str = "", onward: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message)
        self.mend = mend
        self.onward = onward


def is_door(path: str) -> bool:
    """Whether a path is a JSON door."""
    return path.startswith("/api/v1") or path in {"/healthz", "/readyz", "/metrics", "/live"}


def answer(scope: Scope, failure: Failure) -> Response:
    """The failure as a page, or as JSON for a door."""
    if is_door(scope["path"]):
        body: dict[str, Any] = {"error": {"message": failure.message, "mend": failure.mend}}
        body["error"].update(failure.facts)
        return JSONResponse(body, failure.status, headers=failure.headers)
    html = bare(
        "failure.html",
        title=WORDS.get(failure.status, "Not possible"),
        message=failure.message,
        mend=failure.mend,
        onward=failure.onward,
    )
    return Response(html, failure.status, media_type="text/html", headers=failure.headers)


def query_facts(error: QueryError) -> dict[str, Any]:
    """Place, caret and corrections of a wrong query, for a door."""
    return {
        "line": error.line,
        "column": error.column,
        "start": error.start,
        "end": error.end,
        "suggestion": error.suggestion,
        "corrections": list(error.corrections),
    }


def failure_of(error: Exception) -> Failure:
    """What a reader is told of an error raised on purpose."""
    match error:
        case QueryError():
            return Failure(400, str(error), facts=query_facts(error))
        case Missing():
            return Failure(404, str(error), error.mend, onward=error.onward)
        case UsageError():
            return Failure(400, str(error))
        case DiskFull():
            return Failure(503, str(error), "Free some room; reading still works.")
        case StoreError():
            return Failure(503, str(error))
        case Retryable():
            wait = str(int(error.retry_after_s or 5))
            return Failure(503, str(error), "Try again in a moment.", headers={"Retry-After": wait})
        case HTTPException():
            known = {404: "There is no such page.", 405: "This address takes another method."}
            message = known.get(error.status_code, str(error.detail))
            return Failure(error.status_code, message, headers=dict(error.headers or {}))
        case _:
            return Failure(500, "The desk made a mistake here.", "The log has the details.")


def handle(request: Request, error: Exception) -> Response:
    """Handler for every error raised on purpose."""
    return answer(request.scope, failure_of(error))
