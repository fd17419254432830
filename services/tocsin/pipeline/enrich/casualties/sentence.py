"""One sentence read: its groups, then the rules of each of its words, in an order that matters."""

from collections.abc import Callable, Iterable

from tocsin.pipeline.enrich.casualties import fates, groups, guards, nouns, verbs
from tocsin.pipeline.enrich.casualties import lexicon as lex
from tocsin.pipeline.enrich.casualties.clause import Clause
from tocsin.pipeline.enrich.casualties.findings import Findings, Found
from tocsin.pipeline.enrich.casualties.tokens import tokens

Rule = Callable[[Findings, int], int]

RULES: tuple[tuple[Rule, Iterable[str]], ...] = (
    (fates.injured_died, ("injured", "wounded")),
    (fates.suicide, ("committed", "commits", "died", "hanged", "found")),
    (fates.finished, ("mowed", "mown", "mowing", "put", "burned", "burnt", "buried", "survive")),
    (fates.killer, fates.KILLERS),
    (fates.named, ("dead", "victims")),
    (nouns.number_of, ("number",)),
    (nouns.among, ("injured", "wounded", "dead", "killed", "missing")),
    (nouns.included, ("dead", "killed", "victims")),
    (nouns.toll, ("toll", "count")),
    (nouns.bringing, nouns.BRINGING),
    (nouns.dead, ("dead",)),
    (verbs.turned_gun, ("turned", "turning", "turns")),
    (verbs.shot, ("shot", "shoot", "shoots", "shooting", "gunned")),
    (verbs.seized, ("seized", "snatched")),
    (verbs.lost_kin, ("lost", "losing")),
    (verbs.to_death, lex.TO_DEATH),
    (verbs.suffered, lex.KIND_OF),
    (verbs.died, lex.DYING),
    (nouns.deed, lex.DEED_NOUNS),
    (nouns.casualties, ("casualties",)),
    (nouns.condition, ("condition", "treated", "with")),
    (nouns.injuries, ("injuries", "burns", "wounds")),
    (nouns.lives, ("lives", "life")),
    (verbs.blew_up, ("blew", "blown", "blows", "blowing")),
    (nouns.fatal, ("fatal",)),
    (nouns.missing, ("missing", "unaccounted", "disappeared")),
    (nouns.hostages, ("hostage", "captive", "hostages")),
    (nouns.bodies, ("bodies", "body")),
    (fates.victims, ("victims",)),
)
"""Each rule with the words that it is asked at. The first that knows a token has it: what a toll
says is not said again by "dead".
"""
_OF_WORD: dict[str, list[Rule]] = {}
for _rule, _words in RULES:
    for _word in _words:
        _OF_WORD.setdefault(_word, []).append(_rule)
_WEAK = frozenset(("with", "put", "found", "number", "count", "treated")) | nouns.BRINGING
"""Words that no rule takes for a casualty unless another of the words stands in the sentence."""
_STRONG = frozenset(_OF_WORD) - _WEAK


def read(text: str) -> list[Found]:
    """The casualties of one sentence (≤ 1,200 code points), in order."""
    found = tokens(text)
    if not any(t.low in _STRONG for t in found) or guards.FICTION.search(text):
        return []
    findings = Findings(Clause(text, found, groups.read(found)))
    at = 0
    while at < len(found):
        used = 0
        for rule in _OF_WORD.get(found[at].low, ()):
            used = rule(findings, at)
            if used:
                break
        at += max(1, used)
    return findings.out
