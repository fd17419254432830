"""How a figure is told: by whom, of which event, and whether it takes an earlier one back."""

import re
from datetime import date, timedelta
from typing import Literal

from tocsin.pipeline.enrich.casualties.findings import Found
from tocsin.pipeline.enrich.casualties.lexicon import ONES, TENS
from tocsin.pipeline.enrich.days import told

Role = Literal["event", "background"]

_WHO = (
    r"(?:[A-Z][\w.'’-]*|police|officials?|authorities|witnesses|witness|sources?|residents?|villagers|locals|rebels|doctors|hospital"
    r"|health|local|military|security|army|state|news|agency|ministry|spokes\w+|governor|district|provincial|tribal|elders?"
    r"|government|intelligence|medical|medics|rescuers|rescue|militants?|the|a|an|one|two|senior)"
)
_ATTRIBUTED = re.compile(
    rf"(?:according to|as reported by) (?P<to>[^,.;()]{{3,60}})"
    rf"|(?:(?<=, )|(?<=\A)|(?<=; )|\b)(?P<by>{_WHO}(?:\s[\w.'’-]+){{0,5}}?)\s(?:said|says|told|reported|reports|confirmed|claimed|announced|added|stated|put|spoke|spoken|counted|estimated)\b"
)
_TAIL = re.compile(r"(?:\s(?:also|had|has|have|earlier|later|now|then|who|which))+$")

_LOWERED = re.compile(
    r"\b(?:(?:lower|reduc|downgrad|cut|scal)\w*\s(?:\w+\s){0,4}?(?:toll|number|figure|count|estimate)\b"
    r"|(?:toll|number|figure|count|estimate)\s(?:\w+\s){0,6}?(?:lowered|reduced|cut|downgraded)"
    r"|(?:toll|number|figure|count|estimate|total)s?\s(?:\w+\s){0,6}?(?:brought|scaled)\s(?:down(?:wards?)?|back)"
    r"|revis\w+\s(?:\w+\s){0,6}?(?:down(?:wards?)?|back|lower)"
    r"|down\sfrom\s(?:an?\s)?(?:\w+\s){0,4}\d"
    r"|(?:fewer|less|lower)\sthan\s(?:first|initially|earlier|previously)\s(?:reported|thought|feared|stated|told))",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\bnot\s(?P<n>\d[\d,]*|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|two|three|four|five|six|seven|eight|nine)\b(?!\s(?:per|of\s(?:them|whom)))",
    re.IGNORECASE,
)
_RAISED = re.compile(
    r"\b(?:revised\s(?:up|upward|upwards)|raised|rose|risen|climbed|increased)\b", re.IGNORECASE
)

