"""Whose words an article is made of: the agency named in a dateline, a byline, a last line.

Forty papers that print one agency's dispatch are one voice, and the credit line is what says so.
Quoting an agency ("told Reuters", "Xinhua reported") or printing its photo is no credit, so only the
places where credits stand are looked at: the beginning and the end of the text, and the authors.
"""

import re
from functools import cache

from tocsin.pipeline.enrich import lists
from tocsin.pipeline.enrich.automaton import Phrases
from tocsin_schemas.article import Credit

HEAD, TAIL = 1200, 700
"""Code points at either end in which a credit may stand."""
UNNAMED = "unknown"
"""Agencies credited without a name ("with agencies")."""

_DASH = r"(?:--|[-\u2013\u2014:\ufffd\u2015])"


@cache
def _names() -> dict[str, str]:
    """Written form → name, longest first."""
    found = {}
    for line in lists.lines("agencies"):
        name, forms = line.split("|")
        found.update(dict.fromkeys(forms.split(";"), name))
    return dict(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))


@cache
def _spotter() -> Phrases[str]:
    """All written forms in one pass: most articles name no agency, and are done with that."""
    return Phrases((form, form) for form in _names())


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    one = f"(?:{'|'.join(re.escape(form) for form in _names())})(?!\\w)"
    several = rf"(?:the\s)?{one}(?:\s*(?:,|/|;|&|-|\+|\band\b|,\s+and\b)\s*(?:the\s)?{one})*"
    upper = r"[A-ZÀ-Þ][A-ZÀ-Þ.'’\-]{2,}(?:[ ,/-]{1,2}(?:[A-ZÀ-Þ][\w.'’\-]*|\d{1,2})){0,6}"
    return {
        # "RALEIGH, N.C. (AP) -", also after a byline or a caption; "(Reuters) -" at a line's start
        "dateline": re.compile(
            rf"(?:(?:^|[\n.!?\"”\]])\s*|\b){upper},?\s?[(\[](?P<who>{several})(?:[^()\[\]]{{0,12}})[)\]]"
        ),
        "dateline in brackets": re.compile(
            rf"(?:^|\n|(?<=[.!?\"”])\s)\s*(?:[A-ZÀ-Þ][\w.'’\-]+(?:[ ,/]{{1,2}}[A-ZÀ-Þ\d][\w.'’\-]*){{0,5}},?\s?)?\((?P<who>{several})(?:[^()]{{0,20}})\)\s?(?:{_DASH}|(?=[A-Z\"“]))"
        ),
        "dateline with dash": re.compile(
            rf"(?:^|\n)\s*{upper}\s?{_DASH}\s?(?P<who>{several})\s?{_DASH}"
        ),
        "byline": re.compile(
            rf"(?:^|[\n.]\s?)(?:By\s[^\n.;:()]{{3,70}}?|[A-Z][\w'’-]+\s(?:[A-Z][\w.'’-]*\s?){{1,3}}),\s(?:The\s)?(?P<who>{one})(?:\s(?:[Ww]riters?|[Cc]orrespondents?|[Rr]eporters?))?\s?(?:[\n.]|$|{_DASH}|(?=[A-Z]))"
        ),
        "by agency": re.compile(
            rf"(?:^|\n)\s*(?:By|From|Source:)\s(?:the\s|The\s)?(?P<who>{several})\s?(?:[\n.]|$|(?=[A-Z]))"
        ),
        "reported by": re.compile(
            rf"\b(?:[Tt]his\s(?:story|article|report)\s(?:was|is|has\sbeen)\s(?:originally\s)?(?:reported|provided|produced|written|published|supplied)\s(?:by|from)|Source:)\s(?:the\s|The\s)?(?P<who>{several})"
        ),
        "copyright": re.compile(
            rf"(?:[Cc]opyright|\(c\)|©)[^\n]{{0,40}}?\b(?P<who>{one}|Cable\sNews\sNetwork)[^\n]{{0,60}}?(?:[Aa]ll\s[Rr]ights\s[Rr]eserved)"
        ),
        "wire": re.compile(r"(?P<who>The-CNN-Wire)"),
        "writers": re.compile(
            rf"\b(?P<who>{one})\s(?:staff\s)?(?:[Ww]riters?|[Jj]ournalists?|[Rr]eporters?|[Cc]orrespondents?|reporting\sby)\s[A-Z][^\n]{{0,200}}?\b(?:contributed|reported)\b"
        ),
        "contributed": re.compile(
            rf"(?P<who>{several})(?:[^\n.()]{{0,40}}?)\s(?:also\s)?contributed\s(?:to|reporting)\b"
        ),
        "additional": re.compile(
            rf"\b(?:[Aa]dditional|[Ff]urther|[Ww]ith|[Ii]ncludes|[Cc]ompiled\sfrom)\s(?:(?:material|reporting|reports?|information|input|copy)\s)?(?:by|from)?\s?(?:the\s)?(?P<who>{several})(?!\w)(?=\s*[.)\]\n]|\s*$|\s(?:and\s(?:staff|wire)|reports?|material))"
        ),
        "and staff": re.compile(
            rf"(?:^|\n|[.(\u2013\u2014-]\s?)(?P<who>{several})\s?(?:and|,|/|&)\s?[Ss]taff\b|(?:^|\n)[Ss]taff\s?(?:and|/|&)\s?(?P<who2>{several})"
        ),
        "closing": re.compile(
            rf"(?:{_DASH}\s*|\n\s*|[.!?\"”’)]\s+|\n?[(\[])(?P<who>{several})(?:[^\n()]{{0,24}}?)\s*[.)\]]*\s*$"
        ),
        "unnamed with": re.compile(
            r"\b[Ww]ith\s(?:inputs?\sfrom\s)?(?:news\s|wire\s)?(?:agencies|agency\sreports|wire\s(?:services|reports))\b"
        ),
        "unnamed": re.compile(
            r"(?:^|\n)\s*(?:By\s|From\s|Source:\s)?(?:News\s|Wire\s)?[Aa]gencies\s*(?:\n|$)|(?:\n|[.!?\"”]\s)[\u2013\u2014-]{0,2}\s?Agencies\.?\s*$"
        ),
        "name": re.compile(one),
    }


