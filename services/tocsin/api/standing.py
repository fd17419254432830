"""What people did about alerts, and where each alert stands because of it: open, acknowledged,
snoozed, muted. Pure; the acts are the truth, nothing is stored. Everything silent stays countable.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert

State = Literal["open", "acknowledged", "snoozed", "muted"]
STATES: tuple[State, ...] = ("open", "acknowledged", "snoozed", "muted")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one alert stands, the act that put it there, and a snooze that ended lately."""

    state: State
    act: Act | None = None
    ended: Act | None = None


class Ledger:
    """The acts in force (an undone act is not). `names` gives every id that a story has answered
    to, `rang` the time at which an acknowledged alert rang (null: unknown).
    """

    def __init__(
        self,
        acts: Iterable[Act],
        names: Callable[[set[str]], Mapping[str, frozenset[str]]] = lambda _: {},
        rang: Callable[[set[str]], Mapping[str, datetime]] = lambda _: {},
    ) -> None:
        every = list(acts)
        undone = {a.undoes for a in every if a.kind == "undo"}
        self.standing_acts = [a for a in every if a.id not in undone and a.kind != "undo"]
        stories = {a.subject_id for a in self.standing_acts if a.kind in {"ack", "mute"}}
        all_names = names(stories)
        times = rang({a.alert_id for a in self.standing_acts if a.kind == "ack" and a.alert_id})
        self._acks: dict[tuple[str, str], list[tuple[datetime, Act]]] = defaultdict(list)
        self._mutes: dict[str, Act] = {}
        self._snoozes: dict[str, Act] = {}
        for act in sorted(self.standing_acts, key=lambda a: (a.at, a.id)):
            if act.kind == "snooze":
                self._snoozes[act.subscription_id or act.subject_id] = act
                continue
            for story in sorted(all_names.get(act.subject_id, frozenset()) | {act.subject_id}):
                if act.kind == "mute":
                    self._mutes[story] = act
                elif act.kind == "ack" and act.subscription_id:
                    # An alert that rang while its reader was pressing the button stays open.
                    reach = times.get(act.alert_id or "", act.at)
                    self._acks[act.subscription_id, story].append((reach, act))

    def of(self, alert: Alert, now: datetime) -> Standing:
        """Where `alert` stands at `now`."""
        stories = (alert.story_id, alert.founding_story_id)
        snooze = self._snoozes.get(alert.subscription_id)
        over = snooze if snooze is not None and snooze.until and snooze.until <= now else None
        ended = over if over and over.until and now - over.until < timedelta(days=1) else None
        for story in stories:
            if story in self._mutes:
                return Standing("muted", self._mutes[story], ended)
        for story in stories:
            for reach, act in reversed(self._acks.get((alert.subscription_id, story), ())):
                if alert.rang <= reach or act.alert_id == alert.id:
                    return Standing("acknowledged", act, ended)
        if snooze is not None and over is None:
            return Standing("snoozed", snooze)
        return Standing("open", None, ended)

    def next_change(self, now: datetime) -> datetime | None:
        """When the next snooze ends."""
        return min((a.until for a in self._snoozes.values() if a.until and a.until > now),
                   default=None)  # fmt: skip
