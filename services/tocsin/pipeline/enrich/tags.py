"""What kind of event an article tells of: the starter taxonomy (`data/tags.txt`), one pass for all.

A tag is given where one of its phrases stands in the title or the lead, or two stand anywhere, and
no phrase forbids it. English only: a taxonomy in one language says nothing about another.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple

from tocsin.pipeline.enrich import lists
from tocsin.pipeline.enrich.automaton import Hit, Phrases
from tocsin_schemas.article import Mention
from tocsin_schemas.contract import Span

LEAD = 500
"""Code points of the text in which one phrase is enough."""
ELSEWHERE = 2
"""Distinct places further down that make up for it."""

Part = Literal["any", "all", "not"]


class _Phrase(NamedTuple):
    tag: str
    part: Part
    group: int
    """Which `all:` line of the tag it belongs to."""


@dataclass(slots=True)
class _Seen:
    """What of one tag has been found."""

    hits: list[tuple[int, int, bool]] = field(default_factory=list)
    """Start and end in title + newline + text, and whether that is the title or the lead."""
    groups: set[int] = field(default_factory=set)
    forbidden: bool = False


@cache
def _taxonomy() -> tuple[Phrases[_Phrase], dict[str, int]]:
    """The automaton, and the number of `all:` lines of each tag."""
    phrases: list[tuple[str, _Phrase]] = []
    groups: dict[str, int] = {}
    tag = ""
    for line in lists.lines("tags"):
        if line.startswith("["):
            tag = line.strip("[]")
            groups[tag] = 0
            continue
        name, _, told = line.partition(":")
        part: Part = "any" if name == "any" else "all" if name == "all" else "not"
        phrases += [
            (p.strip(), _Phrase(tag, part, groups[tag])) for p in told.split(";") if p.strip()
        ]
        groups[tag] += part == "all"
    return Phrases(phrases), groups


def read(title: str, text: str) -> list[Mention]:
    """The tags of an article, by name; each with its first words and the rule `tags.txt: <tag>`."""
    automaton, groups = _taxonomy()
    full = f"{title}\n{text}"
    offset = len(title) + 1
    seen: dict[str, _Seen] = {}
    for hit in automaton.find(full):
        _note(seen.setdefault(hit.value.tag, _Seen()), hit, offset)
    out: list[Mention] = []
    for tag, found in sorted(seen.items()):
        if found.forbidden or len(found.groups) < groups[tag] or not found.hits:
            continue
        early = next((h for h in found.hits if h[2]), None)
        if early is None and len({h[0] for h in found.hits}) < ELSEWHERE:
            continue
        start, end, _ = early or found.hits[0]
        in_title = start < offset
        base = 0 if in_title else offset
        span = Span(field="title" if in_title else "text", start=start - base, end=end - base)
        out.append(Mention(value=tag, words=full[start:end], span=span, rule=f"tags: {tag}"))
    return out


def _note(seen: _Seen, hit: Hit[_Phrase], offset: int) -> None:
    if hit.value.part == "not":
        seen.forbidden = True
    elif hit.value.part == "all":
        seen.groups.add(hit.value.group)
    elif hit.start >= offset or hit.end < offset:  # not across the line between title and text
        seen.hits.append((hit.start, hit.end, hit.start < offset + LEAD))
