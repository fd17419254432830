"""What one subscription knows of one story: told ranges, what has rung, what was kept quiet.

It answers every question of design §6 that reaches back in time. Never holds an article's words.
"""

from dataclasses import dataclass, field
from datetime import datetime

import orjson

from tocsin.pipeline.match.told import join
from tocsin_schemas.alert import ToldRange
from tocsin_schemas.contract import KINDS, Kind
from tocsin_schemas.story import Story


@dataclass(slots=True)
class Known:
    """One (subscription, story). `entered`: a first match happened, rung or not.

    `folded` is the newest story revision at which an alert, read back from the log after the rows
    were lost, was decided: whatever came up to it was decided then, and is not decided again.
    """

    entered: bool = False
    folded: int = 0
    told: dict[Kind, ToldRange] = field(default_factory=dict)
    origins: int = 0
    rung: set[str] = field(default_factory=set)
    copies: int = 0
    same: int = 0
    last_rang: datetime | None = None

    def has_rung(self, reason: str, fact: str) -> bool:
        """Whether this fact was told, under this id of the story or another."""
        return f"{reason} {fact}" in self.rung

    def ring(self, reason: str, fact: str) -> None:
        """Note that this fact is told."""
        self.rung.add(f"{reason} {fact}")

    def enter(self, story: Story) -> None:
        """The first match: all that the story holds by now counts as told."""
        self.entered = True
        self.origins = max(self.origins, len(story.origins))
        for f in story.figures:
            low = f.min if f.held_min is None and f.held_max is None else f.held_min
            high = f.max if f.held_min is None and f.held_max is None else f.held_max
            if low is not None or high is not None:
                self.tell(ToldRange(kind=f.kind, min=low, max=high))

    def tell(self, told: ToldRange) -> None:
        """Widen what was told of a kind."""
        held = self.told.get(told.kind)
        self.told[told.kind] = told if held is None else join(held, told)

    def inherit(self, other: "Known", *, counts: bool) -> None:
        """Take over what was told under another id of the story (a merge: `counts` too; a split)."""
        self.entered = self.entered or other.entered
        self.origins = max(self.origins, other.origins)
        self.rung |= other.rung
        for told in other.told.values():
            self.tell(told)
        if other.last_rang is not None:
            self.last_rang = max(self.last_rang or other.last_rang, other.last_rang)
        if counts:
            self.copies += other.copies
            self.same += other.same

    def ranges(self) -> tuple[ToldRange, ...]:
        """Told ranges, kinds in the order in which they lead."""
        return tuple(self.told[k] for k in KINDS if k in self.told)

    def to_bytes(self) -> bytes:
        """The row."""
        return orjson.dumps(
            {
                "entered": self.entered,
                "folded": self.folded,
                "told": [[t.kind, t.min, t.max, t.lowered] for t in self.ranges()],
                "origins": self.origins,
                "rung": sorted(self.rung),
                "copies": self.copies,
                "same": self.same,
                "last": self.last_rang,
            }
        )

    @classmethod
    def from_bytes(cls, row: bytes) -> "Known":
        """Read the row that `to_bytes` wrote."""
        d = orjson.loads(row)
        return cls(
            entered=d["entered"],
            folded=d["folded"],
            told={
                k: ToldRange(kind=k, min=low, max=high, lowered=lowered)
                for k, low, high, lowered in d["told"]
            },
            origins=d["origins"],
            rung=set(d["rung"]),
            copies=d["copies"],
            same=d["same"],
            last_rang=None if d["last"] is None else datetime.fromisoformat(d["last"]),
        )
