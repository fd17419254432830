"""All phrases of the word lists found in one pass (Aho–Corasick), whole words only.

Text is looked at in lower case; the hit says where the words stand in the original, so that a list
may ask for its own capitals ("ISIS", but not "Isis the goddess" where it does not say so).
"""

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

import ahocorasick

V = TypeVar("V")


class Hit(NamedTuple, Generic[V]):
    """A phrase at code points `[start, end)`."""

    start: int
    end: int
    value: V


class Phrases(Generic[V]):
    """Phrases and what each stands for. A phrase that ends in '*' matches any ending of its word."""

    def __init__(self, phrases: Iterable[tuple[str, V]]) -> None:
        self._automaton = ahocorasick.Automaton()
        held: dict[str, list[tuple[bool, V]]] = {}
        for phrase, value in phrases:
            stem = phrase.rstrip("*").lower()
            held.setdefault(stem, []).append((phrase.endswith("*"), value))
        for stem, values in held.items():
            self._automaton.add_word(stem, (len(stem), values))
        self._automaton.make_automaton()

    def find(self, text: str) -> list[Hit[V]]:
        """Hits in order of their ends; overlapping ones are all given. Linear."""
        low = text.lower()
        if len(low) != len(text):  # one letter of Turkish grows: look letter by letter
            low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        length = len(low)
        out: list[Hit[V]] = []
        for last, (size, values) in self._automaton.iter(low):
            start, end = last + 1 - size, last + 1
            if start and low[start - 1].isalnum():
                continue
            inside = end < length and low[end].isalnum()
            word_end = end
            for any_ending, value in values:
                if inside and not any_ending:
                    continue
                if inside and word_end == end:
                    while word_end < length and word_end < end + 20 and low[word_end].isalnum():
                        word_end += 1
                out.append(Hit(start, word_end if inside else end, value))
        return out
