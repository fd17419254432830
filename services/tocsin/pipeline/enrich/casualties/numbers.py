"""Numbers as news writes them: "nine to twenty", "more than 12", "dozens", "another eight"."""

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.pipeline.enrich.casualties.lexicon import ONES, PEOPLE, SCALES, TENS, VAGUE
from tocsin.pipeline.enrich.casualties.tokens import Token

_QUALIFIERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("at", "least"), "min"),
    (("no", "fewer", "than"), "min"),
    (("no", "less", "than"), "min"),
    (("not", "less", "than"), "min"),
    (("a", "minimum", "of"), "min"),
    (("more", "than"), "more"),
    (("in", "excess", "of"), "more"),
    (("upwards", "of"), "more"),
    (("well", "over"), "more"),
    (("fewer", "than"), "less"),
    (("less", "than"), "less"),
    (("up", "to"), "max"),
    (("as", "many", "as"), "max"),
    (("at", "most"), "max"),
    (("a", "maximum", "of"), "max"),
    (("a", "total", "of"), ""),
    (("an", "estimated"), "approx"),
    (("close", "to"), "approx"),
    (("over",), "more"),
    (("exceeding",), "more"),
    (("above",), "more"),
    (("under",), "less"),
    (("below",), "less"),
)
APPROXIMATE = frozenset(
    (
        "about",
        "around",
        "some",
        "nearly",
        "almost",
        "approximately",
        "roughly",
        "estimated",
        "circa",
        "just",
    )
)
STARTS = frozenset(
    ("a", "an", "at", "no", "not", "more", "in", "upwards", "well", "close", "fewer", "less", "up", "as", "over",
     "exceeding", "above", "under", "below", "all", "the", "other", "another", "further", "additional", "between",
     "both", "tens", "half", "half-dozen")
) | APPROXIMATE  # fmt: skip
"""Words that may begin a number beside the number words themselves."""
_NO_COUNT_BEFORE = frozenset(
    (
        "aged",
        "age",
        "under",
        "no",
        "number",
        "route",
        "flight",
        "chapter",
        "than",
        "series",
        "section",
        "highway",
    )
)
_LOOSE_SCALES = {"dozen": 24, "hundred": 200, "thousand": 2000}
"""Least numbers of "several dozen" and the like."""
_MONTHS = frozenset(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
     "november", "december", "jan", "feb", "mar", "apr", "aug", "sept", "sep", "oct", "nov", "dec")
)  # fmt: skip


class Number(NamedTuple):
    """A count: least and most (None: open), the qualifier it was told with, the token after it."""

    least: int | None
    most: int | None
    how: str
    end: int
    further: bool = False
    """"another 8": not part of the figures told before."""


def starts(word: str) -> bool:
    """Whether a number may begin with `word` (lower case)."""
    return (
        word[0].isdecimal()
        or word in ONES
        or word.partition("-")[0] in TENS
        or word in VAGUE
        or word in STARTS
    )


