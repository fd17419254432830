"""Cuts text into the tokens that matcher, index and query share: the analysis `tocsin_text`.

Standard tokenizer, lower case, ASCII folding, no stop words, no stemming, as Elasticsearch 9.4.3 does
it. `tables.json` is our own measurement of a real node (reference/analysis.md: 5.2 M tokens, 0
differences): the word-break class of every code point, and what lower case and folding make of it.
Never uses Python's Unicode data, so another Python cannot move a token.

How: text → one class letter per code point → one pattern over the letters → spans cut the original →
one translation (lower, then fold). The class letters:

    A letter  H Hebrew letter  N digit  D 0–9  K Katakana  E connector (_)
    M joins letters (:)  m joins numbers (,)  B joins both (.)  q '  Q "
    X mark, format  Y mark of a South-East Asian script  S such a letter  J Han, Hiragana
    Z joiner  V W variation selectors  P pictograph  p skin tone  L pictograph and letter
    R half of a flag  C # *  G keycap  . anything else
"""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from importlib.resources import files

LIMIT = 255
"""UTF-16 units of the longest token; the rest is the next token, read as if the text began there."""

_MEMO_SIZE = 200_000
_MEMO_CHUNK = 40

_TABLES: dict[str, str] = json.loads(
    files("tocsin.text").joinpath("tables.json").read_text(encoding="utf-8")
)
_RUNS = [
    (int(start, 16), int(size, 16), letter)
    for start, size, letter in (run.split(":", 2) for run in _TABLES["classes"].split(" "))
]
_STARTS = [run[0] for run in _RUNS]
_FOLD: dict[int, str] = {
    ord(source): target
    for source, target in zip(_TABLES["from"], _TABLES["to"].split(" "), strict=True)
}


def fold_table() -> Mapping[int, str]:
    """Code point → what lower case and folding make of it; those that stay are not in it."""
    return _FOLD


class _Classes(dict[int, str]):
    """Code point → class letter, looked up in the runs once and then remembered."""

    def __missing__(self, point: int) -> str:
        start, size, letter = _RUNS[max(0, bisect_right(_STARTS, point) - 1)]
        found = letter if start <= point < start + size else "."
        self[point] = found
        return found


_CLASSES = _Classes()

# The pattern. Possessive repeats (++, {…}+) where what follows can never begin with what was repeated:
# the same tokens, no backtracking.
_X = "[XYZVWpG]*"  # what clings to the letter before it
_LETTER = f"[AHL]{_X}"
_HEBREW = f"H{_X}"
_NUMBER = f"[ND]{_X}"
_KATAKANA = f"K{_X}"
_JOINT = f"E{_X}"
_LETTERS_AND_NUMBERS = (
    f"(?:{_HEBREW}(?:Q{_X}{_HEBREW}|q{_X})"
    f"|{_LETTER}(?:[MBq]{_X}{_LETTER})*"
    f"|{_NUMBER}(?:[mBq]{_X}{_NUMBER})*)+"
)
_RUN = f"(?:(?:{_KATAKANA})+|{_LETTERS_AND_NUMBERS})"
_WORD = f"(?:{_JOINT}){{0,{LIMIT}}}+{_RUN}(?:(?:{_JOINT})+{_RUN})*(?:{_JOINT})*"
_AFTER_SIGN = "[XYZpG]*"  # no text selector (V) may follow a pictograph
_SIGN = f"(?:[PL]{_AFTER_SIGN}W?|p{_AFTER_SIGN})"
_EMOJI = f"(?:Z*[PL]{_AFTER_SIGN}W?|p{_AFTER_SIGN})(?:(?:(?<=Z)|Z+){_SIGN})*"
_TOKEN = re.compile(
    f"{_WORD}|J{_X}|(?:[SY]{_X})+|R{_X}R{_X}|C{_AFTER_SIGN}W?G{_AFTER_SIGN}|{_EMOJI}"
)
_EMOJI_TOKEN = re.compile(_EMOJI)

_ASCII_RUN = r"(?:[a-z]+(?:[:.'](?=[a-z]))?|[0-9]+(?:[,;.'](?=[0-9]))?)+"
_ASCII_TOKEN = re.compile(f"_*+{_ASCII_RUN}(?:_+{_ASCII_RUN})*_*")

