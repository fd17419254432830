"""Who a story leans on without our holding it: print-style citations in its articles, "(Dawn, September
20)", that no held article answers. An analyst must see what rests on hearsay. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from tocsin.api import display
from tocsin.text.tokens import fold_keyword
from tocsin_schemas.story import ClusteredArticle

SHOWN = 30
NEAR = timedelta(days=1)
"""A paper prints the day after it reports, and zones differ."""


@dataclass(slots=True)
class Cited:
    """A source that is cited and not held: `Dawn [Karachi], 20 Sept`, and by whom."""

    words: str
    by: list[ClusteredArticle] = field(default_factory=list)


def not_held(members: Iterable[ClusteredArticle]) -> list[Cited]:
    """Citations in a story's articles that none of these articles is, most cited first."""
    every = list(members)
    held: dict[str, list[date]] = {}
    for m in every:
        days = [s.at.date() for s in (m.article.published, m.article.updated) if s.at]
        for name in (m.article.source.name, m.article.source.family or ""):
            held.setdefault(fold_keyword(name), []).extend(days)
    found: dict[tuple[str, date | None], Cited] = {}
    for m in every:
        for c in m.article.cites:
            folded = fold_keyword(c.outlet)
            days = held.get(folded, [])
            if folded in held and (c.day is None or any(abs(d - c.day) <= NEAR for d in days)):
                continue
            place = f" [{c.place}]" if c.place else ""
            said = f", {c.day.day} {display.MONTHS[c.day.month - 1]}" if c.day else ""
            entry = found.setdefault((folded, c.day), Cited(f"{c.outlet}{place}{said}"))
            if all(b.article_id != m.article_id for b in entry.by):
                entry.by.append(m)
    return sorted(found.values(), key=lambda c: (-len(c.by), c.words))[:SHOWN]
