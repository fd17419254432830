"""Which of the names are places of this article, and which countries it is about.

Strong names (countries, demonyms, regions) support weak ones (cities): a town counts where its
country or state is named too, or where it is large, or where "in" stands before it. Weights and
rules are those of reference/reading.md §1, measured there one by one; each decision names its rule.
"""

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tocsin.pipeline.enrich.places import guards
from tocsin.pipeline.enrich.places.gazetteer import Candidate, Gazetteer, by_region
from tocsin.pipeline.enrich.places.mentions import Word, matches, words_of

ACCEPT, ACCEPT_REGION = 0.7, 0.59
LARGE = 200_000
LEAD = 350
"""Code points after the title in which a country is named with weight."""
TITLE_WEIGHT, LEAD_WEIGHT, ADJECTIVE, AMERICAN = 4.0, 3.0, 0.7, 0.7
"""The United States are named in everything, an adjective says less than a name."""
FEED_SUPPORT = 1.5
"""What the source's own country adds: a local paper rarely names its country."""

_DATELINE = re.compile(
    r"(?:\A|\n)\s*([A-ZÀ-Þ][A-ZÀ-Þ .'’\-]{2,40})(?:, [A-Z][\w.]+(?: [A-Z][\w.]+)?)?"
    r"(?:, [A-Z][a-z]+\.? \d+)?(?: ?\([A-Z][\w /.]+\))?\s*(?:--|[\u2013\u2014\-:]|\ufffd)"
)
_BASE = {"country": 8.0, "demonym": 8.0, "region": 6.6, "abbreviation": 6.0}
_SEVERAL = frozenset(("Georgia", "Jordan", "Punjab", "Victoria", "Mexico", "Granada"))
"""Names of a country or region that are as often something else: they support nothing."""


@dataclass(slots=True)
class Mention:
    """A name that has passed the guards, and what stands around it."""

    start: int
    end: int
    key: str
    candidates: tuple[Candidate, ...]
    weight: float
    before: str
    region: tuple[Candidate, ...]
    """Candidates of the name after the comma in "X, Region"; empty without one."""
    dateline: bool
    shouted: bool
    title: bool
    headline: bool
    """In a headline in title case, where a capital says nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A name decided: code points of title + newline + text."""

    start: int
    end: int
    name: str
    country: str
    kind: str
    weight: float


@dataclass(slots=True)
class Evidence:
    """What the strong names of the article say about the weak ones."""

    countries: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    regions: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))


