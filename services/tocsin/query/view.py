"""An article as a query sees it: token lists, folded keyword values, figures, days. Made once, read by
the live matcher and by the search's recheck alike, so that they cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class View:
    """What `evaluate` reads. `keywords` holds folded values of source, family, country, lang, tag,
    place, person, actor, cites. `figures` holds (kind, min, max), open ends already filled.
    """

    title: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    keywords: Mapping[str, frozenset[str]] = field(default_factory=dict)
    figures: tuple[tuple[str, int, int], ...] = ()
    published: datetime | None = None
    event_days: tuple[tuple[date, date], ...] = ()
    story_id: str = ""
    origins: int = 0
