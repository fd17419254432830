"""The casualty range: one row a statement, time downwards (desk.md §2.1).

The shaded band is the story's range after each statement as the clusterer recorded it; nothing is
recomputed here. Rows never overlap, and each row is its own text alternative.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tocsin.api.display import count, day, moment, number, span_of
from tocsin.api.drawing.scale import Numbers, numbers, percent
from tocsin_schemas.alert import Alert
from tocsin_schemas.contract import Kind
from tocsin_schemas.story import Statement, Story, StoryFigure

FIRST_ROWS, LAST_ROWS, ROWS = 5, 10, 30


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn: `dot` and `hollow` at x, `range` x to x2, `up` and `down` open from x, `gone`
    (retracted) at x.
    """

    kind: Literal["dot", "hollow", "range", "up", "down", "gone"]
    x: str
    x2: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """The current range after a row; `edges` are its one or two ends."""

    x: str = ""
    width: str = ""
    edges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A statement beside its drawing."""

    statement: Statement
    mark: Mark
    band: Band
    says: str
    range_words: str
    moved: bool
    new: bool = False
    copies: int = 0
    rang: tuple[tuple[str, str], ...] = ()
    """(words, alert id) of the alerts that this statement decided."""


@dataclass(frozen=True, slots=True)
class RangeDrawing:
    """The whole drawing of one kind."""

    kind: Kind
    scale: Numbers
    rows: tuple[Row, ...]
    summary: str
    total: int
    hidden: int = 0
    outlier: str = ""
    heading: str = ""
    figure: StoryFigure | None = field(default=None)


def draw(
    story: Story,
    kind: Kind,
    *,
    since: int | None = None,
    alerts: Iterable[Alert] = (),
    copies: Mapping[str, int] | None = None,
    log: bool = False,
    everything: bool = False,
) -> RangeDrawing | None:
    """The drawing of `kind`, null where the story holds no statement of it. `since`: statements of
    a later story revision are new; `copies`: article id → how many repeat it.
    """
    held = [s for s in story.statements if s.kind == kind]
    if not held:
        return None
    figure = next((f for f in story.figures if f.kind == kind), None)
    values = [v for s in held for v in (s.min, s.max, s.range_min, s.range_max) if v is not None]
    highest = max(values, default=1)
    open_up = any(s.max is None and s.min == highest for s in held)
    scale = numbers(highest, open_upwards=open_up, log=log)
    rang = _rang(kind, alerts)
    rows = []
    before: tuple[int | None, int | None] = (None, None)
    for s in held:
        after = (s.range_min, s.range_max)
        rows.append(
            Row(
                s,
                _mark(s, scale),
                _band(s, scale),
                f"“{s.words}”" if s.words else span_of(s.min, s.max),
                span_of(*after),
                after != before,
                since is not None and s.revision > since,
                (copies or {}).get(s.article_id, 0),
                tuple(rang.pop((s.article_id, s.version), ())),
            )
        )
        before = after
    kept = rows if everything or len(rows) <= ROWS else _shortened(rows)
    return RangeDrawing(
        kind,
        scale,
        tuple(kept),
        _summary(held, figure, story.statements_total),
        len(rows),
        len(rows) - len(kept),
        "" if log else _outlier(held),
        f"{kind.capitalize()}: {_spoken(figure)}",
        figure,
    )


def _mark(s: Statement, scale: Numbers) -> Mark:
    if s.retracted is not None:
        return Mark("gone", scale.x(_known(s)))
    if s.min is None and s.max is None:
        return Mark("hollow", scale.x(0))
    if s.max is None:
        return Mark("up", scale.x(s.min or 0))
    if s.min is None:
        return Mark("down", scale.x(s.max))
    if s.min != s.max:
        return Mark("range", scale.x(s.min), scale.x(s.max))
    return Mark("dot" if s.attribution else "hollow", scale.x(s.min))


def _known(s: Statement) -> int:
    """The known end of a figure."""
    return next((v for v in (s.min, s.max) if v is not None), 0)


def _band(s: Statement, scale: Numbers) -> Band:
    low, high = s.range_min, s.range_max
    if low is None or high is None or low == high:
        ends = {v for v in (low, high) if v is not None}
        return Band(edges=tuple(scale.x(v) for v in sorted(ends)))
    width = percent(scale.share(high) - scale.share(low))
    return Band(scale.x(low), width, (scale.x(low), scale.x(high)))


def _rang(kind: Kind, alerts: Iterable[Alert]) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """Alerts that a figure of this kind decided, by the article and version that did."""
    out: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for a in sorted(alerts, key=lambda a: (a.rang, a.id)):
        facts = {(a.reason, a.fact), *((x.reason, x.fact) for x in a.also)}
        ours = any(reason == "toll" and fact.startswith(f"{kind}:") for reason, fact in facts)
        if ours or a.reason == "first-match":
            words = (
                "rang: toll"
                if a.reason == "toll" or (ours and a.reason != "first-match")
                else ("rang: first match")
            )
            out.setdefault((a.article_id, a.article_version), []).append((words, a.id))
    return out


def _shortened(rows: list[Row]) -> list[Row]:
    last = len(rows) - LAST_ROWS
    return [r for i, r in enumerate(rows) if i < FIRST_ROWS or i >= last or r.moved]


def _spoken(figure: StoryFigure | None) -> str:
    if figure is None or (figure.min is None and figure.max is None):
        return "no figure stands"
    if figure.min is None:
        return f"up to {number(figure.max or 0)}"
    if figure.max is None:
        return f"at least {number(figure.min)}"
    if figure.min == figure.max:
        return number(figure.min)
    return f"{number(figure.min)} to {number(figure.max)}"


def _summary(held: list[Statement], figure: StoryFigure | None, total: int) -> str:
    parts = []
    standing = [s for s in held if s.retracted is None]
    if figure is not None and standing:
        low = next((s for s in standing if s.min == figure.min and s.min is not None), None)
        high = next((s for s in standing if s.max == figure.max and s.max is not None), None)
        if low is not None and high is not None and low is not high:
            parts.append(f"Lowest {_quoted(low)}; highest {_quoted(high)}.")
        elif (one := low or high) is not None:
            parts.append(f"{_quoted(one)}.")
    gone = len(held) - len(standing)
    tail = count(len(held), "statement") + (f", {gone} retracted" if gone else "")
    if figure is not None and figure.moved is not None:
        tail += f"; range last moved {moment(figure.moved)}"
    parts.append(tail + ".")
    if total > len(held) and len(held) > ROWS:
        parts.append("The longest ledgers are cut in the middle.")
    return " ".join(parts)


def _quoted(s: Statement) -> str:
    says = s.words or span_of(s.min, s.max)
    facts = [s.outlet, *([s.attribution] if s.attribution else []), day(s.at or s.collected)]
    return f"{says} ({', '.join(facts)})"


def _outlier(held: list[Statement]) -> str:
    ordered = sorted({_known_high(s) for s in held}, reverse=True)
    if len(ordered) < 2 or ordered[0] < 10 * max(1, ordered[1]):
        return ""
    top = next(s for s in held if _known_high(s) == ordered[0])
    return f"{top.outlet}’s {number(ordered[0])} sets the scale."


def _known_high(s: Statement) -> int:
    return next((v for v in (s.max, s.min) if v is not None), 0)
