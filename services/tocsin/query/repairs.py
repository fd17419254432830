"""Corrected queries for a faulty one: only such as parse, so that every link offered works."""

import re
from collections.abc import Callable, Sequence

from tocsin.query.ast import Query
from tocsin.query.errors import QueryError

_STEPS = 6
"""Faults mended one after another in one correction."""

_SMALL = re.compile(
    r"""(?P<quoted>["“”„‟](?:[^\\"“”„‟]|\\.)*["“”„‟]) | (?<![^\s()]) (?P<word>and|or|not) (?![^\s()])""",
    re.VERBOSE | re.IGNORECASE,
)


def that_parse(error: QueryError, parse: Callable[[str], Query]) -> tuple[str, ...]:
    """Those of the error's corrections that parse, further faults mended where there is a way."""
    out: list[str] = []
    for first in error.corrections:
        text = first.strip()
        for _ in range(_STEPS):
            try:
                parse(text)
            except QueryError as further:
                if not further.corrections:
                    break
                text = further.corrections[0]
            else:
                if text not in out:
                    out.append(text)
                break
    return tuple(out)


def readings(
    query: str, clauses: Sequence[tuple[int, int]], is_or: Sequence[bool]
) -> tuple[str, str]:
    """Both readings of a level that mixes AND and OR: AND binds first, OR binds first."""
    before, after = query[: clauses[0][0]], query[clauses[-1][1] :]
    words = [query[start:end] for start, end in clauses]
    return (
        f"{before}{_bound(words, is_or, inner=' AND ', outer=' OR ', split=True)}{after}",
        f"{before}{_bound(words, is_or, inner=' OR ', outer=' AND ', split=False)}{after}",
    )


def _bound(words: list[str], is_or: Sequence[bool], *, inner: str, outer: str, split: bool) -> str:
    """`words` grouped by `inner`, cut at the joints that are (OR) == `split`."""
    groups = [[words[0]]]
    for word, alternative in zip(words[1:], is_or, strict=True):
        if alternative == split:
            groups.append([word])
        else:
            groups[-1].append(word)
    return outer.join(g[0] if len(g) == 1 else f"({inner.join(g)})" for g in groups)


def operators_raised(query: str) -> str:
    """`and`, `or`, `not` outside quotes as operators."""
    return _SMALL.sub(lambda m: m["quoted"] or m["word"].upper(), query)
