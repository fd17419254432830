"""What a reader does about an alert or a story, as an act on the log: acknowledge, snooze, mute, merge,
split, undo.

The act's id comes with the form, so a double click or a reload is one act. Acts hold notifications,
never alerts (design §6). A GET never acts.
"""

import re
import secrets
import threading
from datetime import UTC, datetime, timedelta

from tocsin.api.failures import Missing
from tocsin.api.reading import Reading
from tocsin.errors import UsageError
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.identity import digest_id
from tocsin_schemas.story import ClusteredArticle, Story

VERBS = ("ack", "snooze", "mute", "undo")
LONGEST_SNOOZE = timedelta(days=366)
NOTE_LIMIT = 2000
_ID = re.compile(r"[a-z2-7]{26}\Z")
_ONE_AT_A_TIME = threading.Lock()


def new_id() -> str:
    """An id for an act not yet done."""
    return digest_id("act", secrets.token_hex(16))


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id."""
    return bool(_ID.match(text))


def alert_of(reading: Reading, alert_id: str) -> Alert:
    """The alert; Missing otherwise."""
    found = reading.desk.search.get("alerts", alert_id) if is_id(alert_id) else None
    if found is None or not isinstance(found.body, Alert):
        raise Missing("There is no alert of that id.", "It may be older than the index keeps.")
    return found.body


def until_of(choice: str, moment: str, now: datetime) -> datetime:
    """When a snooze ends: `1h`, `4h`, `7d`, `tomorrow` (08:00 UTC), or `moment` (ISO 8601; UTC where
    it names no zone). Raises UsageError for a time that has passed or is too far.
    """
    simple = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "7d": timedelta(days=7)}
    if choice in simple:
        return now + simple[choice]
    if choice == "tomorrow":
        return (now + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    try:
        until = datetime.fromisoformat(moment)
    except ValueError as error:
        msg = "until: give a time such as 2026-11-24T08:00 (UTC), or 1h, 4h, 7d, tomorrow"
        raise UsageError(msg) from error
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until.astimezone(UTC)
    if until <= now:
        msg = "until: that time has passed"
        raise UsageError(msg)
    if until - now > LONGEST_SNOOZE:
        msg = "until: a snooze lasts a year at most"
        raise UsageError(msg)
    return until


def act(
    reading: Reading,
    alert: Alert,
    verb: str,
    *,
    act_id: str = "",
    until: datetime | None = None,
    undoes: str = "",
    note: str = "",
) -> Act:
    """Record an act; with an id that is known already, the act of that id and nothing else. Raises
    UsageError for an unknown verb, an id of wrong form, or an undo of nothing.
    """
    if verb not in VERBS:
        msg = f"an alert can be acknowledged, snoozed, muted or undone, not {verb[:20]!r}"
        raise UsageError(msg)
    if act_id and not is_id(act_id):
        msg = "act_id: 26 characters a–z, 2–7; reload the page and try again"
        raise UsageError(msg)
    if len(note) > NOTE_LIMIT:
        msg = f"note: at most {NOTE_LIMIT} characters"
        raise UsageError(msg)
    identity = act_id or new_id()
    with _ONE_AT_A_TIME:
        known = reading.acts()
        if identity in known:
            return known[identity]
        subject, subscription = alert.story_id, alert.subscription_id
        match verb:
            case "snooze":
                subject = alert.subscription_id
            case "undo":
                before = known.get(undoes)
                if before is None or before.kind == "undo":
                    msg = "undo: there is no such act"
                    raise UsageError(msg)
                subject = before.subject_id
        made = Act.model_validate(
            {
                "id": identity,
                "kind": verb,
                "subject_id": subject,
                "subscription_id": None if verb == "mute" else subscription,
                "alert_id": alert.id,
                "undoes": undoes or None,
                "until": until,
                "note": note,
                "at": reading.now(),
            }
        )
        reading.desk.registers.put_act(made)
        return made


def merge(reading: Reading, story_id: str, others: list[str], act_id: str = "") -> Act:
    """Ask the clusterer to merge `others` with a story; the oldest of them survives. Raises Missing,
    UsageError. The same `act_id` again is one act.
    """
    wanted = list(dict.fromkeys(o for o in others if o != story_id))
    if not wanted or not all(is_id(o) for o in wanted):
        msg = "name at least one other story by its id (26 characters, in its address)"
        raise UsageError(msg)
    held = reading.stories([story_id, *wanted])
    for one in (story_id, *wanted):
        if one not in held:
            msg = f"There is no story {one}."
            raise Missing(msg)
    return _done(reading, act_id, kind="merge", subject_id=story_id, other_ids=tuple(wanted))


def split(reading: Reading, story_id: str, articles: list[str], act_id: str = "") -> Act:
    """Ask the clusterer to take `articles` (ids), with their copies, out of a story; they become one
    of their own. If their copies are all the rest of it, nothing happens. Raises Missing, UsageError.
    The same `act_id` again is one act.
    """
    wanted = list(dict.fromkeys(articles))
    if not wanted or not all(is_id(a) for a in wanted):
        msg = "name at least one article of the story by its id (26 characters, in its address)"
        raise UsageError(msg)
    story = reading.story(story_id)
    if story is None or story.lineage.merged_into is not None:
        msg = f"There is no story {story_id}."
        raise Missing(msg)
    found = reading.desk.search.many("articles", wanted)
    for one in wanted:
        if one not in found:
            msg = f"There is no article {one}."
            raise Missing(msg)
        body = found[one].body
        if not isinstance(body, ClusteredArticle) or body.story_id != story_id:
            msg = f"article {one} is not in this story; reload the page and choose again"
            raise UsageError(msg)
    if len(wanted) >= story.articles:
        msg = "that is the whole story; leave at least one article in it"
        raise UsageError(msg)
    return _done(reading, act_id, kind="split", subject_id=story_id, other_ids=tuple(wanted))


def undo(reading: Reading, undoes: str, act_id: str = "") -> Act:
    """Ask the clusterer to take a merge or a split back. It does so if it can be done exactly, else
    nothing happens (`pipeline.clusterer.manual`). Raises UsageError.
    """
    before = reading.acts().get(undoes)
    if before is None or before.kind not in {"merge", "split"}:
        msg = "undo: there is no such merge or split"
        raise UsageError(msg)
    return _done(reading, act_id, kind="undo", subject_id=before.subject_id, undoes=undoes)


def shaping(reading: Reading, story: Story) -> list[Act]:
    """The merges and splits that formed a story and that nobody has taken back, oldest first."""
    known = reading.acts()
    undone = {a.undoes for a in known.values() if a.kind == "undo"}
    held = [known[a] for a in story.lineage.acts if a in known]
    return [a for a in held if a.kind in {"merge", "split"} and a.id not in undone]


def halves(reading: Reading, story: Story) -> list[Story]:
    """Stories that were split off this one and stand beside it, in the order of the splits."""
    wanted = [a.other_ids[0] for a in shaping(reading, story) if a.kind == "split" and a.other_ids]
    found = reading.desk.search.many("articles", wanted) if wanted else {}
    bodies = [found[a].body for a in wanted if a in found]
    ids = [b.story_id for b in bodies if isinstance(b, ClusteredArticle)]
    stories = reading.stories(ids)
    return [s for i in dict.fromkeys(ids) if (s := stories.get(i)) and i != story.id]


def _done(reading: Reading, act_id: str, **fields: object) -> Act:
    """Record an act; with an id that is known already, the act of that id and nothing else."""
    identity = act_id if is_id(act_id) else new_id()
    with _ONE_AT_A_TIME:
        known = reading.acts()
        if identity in known:
            return known[identity]
        made = Act.model_validate({"id": identity, "at": reading.now(), **fields})
        reading.desk.registers.put_act(made)
        return made
