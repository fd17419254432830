"""From a token back to a word: text that the analysis turns into this token, and no other.

Nearly every token is such a text itself. The rest were made by folding: `ǧ` → `G` (which would be
lowered to `g`), `‼` → `!!` and `1⁄2` → `1/2` (which would be cut), 255 `ß` → 510 `s` (too long for one
token), `Ⓜ` with a joiner. For those, letters are put back that fold to the same; which is safe because
every answer is analysed again before it is given. For engines that analyse what they are asked.
"""

from functools import lru_cache

from tocsin.text.tokens import LIMIT, fold_table, tokenize

_NONE = "\ufffd"
"""Stands for what no text folds to: no token holds it."""
_CIRCLED_M = "\u24c2"
"""The one pictograph that is folded to a letter."""


def _sources() -> tuple[dict[int, str], dict[str, str]]:
    """For each sign that is not its own folding, or parts words where its source joined them: the
    first sign that gives it. And for values of several letters: the one sign that gives them.
    """
    again: dict[int, str] = dict.fromkeys(fold_table(), _NONE)
    pieces: dict[str, str] = {}
    for point, value in sorted(fold_table().items()):
        sign = chr(point)
        if len(value) > 1 and tokenize(sign) == [value]:
            pieces.setdefault(value, sign)
        elif len(value) == 1 and (
            again.get(ord(value)) == _NONE or (_joins(sign) and not _joins(value))
        ):
            again[ord(value)] = sign
    return again, pieces


def _joins(sign: str) -> bool:
    return len(tokenize(f"1{sign}1")) == 1


_AGAIN, _PIECES = _sources()
_LONGEST = max(map(len, _PIECES))


def unfolded(text: str) -> str:
    """`text` such that lower case and folding give it back; U+FFFD for what they never give."""
    return text.translate(_AGAIN)


@lru_cache(maxsize=4096)
def spelling(token: str) -> str:
    """A text whose only token is `token`; "" where there is none, as for `--` or `É`."""
    short = unfolded(token)
    if tokenize(short) == [token]:
        return short
    if len(token) <= LIMIT * _LONGEST:
        short = _shortest(token)
        for text in (short, short.replace("m", _CIRCLED_M)):
            if tokenize(text) == [token]:
                return text
    return ""


def _shortest(token: str) -> str:
    """The shortest text that lower case and folding turn into `token`."""
    best = [""]  # of the first n characters
    for end in range(1, len(token) + 1):
        choices = [best[-1] + unfolded(token[end - 1])]
        choices += [
            best[end - size] + piece
            for size in range(2, min(_LONGEST, end) + 1)
            if (piece := _PIECES.get(token[end - size : end])) is not None
        ]
        best.append(min(choices, key=lambda text: (len(text), text)))
    return best[-1]