def plain(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The number written at token `at` and the token after it; None where none is written."""
    if at >= len(tokens):
        return None
    word = tokens[at].low
    if word[0].isdecimal():
        return _digits(tokens, at)
    parts = word.split("-")
    if len(parts) <= 2 and all(p in ONES or p in TENS for p in parts):
        value = sum(ONES.get(p, TENS.get(p, 0)) for p in parts)
    elif word in ("a", "an") and at + 1 < len(tokens) and tokens[at + 1].low in SCALES:
        value = 1
    else:
        return None
    at += 1
    if at < len(tokens) and (scale := SCALES.get(tokens[at].low)):
        value *= scale
        at += 1
        if scale != 12 and at < len(tokens):  # "two hundred and five"
            rest = at + (tokens[at].low == "and")
            small = (
                plain(tokens, rest)
                if rest < len(tokens) and not tokens[rest].low[0].isdecimal()
                else None
            )
            if small and small[0] < 100 and tokens[rest].low not in ("a", "an"):
                return value + small[0], small[1]
    return value, at


def _digits(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    written = tokens[at].low
    value = written.replace(",", "")
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if not value.replace(".", "", 1).isdecimal() or len(value) > 12:
        return None
    if "." in value and following not in ("million", "billion"):
        return None
    if at and tokens[at - 1].low in ("$", "£", "€", "#", "."):
        return None
    if at and tokens[at - 1].low in _MONTHS and float(value) < 32:
        return None
    end = at + 1
    number = float(value)
    if following == "million":
        number, end = number * 1e6, end + 1
    elif following == "thousand":
        number, end = number * 1000, end + 1
    dated = at > 0 and tokens[at - 1].low in ("in", "since") and following not in PEOPLE
    if dated and len(written) == 4 and 1400 <= number <= 2100:
        return None
    year = len(value) == 4 and 1900 <= number <= 2035 and "," not in written
    if year and not (end < len(tokens) and tokens[end].low in PEOPLE):
        return None
    return int(number), end


def read(tokens: Sequence[Token], at: int) -> Number | None:
    """The count that begins at token `at`, with its qualifiers; None for none, an age, a year."""
    low = [t.low for t in tokens[at : at + 12]]
    start, further = at, False
    if low[0] in ("another", "further", "additional") or low[:2] == ["a", "further"]:
        further = True
        at += 2 if low[0] == "a" else 1
    how, at = _qualifier(tokens, at)
    if at >= len(tokens):
        return None
    if how in ("min", "more") and tokens[at].low in APPROXIMATE:
        at += 1
    if at >= len(tokens):
        return None
    if tokens[at].low == "between":
        return _between(tokens, at, further=further)
    low = [t.low for t in tokens[at : at + 3]]
    if low == ["half", "a", "dozen"] or low[:1] == ["half-dozen"]:
        return _exact(tokens, start, (6, at + (1 if "-" in low[0] else 3)), how, further=further)
    loose = _vague(tokens, at, further=further)
    if loose is not None:
        return loose
    told = plain(tokens, at)
    if told is None:
        return None
    return _exact(tokens, start, told, how, further=further)


def _qualifier(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    words = [t.low for t in tokens[at : at + 4]]
    for pattern, how in _QUALIFIERS:
        if tuple(words[: len(pattern)]) == pattern:
            return how, at + len(pattern)
    if words and words[0] in APPROXIMATE and len(words) > 1:
        return "approx", at + 1
    if words and words[0] == "all":
        return "", at + 1
    if words and words[0] in ("the", "other") and plain(tokens, at + 1):
        return "", at + 1
    return "", at


def _between(tokens: Sequence[Token], at: int, *, further: bool) -> Number | None:
    first = plain(tokens, at + 1)
    if first and first[1] < len(tokens) and tokens[first[1]].low in ("and", "to"):
        second = plain(tokens, first[1] + 1)
        if second:
            return Number(first[0], second[0], "range", second[1], further)
    return None


def _vague(tokens: Sequence[Token], at: int, *, further: bool) -> Number | None:
    words = [t.low for t in tokens[at : at + 5]] + [""] * 5
    skip = words[0] in ("a", "the") and words[1] in ("few", "handful", "couple")
    word = words[skip]
    after = at + skip + 1
    if word == "couple" and skip and words[2] == "of":
        return Number(2, 2, "couple", after + 1, further)
    if word == "both":
        return Number(2, 2, "both", after, further)
    if word in ("tens", "hundreds") and words[skip + 1 : skip + 3] == ["of", "thousands"]:
        least = 20_000 if word == "tens" else 200_000
        return Number(least, None, "vague", after + (3 if words[skip + 3] == "of" else 2), further)
    if word in ("several", "few") and words[skip + 1] in _LOOSE_SCALES:
        return Number(_LOOSE_SCALES[words[skip + 1]], None, "vague", after + 1, further)
    if word in VAGUE and not (word == "few" and not skip):
        if after < len(tokens) and tokens[after].low == "of":
            after += 1
        if after < len(tokens) and tokens[after].low == "more":
            after, further = after + 1, True
        return Number(VAGUE[word], None, "vague", after, further)
    return None


def _exact(
    tokens: Sequence[Token], start: int, told: tuple[int, int], how: str, *, further: bool
) -> Number | None:
    value, end = told
    words = [t.low for t in tokens[end : end + 3]] + [""] * 3
    least: int | None = value
    most: int | None = value
    if (
        words[0] in ("to", "-", "–", "—", "or")
        and not (start and tokens[start - 1].low == "from")
        and how != "max"
        and (other := plain(tokens, end + 1))
        and other[0] > value
    ):
        most, end, how = other[0], other[1], "range"
    elif words[:2] == ["or", "more"]:
        how, end = "min", end + 2
    elif words[0] == "+":
        how, end = "min", end + 1
    elif words[0] == "more" and words[1] != "than":
        further, end = True, end + 1
    if end < len(tokens) and tokens[end].low == "other":
        further, end = True, end + 1
    if _is_age(tokens, start, end, value):
        return None
    if how == "min":
        most = None
    elif how == "more":
        least, most = value + 1, None
    elif how == "less":
        least, most = None, max(0, value - 1)
    elif how == "max":
        least = None
    return Number(least, most, how, end, further)


def _is_age(tokens: Sequence[Token], start: int, end: int, value: int) -> bool:
    """As in "aged 19", ", 19 ,", "Anna, 19, and", "42 years old"."""
    before = [t.low for t in tokens[max(0, start - 3) : start]]
    after = [t.low for t in tokens[end : end + 2]]
    if before and before[-1] in _NO_COUNT_BEFORE:
        return True
    if len(before) == 3 and before[-1] in ("and", ",") and before[0] in ("aged", "ages"):
        return True
    if (
        before
        and before[-1] == ","
        and after
        and after[0] == ","
        and tokens[start].low[0].isdecimal()
        and value < 110
    ):
        return True
    return bool(after) and (
        after[0] == "-" or (after[0] in ("years", "year", "months") and after[1:] == ["old"])
    )
