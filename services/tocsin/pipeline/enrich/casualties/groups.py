"""Who a sentence speaks of: groups of people with a count, found before any verb is looked at.

"three soldiers", "the 16-year-old", "Mullah Ismail", "another", "they": each is a group with least
and most; the verbs then choose among them. A group says how it was told (`form`), because a bare
number or a pronoun may be a victim in fewer places than "three soldiers".
"""

from typing import Literal, NamedTuple

from tocsin.pipeline.enrich.casualties import lexicon as lex
from tocsin.pipeline.enrich.casualties import numbers
from tocsin.pipeline.enrich.casualties.tokens import AGED, Token

Form = Literal["count", "unknown", "bare", "part", "inner", "single", "plural", "name", "pronoun"]
"""`count`: a number of people; `unknown`: a number of a plural we do not know; `bare`: a number
alone; `part`: "two of them"; `inner`: "one of **seven** assailants"; `single`: one person by noun;
`plural`: people without a number; `name`; `pronoun`.
"""


class Group(NamedTuple):
    """Tokens `[start, end)` that name people."""

    start: int
    end: int
    least: int | None
    most: int | None
    form: Form
    unit: str = ""
    """The noun, pronoun or `name`; of a bare number the words after it."""
    further: bool = False

    @property
    def one(self) -> bool:
        """Exactly one person."""
        return self.least == self.most == 1


_STOPS_COUNT = frozenset(
    ("and", "or", "in", "of", "on", "at", "by", "who", "that", "have", "has", "had", "died", "dead", "to", "with",
     "from", "for", "when", "after", "as", "missing", "each", "is", "people's", "but", "while", "whose", "which")
)  # fmt: skip
_STOPS_ONE = frozenset(
    ("and", "in", "of", "on", "at", "by", "who", "to", "with", "from", "for", "that", "have", "has", "left", "leaving",
     "where", "which", "whose", "saw", "sees", "hit", "struck")
)  # fmt: skip
_NO_UNIT = frozenset(
    ("deaths", "fatalities", "casualties", "injuries", "murders", "killings", "bodies", "suicides", "homicides",
     "slayings", "this", "was", "lives", "wounds", "years-old", "kidnappings")
)  # fmt: skip
_NEEDS_VERB = frozenset(
    ("others", "ones", "lives", "members", "leaders", "fans", "victims", "residents")
)
_JOINS_NAME = frozenset(("'", "al", "bin", "de", "van", "von", "-", "el", "ibn", "della", "da"))


def read(tokens: list[Token]) -> list[Group]:
    """The groups of a sentence, in order of their first token."""
    return _Builder(tokens).run()