_TERMS_LINE = re.compile(r"\n[^\n]{0,80}(?:mr|ej|amp|sms|nm)/[a-z]{2,3}\.?[^\n]*$")
_INITIALED = re.compile(r"\(([A-Z]{2,6}|dpa)\)\s(?:[a-z]{2,4}/)+\s?[a-z]{2,4}/?\b")
"""An agency's own sign-off: "(PAP) mr/ej."."""
_WHOLE_HEAD = ("dateline", "dateline in brackets", "dateline with dash", "byline", "by agency")
_WHOLE_TAIL = ("reported by", "copyright", "wire", "writers", "by agency")
_CONTRIBUTED = ("contributed", "additional", "and staff")
_PHOTO = re.compile(r"\b(?:[Pp]hoto|[Pp]icture|[Ii]mage|[Vv]ideo|[Ff]ile|[Pp]ool|Getty)\b")


def read(text: str, authors: tuple[str, ...] = ()) -> Credit:
    """The credit of an article: role `whole` (the agency's text), `contributed` (the outlet's own,
    with an agency's help) or `none`; the agencies; the words and the rule that prove it.

    `authors` are the feed's: one that is an agency's name credits it. Linear; raises nothing.
    """
    head, tail = text[:HEAD], text[-TAIL:]
    ends = text if len(text) <= HEAD + TAIL else f"{head}\n{tail}"
    named = bool(authors) or any(ends[h.start : h.end] == h.value for h in _spotter().find(ends))
    if not named and "gencies" not in ends and "wire" not in tail.lower():
        return Credit()
    patterns = _patterns()
    for rule in _WHOLE_HEAD:
        if found := _found(patterns[rule], head, "whole", rule):
            return found
    for rule in _WHOLE_TAIL:
        if found := _found(patterns[rule], tail, "whole", rule):
            return found
    if match := _INITIALED.search(text, max(0, len(text) - 4 * TAIL)):
        name = _names().get(match[1], "")
        if name:
            return Credit(role="whole", agencies=(name,), words=match.group(), rule="sign-off")
    for rule in _CONTRIBUTED:
        if found := _found(patterns[rule], tail, "contributed", rule):
            return found
    if match := patterns["closing"].search(tail):
        names = _agencies(match["who"])
        if names and not _PHOTO.search(match.group()):
            bracket = match.group().strip()[0] in "([" and len(names) > 1
            return Credit(
                role="contributed" if bracket else "whole",
                agencies=names,
                words=match.group().strip(),
                rule="closing",
            )
    if match := patterns["unnamed with"].search(tail):
        return Credit(role="contributed", agencies=(UNNAMED,), words=match.group(), rule="unnamed")
    if match := patterns["unnamed"].search(head[:300]) or patterns["unnamed"].search(tail):
        return Credit(
            role="whole", agencies=(UNNAMED,), words=match.group().strip(), rule="unnamed"
        )
    return _author(authors)


def _author(authors: tuple[str, ...]) -> Credit:
    for author in authors:
        bare = re.sub(r"^(?:By|by)\s|^[Tt]he\s", "", author).strip()
        for form, name in _names().items():
            if bare == form:
                return Credit(role="whole", agencies=(name,), words=author, rule="author")
    return Credit()


def _found(pattern: re.Pattern[str], text: str, role: str, rule: str) -> Credit | None:
    for match in pattern.finditer(text):
        groups = match.groupdict()
        names = _agencies(groups.get("who") or groups.get("who2") or "")
        if names and not _PHOTO.search(match.group()):
            return Credit(
                role="contributed" if role == "contributed" else "whole",
                agencies=names,
                words=" ".join(match.group().split()),
                rule=rule,
            )
    return None


def _agencies(told: str) -> tuple[str, ...]:
    """The names in a list of agencies, in order, each once."""
    if told == "The-CNN-Wire" or told.startswith("Cable"):
        return ("CNN",)
    found = (
        _names()[m.group()] for m in _patterns()["name"].finditer(told) if m.group() in _names()
    )
    return tuple(dict.fromkeys(found))
