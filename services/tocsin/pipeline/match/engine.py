"""Finds the subscriptions that an article meets, among a hundred thousand, without reading each.

A query is filed under every sign of its rarest requirement, there under the next single sign, and only
those found under two signs of an article are looked at. Queries that mean the same are filed once.
Added and removed live. Never decides by itself what a clause means: that is `Reader`.
"""

from collections.abc import Mapping
from hashlib import blake2b
from itertools import chain
from typing import TypeAlias, TypeVar

from tocsin.pipeline.match.plan import FIELD, FUZZY, PAIR, PREFIX, Plan, by_cost, plan
from tocsin.pipeline.match.signs import Signs
from tocsin.query.ast import Node
from tocsin.query.canonical import text_of
from tocsin.query.reader import Reader
from tocsin.query.view import View

_Entry: TypeAlias = tuple[
    str, int, frozenset[str] | None, tuple[frozenset[str], ...] | None, Node | None
]
"""(second sign, group, further signs all needed, further sets one sign of each needed, rest to read)."""

_WIDE = 12
"""Entries under one sign from which they are filed by their second sign too."""
_SECOND = 4
"""Alternatives of a second requirement under each of which a query is filed."""
_LEARN = 1_000
"""Articles from which the frequency of tokens is learnt; then all is filed anew, once (5 µs a query)."""
_UNSEEN = 0.5
_DERIVED_COST = 0.01


