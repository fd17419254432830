"""Feeds by their health, worst first: the reason and its mend stand in the row."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from tocsin.api import feeding
from tocsin.api.drawing.scale import percent
from tocsin.api.forms import Form, Read, text, upload
from tocsin.api.pages import done_word, page
from tocsin.api.reading import ORDER, FeedLine
from tocsin.api.subscribing import Invalid
from tocsin.errors import UsageError
from tocsin.pipeline.collect.opml import read_opml
from tocsin_schemas.feed import NOT_OK, FeedState

router = APIRouter()
ROWS = 100
SHAPES = {
    "failing": "▲",
    "blocked": "■",
    "not-a-feed": "✕",
    "gap": "◧",
    "silent": "◔",
    "waiting": "‖",
    "empty": "○",
    "new": "✳",
    "paused": "▭",
    "ok": "●",
}
TONES = {"failing": "bad", "blocked": "bad", "not-a-feed": "bad", "ok": "ok"}
_NUMBER = re.compile(r"\d{1,6}\Z")


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a strip: `n` new items, `h` nothing new, `x` failed."""

    x: str
    kind: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A feed's last day (or week) by hour, with the same in words."""

    hours: tuple[Hour, ...]
    width: str
    words: str


def strip(state: FeedState, now: datetime, hours: int = 24) -> Strip:
    """The strip that ends with the current hour."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)
    cells = []
    counted = {"n": 0, "h": 0, "x": 0}
    for i in range(hours):
        kind = state.hours.get((first + timedelta(hours=i)).strftime("%Y-%m-%dT%H"), "")
        if kind in counted:
            counted[kind] += 1
            cells.append(Hour(percent(i / hours), kind))
    span = f"{hours} hours" if hours <= 48 else f"{hours // 24} days"
    if not cells:
        words = f"no poll in {span}"
    else:
        words = f"{counted['n']} h with news, {counted['h']} without, {counted['x']} failed"
    return Strip(tuple(cells), percent(0.8 / hours), words)


def tone(health: str) -> str:
    """`bad`, `warn`, `ok` or plain."""
    return TONES.get(health, "warn" if health in NOT_OK else "")


@router.get("/feeds")
def feeds(request: Request, read: Read, state: str = "", p: int = 0, done: str = "") -> Response:
    """All feeds, or those of one state."""
    return _list(request, read.feeds(), read.now(), state=state, number=min(max(0, p), 1000),
                 done=done_word(done))  # fmt: skip


def _list(
    request: Request,
    lines: list[FeedLine],
    now: datetime,
    *,
    state: str = "",
    number: int = 0,
    done: str = "",
    problems: dict[str, str] | None = None,
    fields: dict[str, str] | None = None,
) -> Response:
    chosen = [x for x in lines if x.health == state] if state in ORDER else lines
    part = chosen[number * ROWS : (number + 1) * ROWS]
    counts = {s: n for s in ORDER if (n := sum(x.health == s for x in lines))}
    return page(
        request,
        "feeds.html",
        title="Error: feeds" if problems else "Feeds",
        here="feeds",
        status=400 if problems else 200,
        rows=[(x, strip(x.state, now)) for x in part],
        counts=counts,
        ok=sum(x.health not in NOT_OK for x in lines),
        total=len(lines),
        state=state if state in ORDER else "",
        number=number,
        more=len(chosen) > (number + 1) * ROWS,
        shapes=SHAPES,
        tone=tone,
        done=done_word(done),
        problems=problems or {},
        fields=fields or {},
    )


@router.post("/feeds")
def add(request: Request, read: Read, form: Form) -> Response:
    """Add one feed."""
    fields = {"url": text(form, "url"), "source": text(form, "source")}
    try:
        made = feeding.add(read, {"url": fields["url"], "source": fields["source"] or None})
    except Invalid as error:
        return _list(request, read.feeds(), read.now(), problems=error.problems, fields=fields)
    feeding.poll(read, made.id)
    return RedirectResponse(f"/feeds/{made.id}?done=added", 303)


@router.post("/feeds/import")
def take_in(request: Request, read: Read, form: Form) -> Response:
    """Import an OPML list."""
    data = upload(form, "opml")
    try:
        found, _ = read_opml(data, read.now())
    except UsageError as error:
        problems = {"opml": str(error)}
        return _list(request, read.feeds(), read.now(), problems=problems)
    if not found:
        problems = {"opml": "choose an OPML file with at least one outline that has an xmlUrl"}
        return _list(request, read.feeds(), read.now(), problems=problems)
    return RedirectResponse(f"/feeds?done=imported-{feeding.add_all(read, found)}", 303)


@router.get("/feeds/{identity}")
def feed(request: Request, identity: str, read: Read, done: str = "") -> Response:
    """One feed: health, a week by hour, what it brought last."""
    line = feeding.line_of(read, identity)
    part = read.desk.search.listing("articles", where={"feed_id": line.feed.id}, limit=20)
    return page(
        request,
        "feed.html",
        title=f"Feed: {line.feed.title or line.feed.source.name}",
        here="feeds",
        line=line,
        week=strip(line.state, read.now(), 168),
        rows=[d.body for d in part.documents],
        shapes=SHAPES,
        tone=tone,
        done=done_word(done),
    )


@router.post("/feeds/{identity}")
def change(identity: str, read: Read, form: Form) -> Response:
    """Pause, resume, poll, change or remove a feed, as the pressed button says."""
    line = feeding.line_of(read, identity)
    did = "use" if text(form, "use") else text(form, "do")
    match did:
        case "pause" | "resume":
            feeding.change(read, line.feed.id, {"active": did == "resume"})
        case "poll":
            feeding.poll(read, line.feed.id)
        case "use":
            url = text(form, "use")
            if url not in line.state.alternatives:
                raise Invalid({"url": "that feed was not found on the page"})
            made = feeding.add(read, {"url": url, "source": line.feed.source.model_dump()})
            feeding.remove(read, line.feed.id)
            return RedirectResponse(f"/feeds/{made.id}?done=added", 303)
        case "remove":
            feeding.remove(read, line.feed.id)
            return RedirectResponse("/feeds?done=removed", 303)
        case _:
            fields: dict[str, object] = {}
            if policy := text(form, "page_policy"):
                fields["page_policy"] = policy
            if "interval_s" in form:
                interval = text(form, "interval_s")
                fields["interval_s"] = int(interval) if _NUMBER.match(interval) else None
            feeding.change(read, line.feed.id, fields)
            did = "changed"
    return RedirectResponse(f"/feeds/{line.feed.id}?done={did}", 303)
