"""What people did that keeps a delivery back: mute a story, snooze a subscription, acknowledge.

Holds notifications, never alerts: what was held counts as told, stays listed, and comes free when the
act is undone.
"""

from collections.abc import Iterator

from tocsin.ports.state import Transaction
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert

HOLDS = "holds"
HELD = "held"
ACTS = "acts"


def covers(act: Act, alert: Alert) -> bool:
    """Whether an act holds this alert. Ack: alerts that rang before it, later ones ring again;
    snooze: those that ring before its end; mute: the story under every id that it answered to.
    """
    stories = {alert.story_id, alert.founding_story_id, *alert.ancestors}
    if act.kind == "mute":
        return act.subject_id in stories
    if act.kind == "snooze":
        begun = act.until is not None and alert.rang < act.until
        return begun and act.subject_id == alert.subscription_id
    if act.kind == "ack":
        whose = act.subscription_id in {None, alert.subscription_id}
        return whose and act.subject_id in stories and alert.rang <= act.at
    return False


def words(act: Act) -> str:
    """The hold in words: reason of a suppressed notification."""
    if act.kind == "snooze":
        until = "" if act.until is None else f" until {act.until:%Y-%m-%d %H:%M} UTC"
        return f"snoozed{until} by {act.who}"
    done = {"mute": "story muted", "ack": "acknowledged"}[act.kind]
    return f"{done} by {act.who} on {act.at:%Y-%m-%d %H:%M} UTC"


class Holds:
    """The acts in force, within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def known(self, act_id: str) -> bool:
        """Whether this act was done before: the same id twice is one act."""
        return self._tx.get(ACTS, act_id) is not None

    def note(self, act: Act) -> None:
        """Keep an act, and have it hold what comes, if it does."""
        self._tx.put(ACTS, act.id, act.model_dump_json().encode())
        if act.kind in {"mute", "snooze", "ack"}:
            self._tx.put(HOLDS, f"{act.subject_id}:{act.id}", act.model_dump_json().encode())

    def act(self, act_id: str) -> Act | None:
        """An act by id."""
        row = self._tx.get(ACTS, act_id)
        return None if row is None else Act.model_validate_json(row)

    def lift(self, act: Act) -> Iterator[str]:
        """The act no longer holds; gives the ids of the notifications that it held."""
        self._tx.delete(HOLDS, f"{act.subject_id}:{act.id}")
        for key, _ in list(self._tx.scan(HELD, f"{act.id}:")):
            self._tx.delete(HELD, key)
            yield key.partition(":")[2]

    def hold(self, act: Act, notification_id: str) -> None:
        """Remember that this act holds this notification."""
        self._tx.put(HELD, f"{act.id}:{notification_id}", b"")

    def on(self, alert: Alert) -> Act | None:
        """The act that holds an alert, the earliest; null while none does."""
        subjects = {
            alert.subscription_id,
            alert.story_id,
            alert.founding_story_id,
            *alert.ancestors,
        }
        acts = [
            Act.model_validate_json(row)
            for subject in sorted(subjects)
            for _, row in self._tx.scan(HOLDS, f"{subject}:")
        ]
        found = [a for a in acts if covers(a, alert)]
        return min(found, key=lambda a: (a.at, a.id), default=None)