class Engine:
    """Queries by subscription id. Not thread-safe.

    `frequencies` gives, of `articles` articles seen before, how many hold a token; without it the
    engine learns from the first articles it meets, and until then takes long words for rare.
    """

    def __init__(self, frequencies: Mapping[str, int] | None = None, *, articles: int = 0) -> None:
        self._seen = articles if frequencies else 0
        self._held: dict[str, int] = dict(frequencies or {})
        self._signs = Signs()
        self._group_of: dict[str, int] = {}
        self._group_by_text: dict[bytes, int] = {}
        self._groups: dict[int, tuple[bytes, Plan]] = {}
        self._ids: dict[int, str | list[str]] = {}
        self._next = 0
        self._sure: dict[str, list[int]] = {}
        self._narrow: dict[str, list[_Entry]] = {}
        self._wide: dict[str, dict[str, list[_Entry]]] = {}
        self._any: list[_Entry] = []

    def __len__(self) -> int:
        """How many subscriptions."""
        return len(self._group_of)

    def __contains__(self, id: object) -> bool:  # noqa: A002  # the subscription's own word
        return id in self._group_of

    def add(self, id: str, root: Node) -> None:  # noqa: A002  # the subscription's own word
        """File a query; one held under this id is replaced. Idempotent."""
        key = blake2b(text_of(root).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        group = self._group_by_text.get(key)
        if self._group_of.get(id, -1) == group:
            return
        self.remove(id)
        if group is None:
            group = self._begin(key, root)
        self._group_of[id] = group
        held = self._ids.get(group)
        if held is None:
            self._ids[group] = id
        elif isinstance(held, str):
            self._ids[group] = [held, id]
        else:
            held.append(id)

    def remove(self, id: str) -> None:  # noqa: A002  # the subscription's own word
        """Take a query out; nothing happens if there is none."""
        group = self._group_of.pop(id, None)
        if group is None:
            return
        held = self._ids[group]
        if isinstance(held, list):
            held.remove(id)
            if len(held) == 1:
                self._ids[group] = held[0]
        else:
            del self._ids[group]
            self._end(group)

    def learn(self, view: View) -> None:
        """Count the tokens of an article, so that queries added later are filed under rare ones."""
        self._seen += 1
        held = self._held
        for token in {*view.title, *view.text}:
            held[token] = held.get(token, 0) + 1

    def match(self, view: View) -> list[str]:
        """Ids of the subscriptions that the article meets, sorted."""
        if self._seen < _LEARN:
            self.learn(view)
            if self._seen == _LEARN:
                self._refile()
        shown = self._signs.of(view)
        reader = Reader(view)
        hits: set[int] = set()
        for sign in shown & self._sure.keys():
            hits.update(self._sure[sign])
        for sign in shown & self._narrow.keys():
            _look(self._narrow[sign], shown, reader, hits)
        for sign in shown & self._wide.keys():
            inner = self._wide[sign]
            for second in shown & inner.keys():
                _look(inner[second], shown, reader, hits)
        for _, group, _, _, rest in self._any:
            if rest is None or reader.meets(rest):
                hits.add(group)
        out: list[str] = []
        for group in hits:
            held = self._ids[group]
            if isinstance(held, str):
                out.append(held)
            else:
                out.extend(held)
        return sorted(out)

    def _cost(self, sign: str) -> float:
        """Share of articles that show the sign, as far as known."""
        if sign[0] in {PREFIX, FUZZY}:
            return _DERIVED_COST
        if PAIR in sign:
            return min(map(self._cost, sign.split(PAIR))) / 10
        token = sign.rpartition(FIELD)[2]
        if self._seen:
            return self._held.get(token, _UNSEEN) / self._seen
        return 2.0 ** -min(len(token), 16)

    def _refile(self) -> None:
        """File all groups by what has been learnt. Changes no answer."""
        self._sure, self._narrow, self._wide, self._any = {}, {}, {}, []
        for group, (key, made) in self._groups.items():
            anew = Plan(by_cost(made.requirements, self._cost), made.rest)
            self._groups[group] = (key, anew)
            self._file(group, anew)

    def _begin(self, key: bytes, root: Node) -> int:
        group = self._next
        self._next += 1
        made = plan(root, self._cost)
        self._group_by_text[key] = group
        self._groups[group] = (key, made)
        self._signs.ask(made.requirements)
        self._file(group, made)
        return group

    def _file(self, group: int, made: Plan) -> None:
        if not made.requirements:
            self._any.append(("", group, None, None, made.rest))
            return
        first, *others = made.requirements
        if not others and made.rest is None:
            for sign in first:
                self._sure.setdefault(sign, []).append(group)
            return
        # Under its own sign twice where there is no small second requirement: always found again.
        seconds = others.pop(0) if others and len(others[0]) <= _SECOND else None
        signs = frozenset(r[0] for r in others if len(r) == 1) or None
        choices = tuple(frozenset(r) for r in others if len(r) > 1) or None
        for sign in first:
            for second in seconds or (sign,):
                self._place(sign, (second, group, signs, choices, made.rest))

    def _place(self, sign: str, entry: _Entry) -> None:
        inner = self._wide.get(sign)
        if inner is not None:
            inner.setdefault(entry[0], []).append(entry)
            return
        entries = self._narrow.setdefault(sign, [])
        entries.append(entry)
        if len(entries) > _WIDE:
            inner = self._wide[sign] = {}
            for held in self._narrow.pop(sign):
                inner.setdefault(held[0], []).append(held)

    def _end(self, group: int) -> None:
        key, made = self._groups.pop(group)
        del self._group_by_text[key]
        self._signs.release(made.requirements)
        if not made.requirements:
            self._any = [entry for entry in self._any if entry[1] != group]
            return
        for sign in made.requirements[0]:
            if sign in self._sure:
                _keep(self._sure, sign, [g for g in self._sure[sign] if g != group])
            if sign in self._narrow:
                _keep(self._narrow, sign, [e for e in self._narrow[sign] if e[1] != group])
            if sign in self._wide:
                inner = self._wide[sign]
                for second in (*chain.from_iterable(made.requirements[1:2]), sign):
                    if second in inner:
                        _keep(inner, second, [e for e in inner[second] if e[1] != group])
                if not inner:
                    del self._wide[sign]


_E = TypeVar("_E")


def _keep(filed: dict[str, list[_E]], sign: str, entries: list[_E]) -> None:
    if entries:
        filed[sign] = entries
    else:
        del filed[sign]


def _look(entries: list[_Entry], shown: set[str], reader: Reader, hits: set[int]) -> None:
    for second, group, signs, choices, rest in entries:
        if (
            second in shown
            and (signs is None or signs <= shown)
            and (choices is None or not any(map(shown.isdisjoint, choices)))
            and (rest is None or reader.meets(rest))
        ):
            hits.add(group)
