"""Invariant I3: the alerts are those of an oracle that reads the clustered articles in order.

The oracle is naive on purpose: one dictionary a subscription and story, the rules of design §6 written
down once more from the text, no row, no engine, nothing shared with the handler but the query's meaning.
"""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from support.ring import Desk, Press, Said, at, sid, subscription, wrap
from tocsin.adapters.memory.state import MemoryState
from tocsin.pipeline.match.alerter import Alerter
from tocsin.query.evaluate import matches
from tocsin.query.parse import parse
from tocsin.query.view import view_of
from tocsin_schemas.act import Act
from tocsin_schemas.alert import Alert
from tocsin_schemas.identity import alert_id, article_id, digest_id
from tocsin_schemas.story import Change, ClusteredArticle
from tocsin_schemas.subscription import Subscription

Rung = tuple[str, str, str, frozenset[tuple[str, str]]]
FIELDS = ["killed", "missing", "kidnapped", "wounded", "name", "quote"]
SUBSCRIPTIONS = [
    subscription("plain", "raid"),
    subscription("either", "raid OR flood", origins=(2, 3)),
    subscription("wounded", "flood AND NOT elders", kinds=("killed", "wounded")),
    subscription("story", "raid AND origins:>=2"),
    subscription("tolls", "hills", reasons=("toll",)),
    subscription("late", "raid", effective_from=at(6)),
    subscription("figures", "killed:>=5 OR wounded:>=1", reasons=("first-match", "toll")),
]


