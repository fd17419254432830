"""How a figure is told: by whom, of which event, and whether it takes an earlier one back."""

import re
from datetime import date
from typing import Literal

from tocsin.pipeline.enrich.casualties.findings import Found

_WHO = (
    r"(?:[A-Z][\w.'’-]*|police|officials?|authorities|witnesses|witness|sources?|residents?|villagers|locals|rebels|doctors|hospital"
    r"|health|local|military|security|army|state|news|agency|ministry|spokes\w+|governor|district|provincial|tribal|elders?"
    r"|government|intelligence|medical|medics|rescuers|rescue|militants?|the|a|an|one|two|senior)"
)
_ATTRIBUTED = re.compile(
    rf"(?:according to|as reported by) (?P<to>[^,.;()]{{3,60}})"
    rf"|(?:(?<=, )|(?<=\A)|(?<=; )|\b)(?P<by>{_WHO}(?:\s[\w.'’-]+){{0,5}}?)\s(?:said|says|told|reported|reports|confirmed|claimed|announced|added|stated|put)\b"
)
_TAIL = re.compile(r"(?:\s(?:also|had|has|have|earlier|later|now|then|who|which|were|was))+$")

_LOWERED = re.compile(
    r"\b(?:(?:revised?|revis(?:ed|ing)|lower(?:ed|ing)|cut|reduc(?:ed|ing)|downgrad(?:ed|ing)|brought|scaled?)\s(?:\w+\s){0,6}?(?:down(?:wards?)?|back)?\s?(?:from\s[\w,]+\s)?to"
    r"|revised\s(?:down|downward|downwards|lower)|lower(?:ed|s)?\s(?:the\s|its\s)?(?:\w+\s){0,3}toll|toll\s(?:was|has\sbeen|is)\s(?:revised\s)?(?:down|lowered|cut|reduced)"
    r"|down\sfrom\s(?:an?\s)?(?:\w+\s){0,4}\d|not\s(?:\d[\d,]*|[a-z]+)\sas\s(?:earlier|previously|first|initially)"
    r"|(?:fewer|less|lower)\sthan\s(?:first|initially|earlier|previously)\s(?:reported|thought|feared|stated|told))\b",
    re.IGNORECASE,
)
_NOT_OTHER = re.compile(
    r"^[\s,]*(?:people\s|were\s|killed\s|dead\s|died\s)*,?\s?(?:and\s)?(?:not|rather than|instead of)\s(?:\d[\d,]*|[a-z]+(?:-[a-z]+)?)\b",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\bnot\s(?P<n>\d[\d,]*|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|two|three|four|five|six|seven|eight|nine)\b(?!\s(?:per|of\s(?:them|whom)))",
    re.IGNORECASE,
)
_RAISED = re.compile(
    r"\b(?:revised\s(?:up|upward|upwards)|raised|rose|risen|climbed|increased)\b", re.IGNORECASE
)

