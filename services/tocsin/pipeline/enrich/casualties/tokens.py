"""Sentences and their tokens, with places: the smallest things that the casualty reader looks at."""

import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST = 1200
"""Code points of a sentence; a longer one is cut, so that looking left and right stays linear."""

_BREAK = re.compile(r"(?<=[.!?])[\"'”’)\ufffd]*\s+(?=[\"'“‘(\ufffd]?[A-Z0-9])|\n+")
_NO_BREAK = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sgt|Capt|Maj|Gov|Sen|Rep|St|Mt|No|Jr|Sr|vs|U\.S|U\.N|U\.K|a\.m|p\.m|[A-Z])\.$"
)
_TOKEN = re.compile(
    r"(?:[A-Z]\.){2,}|[A-Za-z]+\d[\w-]*|\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?"
    r"|[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?(?:-[A-Za-zÀ-ÿ]+)*|[^\sA-Za-z0-9]"
)
_AGED = re.compile(r"[a-z\d-]*-?(?:year|month|week|day)-olds?")
_AGE_UNITS = frozenset(("year", "month", "week", "day"))
AGED = "aged-old"
"""What "16-year-old", "16 - year - old" become: one token, a person's age and never a count."""


class Token(NamedTuple):
    """A word or sign at code points `[start, end)` of its sentence; `low`: to compare with."""

    text: str
    low: str
    start: int
    end: int


def sentences(text: str) -> Iterator[tuple[str, int]]:
    """Sentences of `text` and where each begins; none longer than `LONGEST`."""
    at = 0
    for match in _BREAK.finditer(text):
        if "\n" not in match.group() and _NO_BREAK.search(
            text, max(0, match.start() - 6), match.start()
        ):
            continue
        yield from _pieces(text, at, match.start())
        at = match.end()
    yield from _pieces(text, at, len(text))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > 0 else start + LONGEST
        yield text[start:cut], start
        start = cut
    if end > start:
        yield text[start:end], start


def tokens(sentence: str) -> list[Token]:
    """The tokens of a sentence, ages joined."""
    found = [_token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(sentence)]
    return _ages(found) if "old" in sentence else found


def _token(text: str, start: int, end: int) -> Token:
    low = text.lower().replace("’", "'")
    return Token(text, low[3:] if low.startswith(("ex-", "co-")) else low, start, end)


def _ages(found: list[Token]) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(found):
        last = _age_end(found, at)
        if last is None:
            out.append(found[at])
            at += 1
        else:
            out.append(Token(AGED, AGED, found[at].start, found[last].end))
            at = last + 1
    return out


def _age_end(found: list[Token], at: int) -> int | None:
    """Index of the last token of an age that begins at `at`."""
    word = found[at].low
    if "old" in word and _AGED.fullmatch(word):
        return at
    following = [t.low for t in found[at + 1 : at + 5]]
    if word[0].isdecimal():
        if following and _AGED.fullmatch(following[0]) and "-old" in following[0]:
            return at + 1
        spoken = [(n, w) for n, w in enumerate(following, at + 1) if w != "-"]
        if len(spoken) >= 2 and spoken[0][1] in _AGE_UNITS and spoken[1][1] == "old":
            return spoken[1][0]
    return None
