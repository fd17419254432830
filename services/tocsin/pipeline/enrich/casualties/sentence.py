"""One sentence read: its groups, then every rule at every token, in an order that matters."""

from collections.abc import Callable

from tocsin.pipeline.enrich.casualties import groups, guards, nouns, verbs
from tocsin.pipeline.enrich.casualties.clause import Clause
from tocsin.pipeline.enrich.casualties.findings import Findings, Found
from tocsin.pipeline.enrich.casualties.tokens import tokens

Rule = Callable[[Findings, int], int]

RULES: tuple[Rule, ...] = (
    nouns.number_of,
    nouns.among,
    nouns.included,
    nouns.toll,
    nouns.bringing,
    nouns.dead,
    verbs.shot,
    verbs.to_death,
    verbs.suffered,
    verbs.died,
    nouns.deed,
    nouns.casualties,
    nouns.injuries,
    nouns.lives,
    verbs.blew_up,
    nouns.fatal,
    nouns.missing,
    nouns.hostages,
    nouns.bodies,
)
"""The first rule that knows a token has it: what a toll says is not said again by "dead"."""


def read(text: str) -> list[Found]:
    """The casualties of one sentence (≤ 1,200 code points), in order."""
    if guards.FICTION.search(text):
        return []
    found = tokens(text)
    findings = Findings(Clause(text, found, groups.read(found)))
    at = 0
    while at < len(found):
        used = 0
        for rule in RULES:
            used = rule(findings, at)
            if used:
                break
        at += max(1, used)
    return findings.out
