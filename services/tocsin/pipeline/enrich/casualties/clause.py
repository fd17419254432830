"""Which group of a sentence a verb is about: the subject to its left, the object to its right, and
the groups that "and" adds to it.
"""

from collections.abc import Iterable, Sequence

from tocsin.pipeline.enrich.casualties import lexicon as lex
from tocsin.pipeline.enrich.casualties.groups import Group
from tocsin.pipeline.enrich.casualties.tokens import Token

FAR = 22
"""Tokens between a subject and its verb."""
_BY = frozenset(("by", "against"))
_AROUND = frozenset(("with", "at", "near", "behind", "outside", "from", "to", "for", "on", "in"))
_SETTING = frozenset(
    (
        "in",
        "at",
        "near",
        "from",
        "across",
        "outside",
        "into",
        "throughout",
        "on",
        "by",
        "for",
        "with",
        "to",
    )
)
_ENDS_OBJECT = frozenset(
    ("by", "in", "on", "at", "when", "after", "as", "during", ",", "from", "near", "and", "while", "since", "for",
     "to", "than", "with", "or", "that", "of", "because", "before", "who", "including", "-", "–", "—", ":", "(", ")", ";")
)  # fmt: skip
_PLACE_NOUNS = frozenset(("village", "town", "city", "country", "district", "state"))
_PLACES_OF = _PLACE_NOUNS | {
    "province", "region", "island", "port", "suburb", "capital", "county", "neighbourhood", "neighborhood", "valley"
}  # fmt: skip
_OTHER_VERBS = frozenset(("said", "says", "told", "shot", "fired", "attacked", "opened"))
_OWN = frozenset(("her", "his", "their", "its"))
_RELATIVES = frozenset(("who", "whom", "which", "that"))
_OPENS_CLAUSE = frozenset((",", ";", ".", "but", "who", "which", "when", "after"))
_DOUBT = frozenset(
    (
        "if",
        "whether",
        "unless",
        "maybe",
        "perhaps",
        "avoid",
        "prevent",
        "preventing",
        "risk",
        "fears",
    )
)
_TRIED = frozenset(
    ("attempted", "attempting", "tried", "threatened", "planning", "plotting", "planned", "plotted")
)
_MEANT = frozenset(
    (
        "ineffective",
        "capable",
        "incapable",
        "aimed",
        "intent",
        "bent",
        "purpose",
        "idea",
        "ways",
        "means",
    )
)
_SUPPOSED = frozenset(("possibility", "theory", "speculation", "scenario"))


