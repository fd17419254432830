"""Help, preferences and the doors' own reference: pages that read no news."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from tocsin.api.forms import Form, Read, text
from tocsin.api.pages import DENSITIES, PREFERENCES, THEMES, Preferences, done_word, local, page

router = APIRouter()
YEAR_S = 365 * 86_400
KEYS = (
    ("/", "to the query field"),
    ("?", "this help"),
    ("g l", "Latest"),
    ("g s", "Stories"),
    ("g q", "Search"),
    ("g u", "Subscriptions"),
    ("g a", "Alerts"),
    ("g f", "Feeds"),
    ("j k", "next, previous row"),
    ("o", "open the row"),
    ("v", "the original, at its publisher"),
    (".", "show what is new"),
    ("n p", "older, newest page"),
    ("a", "acknowledge"),
    ("z", "snooze"),
    ("m", "mute"),
    ("u", "undo"),
    ("w", "why"),
    ("c", "copies"),
    ("s", "make a subscription of this search"),
    ("b", "the story’s brief"),
    ("Esc", "leave the field"),
)


@router.get("/help")
@router.get("/help/query")
def query(request: Request, read: Read) -> Response:
    """The grammar, with examples that run."""
    return page(request, "help_query.html", title="Help: queries", lists=sorted(read.lists()))


@router.get("/help/keys")
def keys(request: Request) -> Response:
    """Keys, marks and states."""
    return page(request, "help_keys.html", title="Help: keys and marks", keys=KEYS)


@router.get("/preferences")
def preferences(request: Request, done: str = "") -> Response:
    """Theme, density, single keys."""
    return page(
        request,
        "preferences.html",
        title="Preferences",
        themes=THEMES,
        densities=DENSITIES,
        done=done_word(done),
    )


@router.post("/preferences")
def keep(form: Form) -> Response:
    """Keep them in the one cookie."""
    chosen = Preferences.parse(
        f"{text(form, 'theme')}.{text(form, 'density')}.{'on' if text(form, 'keys') else 'off'}"
    )
    response = RedirectResponse(local(text(form, "next"), "/preferences?done=kept"), 303)
    response.set_cookie(PREFERENCES, str(chosen), max_age=YEAR_S, httponly=True, samesite="lax")
    return response


@router.get("/api/docs")
def docs(request: Request) -> Response:
    """The doors, from the OpenAPI document. FastAPI's own page would load scripts from elsewhere."""
    document: dict[str, Any] = request.app.openapi()
    rows = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return page(request, "docs.html", title="HTTP doors", rows=rows)
