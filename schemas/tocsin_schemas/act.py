"""What a person did about a story, an alert or a subscription."""

from typing import Literal

from pydantic import Field

from tocsin_schemas.contract import Contract, Id, UtcTime


class Act(Contract):
    """`act.done`. Key: subject id. The same `id` twice is one act.

    ack: this story's open alerts for one subscription; snooze: a subscription until a time;
    mute: a story for every subscription; undo: takes `undoes` back; merge and split: stories.
    """

    id: Id
    kind: Literal["ack", "snooze", "mute", "undo", "merge", "split"]
    subject_id: Id = Field(description="story for ack, mute, merge, split; subscription for snooze")
    subscription_id: Id | None = None
    alert_id: Id | None = None
    other_ids: tuple[str, ...] = Field(default=(), description="merge: stories; split: articles")
    undoes: Id | None = None
    until: UtcTime | None = None
    who: str = "desk"
    note: str = Field(default="", max_length=2000)
    at: UtcTime