_OTHER_EVENT = re.compile(
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day['’]s\s(?:\w+[\s-]){0,3}?"
    r"(?:attack|bombing|blast|raid|explosion|strike|shooting|assault|crash|killing|massacre|quake|earthquake|ambush"
    r"|disaster|clash(?:e)?|siege|incident|violence|fire|flood(?:ing)?)s?\b[^.;]{0,60}\b(?:which|that|in\swhich|where|when)\b"
    r"|\b(?:last|previous)\s(?:week|month|year|summer|winter|autumn|spring|January|February|March|April|May|June|July"
    r"|August|September|October|November|December)(?:['’]s)?\b"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|several|\d+)\s(?:days?|weeks?|months?|years?|decades?)\s(?:ago|earlier|before)\b"
    r"|\b(?:a|one)\s(?:week|month|year|decade)\s(?:ago|earlier)\b"
    r"|\b(?:days?|weeks?|months?|years?)\safter\s(?:an?|the|another)\s[^,.;]{0,80}\b(?:that|which)\b"
    r"|\b(?:an?\s|in\s)?(?:similar|previous|earlier|past|separate\searlier)\s(?:\w+\s)?(?:attack|bombing|blast|raid|explosion|strike"
    r"|shooting|assault|crash|incident|stampede|fire|accident|disaster|ambush|kidnapping|quake|earthquake|flood|storm|sinking|outbreak)(?:s|es)?\b"
    r"|\bsince\s(?:the\s)?(?:(?:Jan|Febr)uary|March|April|May|June|July|August|September|October|November|December)?\s?(?:19|20)\d\d\b"
    r"|\bsince\s(?:the\s)?\w+\s(?:began|broke\sout|started|erupted)\b|\bso\sfar\sthis\s(?:year|month)\b"
    r"|\bover\sthe\s(?:past|last)\s(?:\w+\s)?(?:months?|years?|decades?)\b"
    r"|\b(?:during|throughout|in)\sthe\s(?:\w+\s){0,3}(?:civil\swar|World\sWar|genocide|Holocaust|war\sin\s[A-Z]\w+)\b"
    # times and deeds longer than one event: a conflict, a career
    r"|\b(?:in|over|during)\s(?:the\s)?(?:recent|past|last|two|three|four|five|six|seven|eight|nine|ten|several|many|\d+)"
    r"\s(?:\w+\s)?(?:months|years|decades)\b|\bover\sthe\s(?:years|decades)\b|\bin\sthe\s(?:19|20)\d0s\b"
    r"|\b(?:conflict|insurgency|war|rebellion|uprising|(?:separatist|bombing|guerrilla|insurgent)\scampaign|feud|drug\swars?|militancy)"
    r"\b[^.;,]{0,40},?[^.;,]{0,20}\b(?:has|have|had)\s(?:so\sfar\s|already\s|now\s)?(?:claimed|killed|cost|left|taken)\b"
    r"|\b(?:wanted|accused|blamed|suspected|responsible|linked|convicted|charged|sought)\b[^.;]{0,40}\b(?:string|series|spate|wave"
    r"|number|dozens|scores|campaign)\sof\b|\b(?:has|have|had)\s(?:also\s)?(?:carried\sout|claimed|staged|launched|organi[sz]ed|planned"
    r"|been\sbehind|been\sblamed\sfor|admitted)\s(?:\w+\s){0,4}(?:attacks|bombings|killings|ambushes|raids|kidnappings|murders)\b"
    r"|\bsince\s(?:it|they|he|she)\s(?:was|were|had)\b"
    r"|\bsince\s(?![^.;,]{0,30}(?:day\b|this\sweek))(?:(?:the|a|his|its|their|it|they|he|she)\s)?(?:\w+\s){0,3}?(?:began|broke\sout|started|erupted|took|came|taking|coming"
    r"|collapsed|invasion|ceasefire|truce|fall|start|outbreak|beginning|election|elections|coup)\b"
    r"|\b(?:has|have|had)\s(?:killed|claimed|left)\b[^.;]{0,50}\b(?:in|by)\s(?:\w+\s){0,3}(?:attacks|bombings|ambushes|raids"
    r"|clashes|strikes|shootings|killings|kidnappings)\b"
    r"|\b(?:number|total|toll)\b[^.;]{0,60}\bthis\s(?:year|month)\b"
    r"|\b(?:have|has|had)\s(?:\w+\s){0,4}?(?:killed|died|wounded|kidnapped|abducted)\b[^.;]{0,50}\bthis\s(?:year|month)\b"
    r"|\banniversary\b|\bcommemorat\w+|\bin\smemory\sof\b",
    re.IGNORECASE,
)
"""Words that put what is told near them into another event than this article's."""
_SUPERLATIVE = re.compile(
    r"\b(?:worst|deadliest|bloodiest|biggest|largest|heaviest|highest|first)\b[^,;.]{0,60}?\bsince\b[^,;.]{0,40}",
    re.IGNORECASE,
)
"""Compares this event with an older one; only what a relative clause adds is the older one's."""
_YEAR = re.compile(
    r"\b(?:in|since|of|from|the|during|between|early|late|mid)[\s-](?:(?:Jan|Febr)uary\s|March\s|April\s|May\s|June\s|July\s"
    r"|August\s|September\s|October\s|November\s|December\s|\d{1,2},?\s){0,3}((?:19|20)\d\d)\b"
    r"|\b((?:19|20)\d\d)\s(?:attacks?|bombings?|war|massacre|earthquake|tsunami|invasion|siege|crash|shootings?|coup|riots"
    r"|genocide|disaster)\b"
)
_NAMED_PAST = re.compile(
    r"\b(?:9/11|September\s11(?:,?\s2001)?\s(?:attacks|terror\w*)|11\sSeptember\s(?:attacks|terror\w*)"
    r"|World\sWar\s(?:I|II|One|Two)|Second\sWorld\sWar|First\sWorld\sWar|Holocaust|Hiroshima|Srebrenica\smassacre|Vietnam\sWar)\b"
)
_RELATIVE = re.compile(r"\b(?:when|in\swhich|where|which|that)\b")
_AWAY = re.compile(r"\b(?:had|they|after|who)\b")
"""Words after which "last week" is told of something else than the deaths before it."""
NEAR = 80
"""Code points after a figure in which such words still speak of it."""
OLD_MONTH, OLD_DAY = timedelta(days=10), timedelta(days=45)
"""A month that ended, and a day that passed, so long before publication is another event's."""


