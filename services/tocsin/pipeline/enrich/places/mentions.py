"""Finding names of places in text: capitalised words, joined while the gazetteer knows how they go on."""

import re
from typing import NamedTuple

from tocsin.pipeline.enrich.places.gazetteer import Candidate, Gazetteer, fold

_WORD = re.compile(r"W\.Va\.|(?:[A-Z]\.){2,}|[A-ZÀ-ÖØ-ÞĀĂČĐŁŚŠŞȘŽİ]\w*(?:['’]\w+)*\.?")
_GAP = re.compile(r"[ \-\u2013](?:[a-z]{1,4}['’]?[ \-]){0,2}(?:[a-z]['’])?")
_LONGEST_GAP = 12


class Word(NamedTuple):
    """A capitalised word: code points `[start, end)`, possessive ending cut."""

    start: int
    end: int
    text: str


class Match(NamedTuple):
    """Words `first` to `last` (inclusive) that are a name; `shouted`: written in capitals."""

    first: int
    last: int
    candidates: tuple[Candidate, ...]
    shouted: bool


def words_of(text: str, gazetteer: Gazetteer) -> list[Word]:
    """The capitalised words of `text`, in order. A full stop stays where it belongs to the word."""
    out: list[Word] = []
    for match in _WORD.finditer(text):
        word, (start, end) = match.group(), match.span()
        if word[-1] == "." and not (
            word in gazetteer.abbreviations
            or word in gazetteer.titles
            or (len(word) > 3 and word[1] == ".")
        ):
            word, end = word[:-1], end - 1
        if word[-2:] in ("'s", "’s", "'S", "’S"):
            word, end = word[:-2], end - 2
        if word:
            out.append(Word(start, end, word))
    return out


def matches(text: str, words: list[Word], gazetteer: Gazetteer) -> list[Match]:
    """The longest names that begin at each word, left to right, none overlapping."""
    out: list[Match] = []
    at = 0
    while at < len(words):
        found = _match(text, words, at, gazetteer)
        if found is None:
            at += 1
        else:
            out.append(found)
            at = found.last + 1
    return out


def _match(text: str, words: list[Word], first: int, gazetteer: Gazetteer) -> Match | None:
    key, candidates, shouted = _beginning(words, first, gazetteer)
    if candidates is None:
        return None
    best = (first, candidates) if candidates else None
    last = first
    while last + 1 < len(words):
        gap = text[words[last].end : words[last + 1].start]
        if len(gap) > _LONGEST_GAP or not _GAP.fullmatch(gap):
            break
        word = words[last + 1].text
        if shouted and word.isupper() and len(word) > 1:
            word = word.capitalize()
        key = f"{key}{fold(gap)}{fold(word)}"
        going = gazetteer.get(key)
        if going is None:
            break
        last += 1
        if going:
            best = (last, going)
    return None if best is None else Match(first, best[0], best[1], shouted)


def _beginning(
    words: list[Word], first: int, gazetteer: Gazetteer
) -> tuple[str, tuple[Candidate, ...] | None, bool]:
    """Key and candidates of one word; words in capitals are tried in title case as well."""
    word = words[first].text
    held = gazetteer.get(word)
    if not held and word.isupper() and _may_shout(words, first, known=held is not None):
        spoken = word.capitalize()
        told = gazetteer.get(spoken)
        if told is not None:
            return spoken, told, True
    if held is None and not word.isalpha():
        word = fold(word)
        held = gazetteer.get(word)
    return word, held, False


def _may_shout(words: list[Word], first: int, *, known: bool) -> bool:
    length = len(words[first].text)
    if length >= 4 or (known and length >= 3):
        return True
    following = words[first + 1].text if first + 1 < len(words) else ""
    return length == 3 and len(following) > 2 and following.isupper()
