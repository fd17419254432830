"""The signs that an article shows, as far as any query asks for them. Knows which are asked for, and how
often, so that a query taken out leaves nothing behind.
"""

from itertools import chain, pairwise

from tocsin.pipeline.match.plan import (
    FIELD,
    FUZZY,
    PAIR,
    PREFIX,
    Requirement,
    field_sign,
    figure_sign,
    fuzzy_sign,
    story_sign,
)
from tocsin.query.fields import KEYWORDS
from tocsin.query.limits import FUZZY_EXACT
from tocsin.query.reader import alike
from tocsin.query.view import View

_MEMO_SIZE = 200_000
_TEXT_FIELDS = ("title", "text")


class Signs:
    """Signs asked for, and the articles' answers."""

    def __init__(self) -> None:
        self._asked: dict[str, int] = {}  # derived signs (not bare tokens) → how many queries
        self._pairs: set[str] = set()
        self._fielded: dict[str, set[str]] = {}  # title, text → tokens asked for
        self._stem_sizes: tuple[int, ...] = ()
        self._stems: set[str] = set()
        self._fuzzy: dict[str, list[str]] = {}  # a word or that with a letter out → fuzzy tokens
        self._answers: dict[str, tuple[str, ...]] = {}  # token → derived signs it shows
        self._seen: set[str] = set()

    def ask(self, requirements: tuple[Requirement, ...]) -> None:
        """Some query now needs the signs of these requirements."""
        for sign in chain.from_iterable(requirements):
            if not _derived(sign):
                continue
            asked = self._asked.get(sign, 0)
            self._asked[sign] = asked + 1
            if not asked:
                self._begin(sign)

    def release(self, requirements: tuple[Requirement, ...]) -> None:
        """That query is gone."""
        for sign in chain.from_iterable(requirements):
            if not _derived(sign):
                continue
            self._asked[sign] -= 1
            if not self._asked[sign]:
                del self._asked[sign]
                self._end(sign)

    def of(self, view: View) -> set[str]:
        """The signs that the article shows: all its tokens, and the derived signs asked for."""
        title, text = view.title, view.text
        shown = set(text)
        shown.update(title)
        values = [
            field_sign(name, value)
            for name in KEYWORDS
            if name in view.keywords
            for value in view.keywords[name]
        ]
        tokens = shown.union(values) if self._stems else shown
        if self._stems or self._fuzzy:
            if len(self._seen) > _MEMO_SIZE:
                self._forget()
            self._learn(tokens - self._seen)
            answers = self._answers
            derived = [answers[token] for token in tokens & answers.keys()]
        else:
            derived = []
        if self._pairs:
            rows = chain(pairwise(title), pairwise(text))
            pairs = self._pairs.intersection(map(PAIR.join, rows))
        else:
            pairs = set()
        for name, asked in self._fielded.items():
            held = asked.intersection(title if name == "title" else text)
            shown.update([field_sign(name, token) for token in held])
        shown.update(values, pairs, chain.from_iterable(derived))
        shown.update([figure_sign(kind) for kind, _, _ in view.figures])
        if view.story_id:
            shown.add(story_sign(view.story_id))
        return shown

    def _learn(self, new: set[str]) -> None:
        self._seen |= new
        for token in new:
            found = self._derive(token)
            if found:
                self._answers[token] = found

    def _forget(self) -> None:
        self._seen.clear()
        self._answers.clear()

    def _derive(self, token: str) -> tuple[str, ...]:
        out = [
            f"{PREFIX}{token[:size]}"
            for size in self._stem_sizes
            if size <= len(token) and token[:size] in self._stems
        ]
        if self._fuzzy and FIELD not in token:
            near = {f for key in _shortened(token) for f in self._fuzzy.get(key, ())}
            out.extend(fuzzy_sign(f) for f in near if alike(f, token))
        return tuple(out)

    def _begin(self, sign: str) -> None:
        if sign[0] == PREFIX:
            self._stems.add(sign[1:])
            self._stem_sizes = tuple(sorted({*self._stem_sizes, len(sign) - 1}))
            self._forget()
        elif sign[0] == FUZZY:
            for key in _shortened(sign[1:]):
                self._fuzzy.setdefault(key, []).append(sign[1:])
            self._forget()
        elif FIELD in sign:
            name, _, token = sign.partition(FIELD)
            if name in _TEXT_FIELDS:
                self._fielded.setdefault(name, set()).add(token)
        else:
            self._pairs.add(sign)

    def _end(self, sign: str) -> None:
        if sign[0] == PREFIX:
            self._stems.discard(sign[1:])
            self._stem_sizes = tuple(sorted({len(stem) for stem in self._stems}))
        elif sign[0] == FUZZY:
            for key in _shortened(sign[1:]):
                self._fuzzy[key].remove(sign[1:])
                if not self._fuzzy[key]:
                    del self._fuzzy[key]
        elif FIELD in sign:
            name, _, token = sign.partition(FIELD)
            if name in _TEXT_FIELDS:
                self._fielded[name].discard(token)
        else:
            self._pairs.discard(sign)


def _derived(sign: str) -> bool:
    return PAIR in sign or FIELD in sign or sign[0] in {PREFIX, FUZZY}


def _shortened(token: str) -> set[str]:
    """The token, and it with one letter out behind the exact ones: two words alike share one."""
    return {token, *(token[:i] + token[i + 1 :] for i in range(FUZZY_EXACT, len(token)))}
