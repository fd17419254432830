"""When a place's name is none: surnames, newspapers, streets, clubs, languages, dishes, flu.

Each guard looks at the words directly around a name and at the surnames seen in the whole article.
In a headline in title case a capital says nothing, so the guards about neighbours are off there.
"""

import re
from dataclasses import dataclass

from tocsin.pipeline.enrich.places.gazetteer import Candidate, Gazetteer, fold
from tocsin.pipeline.enrich.places.mentions import Match, Word


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


INSIDE = _set("in at from near outside across throughout inside toward towards")
"""Words before a name that make it a place rather than a person."""
_PLACING = INSIDE | _set(
    "around into of to for between over north south east west northern southern eastern western central"
)
_LANGUAGES = _set(
    "French German Spanish Italian Russian Chinese Japanese Portuguese Dutch Turkish Polish Greek "
    "Korean Persian Swedish Danish Thai Irish Welsh Tamil Vietnamese Finnish Hungarian"
)
_SPOKEN = _set("in speak speaks speaking spoke learn and")
_NO_DEMONYM = re.compile(
    r"[- ](?:language|speaking|restaurants?|food|cuisine|cooking|dish|flu|toast|fries|shepherd|goose"
    r"|beer|wine|coffee|chocolate|cheese|bulldog|terrier|music|teachers?\b|lessons?|literature|encephalitis)"
)
_DIRECTIONS = _set(
    "North South East West Northern Southern Eastern Western Central Upper Lower Northeast Northwest "
    "Southeast Southwest Downtown Greater Inner Outer Mid Rural Modern Old Nazi Communist Anglo Ex "
    "Former Ancient"
)
_PARTS = _set(
    "New San Santa Port Fort Lake Mount Mt Mt. Cape Camp El Los Las La Le Saint St St. Point Bay Glen "
    "Royal Hotel Villa Club Team Miss Cafe Radio USS HMS"
)
_OFFICES = _set(
    "President Minister Premier King Queen Chancellor Secretary Director Deputy General"
)
_NOBLE = _set("Bank Duke Duchess Earl Prince Bishop")
_COMMA = frozenset((", ", ",\n", " (", ", in ", ", the ", " in ", ", northern ", ", southern "))
_BARE_ABBREVIATIONS = _set("N.J. N.Y. D.C. N.C. Calif. Fla.")
_AFTER_COMMA_ONLY = _set(
    "Miss. Mass. Wash. La. Pa. Ill. Ore. Man. Kan. Me. Ind. Md. Mo. Va. Ga. Ky. Del. Tex. Conn. Ala. "
    "B.C. N.B."
)
_SHORT_PEOPLES = _set("Dane Finn Scot Scots Pole Moro Kiwi")
_NOT_INDIA = _set("Cleveland American Native West")
_NOT_USA = _set("Latin South North Central African Native Pan All")


@dataclass(frozen=True, slots=True)
class Near:
    """What stands around one name: neighbouring capitalised words, the word before, "X, Region"."""

    key: str
    start: int
    end: int
    previous: str
    """Capitalised word directly before, across one blank."""
    following: str
    before: str
    """Small word before (articles passed over), in lower case."""
    region: tuple[Candidate, ...]
    headline: bool
    opens: bool
    """At the beginning of a sentence, where a capital says nothing."""


class Context:
    """The article around the names."""

    def __init__(self, full: str, offset: int, words: list[Word], gazetteer: Gazetteer) -> None:
        self.full = full
        self.offset = offset
        self.words = words
        self.known = gazetteer
        heads = re.findall(r"[A-Za-z]{4,}", full[:offset])
        capitals = sum(w[0].isupper() for w in heads)
        self.title_case = len(heads) > 3 and capitals > 0.7 * len(heads)
        self.surnames = self._surnames()
        self.turkeys = " turkeys" in full or " turkey " in full

    def near(self, match: Match, following: Match | None) -> Near:
        """The surroundings of `match`; `following` is the next name, for "X, Region"."""
        full, words = self.full, self.words
        start, end = words[match.first].start, words[match.last].end
        name = full[start:end]
        key = name.title() if match.shouted else fold(name)
        previous = words[match.first - 1] if match.first else None
        after = words[match.last + 1] if match.last + 1 < len(words) else None
        return Near(
            key=key,
            start=start,
            end=end,
            previous=previous.text if previous and full[previous.end : start] == " " else "",
            following=after.text if after and full[end : after.start] in (" ", "-") else "",
            before=self._before(start),
            region=self._region(match, following, key, after, end),
            headline=self.title_case and start < self.offset,
            opens=start in (0, self.offset)
            or full[start - 1] in "\n\"“'‘"
            or (start > 1 and full[start - 2] in ".!?:"),
        )

    def _surnames(self) -> set[str]:
        """Words seen after a given name or a title, and the word after those."""
        found: set[str] = set()
        words, full, known = self.words, self.full, self.known
        for number in range(1, len(words)):
            word, previous = words[number], words[number - 1]
            if full[previous.end : word.start] != " " or (
                self.title_case and word.start < self.offset
            ):
                continue
            if previous.text in known.first_names or previous.text in known.titles:
                found.add(word.text)
                if number + 1 < len(words) and full[word.end : words[number + 1].start] == " ":
                    found.add(words[number + 1].text)
        return found

    def _before(self, start: int) -> str:
        word, at = _word_before(self.full, start)
        return _word_before(self.full, at)[0] if word in ("the", "a", "an") else word

    def _region(
        self, match: Match, following: Match | None, key: str, after: Word | None, end: int
    ) -> tuple[Candidate, ...]:
        kind = match.candidates[0].kind
        if following is not None and following.candidates[0].kind in (
            "country",
            "region",
            "abbreviation",
        ):
            gap = self.full[end : self.words[following.first].start]
            everyday = key in self.known.doubtful or key.lower() in self.known.everyday
            if gap in _COMMA and (gap != " in " or (kind == "city" and not everyday)):
                return following.candidates
        if (
            kind == "city"
            and after is not None
            and len(after.text) == 2
            and self.full[end : after.start] == ", "
        ):
            state = self.known.abbreviations.get(after.text)
            if state and any(
                c.kind == "city" and c[1:3] == ("US", state) for c in match.candidates
            ):
                return (Candidate("abbreviation", "US", state),)
        return ()