_EARLIER_DAY = re.compile(
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day['’]s\s(?:\w+[\s-]){0,3}?(?:attack|bombing|blast|raid|explosion|strike|shooting|assault|crash|killing|massacre|quake|earthquake|ambush|disaster|clash(?:es)?|siege|incident|violence|fire|flood(?:s|ing)?)s?\b[^.;]{0,60}\b(?:which|that|in\swhich|where|when)\b"
    r"|\b(?:last|previous)\s(?:week|month|year|summer|winter|autumn|spring|January|February|March|April|May|June|July|August|September|October|November|December)(?:['’]s)?\b"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|several|\d+)\s(?:days?|weeks?|months?|years?|decades?)\s(?:ago|earlier|before)\b"
    r"|\b(?:a|one)\s(?:week|month|year|decade)\s(?:ago|earlier)\b|\bin\sa\s(?:similar|previous|separate\searlier|past)\s\w+"
    r"|\b(?:an?\s)?(?:similar|previous|earlier)\s(?:attack|bombing|blast|raid|explosion|strike|shooting|assault|crash|incident)s?\b"
    r"|\bworst\s(?:\w+[\s-]){0,8}?since\b|\bdeadliest\s(?:\w+[\s-]){0,8}?since\b|\bsince\s(?:the\s)?(?:(?:Jan|Febr)uary|March|April|May|June|July|August|September|October|November|December)?\s?(?:19|20)\d\d\b"
    r"|\bsince\s(?:the\s)?\w+\s(?:began|broke\sout|started|erupted)\b|\bso\sfar\sthis\s(?:year|month)\b|\bover\sthe\s(?:past|last)\s(?:\w+\s)?(?:months?|years?|decades?)\b"
    r"|\b(?:during|throughout|in)\sthe\s(?:\w+\s){0,3}(?:civil\swar|World\sWar|genocide|Holocaust|war\sin\s[A-Z]\w+)\b|\banniversary\b|\bcommemorat\w+|\bin\smemory\sof\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"\b(?:in|since|of|from|the|during|between|early|late|mid)[\s-](?:(?:Jan|Febr)uary\s|March\s|April\s|May\s|June\s|July\s|August\s|September\s|October\s|November\s|December\s|\d{1,2},?\s)*((?:19|20)\d\d)\b|\b((?:19|20)\d\d)\s(?:attacks?|bombings?|war|massacre|earthquake|tsunami|invasion|siege|crash|shootings?|coup|riots|genocide|disaster)\b"
)
_NAMED_PAST = re.compile(
    r"\b(?:9/11|September\s11(?:,?\s2001)?\s(?:attacks|terror\w*)|11\sSeptember\s(?:attacks|terror\w*)|World\sWar\s(?:I|II|One|Two)|Second\sWorld\sWar|First\sWorld\sWar|Holocaust|Hiroshima|Srebrenica\smassacre|Vietnam\sWar)\b"
)
_CONNECTS = re.compile(
    r"\b(?:which|that|when|in\swhich|where|who|since|after|following|killed|killing)\b"
)
_FRESH = re.compile(
    r"\b(?:today|tonight|this\s(?:morning|afternoon|evening)|on\s(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)


def attribution(words: str) -> str:
    """Who a sentence says it of: `officials`, `a police spokesman`; '' where nobody is named."""
    match = _ATTRIBUTED.search(words)
    if match is None:
        return ""
    who = _TAIL.sub("", (match["to"] or match["by"]).strip())
    return " ".join(who.split())[:80]


def lowered(words: str, found: Found) -> bool:
    """ "revised down to 25", "25, not 40", "lowered the toll to 25"."""
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
    if digits.isdigit():
        return int(digits)
    from tocsin.pipeline.enrich.casualties.lexicon import ONES, TENS  # noqa: PLC0415

    return ONES.get(text.lower(), TENS.get(text.lower()))


def role(
    words: str, found: Found, ref: date | None, *, in_title: bool
) -> Literal["event", "background"]:
    """Whether the figure is of this article's event, or told of another one.

    Another one: a named past war or attack, a year before that of publication, "last month's", "two
    years ago", "Tuesday's bombing, which killed 16", "the worst since".
    """
    if in_title:
        return "event"
    clause = _own_clause(words, found)
    if _NAMED_PAST.search(clause):
        return "background"
    years = [int(a or b) for a, b in _YEAR.findall(clause)]
    if (
        years
        and ref is not None
        and max(years) < ref.year
        and not (ref.month <= 2 and max(years) == ref.year - 1 and "since" not in clause)
    ):
        return "background"
    if _EARLIER_DAY.search(clause) and not _FRESH.search(clause):
        return "background"
    return "event"


def _own_clause(words: str, found: Found) -> str:
    """The clause that tells the figure: from the last comma or semicolon that a new statement
    follows, to the next one.
    """
    start = max(words.rfind(";", 0, found.start), 0)
    end = words.find(";", found.end)
    return words[start : end if end >= 0 else len(words)]
