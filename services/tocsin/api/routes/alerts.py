"""Alerts: one card a story, why it rang, what to do about it. Everything silent stays visible."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tocsin.api import acting, display
from tocsin.api.display import Marked, Segment
from tocsin.api.forms import Form, Read, text
from tocsin.api.pages import link, local, page
from tocsin.api.reading import Reading
from tocsin.api.standing import STATES, Standing, State
from tocsin_schemas.alert import Alert
from tocsin_schemas.notification import Notification
from tocsin_schemas.story import Story

router = APIRouter()
CARDS = 30
GROUPS = 20
"""Subscriptions shown in one card."""
SNOOZES = (
    ("1h", "1 hour"),
    ("4h", "4 hours"),
    ("tomorrow", "tomorrow 08:00 UTC"),
    ("7d", "7 days"),
)


@dataclass(slots=True)
class Entry:
    """An alert beside its standing, its evidence as segments, and its deliveries."""

    alert: Alert
    standing: Standing
    snippet: list[Segment]
    deliveries: list[Notification] = field(default_factory=list)
    act_ids: dict[str, str] = field(
        default_factory=lambda: {verb: acting.new_id() for verb in acting.VERBS}
    )
    """An id for each form, so that a form sent twice is one act."""
    quiet_articles: int = 0
    quiet_copies: int = 0


@dataclass(slots=True)
class Group:
    """One subscription's alerts of a story: the newest with its forms, the earlier ones in short."""

    newest: Entry
    earlier: list[Alert] = field(default_factory=list)


@dataclass(slots=True)
class Card:
    """A story beside its alerts, by subscription, the newest first."""

    story_id: str
    story: Story | None
    title: str
    groups: list[Group] = field(default_factory=list)


def entry_of(reading: Reading, alert: Alert, standing: Standing, story: Story | None) -> Entry:
    """An alert as its card shows it."""
    part = reading.desk.search.listing("notifications", where={"alert_id": alert.id}, limit=10)
    made = Entry(
        alert,
        standing,
        display.segments(alert.why.snippet, [Marked(a, b) for a, b in alert.why.snippet_marks]),
        [d.body for d in part.documents if isinstance(d.body, Notification)],
    )
    if story is not None:
        made.quiet_articles = max(0, story.articles - alert.articles)
        made.quiet_copies = max(0, story.copies - alert.copies)
    return made


def cards(reading: Reading, state: State, page_number: int) -> tuple[list[Card], bool]:
    """Cards of alerts in one state; whether there are more."""
    ledger, now = reading.ledger(), reading.now()
    chosen = [
        (a, standing)
        for a in reading.newest_alerts()
        if (standing := ledger.of(a, now)).state == state
    ]
    groups: dict[str, list[tuple[Alert, Standing]]] = {}
    for a, standing in chosen:
        groups.setdefault(a.founding_story_id, []).append((a, standing))
    names = list(groups)[page_number * CARDS : (page_number + 1) * CARDS]
    stories = reading.stories([groups[n][0][0].story_id for n in names])
    out = []
    for name in names:
        newest = groups[name][0][0]
        story = stories.get(newest.story_id)
        card = Card(newest.story_id, story, story.title if story else newest.story_title)
        inside: dict[str, Group] = {}
        for a, standing in groups[name]:
            held = inside.get(a.subscription_id)
            if held is not None:
                held.earlier.append(a)
            elif len(inside) < GROUPS:
                inside[a.subscription_id] = Group(entry_of(reading, a, standing, story))
        card.groups = list(inside.values())
        out.append(card)
    return out, len(groups) > (page_number + 1) * CARDS


@router.get("/alerts")
def alerts(
    request: Request,
    read: Read,
    state: str = "open",
    done: str = "",
    act: str = "",
    p: int = 0,
) -> Response:
    """Alerts of one state."""
    chosen: State = next((s for s in STATES if s == state), "open")
    number = min(max(0, p), 1000)
    shown, more = cards(read, chosen, number)
    return page(
        request,
        "alerts.html",
        title="Alerts" if chosen == "open" else f"Alerts {chosen}",
        here="alerts",
        state=chosen,
        states=STATES,
        counts=read.counts(),
        cards=shown,
        more=more,
        number=number,
        snoozes=SNOOZES,
        done=_done(read, done, act),
    )


@dataclass(frozen=True, slots=True)
class Done:
    """What was just done, and the form that takes it back."""

    words: str
    alert_id: str
    undoes: str
    act_id: str


def _done(reading: Reading, verb: str, act_id: str) -> Done | None:
    """The success message after a form, from the act itself and not from the address."""
    made = reading.acts().get(act_id) if verb else None
    if made is None or made.alert_id is None:
        return None
    held = reading.desk.search.get("alerts", made.alert_id)
    if held is None or not isinstance(held.body, Alert):
        return None
    name, title = held.body.subscription_name, display.headline(held.body.story_title)
    match made.kind:
        case "ack":
            words = f"Acknowledged “{title}” for “{name}”. A named change will ring again."
        case "snooze" if made.until:
            words = f"“{name}” is snoozed until {display.moment(made.until)} UTC."
        case "mute":
            words = f"“{title}” is muted for every subscription."
        case "undo":
            return Done("Taken back.", made.alert_id, "", "")
        case _:
            return None
    return Done(words, made.alert_id, made.id, acting.new_id())


@router.get("/alerts/{alert_id}")
def alert(request: Request, alert_id: str, read: Read, done: str = "", act: str = "") -> Response:
    """One alert with everything it carries."""
    held = acting.alert_of(read, alert_id)
    story = read.stories([held.story_id]).get(held.story_id)
    standing = read.ledger().of(held, read.now())
    same_story = sum(
        a.founding_story_id == held.founding_story_id
        and read.ledger().of(a, read.now()).state == "open"
        for a in read.newest_alerts()
    )
    return page(
        request,
        "alert.html",
        title=f"Alert: {display.headline(held.story_title)}",
        here="alerts",
        entry=entry_of(read, held, standing, story),
        story=story,
        same_story=same_story,
        snoozes=SNOOZES,
        done=_done(read, done, act),
    )


@router.post("/alerts/{alert_id}/{verb}")
def do(request: Request, alert_id: str, verb: str, read: Read, form: Form) -> Response:
    """Acknowledge, snooze, mute or undo; then back to where the form stood. The page's script asks for
    JSON instead: the words to show in place, and fresh ids for the forms that stand there.
    """
    held = acting.alert_of(read, alert_id)
    until = None
    if verb == "snooze":
        until = acting.until_of(text(form, "for"), text(form, "until"), read.now())
    made = acting.act(
        read,
        held,
        verb,
        act_id=text(form, "act_id"),
        until=until,
        undoes=text(form, "undoes"),
        note=text(form, "note"),
    )
    if "application/json" in request.headers.get("accept", ""):
        told = _done(read, verb, made.id)
        words, undoes = (told.words, told.undoes) if told else ("Done.", "")
        fresh = {each: acting.new_id() for each in acting.VERBS}
        return JSONResponse({"words": words, "undoes": undoes, "ids": fresh})
    back = local(text(form, "next"), "/alerts")
    path, _, query = back.partition("?")
    state = next((p for p in query.split("&") if p.startswith("state=")), "")
    extra = {"state": state.removeprefix("state=")} if state else {}
    target = link(path, done=verb, act=made.id, **extra)
    return RedirectResponse(f"{target}#done", 303)
