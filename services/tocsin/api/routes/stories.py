"""Stories by their last change, one story as a whole, and its brief for paper."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from tocsin.api import acting, display
from tocsin.api.brief import written
from tocsin.api.drawing import timeline
from tocsin.api.failures import Missing
from tocsin.api.forms import Form, Read, text, texts
from tocsin.api.pages import link, page
from tocsin.api.reading import Reading
from tocsin.api.whole_story import view_of
from tocsin_schemas.contract import KINDS, Kind
from tocsin_schemas.story import Story

router = APIRouter()


def story_of(reading: Reading, story_id: str) -> Story:
    """The story; Missing otherwise."""
    found = reading.story(story_id)
    if found is None:
        raise Missing("There is no story of that id.", "Stories are kept for 400 days.")
    return found


@router.get("/stories")
def stories(request: Request, read: Read, cursor: str = "") -> Response:
    """Stories by last change."""
    part = read.desk.search.listing("stories", where={"state": "open"}, cursor=cursor)
    return page(
        request,
        "stories.html",
        title="Stories",
        here="stories",
        rows=[d.body for d in part.documents],
        older=part.cursor,
        cursor=cursor,
        press=read.desk.press_url,
    )


@router.get("/stories/{story_id}")
def story(
    request: Request,
    story_id: str,
    read: Read,
    figure: str = "",
    since: int | None = None,
    order: str = "event",
    scale: str = "",
    all: str = "",  # noqa: A002  # the parameter's name in the address
) -> Response:
    """One story; a merged one sends on to the survivor."""
    held = story_of(read, story_id)
    if held.lineage.merged_into:
        onward = link(f"/stories/{held.lineage.merged_into}", merged=held.id)
        return RedirectResponse(onward, 301)
    shown = view_of(
        read.desk.search,
        held,
        feeds=read.feeds(),
        since=since,
        log=scale == "log",
        everything=bool(all),
    )
    chosen = next((d for d in shown.drawings if d.kind == figure), None)
    chosen = chosen or (shown.drawings[0] if shown.drawings else None)
    merged = request.query_params.get("merged", "")
    return page(
        request,
        "story.html",
        title=f"Story: {display.headline(held.title)}",
        here="stories",
        view=shown,
        story=held,
        drawing=chosen,
        figure=_kind(figure),
        timeline=timeline.draw(
            held,
            published=shown.published,
            by_report=order == "reported",
            everything=bool(all),
        ),
        reported=timeline.reported_words,
        order=order,
        since=since,
        scale=scale,
        act_id=acting.new_id(),
        asked=read.acts().get(request.query_params.get("asked", "")),
        merged=merged if merged in held.lineage.ancestors else "",
        halves=acting.halves(read, held),
        shaping=acting.shaping(read, held),
    )


def _kind(figure: str) -> Kind | None:
    return next((k for k in KINDS if k == figure), None)


@router.post("/stories/{story_id}/merge")
def merge(story_id: str, read: Read, form: Form) -> Response:
    """Merge another story, named by its id or its address, with this one."""
    other = text(form, "other").rstrip("/").rpartition("/")[2].partition("?")[0]
    made = acting.merge(read, story_id, [other], text(form, "act_id"))
    return RedirectResponse(link(f"/stories/{story_id}", asked=made.id), 303)


@router.post("/stories/{story_id}/split")
def split(story_id: str, read: Read, form: Form) -> Response:
    """Make the ticked articles a story of their own."""
    made = acting.split(read, story_id, texts(form, "article"), text(form, "act_id"))
    return RedirectResponse(link(f"/stories/{story_id}", asked=made.id), 303)


@router.post("/stories/{story_id}/undo")
def undo(story_id: str, read: Read, form: Form) -> Response:
    """Take a merge or a split back."""
    made = acting.undo(read, text(form, "act"), text(form, "act_id"))
    return RedirectResponse(link(f"/stories/{story_id}", asked=made.id), 303)


@router.get("/stories/{story_id}/brief")
def brief(request: Request, story_id: str, read: Read) -> Response:
    """A story for paper: nothing folded, each line cited."""
    held = story_of(read, story_id)
    if held.lineage.merged_into:
        return RedirectResponse(link(f"/stories/{held.lineage.merged_into}/brief"), 301)
    shown = view_of(read.desk.search, held, feeds=read.feeds(), everything=True)
    return page(
        request,
        "brief.html",
        title=f"Brief: {display.headline(held.title)}",
        here="stories",
        view=shown,
        story=held,
        numbers={m.article_id: i for i, m in enumerate(shown.members, 1)},
        timeline=timeline.draw(held, published=shown.published, everything=True),
    )


@router.get("/stories/{story_id}/brief.md")
def brief_markdown(story_id: str, read: Read) -> Response:
    """The brief as Markdown, for a note or a message."""
    held = story_of(read, story_id)
    shown = view_of(read.desk.search, held, feeds=read.feeds(), everything=True)
    return PlainTextResponse(written(shown), media_type="text/markdown")