def attribution(words: str, found: Found) -> str:
    """Who a sentence says it of: `officials`, `a police spokesman`; '' where nobody is named.

    Of several the one named last before the figure, else the first after it.
    """
    match: re.Match[str] | None = None
    for following in _ATTRIBUTED.finditer(words):
        if match is not None and following.start() >= found.start:
            break
        match = following
    if match is None:
        return ""
    who = (match["to"] or match["by"]).strip()
    if re.search(
        r"\b(?:was|were|been|being)$", who
    ):  # "insurgents were reported killed": nobody says so
        return ""
    who = _TAIL.sub("", who)
    return " ".join(who.split())[:80]


def lowered(words: str, found: Found) -> bool:
    """As in "revised down to 25", "25, not 40", "lowered the toll to 25"."""
    near = words[max(0, found.start - 90) : found.end + 60]
    if _LOWERED.search(near) and not _RAISED.search(near):
        return True
    value = found.most if found.most is not None else found.least
    match = _CORRECTION.search(words, found.start, min(len(words), found.end + 40))
    if match is None or value is None:
        return False
    told = _value(match["n"])
    return told is not None and told > value


def _value(text: str) -> int | None:
    digits = text.replace(",", "")
    if digits.isdecimal():
        return int(digits)
    return ONES.get(text.lower(), TENS.get(text.lower()))


def role(words: str, found: Found, ref: date | None, *, in_title: bool) -> Role:
    """Whether the figure is of this article's event, or told of another one.

    Another one: a named past war or attack, a year before that of publication, "last month's", "two
    years ago", "Tuesday's bombing, which killed 16", "the worst since 2014, when 130 died". In a
    title it is always the event's.
    """
    if in_title:
        return "event"
    start = max(words.rfind(";", 0, found.start) + 1, 0)
    end = words.find(";", found.end)
    clause, before, after = (
        words[start : end if end >= 0 else len(words)],
        found.start - start,
        found.end - start,
    )
    for match in _SUPERLATIVE.finditer(clause):
        if match.end() <= before and _RELATIVE.search(clause, match.end(), before):
            return "background"
        clause = (
            f"{clause[: match.start()]}{' ' * (match.end() - match.start())}{clause[match.end() :]}"
        )
    if any(_speaks(m, clause, after) for m in _OTHER_EVENT.finditer(clause)):
        return "background"
    if _NAMED_PAST.search(clause) or (ref is not None and _long_ago(clause, after, ref)):
        return "background"
    return "event"


def _speaks(match: re.Match[str], clause: str, after: int) -> bool:
    """Whether what `match` says is said of the figure that ends at `after`."""
    if match.start() < after:
        return True
    return match.start() - after <= NEAR and not _AWAY.search(clause, after, match.start())


def _long_ago(clause: str, after: int, ref: date) -> bool:
    for match in _YEAR.finditer(clause):
        year = int(match[1] or match[2])
        recent = year == ref.year - 1 and ref.month <= 2
        if year < ref.year and not recent and _speaks(match, clause, after):
            return True
    for day in told.read(clause, ref):
        limit = OLD_MONTH if day.rule in ("month", "months") else OLD_DAY
        if day.last < ref - limit and day.start < after + NEAR:
            return True
    return False