class Oracle:
    """Reads clustered articles in order and says what must ring."""

    def __init__(self, sub: Subscription) -> None:
        self.sub, self.query = sub, parse(sub.query)
        self.met = parse(sub.query.replace(" AND origins:>=2", ""))
        self.waits = " AND origins:" in sub.query
        self.kinds = {*sub.kinds} | ({"wounded"} if "wounded:" in sub.query else set())
        self.stories: dict[str, dict[str, Any]] = {}
        self.followed: set[str] = set()
        self.seen: dict[tuple[str, str], int] = {}
        self.versions: set[tuple[str, int]] = set()

    def read(self, c: ClusteredArticle) -> Rung | None:
        story, sub = c.story, self.sub
        mine = self.stories.setdefault(story.id, {"in": False, "told": {}, "n": 0, "rung": set()})
        stated = (
            list(c.statements) if c.version > self.seen.get((story.id, c.article_id), 0) else []
        )
        for gone in story.lineage.ancestors:
            old = self.stories.pop(gone, None)
            self.seen |= {(story.id, a): v for (s, a), v in self.seen.items() if s == gone}
            if any(s == gone for s, _ in self.seen):
                self.seen = {k: v for k, v in self.seen.items() if k[0] != gone}
                others = [s for s in story.statements if s.article_id != c.article_id]
                stated += [s.model_copy(update={"lowered": False}) for s in others]
            if old is not None:
                mine["in"] |= old["in"]
                mine["wait"] = mine.get("wait") or old.get("wait")
                mine["n"] = max(mine["n"], old["n"])
                mine["rung"] |= old["rung"]
                for kind, told in old["told"].items():
                    mine["told"][kind] = self.widest(mine["told"].get(kind), told)
        self.seen[story.id, c.article_id] = c.version
        hit = matches(self.met.root, view_of(c)) and c.article.collected >= sub.effective_from
        follows = c.article_id in self.followed
        self.followed |= {c.article_id} if hit else set()
        new = (c.article_id, c.version) not in self.versions
        self.versions.add((c.article_id, c.version))
        rung: list[tuple[str, str]] = []
        if not mine["in"]:
            mine["wait"] = mine.get("wait") or (hit and self.waits)
            if (hit or mine["wait"]) and (not self.waits or len(story.origins) >= 2):
                mine["in"], rung = True, [("first-match", "")]
                for f in story.figures:
                    span = (f.held_min, f.held_max, None)
                    mine["told"][f.kind] = self.widest(mine["told"].get(f.kind), span)
                mine["n"] = max(mine["n"], len(story.origins))
        else:
            if new and follows:
                wrong = [x.field for x in c.changes if not x.rises]
                for field in sorted(set(wrong), key=FIELDS.index):
                    rung.append(("correction", f"{c.article_id}@{c.version}#{field}"))
            if "toll" in sub.reasons:
                for kind in [k for k in FIELDS[:4] if k in self.kinds]:
                    rung += self.toll(mine["told"], kind, [s for s in stated if s.kind == kind], c)
            for n in sorted(sub.origins, reverse=True):
                if mine["n"] < n <= len(story.origins):
                    rung.append(("origins", str(n)))
            mine["n"] = max(mine["n"], len(story.origins))
        untold = [r for r in rung if r[0] in sub.reasons and r not in mine["rung"]]
        mine["rung"] |= set(untold)
        if not untold:
            return None
        lead = untold[0]
        return alert_id(sub.id, story.id, *lead), *lead, frozenset(untold[1:])

    def widest(self, a: Any, b: Any) -> Any:
        if a is None:
            return b
        lows, highs, lowered = (
            [x for x in pair if x is not None] for pair in zip(a, b, strict=True)
        )
        return min(lows, default=None), max(highs, default=None), min(lowered, default=None)

    def toll(
        self, told: Any, kind: str, rows: list[Any], c: ClusteredArticle
    ) -> list[tuple[str, str]]:
        newest = next((f.newest for f in c.story.figures if f.kind == kind), None)
        spans: dict[Any, list[Any]] = {}
        for s in rows:
            if s.retracted is None:
                spans.setdefault((s.article_id, s.version), []).append(s)
        claims = []
        for key, group in spans.items():
            when = max((s.at for s in group if s.at), default=None)
            age = timedelta(0) if when is None or newest is None else newest - when
            if age <= timedelta(hours=24):
                claims.append((when.timestamp() if when else 9e99, key[0], age, group))
        facts, widened = [], False
        for _, _, age, group in sorted(claims, key=lambda x: x[:2]):
            lows = [s.min for s in group if s.min is not None]
            low = min(lows) if lows and age <= timedelta(0) else None
            high = max(s.max if s.max is not None else s.min for s in group)
            fell = [s.max if s.max is not None else s.min for s in group if s.lowered]
            held = told.get(kind)
            if held is None:
                told[kind], widened = (low, high, None), True
                continue
            enough = lambda end, by: end is not None and by >= max(1, end / 10)  # noqa: E731
            down = max(fell, default=None)
            if (
                down is not None
                and age <= timedelta(0)
                and enough(held[1], held[1] - down)
                and (held[2] is None or enough(held[2], held[2] - down))
            ):
                facts = [("toll", f"{kind}:{down}<{held[1]}")]
                told[kind] = (*self.widest(held, (low, high, None))[:2], down)
            elif enough(held[1], high - held[1]) or (
                low is not None and held[0] is not None and enough(held[0], held[0] - low)
            ):
                told[kind], widened = (*self.widest(held, (low, high, None))[:2], held[2]), True
            elif held[0] is None and low is not None:
                told[kind] = (low, held[1], held[2])
        if widened:
            low, high, _ = told[kind]
            facts.append(("toll", f"{kind}:{'' if low is None else low}-{high}"))
        return facts