def weigh(match: Match, near: Near, context: Context) -> float:
    """How much of a place the name still is after its neighbours were heard: 0 (none) to 1."""
    kind = match.candidates[0].kind
    if kind == "demonym":
        return _demonym(match, near, context)
    if kind == "abbreviation":
        return _abbreviation(near, context)
    if near.key == "Turkey" and context.turkeys and near.opens and not near.before:
        return 0.0
    if near.headline:
        return 1.0
    weight = _organisation(kind, match, near, context)
    if weight and match.first == match.last:
        return weight * _person(kind, match, near, context)
    if weight and kind == "city" and near.previous in context.known.first_names:
        return weight * 0.6
    return weight


def _demonym(match: Match, near: Near, context: Context) -> float:
    key, full = near.key, context.full
    if _NO_DEMONYM.match(full, near.end):
        return 0.0
    if key in _LANGUAGES and (
        (near.before.startswith(("speak", "spoke")))
        or (near.before in _SPOKEN and full[near.end : near.end + 1] in tuple('.,;:)"”'))
    ):
        return 0.0
    wrong = (
        (
            key in ("Indian", "Indians")
            and (near.previous in _NOT_INDIA or near.following == "Ocean")
        )
        or (key == "American" and near.previous in _NOT_USA)
        or (key in ("Pole", "Poles") and not near.before and near.opens)
        or (key in _SHORT_PEOPLES and (near.previous or near.following))
        or (key == "Irish" and near.previous == "Fighting")
    )
    if wrong:
        return 0.0
    return 0.3 if match.candidates[0].admin == "weak" else 1.0


def _abbreviation(near: Near, context: Context) -> float:
    after_comma = context.full[max(0, near.start - 2) : near.start] == ", "
    if after_comma:
        return 1.0
    if near.key in _AFTER_COMMA_ONLY:
        return 0.0
    return 1.0 if near.previous or near.key in _BARE_ABBREVIATIONS else 0.0


def _organisation(kind: str, match: Match, near: Near, context: Context) -> float:
    known = context.known
    if near.following in known.press or (near.following in known.streets and kind == "city"):
        return 0.0
    of_city = near.before == "of" and kind == "city" and match.first > 0
    if of_city and context.words[match.first - 1].text in _NOBLE:
        return 0.0
    return 0.6 if near.following in known.teams and kind != "country" else 1.0


def _person(kind: str, match: Match, near: Near, context: Context) -> float:
    known, key, previous, following = context.known, near.key, near.previous, near.following
    if previous and (previous in known.first_names or previous in known.titles):
        return 1.0 if kind == "country" and previous in _OFFICES else 0.0
    if previous in _PARTS:
        return 0.0
    weight = 1.0
    if previous and kind != "country" and not near.opens and _run(match, previous, context):
        weight = 0.5
    elif key in context.surnames and not near.region:
        if kind != "country" and near.before not in INSIDE:
            return 0.0
        if kind == "country" and near.before not in _PLACING and key in known.first_names:
            return 0.0
    if following:
        joined = context.full[near.end : near.end + 1] == " "
        if key in known.first_names and joined and not known.known(following):
            if following not in known.facilities and following not in known.titles:
                return 0.0
        elif kind == "city" and known.get(following) is None and not known.joins(following):
            weight *= 0.7
    return weight


def _run(match: Match, previous: str, context: Context) -> bool:
    """Whether the name is the tail of two unknown capitalised words."""
    if previous in _DIRECTIONS or context.known.get(previous) is not None:
        return False
    if previous.isupper() or previous in context.known.facilities:
        return False
    if match.first < 2:
        return True
    earlier, word = context.words[match.first - 2], context.words[match.first - 1]
    return context.full[earlier.end : word.start] != " "


def _word_before(full: str, start: int) -> tuple[str, int]:
    """The word before position `start` and where it begins; '' where none stands there."""
    end = start
    while end > 0 and full[end - 1] == " ":
        end -= 1
    if end == start:
        return "", start
    begin = end
    while begin > 0 and full[begin - 1].isalpha():
        begin -= 1
    return full[begin:end].lower(), begin
