"""What a new version of an article takes back: a figure, a name or a quote replaced by another.

Additions and removals are none, and a figure that only rises is the toll's affair (design §6). Names
and quotes are looked for in sentences that were rewritten, never in text that merely moved; a name
counts only if it is gone from the article and its replacement is new to it. Bounded work on any text.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from tocsin.pipeline.cluster.ledger import Told
from tocsin_schemas.contract import KINDS
from tocsin_schemas.story import Change

SENTENCES, WORDS, MOST = 200, 60, 8
"""Sentences looked at, words of one, changes told of one field."""
ALIKE = 0.5
"""Words in common from which one sentence is the other rewritten."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*[”\"’']?")
_QUOTE = re.compile(r"[“\"]([^“”\"\n]{12,400})[”\"]")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_CAPITALISED = """
    Mr Mrs Ms Dr Sir President Prime Minister General Colonel Captain Chief Senator Governor King
    Queen Prince Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March
    April May June July August September October November December The A An In On At But And He
    She It They We I This That These Those Officials Police Government Army Court
"""
_NOT_NAMES = frozenset(_CAPITALISED.split())


def figures(before: Iterable[Told], after: Iterable[Told]) -> list[Change]:
    """One change for each kind whose figure both versions tell, and tell otherwise."""
    old = {kind: (low, high) for kind, low, high in before}
    new = {kind: (low, high) for kind, low, high in after}
    return [
        Change(
            field=kind,
            before=_range(*old[kind]),
            after=_range(*new[kind]),
            rises=_rises(old[kind], new[kind]),
        )
        for kind in KINDS
        if kind in old and kind in new and old[kind] != new[kind]
    ]


def _range(low: int | None, high: int | None) -> str:
    """`9`, `9–20`, `at least 9`, `up to 20`."""
    if low is None:
        return f"up to {high}"
    if high is None:
        return f"at least {low}"
    return str(low) if low == high else f"{low}–{high}"


def _rises(old: tuple[int | None, int | None], new: tuple[int | None, int | None]) -> bool:
    """Neither end falls. An open end counts as the known one."""
    (a, b), (c, d) = _filled(old), _filled(new)
    return c >= a and d >= b


def _filled(ends: tuple[int | None, int | None]) -> tuple[int, int]:
    low, high = ends
    if low is None:
        return high or 0, high or 0
    return low, low if high is None else high


def words(before: str, after: str) -> list[Change]:
    """Names and quotes of `before` that `after` replaces, in text order."""
    old, new = _sentences(before), _sentences(after)
    if old == new:
        return []
    names: list[Change] = []
    quotes: list[Change] = []
    had, has = set(_WORD.findall(before)), set(_WORD.findall(after))
    for first, second in _rewritten(old, new):
        names += _names(first, second, had, has)
        quotes += _quotes(first, second, before, after)
    return [*_each_once(names), *_each_once(quotes)]


def _sentences(text: str) -> list[str]:
    found = _SENTENCE.findall(text[: SENTENCES * 200])[:SENTENCES]
    return [s for raw in found if (s := raw.strip())]


def _rewritten(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """Sentences of `old` that are gone, each with the new one that stands for it: the most alike."""
    kept_old, kept_new = set(old), set(new)
    gone = [s for s in old if s not in kept_new]
    fresh = [(s, set(_WORD.findall(s))) for s in new if s not in kept_old]
    pairs: list[tuple[str, str]] = []
    for sentence in gone:
        mine = set(_WORD.findall(sentence))
        best, top = -1, ALIKE
        for i, (_, theirs) in enumerate(fresh):
            share = len(mine & theirs) / max(1, min(len(mine), len(theirs)))
            if share > top or (share == top and best < 0):
                best, top = i, share
        if best >= 0:
            pairs.append((sentence, fresh.pop(best)[0]))
    return pairs


def _names(first: str, second: str, had: set[str], has: set[str]) -> list[Change]:
    a, b = _WORD.findall(first)[:WORDS], _WORD.findall(second)[:WORDS]
    out: list[Change] = []
    for op, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if op != "replace":
            continue
        was = [w for w in a[i:j] if _name(w) and w not in has]
        now = [w for w in b[k:m] if _name(w) and w not in had]
        if was and now:
            out.append(Change(field="name", before=" ".join(was), after=" ".join(now)))
    return out


def _name(word: str) -> bool:
    return word[0].isupper() and word[1:2].islower() and word not in _NOT_NAMES


def _quotes(first: str, second: str, before: str, after: str) -> list[Change]:
    was = [q for q in _QUOTE.findall(first) if q not in after]
    now = [q for q in _QUOTE.findall(second) if q not in before]
    return [Change(field="quote", before=a, after=b) for a, b in zip(was, now, strict=False)]


def _each_once(changes: Iterable[Change]) -> list[Change]:
    return list({(c.before, c.after): c for c in changes}.values())[:MOST]