ends = st.one_of(st.none(), st.integers(0, 60))
said = st.builds(
    Said,
    st.sampled_from(["killed", "killed", "missing", "wounded"]),
    ends,
    st.integers(0, 120),
    st.booleans(),
    st.sampled_from([0.0, 1.0, 12.0, 24.0, 30.0, 60.0]),
    st.booleans(),
).map(
    lambda s: Said(
        s.kind,
        None if s.low is None else min(s.low, s.high or 0),
        s.high,
        s.lowered,
        s.hours,
        s.unknown_time,
    )
)
change = st.builds(
    Change,
    field=st.sampled_from(FIELDS),
    before=st.just("a"),
    after=st.just("b"),
    rises=st.booleans(),
)
step = st.fixed_dictionaries(
    {
        "article": st.integers(0, 5),
        "words": st.sampled_from(["raid", "flood", "raid flood elders", "calm"]),
        "says": st.lists(said, max_size=2),
        "origin": st.sampled_from(["AFP", "BBC", "Dawn", None]),
        "changes": st.lists(change, max_size=2),
        "merge": st.integers(0, 9),
        "again": st.booleans(),
        "upset": st.sampled_from(["none", "none", "restart", "twice", "story", "act"]),
    }
)


def stream(steps: list[dict[str, Any]]) -> list[tuple[ClusteredArticle, str]]:
    """Articles 0–2 live in story x, 3–5 in story y until it merges into x; each further telling of an
    article is its next version, or the same again.
    """
    press, made, merged = Press(), [], False
    versions: dict[int, int] = {}
    last: dict[int, ClusteredArticle] = {}
    for s in steps:
        n = s["article"]
        merging = (
            s["merge"] == 0
            and not merged
            and {c.story.id for c in last.values()}
            == {
                sid("x"),
                sid("y"),
            }
        )
        if n in last and s["again"] and not merging and (n < 3 or not merged):
            made.append((press.again(last[n]), s["upset"]))
            continue
        merged = merged or merging
        versions[n] = versions.get(n, 0) + 1
        title = f"{s['words']} hills" if n % 2 else s["words"]
        last[n] = press.article(
            f"art{n}",
            "x" if n < 3 or merged else "y",
            title=title,
            text="plain",
            says=s["says"],
            origin=s["origin"],
            version=versions[n],
            changes=s["changes"] if versions[n] > 1 else (),
            takes="y" if merging else None,
        )
        made.append((last[n], s["upset"]))
    return made


def shown(alerts: list[Alert]) -> set[Any]:
    return {
        (a.subscription_name, a.id, a.reason, a.fact, frozenset((x.reason, x.fact) for x in a.also))
        for a in alerts
    }


@settings(max_examples=120, deadline=None)
@given(st.lists(step, min_size=1, max_size=14))
def test_the_alerts_are_those_of_the_oracle_whatever_happens_meanwhile(steps):
    articles = stream(steps)
    expected = {
        (o.sub.name, *rung)
        for o in map(Oracle, SUBSCRIPTIONS)
        for c, _ in articles
        if (rung := o.read(c)) is not None
    }
    state = MemoryState()
    desk = Desk(Alerter(), state)
    desk.feed(*SUBSCRIPTIONS)
    found: list[Alert] = []
    for n, (c, upset) in enumerate(articles):
        if upset == "restart":
            desk = Desk(Alerter(), state)
        if upset == "story":
            found += desk.feed(c.story)
        if upset == "act":
            found += desk.feed(
                Act(id=digest_id("act", str(n)), kind="mute", subject_id=c.story.id, at=at(n))
            )
        found += desk.feed(c)
        if upset == "twice":
            assert desk.feed(c) == []
    assert shown(found) == expected
    assert len(found) == len({a.id for a in found})
    assert desk.feed(*SUBSCRIPTIONS, *(c for c, _ in articles)) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(step, min_size=1, max_size=12), st.integers(0, 12))
def test_rows_lost_and_rebuilt_from_the_alerts_ring_nothing_that_rang(steps, kept):
    articles = [c for c, _ in stream(steps)]
    desk = Desk(Alerter())
    found = desk.feed(*SUBSCRIPTIONS, *articles)
    fresh = Desk(Alerter())
    fresh.feed(*SUBSCRIPTIONS)
    with fresh.state.begin() as tx:
        for alert in found:
            fresh.handler.fold(wrap(alert), tx)
    again = {a.id for a in fresh.feed(*articles)}
    assert again & {a.id for a in found} == set()
    assert article_id("x") not in again
