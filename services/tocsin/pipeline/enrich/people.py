"""Who acts: the curated list of armed groups, forces, bodies and leaders, and persons by title or
given name. A person named in full once is the same person when only the surname stands later.
"""

import re
from functools import cache
from typing import NamedTuple

from tocsin.pipeline.enrich import lists
from tocsin.pipeline.enrich.automaton import Phrases
from tocsin_schemas.article import Mention
from tocsin_schemas.contract import Span

MOST = 60
"""Persons kept of one article: a list of a parliament's members is no news of each."""

_PARTICLE = r"(?:al|el|bin|ibn|ben|de|del|della|da|dos|van|von|der|den|ur|ul|ad|ad-Din)"
_NAME_WORD = r"[A-ZÀ-Þ][\w'’]*(?:-[A-Za-zÀ-ÿ][\w'’]*)*"
_NAME = rf"(?:{_PARTICLE}-)?{_NAME_WORD}(?:\s(?:[A-Z]\.\s)?(?:{_PARTICLE}[\s-]){{0,2}}{_NAME_WORD}){{0,3}}"
_TITLES = (
    "Prime Minister;Vice President;President-elect;President;Foreign Minister;Defence Minister;Defense Minister;Interior "
    "Minister;Finance Minister;Information Minister;Justice Minister;Health Minister;Minister;Foreign Secretary;Home "
    "Secretary;Defence Secretary;Defense Secretary;Secretary-General;Secretary General;Secretary of State;Chancellor;"
    "Premier;Governor;Gov.;Mayor;Ambassador;Senator;Sen.;Representative;Rep.;Congressman;Congresswoman;General;Gen.;"
    "Lieutenant General;Lt. Gen.;Lt Gen;Major General;Maj. Gen.;Maj Gen;Brigadier General;Brig. Gen.;Brigadier;Brig;"
    "Admiral;Adm.;Colonel;Col.;Col;Lieutenant Colonel;Lt. Col.;Lt Col;Major;Maj.;Captain;Capt.;Lieutenant;Lt.;Sergeant;"
    "Sgt.;Sgt;Commander;Chief Minister;Chief Justice;Justice;Judge;Police Chief;King;Queen;Prince;Princess;Sheikh;Emir;"
    "Sultan;Pope;Cardinal;Archbishop;Bishop;Ayatollah;Grand Ayatollah;Mullah;Maulana;Imam;Rabbi;Dr.;Dr;Professor;Prof.;"
    "Mr.;Mr;Mrs.;Mrs;Ms.;Ms;Sir;Lord;Lady;Dame;Speaker;Attorney General;Inspector;Superintendent;Detective;spokesman;"
    "spokeswoman;spokesperson;lawmaker;activist;analyst;commander;leader;journalist;lawyer;prosecutor"
)
_NO_NAME = frozenset(
    ("The", "A", "An", "In", "On", "At", "Of", "And", "But", "For", "Monday", "Tuesday", "Wednesday", "Thursday",
     "Friday", "Saturday", "Sunday", "January", "February", "March", "April", "May", "June", "July", "August",
     "September", "October", "November", "December", "He", "She", "It", "They", "We", "I", "This", "That", "When",
     "After", "Before", "While", "Is", "Was", "Will", "Said", "Says", "Has", "Had", "To", "By", "With", "From", "As",
     "General", "Minister", "Assembly", "Staff", "Motors", "Council", "Headquarters", "Hospital", "Electric", "League",
     "Street", "Palace", "Party", "House", "University", "Who", "Not", "There", "Also", "His", "Her", "Their")
)  # fmt: skip


class _Person(NamedTuple):
    start: int
    end: int
    name: str
    rule: str


@cache
def _actors() -> Phrases[tuple[str, str, str]]:
    """Spelling → (name, spelling, kind)."""
    phrases = []
    for line in lists.lines("actors"):
        name, spellings, kind = line.split("|")
        phrases += [(spelling, (name, spelling, kind)) for spelling in spellings.split(";")]
    return Phrases(phrases)


@cache
def _titled() -> re.Pattern[str]:
    titles = "|".join(re.escape(t) for t in sorted(_TITLES.split(";"), key=lambda t: (-len(t), t)))
    return re.compile(rf"(?<!\w)(?:{titles})(?:\s\((?:retd|ret|Retd)\.?\))?\s(?P<name>{_NAME})")


@cache
def _first_names() -> frozenset[str]:
    return frozenset(n for n in lists.words("place-guards", "first-names") if len(n) > 2)


@cache
def _given() -> re.Pattern[str]:
    """Two or more capitalised words; the first is looked up, which is faster than 600 alternatives."""
    return re.compile(
        rf"(?<![\w’'-])(?P<name>(?=(?P<first>[A-Z][a-zà-ÿ]+)\s)[A-Z][a-zà-ÿ]+\s(?:[A-Z]\.\s)?(?:{_PARTICLE}[\s-]){{0,2}}{_NAME_WORD}(?:\s{_NAME_WORD})?)"
    )


def actors(title: str, text: str) -> list[Mention]:
    """Actors named, each once at its first place; the rule says of which kind. The longest name wins
    ("Al-Qaeda in Iraq" is not also "Al-Qaeda").
    """
    full = f"{title}\n{text}"
    offset = len(title) + 1
    hits = [h for h in _actors().find(full) if full[h.start : h.end] == h.value[1]]
    hits.sort(key=lambda h: (h.start, -h.end))
    out: dict[str, Mention] = {}
    last = 0
    for hit in hits:
        if hit.start < last:
            continue
        last = hit.end
        name, words, kind = hit.value
        out.setdefault(name, _mention(name, hit.start, hit.end, words, offset, f"actors: {kind}"))
    return list(out.values())


def persons(title: str, text: str) -> list[Mention]:
    """Persons by a title or a known given name, each once at the first place, at most `MOST`."""
    full = f"{title}\n{text}"
    offset = len(title) + 1
    found = [*_found(_titled(), full, "title"), *_found(_given(), full, "given name")]
    found.sort(key=lambda p: (p.start, -p.end))
    by_surname = {p.name.split()[-1]: p.name for p in reversed(found) if " " in p.name}
    out: dict[str, Mention] = {}
    last = 0
    for person in found:
        if person.start < last or person.start < offset <= person.end:
            continue
        last = person.end
        name = person.name if " " in person.name else by_surname.get(person.name, person.name)
        if name not in out and len(out) < MOST:
            words = full[person.start : person.end]
            out[name] = _mention(
                name, person.start, person.end, words, offset, f"persons: {person.rule}"
            )
    return list(out.values())


def _found(pattern: re.Pattern[str], full: str, rule: str) -> list[_Person]:
    out: list[_Person] = []
    for match in pattern.finditer(full):
        if rule == "given name" and match["first"] not in _first_names():
            continue
        words = match["name"].removesuffix("'s").removesuffix("’s").split()
        cut = next(
            (
                n
                for n, word in enumerate(words)
                if word in _NO_NAME or (word.isupper() and len(word) > 3)
            ),
            len(words),
        )
        words = words[:cut]
        if not words or (rule == "given name" and len(words) < 2):
            continue
        name = " ".join(words)
        start = match.start("name")
        out.append(_Person(start, start + len(name), name.rstrip("."), rule))
    return out


def _mention(name: str, start: int, end: int, words: str, offset: int, rule: str) -> Mention:
    in_title = start < offset
    base = 0 if in_title else offset
    span = Span(field="title" if in_title else "text", start=start - base, end=end - base)
    return Mention(value=name, words=words, span=span, rule=rule)
