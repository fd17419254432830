"""From facts to a page: our own Jinja environment, and what every page has in common.

Everything printed is escaped and cleaned (`display.shown`); an unknown name is an error, not a
blank. The page keeps no session: preferences stand in one cookie, set by a plain form.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from tocsin.api import display
from tocsin.api.reading import Coverage, Reading

WEB = Path(__file__).parent / "web"
THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")
PREFERENCES = "tocsin_page"
"""Name of the one cookie."""
DEMO_HOST = "demo.invalid"
"""Outlets of the demo press are `KEY.demo.invalid`: a name that no resolver will ever know."""
_DEMO_PATH = re.compile(r"/[a-z0-9-]+/[a-z0-9-]+\Z")


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a reader wants the page; read from the cookie, anything unknown is the default."""

    theme: str = "auto"
    density: str = "comfortable"
    keys: bool = True

    @classmethod
    def parse(cls, value: str) -> "Preferences":
        """From `theme.density.keys`."""
        parts = [*value.split("."), "", "", ""]
        return cls(
            parts[0] if parts[0] in THEMES else "auto",
            parts[1] if parts[1] in DENSITIES else "comfortable",
            parts[2] != "off",
        )

    def __str__(self) -> str:
        return f"{self.theme}.{self.density}.{'on' if self.keys else 'off'}"


def web_address(url: str) -> str:
    """`url` if a browser may be sent there (http, https with a host), else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def opened(url: str, press_url: str) -> str:
    """Where a link to an article leads: `url` itself, for the demo's addresses (which no browser can
    open) the demo press's own page while it runs; "" where there is nothing to open.
    """
    address = web_address(url)
    outlet, _, rest = host_of(address).partition(".")
    if rest != DEMO_HOST:
        return address
    path = urlsplit(address).path
    return f"{press_url}/pages/{outlet}{path}" if press_url and _DEMO_PATH.match(path) else ""


def host_of(url: str) -> str:
    """The host that a link leads to, as text beside it."""
    try:
        return (urlsplit(url).hostname or "")[:80]
    except ValueError:
        return ""


def link(path: str, **params: Any) -> str:
    """A local address with its parameters; empty ones are left out."""
    kept = {k: str(v) for k, v in params.items() if v not in {None, ""}}
    return quote(path, safe="/.") + (f"?{urlencode(kept)}" if kept else "")


def local(path: str, otherwise: str) -> str:
    """`path` if it leads back to this desk, else `otherwise`."""
    plain = path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else otherwise


DONE = frozenset(
    (
        "added",
        "removed",
        "pause",
        "resume",
        "poll",
        "policy",
        "changed",
        "created",
        "enabled",
        "disabled",
        "kept",
        "replayed",
    )
)
_IMPORTED = re.compile(r"imported-\d{1,6}")


def done_word(text: str) -> str:
    """The word after a form, from the address; anything that is not one of ours is dropped."""
    return text if text in DONE or _IMPORTED.fullmatch(text) else ""


def _finalize(value: Any) -> Any:
    return display.shown(value) if type(value) is str else value


@cache
def environment() -> Environment:
    """The templates of this package. Autoescape holds for every name, .md and .xml too."""
    env = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    env.filters.update(
        headline=display.headline,
        number=display.number,
        day=display.day,
        long_day=display.long_day,
        clock=display.clock,
        moment=display.moment,
        iso=display.iso,
        web=web_address,
        host=host_of,
        opened=opened,
    )
    env.globals.update(link=link, count=display.count, span_of=display.span_of)
    return env


def _preferences(request: Request) -> Preferences:
    return Preferences.parse(request.cookies.get(PREFERENCES, ""))


def reading_of(request: Request) -> Reading:
    """What the routes read through."""
    found: Reading = request.app.state.reading
    return found


def page(
    request: Request,
    template: str,
    *,
    title: str,
    here: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
    **facts: Any,
) -> Response:
    """A page with header, coverage line and `facts`. `here` is the entry of the menu it belongs to."""
    reading = reading_of(request)
    html = (
        environment()
        .get_template(template)
        .render(
            title=title,
            here=here,
            preferences=_preferences(request),
            coverage=reading.coverage(),
            now=reading.now(),
            path=request.url.path,
            **{"press": reading.desk.press_url, **facts},
        )
    )
    return Response(html, status, headers=_refresh(request, headers), media_type="text/html")


def text(template: str, **facts: Any) -> str:
    """A template that is no page: Markdown, XML."""
    return environment().get_template(template).render(**facts)


def bare(template: str, *, title: str, **facts: Any) -> str:
    """A page that reads nothing from the store (it may be the store that failed)."""
    nothing: Coverage | None = None
    never: datetime | None = None
    return (
        environment()
        .get_template(template)
        .render(
            title=title,
            here="",
            preferences=Preferences(),
            coverage=nothing,
            now=never,
            path="",
            press="",
            **facts,
        )
    )


def _refresh(request: Request, headers: dict[str, str] | None) -> dict[str, str]:
    """`?refresh=60` asks for a page that loads itself again; only for readers without the script."""
    out = {"cache-control": "no-store", **(headers or {})}
    wanted = request.query_params.get("refresh", "")
    if request.method == "GET" and wanted.isascii() and wanted.isdigit() and len(wanted) < 5:
        out["refresh"] = str(max(10, int(wanted)))
    return out