class _Builder:
    def __init__(self, tokens: list[Token]) -> None:
        self._t = tokens
        self._n = len(tokens)
        self._out: list[Group] = []

    def run(self) -> list[Group]:
        at = 0
        while at < self._n:
            following = self._counted(at)
            if following is None:
                following = self._uncounted(at)
            at = max(following, at + 1)
        return self._out

    def _low(self, at: int) -> str:
        return self._t[at].low if 0 <= at < self._n else ""

    def _capital(self, at: int) -> bool:
        return at < self._n and self._t[at].text[0].isupper() and self._t[at].text[0].isalpha()

    def _named(self, at: int) -> bool:
        return self._capital(at) and self._t[at].text not in lex.NO_NAMES

    def _add(
        self,
        start: int,
        end: int,
        least: int | None,
        most: int | None,
        form: Form,
        unit: str = "",
        *,
        further: bool = False,
    ) -> int:
        self._out.append(Group(start, end, least, most, form, unit, further))
        return end

    # -- with a number

    def _counted(self, at: int) -> int | None:
        """The token after a group that a number begins; None where no number begins at `at`."""
        word = self._low(at)
        if not numbers.starts(word):
            return None
        if word == "one" and self._low(at - 1) == "no":
            return at + 1
        if word == "no" and self._low(at + 1) not in ("fewer", "less"):
            return None
        number = numbers.read(self._t, at)
        if number is None:
            return None
        if self._low(at - 1) == "of" and self._low(at - 2) in lex.KIN:  # "mother of 12"
            return number.end + (self._low(number.end) in lex.PEOPLE)
        if self._low(at - 1) == "of" and self._low(at - 2) in lex.PERSON and number.how == "":
            return number.end  # "a boy of six"
        if self._low(number.end) == "of" and number.how != "couple":
            following = self._of(at, number)
            if following is not None:
                return following
        return self._noun(at, number)

    def _of(self, at: int, number: numbers.Number) -> int | None:
        """As in "two of them", "six of the workers", "one of seven assailants"."""
        after = self._low(number.end + 1)
        if after in ("them", "whom", "those"):
            return self._add(
                at,
                number.end + 2,
                number.least,
                number.most,
                "part",
                "them",
                further=number.further,
            )
        end = number.end + 1
        while end < min(self._n, number.end + 7) and self._low(end) not in lex.PEOPLE:
            word = self._low(end)
            if (
                word in lex.BE
                or word in lex.KIND_OF
                or word in (",", ".", "who", "in", "died", "dead")
            ):
                return None
            end += 1
        if self._low(end) not in lex.PEOPLE:
            return None
        unit = self._low(end)
        self._add(at, end + 1, number.least, number.most, "count", unit, further=number.further)
        inside = number.end + 1 + (after in lex.DETERMINERS)
        of_these = numbers.read(self._t, inside) if inside < end else None
        if of_these is not None:
            self._add(inside, end + 1, of_these.least, of_these.most, "inner", unit)
        return end + 1

    def _noun(self, at: int, number: numbers.Number) -> int:
        """Up to five modifiers, then people; else an unknown plural, else the number alone."""
        start = number.end
        least, most, further = number.least, number.most, number.further
        end, people, things = self._head(start, one=least == most == 1)
        if things:
            return end + 1
        if people:
            while (
                self._low(end + 1) in lex.PEOPLE
                and self._low(end + 1) != "others"
                and self._low(end) != "people"
            ):
                end += 1
            return self._add(at, end + 1, least, most, "count", self._low(end), further=further)
        word = self._t[start].text if start < self._n else ""
        if (
            word
            and word[0].isupper()
            and word.endswith(("s", "ese"))
            and word not in lex.NO_NAMES
            and not word.lower().endswith("'s")
        ):
            return self._add(at, start + 1, least, most, "count", word.lower(), further=further)
        if number.how == "vague" and self._low(start - 1) == "some" and end == start:
            return start
        last = self._low(end - 1)
        if (
            end - start in (1, 2)
            and last.endswith("s")
            and not last.endswith("ss")
            and last.isalpha()
            and last not in lex.THINGS
            and last not in _NO_UNIT
        ):
            return self._add(at, end, least, most, "unknown", last, further=further)
        unit = " ".join(
            w for w in (self._low(k) for k in range(start, end)) if w not in lex.BETWEEN
        )
        return self._add(at, start, least, most, "bare", unit, further=further)

    def _head(self, start: int, *, one: bool) -> tuple[int, bool, bool]:
        """Where the noun of a count stands, whether it is people, whether it is things."""
        at = start
        while at < min(self._n, start + 6):
            word = self._low(at)
            if word in lex.PEOPLE or (one and word in lex.PERSON):
                return at, True, False
            if word in lex.ADJECTIVES and (
                self._low(at + 1) in lex.PEOPLE or self._low(at + 2) in lex.PEOPLE
            ):
                at += 1
                continue
            plain = word[0].isalpha() or word == "-"
            if not plain or word in lex.BE or word in lex.KIND_OF or word in _STOPS_COUNT:
                break
            if word in lex.THINGS and self._low(at + 1) not in lex.PEOPLE:
                return at, False, True
            at += 1
        return at, False, False

    # -- without a number

    def _uncounted(self, at: int) -> int:
        word = self._low(at)
        if word == "couple" and not at and self._low(1) != "of":
            return self._add(0, 1, 2, 2, "count", "couple")
        if word == "those" and self._low(at + 1) in ("who", "we"):
            return self._add(at, at + 1, 2, None, "plural", "those")
        if word == "couple" and self._low(at - 1) in lex.DETERMINERS and self._low(at + 1) != "of":
            return self._add(at - 1, at + 1, 2, 2, "count", "couple")
        if word == "another" and (
            self._low(at + 1) in lex.KIND_OF
            or self._low(at + 1) in lex.BE
            or self._low(at + 1) in ("died", "has", "had")
        ):
            return self._add(at, at + 1, 1, 1, "single", "another", further=True)
        if word in lex.DETERMINERS or word == "one":
            return self._determined(at)
        if word == "others":
            nearby = self._low(at - 1) in lex.KIND_OF or self._low(at + 1) in lex.BE
            return self._add(at, at + 1, 2, None, "plural", word) if nearby else at + 1
        known = word in lex.PEOPLE and (
            word not in _NEEDS_VERB
            or (word == "ones" and self._low(at - 1) == "loved")
            or (
                word in ("fans", "members", "residents", "victims", "leaders")
                and self._low(at - 1) in lex.KIND_OF
            )
        )
        if known:
            return self._add(at, at + 1, 2, None, "plural", word)
        if word in lex.PERSON and not (self._capital(at) and self._capital(at + 1)):
            end = at + 1
            while self._named(end):
                end += 1
            return self._add(at, end, 1, 1, "single", word)
        if self._named(at) and len(self._t[at].text) > 1:
            return self._name(at)
        if word in ("he", "she", "him", "himself", "herself"):
            return self._add(at, at + 1, 1, 1, "pronoun", word)
        if word in ("they", "them", "themselves"):
            return self._add(at, at + 1, 2, None, "pronoun", word)
        return at + 1

    def _determined(self, at: int) -> int:
        """As in "the bus driver", "a 16-year-old", "his wife", "a third", "the couple"."""
        end, form = self._person(at)
        if end is None:
            return at + 1
        unit = self._low(end)
        last = end + 1
        while self._named(last):  # "the designer Gianni Versace"
            last += 1
        if form == "couple":
            return self._add(at, last, 2, 2, "count", unit)
        if form == "plural":
            return self._add(at, last, 2, None, "plural", unit)
        return self._add(at, last, 1, 1, "single", unit, further=self._low(at) == "another")

    def _person(self, at: int) -> tuple[int | None, str]:
        end: int | None = None
        form = ""
        k = at + 1
        while k < min(self._n, at + 7):
            word = self._low(k)
            if word in lex.ORDINALS and k == at + 1 and self._ends_ordinal(k + 1):
                return k, "single"
            if word == AGED or word in lex.PERSON:
                end, form = k, "single"
                k += 1
                continue
            if word in lex.PEOPLE:
                return k, "plural"
            if word in ("family", "families"):
                return k, "plural"
            if word in ("couple", "twins", "parents"):
                return k, "couple"
            if end is not None and not (
                self._low(end) == AGED
                and end == k - 1
                and word.isalpha()
                and word not in lex.BE
                and word not in _STOPS_ONE
                and word not in ("was", "died", "after")
            ):
                break
            if self._stops_person(k, word, at):
                break
            k += 1
        return end, form

    def _stops_person(self, k: int, word: str, at: int) -> bool:
        text = self._t[k].text
        if (
            not text[0].isalpha()
            and word != "-"
            and not (text[0].isdecimal() and self._low(k + 1) == "-")
        ):
            return True
        if word in lex.KIND_OF and not (word in lex.ADJECTIVES and k == at + 1):
            return True
        if word in lex.THINGS and word not in lex.THING_MODIFIERS:
            return True
        return word in lex.BE or word in lex.ONES or word in lex.VAGUE or word in _STOPS_ONE

    def _ends_ordinal(self, at: int) -> bool:
        word = self._low(at)
        return not word or word in lex.BE or word in lex.KIND_OF or word in (
            ",", ".", ";", "died", "in", "and", "who", "at", "on", "when", "with", "after", "near"
        )  # fmt: skip

    def _name(self, at: int) -> int:
        end = at + 1
        while end < self._n and (
            self._named(end)
            or (self._low(end) in _JOINS_NAME and self._capital(end + 1))
            or (self._t[end].text == "." and len(self._t[end - 1].text) <= 2 and end + 1 < self._n)
        ):
            end += 1
        words = self._t[at:end]
        if any(any(c.isdecimal() for c in w.text) or w.low in lex.COMPANIES for w in words):
            return end
        noun = self._low(end)
        small = end < self._n and self._t[end].text[0].islower()
        if small and noun in lex.PEOPLE and noun not in ("members", "others", "leaders"):
            return self._add(at, end + 1, 2, None, "plural", noun)
        if small and noun in lex.PERSON and noun not in ("leader", "spokesman"):
            return self._add(at, end + 1, 1, 1, "single", noun)
        if at == 0 and end == 1 and not self._acts(1):
            return end
        last = words[-1].low
        peoples = (
            end == at + 1
            and (self._low(at - 1) == "the" or self._low(end) in ("were", "are"))
            and last.endswith("s")
            and not last.endswith("ss")
        )
        if last in lex.PEOPLE or peoples:
            return self._add(at, end, 2, None, "plural", last)
        return self._add(at, end, 1, 1, "name", "name")

    def _acts(self, at: int) -> bool:
        """Whether a capitalised first word is followed by what a person's name is followed by."""
        word = self._low(at)
        return (
            word in lex.BE
            or word in lex.KIND_OF
            or word in ("died", "dies", "had", "has", ",", "and", "went", "'s")
        )