class Clause:
    """A sentence with its groups, asked by the rules."""

    def __init__(self, text: str, tokens: list[Token], groups: list[Group]) -> None:
        self.text = text
        self.tokens = tokens
        self.low = [t.low for t in tokens]
        self.groups = groups

    def word(self, at: int) -> str:
        """Token `at` in lower case; '' outside the sentence."""
        return self.low[at] if 0 <= at < len(self.low) else ""

    def words(self, start: int, end: int) -> list[str]:
        """Tokens `[start, end)`, cut at the ends of the sentence."""
        return self.low[max(0, start) : max(0, end)]

    def inside(self, at: int) -> int | None:
        """The group that token `at` stands in, not as its first word."""
        return next((k for k, g in enumerate(self.groups) if g.start < at < g.end), None)

    def last_before(self, at: int) -> int | None:
        """The last group that ends at or before token `at`."""
        return next(
            (k for k in range(len(self.groups) - 1, -1, -1) if self.groups[k].end <= at), None
        )

    def object_of(self, at: int, span: int = 4) -> int | None:
        """The group that begins within `span` tokens from `at`, with no preposition between."""
        for k, group in enumerate(self.groups):
            if group.start > at + span:
                return None
            if group.start >= at:
                return None if any(w in _ENDS_OBJECT for w in self.low[at : group.start]) else k
        return None

    def subject_of(self, at: int) -> int | None:
        """The group that a verb at token `at` is told of; None where it is a thing or nobody."""
        head = at - 1
        while head > 0 and (self.low[head] in lex.BE or self.low[head] in lex.BETWEEN):
            head -= 1
        if self._is_thing(head) and not self._relative(head, at) and not self._in_phrase(head):
            return None
        for k in range(len(self.groups) - 1, -1, -1):
            group = self.groups[k]
            if group.end > at:
                continue
            between = self.low[group.end : at]
            if ";" in between or len(between) > FAR:
                return None
            if self.word(group.start - 1) in _RELATIVES and self.word(group.end) in lex.SPEAKING:
                continue  # "19 people who they said had been killed"
            verdict = self._is_subject(k, group, between)
            if verdict:
                return k
        return None

    def _is_thing(self, head: int) -> bool:
        """Whether a thing stands right before the verb ("12 houses were hit"); places do no harm."""
        if head < 0 or self.low[head] in _PLACE_NOUNS or self.low[head] not in lex.THINGS:
            return False
        return self.tokens[head].text[0].islower()

    def _in_phrase(self, head: int) -> bool:
        """Whether the thing before the verb ends a phrase ("arrested in a police raid has been …")."""
        for back in range(head - 1, max(-1, head - 5), -1):
            if self.low[back] in (
                "in",
                "at",
                "on",
                "during",
                "after",
                "from",
                "near",
                "inside",
                "outside",
                "with",
            ):
                return back > 0
            if self.low[back] in lex.BE or not self.low[back][0].isalpha():
                return False
        return False

    def _relative(self, head: int, at: int) -> bool:
        return any(w in ("who", "that") for w in self.low[head + 1 : at])

    def _is_subject(self, k: int, group: Group, between: list[str]) -> bool:
        form = group.form
        if not between and form in ("bare", "count"):
            return not (k and self.word(group.start - 1) == "including")
        if form == "inner":
            return not between or between[0] in ("who", "that")
        if form == "unknown":
            return not between or (
                len(between) <= 5
                and (between[0] in lex.BE or between[0] in ("who", "had", "have", "has", "on"))
            )
        if form == "part":
            following = self.groups[k + 1] if k + 1 < len(self.groups) else None
            named = (
                following is not None
                and following.start - group.end <= 1
                and following.form in ("single", "plural")
            )
            return not (named and "," in between)
        if form == "pronoun":
            if self.word(group.start - 1) == "of":  # "most of them civilians"
                return False
            return not between or between[0] in lex.BE or len(between) <= 5
        if form == "bare":
            return self._bare_subject(group, between)
        if not self._placed_right(k, group):
            return False
        others = any(w in _OTHER_VERBS for w in between)
        own = any(w in ("who", "which", "that") or w in lex.BE for w in between)
        return not others or own or form == "count"

    def _placed_right(self, k: int, group: Group) -> bool:
        """Not an agent ("by gunmen"), a place ("in Kabul"), a part ("including four children")."""
        before = self.word(group.start - 1)
        if k and self._is_part(group):
            return False
        if (
            group.form == "name"
            and before in lex.DETERMINERS
            and self.word(group.start - 2) in _SETTING
        ):
            return False
        if before in _BY:
            return False
        if form_is_place(group.form, before, self.word(group.start - 2)):
            return False
        if (
            group.form != "count"
            and before in _AROUND
            and not (before in ("for", "to", "on", "in") and group.form != "name")
        ):
            return False
        if group.form == "name":
            first = self.joined(k, -1)[-1]
            if first.start and self.word(first.start - 1) in lex.PLACE_WORDS:
                return False
        if before == "of" and k and group.form in ("name", "plural", "single"):
            previous = self.groups[k - 1]
            if previous.form in ("count", "single") and previous.end == group.start - 1:
                return False
        return True

    def _is_part(self, group: Group) -> bool:
        for at in range(max(0, group.start - 4), group.start):
            word = self.low[at]
            if word in ("including", "them", "whom"):
                return True
            if word == "among" and self.word(group.end) != "who":
                return True
        return False

    @staticmethod
    def _bare_subject(group: Group, between: list[str]) -> bool:
        if (
            not group.unit
            and group.start == 0
            and between[:1] == [","]
            and "," in between[2:]
            and len(between) <= 10
        ):
            return True
        if all(w in lex.BE or w in lex.BETWEEN or w == "," for w in between):
            return True
        unit = group.unit.split()
        return (
            bool(unit)
            and not any(w in lex.THINGS for w in unit)
            and unit[-1].endswith("s")
            and len(between) - len(unit) <= 8
        )

    # -- "three soldiers and two civilians"

    def joined(self, first: int, step: int) -> list[Group]:
        """The groups that "and" and commas join to `first`, going right (1) or left (-1)."""
        out = [self.groups[first]]
        current, had_and = first, False
        while 0 <= current + step < len(self.groups):
            following = self.groups[current + step]
            gap = (
                self._gap(self.groups[current], following)
                if step > 0
                else self._gap(following, self.groups[current])
            )
            core = [w for w in gap if w != ","]
            if step > 0 and self._speaks(current + step, ended="and" in gap):
                break
            plural = (following if step > 0 else self.groups[current]).form == "plural"
            if not gap or not self._joins(core, plural=plural):
                break
            if following.form == "bare" or (following.form in ("part", "inner") and step > 0):
                break
            if out[-1].form == "pronoun" or (
                following.form == "pronoun"
                and not (step < 0 and core == ["and"] and following.least == 1)
            ):
                break
            if following.form == "pronoun":
                if following.unit in ("he", "she"):
                    out.append(following)
                break
            mixed = (following.form == "name") != (out[-1].form == "name")
            if mixed and "single" not in (following.form, out[-1].form):
                break
            if not core:
                if not (had_and if step < 0 else self._list_ends(current + step)):
                    break
                if following.form == "single" and out[-1].form == "name":  # "Smith, a soldier,"
                    break
            had_and = had_and or "and" in core
            out.append(following)
            current += step
        return self._without_apposed(out if step > 0 else out[::-1])[::step]

    def subjects(self, k: int) -> list[Group]:
        """`joined` to the left, in reading order."""
        return self.joined(k, -1)[::-1]

    def _without_apposed(self, groups: list[Group]) -> list[Group]:
        """As in "two climbers, a Spaniard and his guide,": two, told once more by who they are."""
        first, rest = groups[0], groups[1:]
        if (
            rest
            and (first.least or 0) > 1
            and first.least == first.most
            and self.word(first.end) == ","
        ):
            told = [g.least if g.least == g.most else None for g in rest]
            if None not in told and first.least == sum(n or 0 for n in told):
                return groups[:1]
        return groups

    def _gap(self, left: Group, right: Group) -> list[str]:
        gap = self.low[left.end : right.start]
        if gap[:2] == ["in", "their"] and len(gap) > 3:
            gap = gap[3:]
        while gap and gap[0] == "'s":
            gap = gap[1:]
        ages = [w for w in gap if not (w.isdecimal() and int(w) < 110)]
        return ages or ([","] if gap else [])

    @staticmethod
    def _joins(core: list[str], *, plural: bool) -> bool:
        if core[:1] == ["and"] and len(core) == 2 and core[1] in _OWN:
            return True
        if core in ([], ["and"], ["and", "the"], ["along", "with"], ["as", "well", "as"]):
            return True
        return (
            core[0] == "and"
            and len(core) <= 3
            and plural
            and all(
                w.isalpha()
                and w not in lex.BE
                and w not in lex.KIND_OF
                and w not in lex.ENDS_MODIFIERS
                for w in core[1:]
            )
        )

    def _speaks(self, at: int, *, ended: bool) -> bool:
        """Whether the groups from `at` on are who says it ("…, a spokesman and villagers said")."""
        while at + 1 < len(self.groups):
            gap = self.low[self.groups[at].end : self.groups[at + 1].start]
            if (
                not gap
                or len(gap) > 3
                or gap[0] not in (",", "and")
                or ("and" not in gap and ended)
            ):
                break
            ended = "and" in gap
            at += 1
        for k in range(self.groups[at].end, min(len(self.low), self.groups[at].end + 8)):
            word = self.low[k]
            if word in lex.SPEAKING and self.word(k - 1) not in lex.BE:
                return True
            if (
                word in lex.BE
                or word in lex.KIND_OF
                or word in (",", ".", ";", "who", "that", "and", ":")
            ):
                return False
        return False

    def _list_ends(self, at: int) -> bool:
        """Whether the commas from group `at` lead to an "and": else a comma is an apposition."""
        while at + 1 < len(self.groups):
            gap = [
                w
                for w in self.low[self.groups[at].end : self.groups[at + 1].start]
                if not w.isdecimal()
            ]
            if "and" in gap and len(gap) <= 3:
                return True
            if gap not in ([","], [",", ","]):
                return False
            at += 1
        return False

    # -- told as a fact?

    def unreal(self, at: int, *, noun: bool = False) -> bool:
        """Whether the word at `at` is denied, possible, meant or only tried."""
        word = self.low[at]
        if any(
            self.low[q] in _SUPPOSED and self.word(q + 1) == "that"
            for q in range(max(0, at - 40), at - 1)
        ):
            return True
        context = self.low[max(0, at - 6) : at]
        base = not noun and (word in lex.BASE_FORMS or self.word(at - 1) == "be")
        if base and (any(w in lex.MODALS for w in context[-4:]) or "to" in context[-3:]):
            return True
        for back in range(len(context) - 1, -1, -1):
            earlier, distance = context[back], len(context) - back
            if earlier in _OPENS_CLAUSE:
                return False
            if earlier in lex.NOT or earlier.endswith("n't") or earlier in _DOUBT:
                return True
            if distance <= 4 and (earlier in lex.MODALS or earlier in _TRIED):
                return True
            if (
                distance <= 2
                and earlier in ("likely", "probably", "possibly", "presumably")
                and word in ("died", "dead", "perished")
            ):
                return True
            if distance <= 3 and earlier in _MEANT and word.endswith("ing"):
                return True
        return False


def form_is_place(form: str, before: str, earlier: str) -> bool:
    """As in "the town of Kel"."""
    return form == "name" and before == "of" and earlier in _PLACES_OF


def total(groups: Sequence[Group]) -> tuple[int | None, int | None]:
    """Least and most of groups that share a verb: their sum; one number told of "200 protesters and
    police officers" holds for both.
    """
    counted = any(g.form in ("count", "bare", "unknown") and g.least != 1 for g in groups)
    if counted and any(g.form == "plural" for g in groups):
        groups = [g for g in groups if g.form != "plural"]
    if len(groups) == 1:
        return groups[0].least, groups[0].most
    least = sum(g.least or 0 for g in groups)
    most = None if any(g.most is None for g in groups) else sum(g.most or 0 for g in groups)
    return least, most


def of_things(groups: Iterable[Group]) -> bool:
    """Whether bare numbers count things ("12 houses")."""
    return all(g.form == "bare" and any(w in lex.THINGS for w in g.unit.split()) for g in groups)
