"""What a story has gained since one of its revisions, in the order in which it weighs: figures,
retractions, voices, new versions, articles, copies. Pure; for a reader who comes back.

A snapshot holds no history, so the moment of a revision is read from what carries one: an alert's, a
statement's, an article not emitted since. Where nothing does, all that is held counts as new.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.api import display
from tocsin_schemas.alert import Alert
from tocsin_schemas.story import ClusteredArticle, Story

ARTICLES = 12
"""New articles that are listed; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Gain:
    """One line: words, and where they lead (a local address; empty: nowhere)."""

    words: str
    href: str = ""


def moment_of(
    story: Story, revision: int, members: Iterable[ClusteredArticle], alerts: Iterable[Alert]
) -> datetime | None:
    """When a story stood at `revision`: the latest collection that is known to lie at or before it;
    null where nothing tells.
    """
    known = [s.collected for s in story.statements if s.revision <= revision]
    known += [m.article.collected for m in members if m.story.revision <= revision]
    known += [a.collected for a in alerts if a.story_revision <= revision]
    return max(known, default=None)


def since(
    story: Story,
    revision: int,
    members: Sequence[ClusteredArticle],
    alerts: Sequence[Alert] = (),
    held: Mapping[str, ClusteredArticle] | None = None,
) -> list[Gain]:
    """What `story` has gained since `revision`. `held`: its articles by id."""
    by_id = held if held is not None else {m.article_id: m for m in members}
    moment = moment_of(story, revision, members, alerts)

    def later(at: datetime | None) -> bool:
        return at is not None and (moment is None or at > moment)

    out = _figures(story, revision)
    for s in story.statements:
        if later(s.retracted):
            out.append(Gain(f"{s.outlet} withdrew its “{s.words}”.", f"/articles/{s.article_id}"))
    fresh = [m for m in members if later(m.first_collected)]
    names = {m.article_id for m in fresh}
    voices = [o for o in story.origins if o.article_id in names]
    if voices:
        said = f"New independent {'origin' if len(voices) == 1 else 'origins'}: "
        said += ", ".join(o.name for o in voices)
        out.append(
            Gain(f"{said}.", f"/articles/{voices[0].article_id}" if len(voices) == 1 else "")
        )
    out += [
        _version(m) for m in members if later(m.article.collected) and m.article_id not in names
    ]
    told = {s.article_id for s in story.statements if s.revision > revision}
    own = [m for m in fresh if not m.copy_of and m.article_id not in told]
    out += [
        Gain(
            f"{m.article.source.name}: {display.headline(m.article.title)}",
            f"/articles/{m.article_id}",
        )
        for m in own[-ARTICLES:]
    ]
    if len(own) > ARTICLES:
        out.append(Gain(f"{len(own) - ARTICLES} earlier new articles."))
    copied = Counter(m.copy_of for m in fresh if m.copy_of)
    if copied:
        whose = [
            f"{n} of {by_id[k].article.source.name}" for k, n in copied.most_common(5) if k in by_id
        ]
        tail = f": {', '.join(whose)}" if whose else ""
        out.append(Gain(f"{display.count(copied.total(), 'copy', 'copies')}{tail}."))
    return out


def _figures(story: Story, revision: int) -> list[Gain]:
    """Figures told since, and whether the range moved by them."""
    before: dict[str, tuple[int | None, int | None]] = {}
    out = []
    for s in story.statements:
        after = (s.range_min, s.range_max)
        if s.revision > revision:
            who = f"{s.outlet}, {s.attribution}" if s.attribution else s.outlet
            says = f"“{s.words}”" if s.words else display.span_of(s.min, s.max)
            words = display.span_of(*after)
            stands = (
                f"the range stays {words}"
                if before.get(s.kind) == after
                else f"the range is {words}"
            )
            out.append(
                Gain(f"{who}: {says}, {s.kind}; {stands} after it.", f"/articles/{s.article_id}")
            )
        before[s.kind] = after
    return out


def _version(body: ClusteredArticle) -> Gain:
    """A new version of an article held before."""
    what = ", ".join(f"“{c.before}” became “{c.after}”" for c in body.changes[:2])
    tail = f": {what}." if what else "."
    return Gain(
        f"{body.article.source.name} published version {body.version}{tail}",
        f"/articles/{body.article_id}/versions",
    )