class Reader:
    """Reads one article at a time; holds nothing of it afterwards."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def read(
        self, title: str, text: str, source_country: str = ""
    ) -> tuple[list[str], list[Place]]:
        """Countries (ISO 3166 alpha-2, the one it is mostly about first) and places, in order.

        Positions are of title, newline and text, or of `text` where there is no title.
        """
        full = f"{title}\n{text}" if title else text
        offset = len(title) + 1 if title else 0
        words = words_of(full, self._gazetteer)
        evidence = Evidence()
        mentions, places = self._mentions(full, offset, words, evidence)
        self._converge(mentions, evidence)
        if source_country:
            evidence.countries[source_country] += FEED_SUPPORT
        places += self._decided(mentions, evidence)
        places.sort(key=lambda p: p.start)
        return _about(places, offset), places

    def _mentions(
        self, full: str, offset: int, words: list[Word], evidence: Evidence
    ) -> tuple[list[Mention], list[Place]]:
        found = matches(full, words, self._gazetteer)
        context = guards.Context(full, offset, words, self._gazetteer)
        dateline = _DATELINE.search(full[max(0, offset - 1) : offset + 160])
        shift = max(0, offset - 1)
        lines = (dateline.start(1) + shift, dateline.end(1) + shift) if dateline else (0, 0)
        mentions: list[Mention] = []
        places: list[Place] = []
        for number, match in enumerate(found):
            kind = match.candidates[0].kind
            start, end = words[match.first].start, words[match.last].end
            if kind == "null":
                continue
            if kind == "macro":
                if not full[start:end].endswith(("an", "ans")):
                    places.append(Place(start, end, full[start:end], "", "macro", 1.0))
                continue
            following = found[number + 1] if number + 1 < len(found) else None
            near = context.near(match, following)
            weight = guards.weigh(match, near, context)
            if weight <= 0:
                continue
            mention = Mention(
                start, end, near.key, match.candidates, weight, near.before, near.region,
                lines[0] <= start < lines[1], match.shouted, start < offset, near.headline,
            )  # fmt: skip
            mentions.append(mention)
            self._support(mention, evidence)
        return mentions, places

    def _support(self, mention: Mention, evidence: Evidence) -> None:
        candidates, kind = mention.candidates, mention.candidates[0].kind
        if kind != "city" and not (kind == "region" and mention.key in self._gazetteer.doubtful):
            for c in (c for c in candidates if c.kind == kind):
                if kind in ("demonym", "abbreviation") or all(
                    o.country == c.country for o in candidates
                ):
                    evidence.countries[c.country] += mention.weight
                if c.admin and kind in ("region", "abbreviation"):
                    evidence.regions[c.country, c.admin] += mention.weight / len(candidates)
            if (
                len(candidates) > 1
                and kind in ("country", "region")
                and mention.key not in _SEVERAL
            ):
                evidence.countries[candidates[0].country] += mention.weight
        if mention.region:
            first = mention.region[0]
            torn = (
                len(mention.region) > 1
                and first.kind == "country"
                and mention.region[1].kind == "region"
            )
            if torn:  # "Atlanta, Georgia": the state, because an Atlanta lies there
                for r in mention.region:
                    if r.admin and any(c[1:3] == r[1:3] for c in candidates):
                        evidence.countries[r.country] += 0.5
                        evidence.regions[r.country, r.admin] += 1
            elif first.kind != "null":
                evidence.countries[first.country] += 0.5
                if first.admin:
                    evidence.regions[first.country, first.admin] += 1

    def _converge(self, mentions: list[Mention], evidence: Evidence) -> None:
        """Weak names that agree: two or more towns of one first-level region."""
        cities = [m for m in mentions if m.candidates[0].kind == "city"]
        names = by_region([(m.key, m.candidates) for m in cities if not m.headline])
        agreeing = {region: len(found) for region, found in names.items() if len(found) >= 2}
        if not agreeing:
            return
        region, count = max(agreeing.items(), key=lambda item: (item[1], item[0]))
        if count >= 0.5 * len({m.key for m in cities}):
            evidence.regions[region] += 0.5 * (count - 1)
            evidence.countries[region[0]] += 0.5 * (count - 1)

    def _decided(self, mentions: list[Mention], evidence: Evidence) -> list[Place]:
        sense: dict[str, Candidate] = {}
        places: list[Place] = []
        for mention in mentions:
            held = None if mention.region else sense.get(mention.key)
            best = held or self._best(mention, evidence)
            score = self._score(mention, best, evidence)
            if score <= 0:
                continue
            sense.setdefault(mention.key, best)
            places.append(
                Place(
                    mention.start,
                    mention.end,
                    mention.key,
                    best.country,
                    best.kind,
                    min(1.0, score) * mention.weight,
                )
            )
        return places

    def _best(self, mention: Mention, evidence: Evidence) -> Candidate:
        best = max(mention.candidates, key=lambda c: self._value(c, mention, evidence))
        if (
            mention.region
            and mention.candidates[0].kind == "city"
            and all(r.country != best.country for r in mention.region)
        ):  # "X, Region" and no X we know lies there: an unknown town of that region
            region = mention.region[0]
            return Candidate("city", region.country, region.admin, 1000.0)
        return best

    @staticmethod
    def _value(c: Candidate, mention: Mention, evidence: Evidence) -> float:
        value = _BASE.get(c.kind) or math.log10(c.weight)
        support = evidence.countries[c.country]
        if support:
            value += min(1.5, support) + (0.5 if support > 2 else 0)
        if c.kind == "city" and c.admin and evidence.regions[c.country, c.admin]:
            value += 2.5
        for region in mention.region:
            if region.country == c.country:
                value += 6 if region.admin in ("", c.admin) else 1
                break
        if mention.key == "Georgia":
            said = evidence.countries
            if c.kind == "country":
                return 6.5 + min(2, said["GE"] * 2 + (said["RU"] + said["AZ"] + said["AM"]) * 0.5)
            return 6.5 + min(2, said["US"])
        return value

    def _score(self, mention: Mention, best: Candidate, evidence: Evidence) -> float:
        """How surely it is a place of the article; 0 where it is not accepted."""
        if best.kind == "city":
            score = self._city(mention, best, evidence)
            return score if score >= ACCEPT else 0.0
        if best.kind != "region":
            return 1.0
        score, key = 1.0, mention.key
        if key in self._gazetteer.doubtful or key in self._gazetteer.first_names:
            named = evidence.countries[best.country] > 0.9 and mention.before in guards.INSIDE
            score = 0.75 if named or mention.region else 0.5
        if mention.shouted and not mention.dateline and len(key) < 5:
            score -= 0.4
        weight = mention.weight if mention.weight > 0.5 else 0.65
        return score if score * weight >= ACCEPT_REGION else 0.0

    def _city(self, mention: Mention, best: Candidate, evidence: Evidence) -> float:
        inside = mention.before in guards.INSIDE
        score = 0.35 + 0.15 * max(0.0, math.log10(best.weight) - 4.3)
        if best.weight >= LARGE:
            score += 0.12
        if any(r.country == best.country for r in mention.region):
            score += 0.5
        if mention.dateline:
            score += 0.5
        if inside:
            score += 0.12
        score += 0.2 * min(1.5, evidence.countries[best.country])
        if best.admin and evidence.regions[best.country, best.admin]:
            score += 0.15
        if not mention.region and self._everyday(mention.key, best.weight):
            if inside or mention.dateline:
                score -= 0.05 if best.weight >= LARGE else 0.3
            else:
                score -= 0.5
        if mention.weight < 1:
            score *= 0.5 + 0.5 * mention.weight
        if mention.shouted and not mention.dateline and best.weight < 1e6:
            score -= 0.3
        if mention.headline and best.weight < 1e6 and not mention.region:
            score -= 0.25
        return score

    def _everyday(self, key: str, weight: float) -> bool:
        known = self._gazetteer
        return (
            key in known.doubtful
            or (key in known.first_names and weight < 1e6)
            or key.lower() in known.everyday
        )


def _about(places: list[Place], offset: int) -> list[str]:
    """The countries, the one the article is mostly about first. One known by a single adjective
    outside title and lead is left out.
    """
    score: dict[str, float] = {}
    surest: dict[str, float] = {}
    adjectives: Counter[str] = Counter()
    names: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for place in places:
        code = place.country
        if not code:
            continue
        early = place.start < offset + LEAD
        where = "title" if place.start < offset else "lead" if early else ""
        if where:
            full = TITLE_WEIGHT if where == "title" else LEAD_WEIGHT
            share = (0.3 if where == "title" else 0.5) if (code, where) in seen else full
            seen.add((code, where))
        else:
            share = 1 / (1 + 0.15 * score.get(code, 0.0))
        if place.kind == "demonym":
            share *= ADJECTIVE
            adjectives[code] += 2 if early else 1
        else:
            names[code] += 1
        if code == "US":
            share *= AMERICAN
        score[code] = score.get(code, 0.0) + place.weight * share
        surest[code] = max(surest.get(code, 0.0), place.weight)
    held = [
        code for code in score if surest[code] >= 0.5 and (names[code] or adjectives[code] >= 2)
    ]
    return sorted(held, key=lambda code: (-score[code], code))