# Hostile input: inside long runs of connectors and marks nothing can begin or end a token, since a
# token is cut at LIMIT; two edges of 300 are kept. (Of 800 joiners in a row the first edge is kept: no
# text has them, and a search for what may follow them would be quadratic.)
_DULL_EDGE = 300
_DULL = re.compile(r"(?<=[EX])[EX]{800,}|Z{800,}")
_MARKS = re.compile(r"[X.]+")


def _dull(match: re.Match[str]) -> str:
    run = match.group()
    if run[0] == "Z":
        return run[:_DULL_EDGE] + "." * (len(run) - _DULL_EDGE)
    middle = "." * (len(run) - 2 * _DULL_EDGE)
    return f"{run[:_DULL_EDGE]}{middle}{run[-_DULL_EDGE:]}"


def _units(text: str) -> int:
    """Length in UTF-16 units, as the tokenizer counts."""
    if text.isascii():
        return len(text)
    return len(text) + sum(point > "\uffff" for point in text)


def _window(text: str, start: int) -> int:
    """End of the part of `text` that the tokenizer's buffer shows from `start`."""
    end = min(len(text), start + LIMIT)
    part = text[start:end]
    if part.isascii() or max(part) <= "\uffff":
        return end
    units = 0
    for at in range(start, end):
        units += 2 if text[at] > "\uffff" else 1
        if units > LIMIT:
            return at
    return end


def _spans(text: str) -> list[tuple[int, int]]:
    classes = text.translate(_CLASSES)
    if len(classes) > LIMIT:
        classes = _DULL.sub(_dull, classes)
    out: list[tuple[int, int]] = []
    at = 0
    search = _TOKEN.search
    while found := search(classes, at):
        start, at = found.span()
        if classes[start] == "L":  # a pictograph that is a letter too: the longer reading wins
            emoji = _EMOJI_TOKEN.match(classes, start)
            at = max(at, emoji.end() if emoji else 0)
        if at - start <= LIMIT // 2 or _units(text[start:at]) <= LIMIT:
            out.append((start, at))
        else:
            out.extend(_windowed(text, classes, start, at))
            if out:
                at = max(at, out[-1][1])
    return out


def _windowed(text: str, classes: str, at: int, end: int) -> list[tuple[int, int]]:
    """A run too long for the tokenizer's buffer, read window by window."""
    out: list[tuple[int, int]] = []
    while at < end:
        if dull := _MARKS.match(classes, at, end):
            at = dull.end()
            continue
        edge = _window(text, at)
        found = _TOKEN.match(classes, at, edge)
        if found is None:
            at += 1
            continue
        stop = found.end()
        if classes[at] == "L":
            emoji = _EMOJI_TOKEN.match(classes, at, edge)
            stop = max(stop, emoji.end() if emoji else 0)
        out.append((at, stop))
        at = stop
    return out


def analyze(text: str) -> list[tuple[str, int, int]]:
    """(token, start, end) of cleaned `text`, offsets in code points; a token's position is its index.

    A token may be longer than its span (ß → ss): mark by the span, never by the token's length.
    """
    return [(text[start:end].translate(_FOLD), start, end) for start, end in _spans(text)]


def _chunk(chunk: str) -> tuple[str, ...]:
    if len(chunk) <= LIMIT and chunk.isascii():
        return tuple(_ASCII_TOKEN.findall(chunk.lower()))
    return tuple(text for text, _, _ in analyze(chunk))


_blanks = re.compile(r"[ \t\r\n]+").split
_memo: dict[str, tuple[str, ...]] = {}


def tokenize(text: str) -> list[str]:
    """The tokens of cleaned `text`: those of `analyze`, faster.

    By white-space chunk with a memo, which is exact: no token joins across a blank.
    """
    out: list[str] = []
    more = out.extend
    known = _memo.get
    for chunk in _blanks(text) if "\n" in text or "\t" in text else text.split(" "):
        found = known(chunk)
        if found is None:
            found = _chunk(chunk)
            if len(chunk) < _MEMO_CHUNK:
                if len(_memo) > _MEMO_SIZE:
                    _memo.clear()
                _memo[chunk] = found
        more(found)
    return out


def fold_keyword(value: str) -> str:
    """A whole keyword value as queries and articles compare it: its tokens joined by one space.

    `South-Waziristan` and `south waziristan` are one value. Empty where `value` holds no word.
    """
    return " ".join(tokenize(value))
