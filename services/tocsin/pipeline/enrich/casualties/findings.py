"""What the rules have found in one sentence: each group a victim of one kind once."""

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.pipeline.enrich.casualties import guards
from tocsin.pipeline.enrich.casualties import lexicon as lex
from tocsin.pipeline.enrich.casualties.clause import Clause, of_things, total
from tocsin.pipeline.enrich.casualties.groups import Group
from tocsin_schemas.contract import Kind


class Found(NamedTuple):
    """One statement, at code points `[start, end)` of its sentence."""

    kind: Kind
    least: int | None
    most: int | None
    mixed: bool
    start: int
    end: int
    rule: str
    unit: str
    form: str
    approximate: bool = False
    indefinite: bool = False
    """As in "a man", "one person": a name that follows is most often the same victim."""
    further: bool = False
    """As in "another eight": on top of what was told."""
    vague: bool = False
    """Told by a word such as "dozens"."""
    lowered: bool = False
    """Takes an earlier figure back."""


class Findings:
    """Collects what the rules say of one clause."""

    def __init__(self, clause: Clause) -> None:
        self.clause = clause
        self.out: list[Found] = []
        self._used: set[tuple[Kind, int]] = set()
        self._rate = bool(guards.RATE.search(clause.text))
        self._ill = bool(guards.ILLNESS.search(clause.text))

    def has(self, kind: Kind) -> bool:
        """Whether this kind has been found already."""
        return any(f.kind == kind for f in self.out)

    def add(
        self,
        kind: Kind,
        groups: Sequence[Group],
        start: int,
        end: int,
        rule: str,
        *,
        mixed: bool = False,
    ) -> None:
        """State that `groups` suffered `kind`, told by tokens `[start, end)`. A group already told
        of with this kind, things, and yearly rates are passed over.
        """
        if not groups or of_things(groups) or (kind, groups[0].start) in self._used:
            return
        self._used |= {(kind, g.start) for g in groups}
        least, most = total(groups)
        if self._rate and least != 1:
            return
        if self._ill and (rule == "died" or "death" in rule):
            return
        tokens = self.clause.tokens
        first = min(start, *(g.start for g in groups), len(tokens) - 1)
        last = min(max(end, *(g.end for g in groups)), len(tokens))
        unit = groups[-1].unit
        if groups[-1].form == "name":
            unit = " ".join(t.text for t in tokens[groups[-1].start : groups[-1].end])
        about = any(t.low in ("about", "around", "some", "nearly", "almost", "approximately", "roughly", "estimated", "close")
                    for g in groups for t in tokens[g.start : g.start + 2] if g.form in ("count", "bare", "unknown"))  # fmt: skip
        self.out.append(
            Found(
                kind,
                least,
                most,
                mixed,
                tokens[first].start,
                tokens[last - 1].end,
                rule,
                unit,
                groups[0].form,
                about,
                least == most == 1 and tokens[groups[0].start].low in ("a", "an", "one"),
                groups[0].further,
                any(t.low in lex.VAGUE for t in tokens[groups[0].start : groups[0].start + 2]),
            )
        )

    def single(self, kind: Kind, at: int, end: int, rule: str, unit: str = "pron") -> None:
        """One victim without a group of its own ("took his own life")."""
        self.add(kind, [Group(at, at + 1, 1, 1, "single", unit)], at, end, rule)

    def several(
        self, kind: Kind, at: int, end: int, rule: str, unit: str, *, mixed: bool = False
    ) -> None:
        """People without a number and without a group of their own ("heavy casualties")."""
        self.add(kind, [Group(at, at + 1, 2, None, "plural", unit)], at, end, rule, mixed=mixed)

    def at(
        self, kind: Kind, k: int, trigger: int, end: int, rule: str, *, mixed: bool = False
    ) -> None:
        """Group `k` with what is joined to it, to the right where it follows the trigger."""
        clause = self.clause
        groups = clause.joined(k, 1) if clause.groups[k].start > trigger else clause.subjects(k)
        self.add(kind, groups, trigger, end, rule, mixed=mixed)
